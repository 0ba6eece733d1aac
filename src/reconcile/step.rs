//! The loop's conversation with whoever drives it: steps out, events in, and what is left at the end.

use super::wish::Knowledge;
use crate::model::{Class, Outcome, Pair, PairCounts, PairExample, PairKey, Read, ReadReply, Verdict, Write};

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Read a page; answer with [`Event::Read`].
    Read(Read),
    /// Make durable that these pairs may be changed now; answer with [`Event::Journaled`].
    Journal(Vec<Pair>),
    /// Send a request; answer with [`Event::Written`].
    Write(Write),
    /// Nothing: call [`super::Reconcile::settled`].
    Done,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Event {
    /// The answer to a read.
    Read(ReadReply),
    /// The journal is durable.
    Journaled,
    /// The answer to a write.
    Written(Verdict),
}

/// Calls that were made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    /// Pages read.
    pub reads: u32,
    /// Requests that change something.
    pub writes: u32,
}

/// The end of the loop.
#[derive(Debug, Clone, Default)]
pub struct Settled {
    /// One for each item of the wish, in its order.
    pub items: Vec<ItemStanding>,
    /// Calls that were made.
    pub calls: Calls,
    /// Stored entries (of the configuration, not of the call) that the appliance refuses, each told once.
    pub configuration_troubles: Vec<String>,
    /// What an operator should know of this appliance.
    pub warnings: Vec<String>,
    /// What is known of the appliance now.
    pub knowledge: Knowledge,
}

/// How one item of the wish stands.
#[derive(Debug, Clone)]
pub struct ItemStanding {
    /// Pairs by how they stand.
    pub counts: PairCounts,
    /// Mailboxes whose list was changed, or would be.
    pub mailboxes: usize,
    /// The outcome of the whole.
    pub outcome: Outcome,
    /// Its class.
    pub class: Class,
    /// One sentence for people, without a full stop.
    pub detail: String,
    /// Sentences that change nothing.
    pub notes: Vec<String>,
    /// The first pairs that fall short.
    pub examples: Vec<PairExample>,
    /// Every pair that was changed and read back.
    pub changed: Vec<ChangedPair>,
    /// Of an addition, every pair that stood before we came.
    pub already: Vec<PairKey>,
    /// Every known pair that was sent, or may have been, and not read back.
    pub unproven: Vec<PairKey>,
    /// Of a deletion of addresses, the pairs of their domains that stay on the list.
    pub still_covered: Vec<PairKey>,
    /// Every pair that a preview would change, or that only a cap keeps from being changed.
    pub would: Vec<PairKey>,
}

/// A pair that we changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedPair {
    /// The pair, compared folded.
    pub pair: PairKey,
    /// The last reply that named it was a clear yes, and it was not so in the reading before: hardly anybody else did
    /// it.
    pub sole: bool,
}
