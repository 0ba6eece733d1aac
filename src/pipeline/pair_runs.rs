//! Runs that no body is read for: the undo of another run, and the removal of one entry that stands because of us. They are
//! stored, claimed and executed like any other; which pairs they are about, `take_back.rs` asks when they are executed.

use super::accept::{Fate, Item, Run, RunAppliance, run_appliance};
use super::take_back::TakingBack;
use crate::app::App;
use crate::config::Counterpart;
use crate::guard::Passed;
use crate::model::{ListKind, Operation, Recipient, Sender, View};
use std::time::Duration;

/// What a removal is about.
#[derive(Debug, Clone)]
pub enum Removed {
    /// A sender, in one mailbox or in all.
    Sender(Sender, Option<Recipient>),
    /// A mailbox, with all that we put there.
    Recipient(Recipient),
}

impl Run {
    /// The same, with what it takes out kept off the list for a while. What is put back to a list is not held.
    #[must_use]
    pub fn holding(mut self, hold_for: Option<Duration>) -> Self {
        self.hold_for = hold_for.filter(|_| self.operation == Operation::Delete);
        if let Some(hold_for) = self.hold_for {
            self.notes.push(format!(
                "what it takes out, or finds gone, is on hold for {} from then on",
                humantime::format_duration(hold_for)
            ));
        }
        self
    }
}

/// The undo of a run: the other way round, about the same items on the same appliances.
#[must_use]
pub fn undo(app: &App, undone: &Run, id: &str, force: bool) -> Run {
    let appliances = undone.appliances.iter().map(|before| {
        let now = run_appliance(app, &before.name);
        RunAppliance {
            // What was only looked at then was not changed, and needs no list.
            mode: before.mode,
            ..now.unwrap_or_else(|| before.clone())
        }
    });
    let wished = undone.items.iter().filter(|item| item.wished().is_some());
    Run {
        id: id.to_owned(),
        operation: match undone.operation {
            Operation::Add => Operation::Delete,
            Operation::Delete => Operation::Add,
        },
        appliances: appliances.collect(),
        changed_pairs_max: usize::MAX,
        caps: None,
        objects_per_run: usize::MAX,
        dry_run: false,
        format: "undo".to_owned(),
        notes: vec![format!(
            "undo of {}: what that run changed, and nothing else",
            undone.id
        )],
        taking_back: Some(TakingBack::Run {
            id: undone.id.clone(),
            force,
        }),
        hold_for: None,
        passed: Passed::default(),
        passed_by: None,
        plan: None,
        items: wished
            .map(|item| Item {
                notes: Vec::new(),
                ..item.clone()
            })
            .collect(),
        ..undone.clone()
    }
}

/// The removal of one entry, as far as it stands because of us.
#[must_use]
pub fn remove(app: &App, what: &Removed, list: ListKind, appliances: &[String], id: &str) -> Run {
    let (value, fate, view, recipient) = match what {
        Removed::Sender(sender, recipient) => {
            let recipient = recipient
                .as_ref()
                .map(|recipient| recipient.key().as_str().to_owned());
            let fate = Fate::Sender(sender.clone());
            (sender.as_str(), fate, View::Sender, recipient)
        }
        Removed::Recipient(recipient) => {
            let fate = Fate::Recipient(recipient.clone());
            (recipient.as_str(), fate, View::Recipient, None)
        }
    };
    let item = Item {
        id: None,
        indicator_type: None,
        value: value.to_owned(),
        fate,
        notes: Vec::new(),
    };
    Run {
        id: id.to_owned(),
        action: "remove".to_owned(),
        configuration: String::new(),
        operation: Operation::Delete,
        view,
        list,
        counterpart: Counterpart::None,
        counterpart_origin: String::new(),
        appliances: appliances
            .iter()
            .filter_map(|name| run_appliance(app, name))
            .collect(),
        changed_pairs_max: usize::MAX,
        caps: None,
        objects_per_run: usize::MAX,
        dry_run: false,
        format: "remove".to_owned(),
        notes: vec!["takes out what doorlist put there, and nothing else".to_owned()],
        taking_back: Some(TakingBack::Ours { recipient }),
        hold_for: None,
        passed: Passed::default(),
        passed_by: None,
        plan: None,
        items: vec![item],
    }
}
