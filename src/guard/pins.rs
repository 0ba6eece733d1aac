//! Pinned entries: pairs that no deletion takes off their list. A pin names a mailbox, an entry, or both, and holds for
//! every pair that has what it names. Refuses to know how a deletion leaves a pair where it is.

use super::refused::Refused;
use super::rule::Rule;
use crate::config::Pinned;
use crate::model::{EntryKey, ListKind, View};

/// Few, for each was written by hand.
#[derive(Debug, Clone, Default)]
pub(super) struct Pins(Vec<Pinned>);

impl Pins {
    pub(super) fn new(pins: &[Pinned]) -> Self {
        Self(pins.to_vec())
    }

    pub(super) fn find(&self, list: ListKind, recipient: &EntryKey, sender: &EntryKey) -> Option<Refused> {
        let names =
            |pinned: &Option<EntryKey>, entry: &EntryKey| pinned.as_ref().is_none_or(|it| it == entry);
        let of_list = self.0.iter().filter(|pin| pin.list == list);
        let mut matching =
            of_list.filter(|pin| names(&pin.recipient, recipient) && names(&pin.sender, sender));
        let pin = matching.next()?;
        let what = match (&pin.recipient, &pin.sender) {
            (Some(recipient), Some(sender)) => format!("{} for {}", sender.as_str(), recipient.as_str()),
            (Some(recipient), None) => format!("everything of {}", recipient.as_str()),
            (None, Some(sender)) => sender.as_str().to_owned(),
            (None, None) => format!("the whole {list}"),
        };
        let subject = format!("pinned on the {list}: {what}");
        Some(Refused::new(Rule::Pinned, subject, pin.origin.as_str()))
    }

    /// Could a pair of one of these entries be pinned?
    pub(super) fn may_touch<'a>(
        &self,
        list: ListKind,
        side: View,
        mut entries: impl Iterator<Item = &'a EntryKey>,
    ) -> bool {
        let named: Vec<Option<&EntryKey>> = self.on_side(list, side).collect();
        named.contains(&None) || entries.any(|entry| named.contains(&Some(entry)))
    }

    /// Does one of them name this entry?
    pub(super) fn name(&self, list: ListKind, side: View, entry: &EntryKey) -> bool {
        self.on_side(list, side).any(|named| named == Some(entry))
    }

    /// What each names on one side.
    fn on_side(&self, list: ListKind, side: View) -> impl Iterator<Item = Option<&EntryKey>> {
        let of_list = self.0.iter().filter(move |pin| pin.list == list);
        of_list.map(move |pin| match side {
            View::Sender => pin.sender.as_ref(),
            View::Recipient => pin.recipient.as_ref(),
        })
    }
}
