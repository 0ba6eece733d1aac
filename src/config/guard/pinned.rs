//! `[[guard.pinned]]`: pairs that no deletion takes off their list. Refuses to know how a deletion leaves one out.

use super::settings::Pinned;
use crate::config::section::Section;
use crate::config::setting::Setting;
use crate::model::{ListKind, Recipient, Sender};

pub(super) fn read(section: &mut Section<'_>) -> Vec<Pinned> {
    let mut pins: Vec<Pinned> = Vec::new();
    let read = section.repeated_tables("pinned", |mut table| {
        let place = table.place();
        let list = table.choice("list", &ListKind::ALL.map(|list| (list.word(), list)));
        let recipient = table.checked_text("recipient", |text| {
            let parsed = Recipient::parse(&text);
            parsed
                .map(|parsed| parsed.entry.key().clone())
                .map_err(|refusal| format!("`recipient` must be one mailbox, an address; {refusal}"))
        });
        let sender = table.checked_text("sender", |text| {
            let parsed = Sender::parse_untyped(&text);
            parsed.map(|sender| sender.key().clone()).map_err(|refusal| {
                format!("`sender` must be an entry as it stands on the list: an address, a domain, or an IP address; {refusal}")
            })
        });
        if matches!(list, Setting::Absent) {
            let text = "[[guard.pinned]] lacks `list`; write \"blocklist\" or \"safelist\"";
            table.add_mistake(&place, text);
        }
        if matches!((&recipient, &sender), (Setting::Absent, Setting::Absent)) {
            let text = "[[guard.pinned]] names nothing; write `recipient`, `sender`, or both";
            table.add_mistake(&place, text);
        }
        table.finish();
        let pin = Pinned {
            list: list.value()?,
            recipient: recipient.value(),
            sender: sender.value(),
            origin: format!("guard.pinned, {}", place.without_column()),
        };
        Some((place, pin))
    });
    for (place, pin) in read {
        let is_twin = |other: &&Pinned| {
            (other.list, &other.recipient, &other.sender) == (pin.list, &pin.recipient, &pin.sender)
        };
        match pins.iter().find(is_twin) {
            Some(first) => {
                let text = format!("the same is pinned before ({}); take one out", first.origin);
                section.add_mistake(&place, text);
            }
            None => pins.push(pin),
        }
    }
    pins
}
