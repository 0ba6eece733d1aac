//! Names as lists of labels, each of which can be written in several forms, and how one is written. Two names are the
//! same, or one below the other, by their labels alone; nothing here knows how the guard folds a text.

use super::dice::Dice;
use std::fmt;

/// Forms of one label: what is compared is the first.
pub(super) type Label = &'static [&'static str];

/// Few, so that names meet. Composed, decomposed and in ASCII, and full width where that is another way to write it.
const LABELS: [Label; 9] = [
    &["acme", "acme", "ａｃｍｅ"],
    &["post"],
    // Ends like another one.
    &["notacme"],
    &["x"],
    &["bücher", "bu\u{308}cher", "xn--bcher-kva"],
    &["müller", "xn--mller-kva"],
    // Under some suffixes a freemail provider.
    &["gmail", "gmail", "ｇmail"],
    &["yahoo"],
    // Begins like another one.
    &["acme-shop"],
];
/// Below which names are registered: on no list, of ICANN with one and two labels, private, and in two forms.
const SUFFIXES: [&[Label]; 5] = [
    &[&["example"]],
    &[&["com"]],
    &[&["co"], &["uk"]],
    &[&["github"], &["io"]],
    &[&["公司", "xn--55qx5d"], &["cn"]],
];
const FREEMAIL: [&[&str]; 3] = [&["gmail", "com"], &["yahoo", "com"], &["yahoo", "co", "uk"]];

/// From the left, as it is written.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Name {
    labels: Vec<Label>,
    suffix_labels: usize,
}

impl Name {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let suffix = dice.pick(&SUFFIXES);
        let own_labels = dice.roll(3) + 1;
        let mut labels: Vec<Label> = (0..own_labels).map(|_| dice.pick(&LABELS)).collect();
        labels.extend(suffix);
        Self {
            labels,
            suffix_labels: suffix.len(),
        }
    }

    /// The suffixes that can be an entry, for which a name needs two labels.
    pub(super) fn suffixes() -> Vec<Self> {
        let long = SUFFIXES.iter().filter(|suffix| suffix.len() > 1);
        let whole = |suffix: &&[Label]| Self {
            labels: suffix.to_vec(),
            suffix_labels: suffix.len(),
        };
        long.map(whole).collect()
    }

    /// Any form of each label, any case, any dot between them, and one at the end or none.
    pub(super) fn spell(&self, dice: &mut Dice) -> String {
        let labels: Vec<String> = self
            .labels
            .iter()
            .map(|forms| {
                let form = dice.pick(forms);
                dice.any_case(form)
            })
            .collect();
        // Other dots of IDNA. A name with one of them is not ASCII, whatever its labels.
        let dot = dice.pick(&[".", ".", ".", "\u{3002}", "\u{ff0e}", "\u{ff61}"]);
        labels.join(dot) + dice.pick(&["", "."])
    }

    pub(super) fn is_at_or_below(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.labels.len(), other.labels.len());
        mine >= theirs && (1..=theirs).all(|n| self.labels[mine - n][0] == other.labels[theirs - n][0])
    }

    pub(super) fn is_suffix(&self) -> bool {
        self.labels.len() == self.suffix_labels
    }

    /// The whole of a freemail provider, or below one.
    pub(super) fn is_freemail(&self) -> bool {
        FREEMAIL.iter().any(|provider| {
            let count = self.labels.len();
            count >= provider.len()
                && (1..=provider.len()).all(|n| self.labels[count - n][0] == provider[provider.len() - n])
        })
    }

    pub(super) fn child(&self, dice: &mut Dice) -> Self {
        let mut child = self.clone();
        child.labels.insert(0, dice.pick(&LABELS));
        child
    }

    /// The name above, up to the suffix, which is the last that can be an entry.
    pub(super) fn parent(&self) -> Option<Self> {
        let mut parent = self.clone();
        parent.labels.remove(0);
        (parent.labels.len() >= parent.suffix_labels.max(2)).then_some(parent)
    }

    /// The same with a label that only ends like its first one, or that begins like it.
    pub(super) fn neighbour(&self) -> Option<Self> {
        let (first, rest) = self.labels.split_first()?;
        let other: Label = match first[0] {
            "acme" => LABELS[2],
            "acme-shop" | "notacme" => LABELS[0],
            _ => return None,
        };
        let labels = [&[other][..], rest].concat();
        (!self.is_suffix()).then(|| Self {
            labels,
            ..self.clone()
        })
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<&str> = self.labels.iter().map(|forms| forms[0]).collect();
        f.write_str(&labels.join("."))
    }
}
