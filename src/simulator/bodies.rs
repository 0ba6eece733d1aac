//! Request bodies, read whole before anything is decided, up to a limit.
//!
//! A body beyond the limit is read to its end and thrown away: a socket that is closed with unread bytes in
//! it is reset, and the caller might never see the answer. That this may happen with a real appliance
//! (`docs/asyncos.md`, "On the wire") is a fault to be asked for, not a default.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, HttpBody as _};

/// Who sends more than this is cut off without ceremony.
const THROWN_AWAY_BYTES_MAX: usize = 256 * 1024 * 1024;

pub(super) enum ReadBody {
    Whole(Vec<u8>),
    TooLarge,
    CutOff,
}

pub(super) async fn read(mut body: Body, bytes_max: usize) -> ReadBody {
    let mut bytes = Vec::new();
    let mut thrown_away_bytes: usize = 0;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(frame) = frame else {
            return ReadBody::CutOff;
        };
        // A frame without data holds trailers, which nobody needs.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if thrown_away_bytes == 0 && bytes.len() + data.len() <= bytes_max {
            bytes.extend_from_slice(&data);
            continue;
        }
        bytes = Vec::new();
        thrown_away_bytes += data.len();
        if thrown_away_bytes > THROWN_AWAY_BYTES_MAX {
            break;
        }
    }
    if thrown_away_bytes == 0 {
        ReadBody::Whole(bytes)
    } else {
        ReadBody::TooLarge
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_whole_up_to_the_limit_and_too_large_beyond() {
        for (length, is_whole) in [(0, true), (10, true), (11, false)] {
            let read = read(Body::from(vec![b'x'; length]), 10).await;
            assert_eq!(
                matches!(read, ReadBody::Whole(bytes) if bytes.len() == length),
                is_whole,
                "{length}"
            );
        }
    }
}
