//! The loop's conversation with whoever drives it: steps out, events in, and what is left at the end.

use super::settle::ItemStanding;
use super::wish::Knowledge;
use crate::model::{Pair, Read, ReadReply, Verdict, Write};

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
#[derive(Debug, Clone)]
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
