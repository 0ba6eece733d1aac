//! Names and whole values, to be found by one look-up per label however many there are. A folder of MISP's size holds
//! millions, so that all texts lie behind each other in one, an element is twelve bytes beside it, and the tables hold
//! numbers. Refuses to know what a list is, beside its number and whether it counts for names below its own.

use super::Relation;
use crate::guard::suffixes;
use crate::model::EntryKey;
use hashbrown::HashTable;
use std::hash::{BuildHasher as _, RandomState};

/// A longer element matches nothing that can be listed: a mail address has at most 254 bytes.
const TEXT_BYTES_MAX: usize = 512;

/// All names of all lists.
#[derive(Debug, Default)]
pub(super) struct Names {
    text: String,
    elements: Vec<Element>,
    by_text: HashTable<u32>,
    /// Names above those that count for the names below them, in the text of these.
    parents: Vec<Parent>,
    by_parent: HashTable<u32>,
    /// With a key of its own for each process, so that nobody can write names that all collide.
    hasher: RandomState,
}

#[derive(Debug, Clone, Copy)]
struct Element {
    start: u32,
    line: u32,
    length: u16,
    /// The number of the list, and in the highest bit whether it counts for names below.
    list: u16,
}

#[derive(Debug, Clone, Copy)]
struct Parent {
    /// The first element below it.
    element: u32,
    /// Where in the text of that the parent begins.
    offset: u16,
}

/// Set in `Element::list`.
const COUNTS_BELOW: u16 = 1 << 15;
/// Most lists that fit beside it.
pub(super) const LISTS_MAX: usize = COUNTS_BELOW as usize;

impl Element {
    fn list(self) -> usize {
        usize::from(self.list & !COUNTS_BELOW)
    }

    fn counts_below(self) -> bool {
        self.list & COUNTS_BELOW != 0
    }
}

impl Names {
    /// Adds one element of a list of hosts, as MISP reads it: without the dot or `*.` that some begin with.
    pub(super) fn add_hostname(&mut self, list: usize, line: u32, written: &str) {
        let name = written.strip_prefix('*').unwrap_or(written).trim_matches('.');
        self.add(list, line, name, COUNTS_BELOW);
    }

    /// Adds one whole value.
    pub(super) fn add_string(&mut self, list: usize, line: u32, written: &str) {
        self.add(list, line, written, 0);
    }

    fn add(&mut self, list: usize, line: u32, written: &str, below: u16) {
        let key = EntryKey::of(written);
        let text = key.as_str();
        if text.is_empty() || text.len() > TEXT_BYTES_MAX {
            return;
        }
        let list = u16::try_from(list).expect("the builder counts the lists") | below;
        let hash = self.hasher.hash_one(text);
        let is_same = |index: &u32| {
            let element = self.elements[*index as usize];
            element.list == list && text_of(&self.text, element) == text
        };
        if self.by_text.find(hash, is_same).is_some() {
            return;
        }
        let element = Element {
            start: u32::try_from(self.text.len()).expect("the builder counts the bytes"),
            line,
            length: u16::try_from(text.len()).expect("held against TEXT_BYTES_MAX"),
            list,
        };
        self.text.push_str(text);
        let index = u32::try_from(self.elements.len()).expect("fewer than bytes of text");
        self.elements.push(element);
        let (elements, all, hasher) = (&self.elements, &self.text, &self.hasher);
        self.by_text.insert_unique(hash, index, |index| {
            hasher.hash_one(text_of(all, elements[*index as usize]))
        });
    }

    /// Bytes of text so far.
    pub(super) fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Finds the names above those that are there, and gives back what memory is left over.
    pub(super) fn finish(&mut self) {
        for index in 0..self.elements.len() {
            let element = self.elements[index];
            if element.counts_below() {
                self.add_parents(u32::try_from(index).expect("counted in add"), element);
            }
        }
        self.text.shrink_to_fit();
        self.elements.shrink_to_fit();
        self.parents.shrink_to_fit();
        let (text, elements, parents, hasher) = (&self.text, &self.elements, &self.parents, &self.hasher);
        self.by_text
            .shrink_to_fit(|index| hasher.hash_one(text_of(text, elements[*index as usize])));
        let hash = |index: &u32| hasher.hash_one(parent_of(text, elements, parents[*index as usize]));
        self.by_parent.shrink_to_fit(hash);
    }

    /// A public suffix above a name is nobody's; its own rule says better what it is.
    fn add_parents(&mut self, index: u32, element: Element) {
        let (all, elements, hasher) = (&self.text, &self.elements, &self.hasher);
        let name = text_of(all, element);
        // An address of IPv4 has dots, and nothing above it.
        if name.parse::<std::net::IpAddr>().is_ok() {
            return;
        }
        for (dot, _) in name.match_indices('.') {
            let parent = &name[dot + 1..];
            if suffixes::is_suffix(parent) {
                return;
            }
            let (hash, parents) = (hasher.hash_one(parent), &self.parents);
            let is_same = |other: &u32| parent_of(all, elements, parents[*other as usize]) == parent;
            if self.by_parent.find(hash, is_same).is_some() {
                // And so are all above it.
                return;
            }
            let number = u32::try_from(self.parents.len()).expect("fewer than bytes of text");
            self.parents.push(Parent {
                element: index,
                offset: u16::try_from(dot + 1).expect("held against TEXT_BYTES_MAX"),
            });
            let parents = &self.parents;
            self.by_parent.insert_unique(hash, number, |other| {
                hasher.hash_one(parent_of(all, elements, parents[*other as usize]))
            });
        }
    }

    /// Every element with exactly this text: (list, element, line).
    pub(super) fn find_whole<'a>(&'a self, value: &str, found: &mut dyn FnMut(usize, &'a str, u32)) {
        if self.elements.is_empty() {
            return;
        }
        for index in self.by_text.iter_hash(self.hasher.hash_one(value)) {
            let element = self.elements[*index as usize];
            let text = text_of(&self.text, element);
            if text == value {
                found(element.list(), text, element.line);
            }
        }
    }

    /// Every element that is the host or counts for it from above, the nearest first, and then one that is below it.
    pub(super) fn find_below_and_above<'a>(
        &'a self,
        host: &str,
        found: &mut dyn FnMut(usize, Relation, &'a str, u32),
    ) {
        if self.elements.is_empty() {
            return;
        }
        let mut relation = Relation::Is;
        let mut next = Some(host);
        while let Some(name) = next {
            for index in self.by_text.iter_hash(self.hasher.hash_one(name)) {
                let element = self.elements[*index as usize];
                let text = text_of(&self.text, element);
                if text == name && (relation == Relation::Is || element.counts_below()) {
                    found(element.list(), relation, text, element.line);
                }
            }
            relation = Relation::Below;
            next = name.split_once('.').map(|(_, parent)| parent);
        }
        let is_it =
            |index: &u32| parent_of(&self.text, &self.elements, self.parents[*index as usize]) == host;
        if let Some(index) = self.by_parent.find(self.hasher.hash_one(host), is_it) {
            let element = self.elements[self.parents[*index as usize].element as usize];
            found(
                element.list(),
                Relation::Above,
                text_of(&self.text, element),
                element.line,
            );
        }
    }

    /// Bytes that all of it takes.
    pub(super) fn bytes(&self) -> usize {
        self.text.capacity()
            + self.elements.capacity() * size_of::<Element>()
            + self.parents.capacity() * size_of::<Parent>()
            + self.by_text.allocation_size()
            + self.by_parent.allocation_size()
    }
}

fn text_of(text: &str, element: Element) -> &str {
    let start = element.start as usize;
    &text[start..start + usize::from(element.length)]
}

fn parent_of<'a>(text: &'a str, elements: &[Element], parent: Parent) -> &'a str {
    &text_of(text, elements[parent.element as usize])[usize::from(parent.offset)..]
}
