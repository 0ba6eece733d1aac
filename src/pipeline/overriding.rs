//! Overrides: rules that somebody with the right to do so lets single entries of one call pass, by name. What was named is
//! held against the call before the guard judges it: an entry that is not there is the caller's mistake, and a rule that does
//! not refuse an entry today is not kept, so that it judges should it come to refuse it later. Stored entries of a
//! configuration are no part of a call. Refuses to know who has the right; the door asks that.

use super::accept::{Fate, Item, Run};
use crate::guard::{Finding, Guard, Level, Passed, Rule};
use crate::model::{EntryKey, Operation, Outcome, Recipient, Sender, excerpt};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Longest part of an entry that a message repeats.
const ENTRY_CHARACTERS_MAX: usize = 120;

/// What a call names, by whom and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Rules, each with the entry that it is not to judge, as it was written.
    pub named: Vec<(Rule, String)>,
    /// Who names it.
    pub by: PassedBy,
}

/// Who let entries pass a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedBy {
    /// The client.
    pub client: String,
    /// Why; a preview needs none.
    pub reason: Option<String>,
}

impl PassedBy {
    /// What is told of an entry that a rule did not judge.
    pub(super) fn note(&self, rule: Rule) -> String {
        format!("passed {} by {}", rule.code(), self.words())
    }

    /// What is told of the whole run.
    pub(super) fn note_of_all(&self, passed: &Passed) -> String {
        format!("override by {}; let pass: {passed}", self.words())
    }

    fn words(&self) -> String {
        match &self.reason {
            Some(reason) => format!("{}: {reason}", self.client),
            None => self.client.clone(),
        }
    }
}

/// Somebody lets an entry pass that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`override` lets `{entry}` pass {}, and no indicator of the call is that entry; what a configuration stores is no part of a call. Nothing was done",
    .rule.code()
)]
pub struct OverrideOfNothing {
    /// The rule.
    pub rule: Rule,
    /// The entry as it was written.
    pub entry: String,
}

/// An item that a rule was to let pass.
pub(super) struct LetPass {
    item: usize,
    rule: Rule,
}

/// Keeps with the run what is let pass.
pub(super) fn let_pass(
    guard: &Guard,
    run: &mut Run,
    asked: Option<&Override>,
) -> Result<Vec<LetPass>, OverrideOfNothing> {
    let mut all = Vec::new();
    let Some(asked) = asked else {
        return Ok(all);
    };
    for (rule, written) in &asked.named {
        let spellings = spellings(written);
        let named: Vec<usize> = (0..run.items.len())
            .filter(|index| is_named(&run.items[*index], &spellings))
            .collect();
        // Where it is an indicator of the call, that is what is meant.
        let pinned = if named.is_empty() {
            pinned_elsewhere(guard, run, *rule, &spellings)
        } else {
            Vec::new()
        };
        if named.is_empty() && pinned.is_empty() {
            return Err(OverrideOfNothing {
                rule: *rule,
                entry: excerpt(written, ENTRY_CHARACTERS_MAX),
            });
        }
        let mut is_needed = !pinned.is_empty();
        for entry in pinned {
            run.passed.insert(*rule, entry);
        }
        for index in named {
            let item = &run.items[index];
            if let Some(entry) = item.wished().filter(|_| refuses(guard, run, *rule, item)) {
                let entry = entry.clone();
                run.passed.insert(*rule, entry);
                all.push(LetPass {
                    item: index,
                    rule: *rule,
                });
                is_needed = true;
            }
        }
        if !is_needed {
            run.notes.push(format!(
                "{} did not have to let {} pass: it does not refuse it here",
                rule.code(),
                excerpt(written, ENTRY_CHARACTERS_MAX)
            ));
        }
    }
    run.passed_by = (!run.passed.is_empty()).then(|| asked.by.clone());
    Ok(all)
}

/// One rule less may not be enough, which whoever named it has to hear.
pub(super) fn note_refused(run: &mut Run, let_pass: &[LetPass]) {
    for LetPass { item, rule } in let_pass {
        let item = &mut run.items[*item];
        if matches!(item.fate, Fate::Settled(Outcome::RefusedByRule, _)) {
            let note = format!("{} let it pass, and something else refuses it", rule.code());
            item.notes.push(note);
        }
    }
}

/// What an entry may be called in a call: as an indicator is, and as an appliance does.
fn spellings(written: &str) -> BTreeSet<EntryKey> {
    let sender = Sender::parse_untyped(written).ok();
    let recipient = Recipient::parse(written).ok();
    let mut spellings = BTreeSet::from([EntryKey::of(written)]);
    spellings.extend(sender.map(|sender| sender.key().clone()));
    spellings.extend(recipient.map(|recipient| recipient.entry.key().clone()));
    spellings
}

/// What was settled before any rule was asked, such as an indicator with another status, is in the call all the same.
fn is_named(item: &Item, spellings: &BTreeSet<EntryKey>) -> bool {
    match item.wished() {
        Some(entry) => spellings.contains(entry),
        None => matches!(item.fate, Fate::Settled(..)) && spellings.contains(&EntryKey::of(&item.value)),
    }
}

/// A pin may be named by its other side: of an entry that goes, one mailbox alone.
fn pinned_elsewhere(guard: &Guard, run: &Run, rule: Rule, spellings: &BTreeSet<EntryKey>) -> Vec<EntryKey> {
    if rule != Rule::Pinned || run.operation != Operation::Delete {
        return Vec::new();
    }
    let entries = run.items.iter().filter_map(Item::wished);
    if !guard.may_pin(run.list, run.view, entries) {
        return Vec::new();
    }
    let other = run.view.other();
    let pinned = spellings
        .iter()
        .filter(|entry| guard.names_in_pin(run.list, other, entry));
    pinned.cloned().collect()
}

fn refuses(guard: &Guard, run: &Run, rule: Rule, item: &Item) -> bool {
    let refuses = |finding: &Finding| finding.level == Level::Refuse && finding.refused.rule() == rule;
    match (run.operation, &item.fate) {
        (Operation::Add, Fate::Sender(sender)) => guard.explain_sender(sender, run.list).iter().any(refuses),
        (Operation::Add, Fate::Recipient(recipient)) => {
            guard.explain_recipient(recipient).iter().any(refuses)
        }
        (Operation::Delete, Fate::Sender(_) | Fate::Recipient(_)) => {
            rule == Rule::Pinned && guard.may_pin(run.list, run.view, item.wished().into_iter())
        }
        (_, Fate::Repeated { .. } | Fate::Settled(..)) => false,
    }
}
