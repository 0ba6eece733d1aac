//! What becomes of a reply on its way, and what its caller sees of it.
//!
//! [`Answer`] is the decision; a socket carries it out in `playing.rs`, and [`Delivery::of`] tells what a caller
//! at the other end would see of the same answer. This file refuses to know why; that is decided in `api.rs`.

use std::time::Duration;

use http::HeaderMap;

use super::faults::EndOfConnection;
use super::reply::Reply;

/// What comes back for a request.
#[derive(Debug)]
pub(super) enum Answer {
    Reply { reply: Reply, passage: Passage },
    Silence(Silence),
}

/// How a reply travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    Whole,
    Cut { after_bytes: usize, by: EndOfConnection },
    Drip { bytes: usize, every_ms: u64 },
}

/// What comes in the place of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    Close,
    Reset,
    /// Nothing, until the caller leaves.
    Hang,
}

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
    /// It did, as far as a caller can tell: without a length, the end of the connection is the end.
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

impl Answer {
    /// The status that goes out; none when the status line does not go out whole.
    pub(super) fn sent_status(&self) -> Option<u16> {
        let Self::Reply { reply, passage } = self else {
            return None;
        };
        let is_sent = match passage {
            Passage::Cut { after_bytes, .. } => *after_bytes >= reply.status_line().len(),
            Passage::Whole | Passage::Drip { .. } => true,
        };
        is_sent.then_some(reply.status.as_u16())
    }
}

impl Delivery {
    /// What a caller sees that waits so long and no longer.
    pub(super) fn of(answer: Answer, patience: Duration) -> Self {
        match answer {
            Answer::Silence(silence) => Self::NoReply { how: silence.into() },
            Answer::Reply { reply, passage } => match passage {
                Passage::Whole => Self::whole(reply),
                Passage::Cut { after_bytes, by } => Self::cut(reply, after_bytes, Silence::from(by).into()),
                Passage::Drip { bytes, every_ms } => {
                    let waits = patience.as_millis().checked_div(every_ms.into());
                    // One lot comes before the first wait.
                    let lots = waits.and_then(|waits| usize::try_from(waits).ok());
                    let seen = lots.map_or(usize::MAX, |lots| lots.saturating_add(1).saturating_mul(bytes));
                    Self::cut(reply, seen, Loss::TimedOut)
                }
            },
        }
    }

    fn whole(reply: Reply) -> Self {
        Self::Reply {
            status: reply.status.as_u16(),
            headers: reply.headers(),
            body: reply.body.into_bytes(),
            ending: Ending::Whole,
        }
    }

    fn cut(reply: Reply, bytes: usize, how: Loss) -> Self {
        let Some(body_bytes) = bytes.checked_sub(reply.head().len()) else {
            return Self::NoReply { how };
        };
        if body_bytes >= reply.body.len() && (reply.has_length() || how != Loss::Reset) {
            return Self::whole(reply);
        }
        let mut delivery = Self::whole(reply);
        if let Self::Reply {
            headers,
            body,
            ending,
            ..
        } = &mut delivery
        {
            body.truncate(body_bytes);
            // A close is the end of a body that has no length.
            if how != Loss::Closed || headers.contains_key(http::header::CONTENT_LENGTH) {
                *ending = Ending::Cut(how);
            }
        }
        delivery
    }
}

impl From<Silence> for Loss {
    fn from(silence: Silence) -> Self {
        match silence {
            Silence::Close => Self::Closed,
            Silence::Reset => Self::Reset,
            Silence::Hang => Self::TimedOut,
        }
    }
}
