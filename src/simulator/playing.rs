//! Answers that no HTTP server would give, on a connection that was taken from one.
//!
//! A connection that ends in order sends its FIN first and is then read to its end, because closing a socket
//! with unread bytes in it would send a RST instead. This file refuses to know why something is to happen.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::delivery::{Answer, Passage, Silence};

/// For the caller that does not take the end of its connection for an end.
const LINGER_MAX: Duration = Duration::from_secs(30);

pub(super) async fn play(mut stream: TcpStream, answer: Answer) {
    let silence = match answer {
        Answer::Silence(silence) => silence,
        Answer::Reply { reply, passage } => {
            let mut bytes = reply.head();
            bytes.extend_from_slice(reply.body.as_bytes());
            match send(&mut stream, &bytes, passage).await {
                Ok(silence) => silence,
                // The caller has left; there is nobody to end a connection with.
                Err(error) => {
                    tracing::debug!(%error, "simulator was left while it answered");
                    return;
                }
            }
        }
    };
    end(stream, silence).await;
}

async fn send(stream: &mut TcpStream, bytes: &[u8], passage: Passage) -> io::Result<Silence> {
    match passage {
        Passage::Whole => {
            stream.write_all(bytes).await?;
            Ok(Silence::Close)
        }
        Passage::Cut { after_bytes, by } => {
            stream.write_all(&bytes[..after_bytes.min(bytes.len())]).await?;
            Ok(by.into())
        }
        Passage::Drip {
            bytes: at_a_time,
            every_ms,
        } => {
            for (number, lot) in bytes.chunks(at_a_time.max(1)).enumerate() {
                if number > 0 {
                    tokio::time::sleep(Duration::from_millis(every_ms)).await;
                }
                stream.write_all(lot).await?;
            }
            Ok(Silence::Close)
        }
    }
}

pub(super) async fn end(mut stream: TcpStream, silence: Silence) {
    match silence {
        Silence::Close => {
            // A failure says that the other side was faster.
            if stream.shutdown().await.is_ok() {
                let left = tokio::time::timeout(LINGER_MAX, until_left(&mut stream));
                if left.await.is_err() {
                    tracing::debug!("simulator gave up on a caller that does not leave");
                }
            }
        }
        Silence::Reset => {
            if let Err(error) = stream.set_zero_linger() {
                tracing::warn!(%error, "simulator could not reset a connection, and closes it");
            }
        }
        Silence::Hang => until_left(&mut stream).await,
    }
}

/// What still comes is thrown away.
async fn until_left(stream: &mut TcpStream) {
    let mut bytes = [0; 4096];
    while let Ok(1..) = stream.read(&mut bytes).await {}
}
