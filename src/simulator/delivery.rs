//! What a caller sees of its request, without a socket: nothing, silence, or a reply that is whole or breaks
//! off.
//!
//! This file refuses to know why; that is decided in `api.rs`.

use http::HeaderMap;

/// What a caller gets back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The connection was refused: nothing was sent.
    NotConnected,
    /// The connection stood, and no whole head of a reply came.
    NoReply {
        /// What came instead.
        how: Loss,
    },
    /// A status, and a body that may be cut.
    Reply {
        /// Of the status line.
        status: u16,
        /// As they came.
        headers: HeaderMap,
        /// As far as it came.
        body: Vec<u8>,
        /// Whether that is all of it.
        ending: Ending,
    },
}

/// Whether a body came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It did.
    Whole,
    /// It did not.
    Cut(Loss),
}

/// How a caller loses its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It ended in order, before it should.
    Closed,
    /// It was reset.
    Reset,
    /// It stayed silent until the caller gave up.
    TimedOut,
}
