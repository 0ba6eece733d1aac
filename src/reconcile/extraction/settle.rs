//! The truth of an extraction's outcomes, by the same rule of credit as for whole rows: *removed* is what stood in
//! our last observation before we first named it and is absent in the last complete one; *already absent* is what
//! was gone before we asked. Everything else has the reason why it still stands, or why that is not known.

use super::choice::Hold;
use super::credit::Credit;
use super::put_back::PutBacks;
use super::trials::{Settlement, Trials};
use super::wish::{AbsentPairs, Item};
use crate::model::{Operation, Outcome, PairCounts, PairExample, PairKey, Verdict};
use crate::reconcile::caps::ListSize;
use crate::reconcile::scope::Observation;
use crate::reconcile::wish::Limits;
use crate::reconcile::{ChangedPair, ItemStanding};
use std::collections::{BTreeMap, BTreeSet};

const RESTLESS: &str = "the list could not be read whole, because it kept changing or tells no row count";

/// Why an extraction ended before its time.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// A read that failed, or a write that was not let in.
    Failed(Verdict),
    /// A reading that proves no absence, so that no row is known whole.
    Restless,
    /// The limit of effort, or somebody who told it to stop.
    Stopped(String),
}

/// How a pair stands.
enum Standing {
    Already,
    Removed {
        /// Every reply that named it was a clear yes: nobody else can have done it.
        sole: bool,
    },
    /// A preview would take it out.
    Would,
    Short(Outcome, String),
}

/// Everything that is known when an extraction ends.
pub(super) struct Evidence<'a> {
    pub(super) wish: &'a AbsentPairs,
    pub(super) limits: &'a Limits,
    pub(super) size: ListSize,
    pub(super) seen: &'a Observation,
    pub(super) trials: &'a Trials,
    pub(super) holds: &'a BTreeMap<PairKey, Hold>,
    pub(super) put_backs: &'a PutBacks,
    pub(super) credit: &'a Credit,
    /// Pairs that a preview would take out.
    pub(super) would_be: &'a BTreeSet<PairKey>,
    pub(super) end: Option<&'a End>,
}

impl Evidence<'_> {
    pub(super) fn item(&self, item: &Item) -> ItemStanding {
        let list = self.wish.list;
        let mut notes = self.put_backs.notes(&item.key);
        let mut counts = PairCounts {
            wanted: 1,
            ..PairCounts::default()
        };
        let (mut examples, mut changed, mut unproven) = (Vec::new(), Vec::new(), Vec::new());
        let mut would = Vec::new();
        let recipient = &item.pair.recipient;
        let detail = match self.standing(&item.key) {
            Standing::Already => {
                counts.already = 1;
                if self.credit.was_met(&item.key) {
                    format!("gone from the {list} of {recipient} by itself")
                } else {
                    format!("not on the {list} of {recipient}")
                }
            }
            Standing::Removed { sole } => {
                counts.written = 1;
                let pair = item.key.clone();
                changed.push(ChangedPair { pair, sole });
                if !sole {
                    notes.push("a reply was lost or not a clear yes; read back".to_owned());
                }
                format!("taken off the {list} of {recipient}")
            }
            Standing::Would => {
                counts.would = 1;
                would.push(item.key.clone());
                format!("would be taken off the {list} of {recipient}")
            }
            Standing::Short(outcome, detail) => {
                *part(&mut counts, outcome) = 1;
                if outcome == Outcome::Unproven {
                    unproven.push(item.key.clone());
                }
                examples.push(PairExample {
                    recipient: recipient.clone(),
                    sender: item.pair.sender.clone(),
                    outcome,
                    detail: detail.clone(),
                });
                detail
            }
        };
        let (outcome, class) = counts.outcome(Operation::Delete);
        assert!(counts.adds_up(), "a pair has one standing: {counts:?}");
        ItemStanding {
            counts,
            mailboxes: counts.written + counts.would,
            outcome,
            class,
            detail,
            notes,
            examples,
            changed,
            already: Vec::new(),
            unproven,
            still_covered: self.still_covered(&item.key).into_iter().collect(),
            would,
        }
    }

    /// The pair of an address's domain, where that stays on the list.
    fn still_covered(&self, pair: &PairKey) -> Option<PairKey> {
        let covering = PairKey {
            recipient: pair.recipient.clone(),
            sender: pair.sender.domain()?,
        };
        (self.seen.holds(&covering) && !self.wish.names(&covering)).then_some(covering)
    }

    fn standing(&self, pair: &PairKey) -> Standing {
        if self.credit.is_in_flight(pair) {
            let why = self.why_it_ended().unwrap_or_else(|| RESTLESS.to_owned());
            return Standing::Short(Outcome::Unproven, format!("sent, and not read afterwards: {why}"));
        }
        let is_absent = self.seen.complete && !self.seen.holds(pair);
        match (is_absent, self.credit.was_requested(pair)) {
            (true, true) => Standing::Removed {
                sole: self.credit.is_clear(pair),
            },
            (true, false) => Standing::Already,
            (false, _) if self.would_be.contains(pair) => Standing::Would,
            (false, was_sent) => self.shortfall(pair, was_sent),
        }
    }

    /// Why a pair is not known to be gone, of which nothing is on its way.
    fn shortfall(&self, pair: &PairKey, was_sent: bool) -> Standing {
        match self.trials.settlement(pair) {
            Some(Settlement::Refused(words)) => {
                return Standing::Short(Outcome::RefusedByAppliance, words.clone());
            }
            Some(Settlement::Unanswered(words)) => {
                let words = format!("{words}; tried again, and read back: still on the list");
                return Standing::Short(Outcome::Unreachable, words);
            }
            Some(Settlement::Returned) => {
                let words = "taken off, and there again each time: somebody else puts it back";
                return Standing::Short(Outcome::NotTried, words.to_owned());
            }
            None => {}
        }
        match (self.holds.get(pair), self.end) {
            (Some(Hold::Waiting), _) => {
                let places = self.limits.objects_per_run;
                let words = format!("over {places} objects per run; the next call goes on");
                Standing::Short(Outcome::Waiting, words)
            }
            (Some(Hold::OverCap(excess)), _) => {
                let words = self.limits.tell_excess(*excess, self.size, "removed");
                Standing::Short(Outcome::OverCap, words)
            }
            (None, Some(End::Stopped(words))) => Standing::Short(Outcome::NotTried, words.clone()),
            (None, end) => {
                let why = self
                    .why_it_ended()
                    .unwrap_or_else(|| "its turn did not come".to_owned());
                let words = match end {
                    Some(End::Failed(_)) => why,
                    _ if was_sent => format!("read back: still on the list; not sent again: {why}"),
                    _ => format!("nothing sent: {why}"),
                };
                Standing::Short(Outcome::Unreachable, words)
            }
        }
    }

    fn why_it_ended(&self) -> Option<String> {
        self.end.map(|end| match end {
            End::Failed(verdict) => verdict.describe(),
            End::Restless => RESTLESS.to_owned(),
            End::Stopped(words) => words.clone(),
        })
    }
}

fn part(counts: &mut PairCounts, outcome: Outcome) -> &mut usize {
    match outcome {
        Outcome::OverCap => &mut counts.over_cap,
        Outcome::RefusedByAppliance => &mut counts.refused,
        Outcome::Waiting => &mut counts.waiting,
        Outcome::NotTried => &mut counts.not_tried,
        Outcome::Unreachable => &mut counts.unreachable,
        _ => &mut counts.unproven,
    }
}
