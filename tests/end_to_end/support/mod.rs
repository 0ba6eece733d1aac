//! The harness: verbs, not plumbing.

pub mod front;
mod lab;
mod program;

pub use lab::{Answer, Lab, answer, file_in_repository, pairs, post, with_blocklist};
pub use program::{Program, run};

/// Short names for the four actions.
pub const ADD_SENDERS: &str = "cisco-esa-add-senders-to-quarantine-list";
pub const ADD_RECIPIENTS: &str = "cisco-esa-add-recipients-to-quarantine-list";
pub const DELETE_SENDERS: &str = "cisco-esa-delete-senders-from-quarantine-list";
pub const DELETE_RECIPIENTS: &str = "cisco-esa-delete-recipients-from-quarantine-list";
