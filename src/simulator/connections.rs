//! Connections that end when the simulator does: a listener whose streams read as closed once a signal is
//! given.
//!
//! Without this, stopping would wait for every caller that keeps its connection open, and a test that stops
//! an appliance to see what a client does would wait for that very client. This file refuses to know HTTP.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(super) struct StoppableListener {
    pub(super) listener: TcpListener,
    pub(super) stop: watch::Receiver<bool>,
}

pub(super) struct StoppableConnection {
    stream: TcpStream,
    /// `None` once the signal has come.
    until_stopped: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

/// Ends when the signal is given, or nobody is left to give it.
pub(super) async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error says that the sender is gone, which is a stop as well.
    let _ = stop.wait_for(|is_stopped| *is_stopped).await;
}

impl Listener for StoppableListener {
    type Io = StoppableConnection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        // Axum's own accept: it waits and tries again when the process has no file descriptor left.
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        // Else a reply can wait 40 ms for the acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "simulator could not set TCP_NODELAY");
        }
        let connection = StoppableConnection {
            stream,
            until_stopped: Some(Box::pin(stopped(self.stop.clone()))),
        };
        (connection, peer)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl StoppableConnection {
    fn is_stopped(&mut self, context: &mut Context<'_>) -> bool {
        if let Some(until_stopped) = &mut self.until_stopped
            && until_stopped.as_mut().poll(context).is_ready()
        {
            self.until_stopped = None;
        }
        self.until_stopped.is_none()
    }
}

impl AsyncRead for StoppableConnection {
    /// Nothing read is the end of the stream: the server then drops whatever it was doing for this caller.
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_stopped(context) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for StoppableConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_stopped(context) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    /// Passed on, so that headers and body leave in one write.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.is_stopped(context) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
