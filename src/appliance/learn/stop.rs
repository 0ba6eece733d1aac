//! Why a run of questions ended before its end. Refuses to know what is done then; that is `learn.rs`, which cleans up.

/// What kept the questions from being asked, or from being asked to their end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The operator asked for it.
    #[error("stopped as asked")]
    Asked,
    /// A client could not be made.
    #[error("{0}")]
    Client(String),
    /// Credentials, or a role without the right. Nothing is repeated: accounts lock.
    #[error("{0}")]
    Denied(String),
    /// No connection.
    #[error("{0}")]
    Unreachable(String),
    /// A list cannot be read, so that nothing can be concluded.
    #[error("a list cannot be read: {0}")]
    Unreadable(String),
    /// The mailbox is not a throw-away one.
    #[error("the scratch recipient has entries already: {0}")]
    InUse(String),
    /// A run was killed before it had cleaned up, or goes on at this moment.
    #[error(
        "{0}, all of them invented by an earlier run that was killed, or by one that goes on; if none does, delete that \
         mailbox's entries on the appliance and begin again"
    )]
    LeftBehind(String),
    /// Somebody else put something onto the lists of the scratch recipient meanwhile.
    #[error("somebody else's entry came onto the {0} of the scratch recipient; nothing more was asked")]
    NotAlone(&'static str),
    /// Nothing can be put onto the list, or taken off.
    #[error("{what}: {told}")]
    Stuck {
        /// What did not work.
        what: &'static str,
        /// What the appliance said.
        told: String,
    },
    /// More requests than a run may need, which means that something is not as thought.
    #[error("more than {0} requests would be needed")]
    TooMany(usize),
    /// A change that names something else than the scratch recipient and invented senders. Never sent.
    #[error(
        "a change would have named something else than the scratch recipient and invented senders; it was not sent"
    )]
    NotOurs,
}
