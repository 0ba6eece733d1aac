//! The harness: verbs, not plumbing.

pub mod front;
mod lab;
mod program;

pub use lab::{
    Answer, Lab, answer, client, ended, file_in_repository, get, pairs, post, with_blocklist, writes_begun,
};
pub use program::{Program, run};

/// Short names for the four actions.
pub const ADD_SENDERS: &str = "cisco-esa-add-senders-to-quarantine-list";
pub const ADD_RECIPIENTS: &str = "cisco-esa-add-recipients-to-quarantine-list";
pub const DELETE_SENDERS: &str = "cisco-esa-delete-senders-from-quarantine-list";
pub const DELETE_RECIPIENTS: &str = "cisco-esa-delete-recipients-from-quarantine-list";
