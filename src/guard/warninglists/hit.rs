//! A match: which list, which of its elements, how that relates to what was judged, and the sentence about it. Refuses
//! to know how it was found.

use super::Warninglist;
use crate::guard::Level;
use crate::model::excerpt;
use std::borrow::Cow;
use std::fmt;

/// Longest part of a list's name that a sentence repeats; MISP's longest have some 150 characters.
const NAME_CHARACTERS_MAX: usize = 120;
/// Longest part of an element that a sentence repeats.
const ELEMENT_CHARACTERS_MAX: usize = 80;

/// How what was judged relates to the element of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The same.
    Is,
    /// A name below it, or in its network.
    Below,
    /// A name above it.
    Above,
    /// A network that holds it.
    Holds,
    /// The element is a part of it, or a pattern that matches.
    Matches,
}

/// One list that an entry is on. Displays as a sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit<'a> {
    list: &'a Warninglist,
    relation: Relation,
    /// An address, of which the host is on the list.
    is_at_host: bool,
    is_of_its_kind: bool,
    element: Cow<'a, str>,
    line: u32,
}

impl<'a> Hit<'a> {
    pub(super) fn new(
        list: &'a Warninglist,
        relation: Relation,
        is_at_host: bool,
        is_of_its_kind: bool,
        element: Cow<'a, str>,
        line: u32,
    ) -> Self {
        Self {
            list,
            relation,
            is_at_host,
            is_of_its_kind,
            element,
            line,
        }
    }

    /// The list.
    #[must_use]
    pub fn list(&self) -> &'a Warninglist {
        self.list
    }

    /// What of the list was matched, as the list is compared: folded.
    #[must_use]
    pub fn element(&self) -> &str {
        &self.element
    }

    /// How.
    #[must_use]
    pub fn relation(&self) -> Relation {
        self.relation
    }

    /// Whether it keeps the entry off a list, or is only worth a note.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.list.level == Level::Refuse && self.is_of_its_kind && self.relation != Relation::Above
    }

    /// Where the element stands: `warninglists, lists/google/list.json:17`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("warninglists, {}:{}", self.list.file, self.line)
    }
}

impl fmt::Display for Hit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let relation = match (self.relation, self.is_at_host) {
            (Relation::Is, false) => "",
            (Relation::Is, true) => "address at ",
            (Relation::Below, false) => "below ",
            (Relation::Below, true) => "address below ",
            (Relation::Above, _) => "above ",
            (Relation::Holds, _) => "network with ",
            (Relation::Matches, false) => "matched by ",
            (Relation::Matches, true) => "address at a host matched by ",
        };
        write!(
            f,
            "{relation}{} on the warninglist \"{}\"",
            excerpt(&self.element, ELEMENT_CHARACTERS_MAX),
            excerpt(&self.list.name, NAME_CHARACTERS_MAX)
        )
    }
}
