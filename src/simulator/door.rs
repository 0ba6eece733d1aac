//! The listening socket, which can be closed for a while: callers are refused by the kernel then, and not by us.
//!
//! While it is closed its port stays bound without listening, so that no other program can take it. This file
//! refuses to know when it is to be closed; that is decided by faults.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// As `TcpListener::bind` has it.
const BACKLOG: u32 = 1024;

/// When the port cannot be had, or the process has no file descriptor left.
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Door {
    address: SocketAddr,
    /// Listening needs one, wherever it is called from.
    runtime: runtime::Handle,
    inner: Mutex<Inner>,
    changed: Notify,
    closings: watch::Sender<u64>,
}

#[derive(Debug)]
enum Inner {
    Open(TcpListener),
    Closed {
        /// Bound, not listening.
        reserved: Option<TcpSocket>,
        until: Instant,
    },
    Shut,
}

impl Door {
    /// To be called within a runtime.
    pub(super) fn new(listener: TcpListener) -> io::Result<Self> {
        Ok(Self {
            address: listener.local_addr()?,
            runtime: runtime::Handle::current(),
            inner: Mutex::new(Inner::Open(listener)),
            changed: Notify::new(),
            closings: watch::Sender::new(0),
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes whenever the door is closed.
    pub(super) fn closings(&self) -> watch::Receiver<u64> {
        self.closings.subscribe()
    }

    /// When this returns, nobody listens. Who stood in the queue is sent away.
    pub(super) fn close_for(&self, time: Duration) {
        let mut inner = self.inner();
        if matches!(*inner, Inner::Shut) {
            return;
        }
        // Far in the future is never.
        let until = Instant::now()
            .checked_add(time)
            .unwrap_or_else(|| Instant::now() + Duration::from_hours(24 * 365));
        let reserved = match &mut *inner {
            Inner::Closed { reserved, .. } => reserved.take(),
            Inner::Open(_) | Inner::Shut => None,
        };
        // The listener goes first: two cannot have the port while one listens.
        *inner = Inner::Closed {
            reserved: None,
            until,
        };
        let reserved = reserved.or_else(|| reserve(self.address).map_err(log_failure).ok());
        *inner = Inner::Closed { reserved, until };
        drop(inner);
        self.closings.send_modify(|closings| *closings += 1);
        self.changed.notify_one();
    }

    /// When this returns, it listens; if the port cannot be had, it is tried again.
    pub(super) fn open(&self) {
        let mut inner = self.inner();
        let Inner::Closed { reserved, .. } = &mut *inner else {
            return;
        };
        let _within = self.runtime.enter();
        let socket = reserved.take().map_or_else(|| reserve(self.address), Ok);
        *inner = match socket.and_then(|socket| socket.listen(BACKLOG)) {
            Ok(listener) => Inner::Open(listener),
            Err(error) => {
                log_failure(error);
                Inner::Closed {
                    reserved: None,
                    until: Instant::now() + TRY_AGAIN_AFTER,
                }
            }
        };
        drop(inner);
        self.changed.notify_one();
    }

    /// For good: when this returns, the port is free.
    pub(super) fn shut(&self) {
        *self.inner() = Inner::Shut;
    }

    /// The next caller, however long the door is closed before.
    pub(super) async fn next(&self) -> (TcpStream, SocketAddr) {
        loop {
            let closed_until = match &*self.inner() {
                Inner::Closed { until, .. } => Some(*until),
                // The caller is stopped by the signal that comes with it.
                Inner::Open(_) | Inner::Shut => None,
            };
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep_until(closed_until.unwrap_or_else(Instant::now)),
                    if closed_until.is_some() => self.open(),
                accepted = poll_fn(|context| self.poll_accept(context)), if closed_until.is_none() => {
                    match accepted {
                        Some(Ok(connection)) => return connection,
                        // A caller that left while it queued, or no file descriptor left: neither ends us.
                        Some(Err(error)) => {
                            tracing::debug!(%error, "simulator could not accept");
                            tokio::time::sleep(TRY_AGAIN_AFTER).await;
                        }
                        None => {}
                    }
                }
            }
        }
    }

    fn poll_accept(&self, context: &mut Context<'_>) -> Poll<Option<io::Result<(TcpStream, SocketAddr)>>> {
        match &*self.inner() {
            Inner::Open(listener) => listener.poll_accept(context).map(Some),
            Inner::Closed { .. } => Poll::Ready(None),
            Inner::Shut => Poll::Pending,
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // Connections of before may still hold the port. Where this option means something else, it stays off.
    if cfg!(not(windows)) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    Ok(socket)
}

fn log_failure(error: io::Error) {
    tracing::warn!(%error, "simulator could not take its port again, and tries on");
}
