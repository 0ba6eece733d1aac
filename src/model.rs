//! The shared nouns: indicator, sender, recipient, pair, list, outcome. Parsed once, private fields, no I/O.
//! Refuses to know where a value came from or where it goes. Start with `entry.rs` for what may stand on a
//! list, `outcome.rs` for what may become of an indicator.

mod domain;
mod entry;
mod exchange;
mod indicator;
mod level;
mod list;
mod outcome;
mod pairs;
mod refusal;
mod text;

pub use domain::parse_domain;
pub use entry::{EntryKey, Pair, PairKey, Parsed, Recipient, Sender};
pub use exchange::{Page, Read, ReadReply, Row, Verb, Verdict, Write};
pub use indicator::{GivenStatus, GivenType, Indicator, IndicatorType, Received, Unreadable};
pub use level::Level;
pub use list::{ListKind, Operation, View};
pub use outcome::{Class, Outcome, Retry};
pub use pairs::{PairCounts, PairExample, Severity};
pub use refusal::{Refusal, Rule};
pub use text::{counted, escape_control, excerpt};
