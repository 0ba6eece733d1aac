//! Connections under the HTTP server: they end when the simulator does, or when the door was closed and nothing
//! is being answered on them, and they can be taken away from the server to be answered by hand.
//!
//! Without the first, stopping would wait for every caller that keeps its connection open, and a test that
//! stops an appliance to see what a client does would wait for that very client. This file refuses to know
//! HTTP.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::delivery::Silence;
use super::playing;
use super::shared::Shared;

/// Takes connections from the door.
pub(super) struct DoorKeeper {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Connection {
    line: Line,
    activity: Activity,
    /// `None` once the signal has come.
    until_stopped: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// `None` once the door has been closed since this connection came.
    until_outdated: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

/// A connection as a request handler sees it.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// `None` once it was taken.
    stream: Arc<Mutex<Option<TcpStream>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Activity {
    Idle,
    /// A request is coming, or being decided.
    Asked,
    /// Its answer is being written.
    Answering,
}

/// Ends when the signal is given, or nobody is left to give it.
pub(super) async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error says that the sender is gone, which is a stop as well.
    let _ = stop.wait_for(|is_stopped| *is_stopped).await;
}

/// Ends when the door is closed the next time.
async fn outdated(mut closings: watch::Receiver<u64>) {
    // An error says that the door is gone, and with it the simulator; that is told by `stopped`.
    if closings.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

impl Listener for DoorKeeper {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, peer) = self.shared.door.next().await;
            // Else a reply can wait 40 ms for the acknowledgement of the one before.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "simulator could not set TCP_NODELAY");
            }
            let closings = self.shared.door.closings();
            let (is_ended, is_door_closed) = {
                let mut state = self.shared.state();
                let is_ended = state.on_connection();
                (is_ended, self.shared.prepare_next_connection(&mut state))
            };
            if is_ended {
                self.shared.play(playing::end(stream, Silence::Close));
                continue;
            }
            // The last one before the door was closed gets its answer.
            let activity = if is_door_closed {
                Activity::Asked
            } else {
                Activity::Idle
            };
            let connection = Connection {
                line: Line {
                    stream: Arc::new(Mutex::new(Some(stream))),
                },
                activity,
                until_stopped: Some(Box::pin(stopped(self.shared.stop.clone()))),
                until_outdated: Some(Box::pin(outdated(closings))),
            };
            return (connection, peer);
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.shared.door.address())
    }
}

impl Connected<IncomingStream<'_, DoorKeeper>> for Line {
    fn connect_info(stream: IncomingStream<'_, DoorKeeper>) -> Self {
        stream.io().line.clone()
    }
}

impl Line {
    /// From now on the server finds the connection ended. `None` when it was taken before.
    pub(super) fn take(&self) -> Option<TcpStream> {
        self.stream().take()
    }

    fn stream(&self) -> MutexGuard<'_, Option<TcpStream>> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    fn is_ended(&mut self, context: &mut Context<'_>) -> bool {
        is_over(&mut self.until_stopped, context)
            || (is_over(&mut self.until_outdated, context) && self.activity == Activity::Idle)
    }

    fn poll_line<T>(
        &mut self,
        context: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match self.line.stream().as_mut() {
            Some(stream) => poll(Pin::new(stream), context),
            None => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
        }
    }

    fn write_line(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if is_over(&mut self.until_stopped, context) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        self.activity = Activity::Answering;
        self.poll_line(context, write)
    }
}

fn is_over(signal: &mut Option<Pin<Box<dyn Future<Output = ()> + Send>>>, context: &mut Context<'_>) -> bool {
    if let Some(waiting) = signal
        && waiting.as_mut().poll(context).is_ready()
    {
        *signal = None;
    }
    signal.is_none()
}

impl AsyncRead for Connection {
    /// Nothing read is the end of the stream: the server then drops whatever it was doing for this caller.
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_ended(context) {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let polled = self.poll_line(context, |stream, context| stream.poll_read(context, buffer));
        if buffer.filled().len() > before {
            self.activity = Activity::Asked;
        }
        polled
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write_line(context, |stream, context| stream.poll_write(context, bytes))
    }

    /// Passed on, so that headers and body leave in one write.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write_line(context, |stream, context| {
            stream.poll_write_vectored(context, slices)
        })
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// The server flushes when it has written an answer to its end.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.poll_line(context, |stream, context| stream.poll_flush(context));
        if polled.is_ready() && self.activity == Activity::Answering {
            self.activity = Activity::Idle;
            // If it is to end now, the server must come back to read that.
            if is_over(&mut self.until_outdated, context) {
                context.waker().wake_by_ref();
            }
        }
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_line(context, |stream, context| stream.poll_shutdown(context))
    }
}
