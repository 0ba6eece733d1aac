//! What a run said of each item, from the loop itself or from a report.

use super::trace::{Key, Trace, key};
use doorlist::model::{Outcome, PairCounts, PairKey};
use doorlist::reconcile::ItemStanding;
use doorlist::report::ResultLine;

/// What a run claimed, and what really happened.
pub struct Played {
    pub claims: Vec<Claim>,
    /// What was told of the appliance as a whole.
    pub warnings: Vec<String>,
    pub trace: Trace,
}

/// What was said of one item.
#[derive(Debug, Clone)]
pub struct Claim {
    pub outcome: Outcome,
    pub counts: PairCounts,
    /// Pairs that are called changed; `None` where only their number is told.
    pub changed: Option<Vec<Key>>,
    /// Pairs that are said to have stood before; `None` where only their number is told.
    pub already: Option<Vec<Key>>,
    /// Pairs that are called unproven; `None` where only their number is told.
    pub unproven: Option<Vec<Key>>,
    /// Pairs that fall short, with what is said of them and why; at most ten are named.
    pub short: Vec<(Key, Outcome, String)>,
}

impl Claim {
    pub fn of_standing(standing: ItemStanding) -> Self {
        let changed = standing.changed.iter();
        Self {
            outcome: standing.outcome,
            counts: standing.counts,
            changed: Some(changed.map(|changed| key_of(&changed.pair)).collect()),
            already: Some(standing.already.iter().map(key_of).collect()),
            unproven: Some(standing.unproven.iter().map(key_of).collect()),
            short: short(&standing.examples),
        }
    }

    pub fn of_result(result: &ResultLine) -> Self {
        let examples = result.appliances.iter().flat_map(|appliance| &appliance.examples);
        Self {
            outcome: result.outcome,
            counts: result.pairs,
            changed: None,
            already: None,
            unproven: None,
            short: short(examples),
        }
    }

    /// Pairs that fall short and are not the stored entry's fault.
    pub fn short_count(&self) -> usize {
        let counts = self.counts;
        counts.wanted - counts.in_place() - counts.would - counts.misconfigured
    }
}

fn key_of(pair: &PairKey) -> Key {
    key(pair.recipient.as_str(), pair.sender.as_str())
}

fn short<'a>(
    examples: impl IntoIterator<Item = &'a doorlist::model::PairExample>,
) -> Vec<(Key, Outcome, String)> {
    let examples = examples.into_iter();
    examples
        .map(|example| {
            let pair = key(&example.recipient, &example.sender);
            (pair, example.outcome, example.detail.clone())
        })
        .collect()
}
