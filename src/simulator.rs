//! An `AsyncOS` appliance to test against: the safelist and the blocklist of a Cisco Secure Email Gateway,
//! over HTTP.
//!
//! It is a library first: [`Simulator::start`] gives a [`Handle`] that a test holds, and the subcommand
//! `simulator` holds the same one. It is made from `docs/asyncos.md` alone and imports nothing of the rest of
//! the crate. The client is made from the same page by itself; else one misreading would be wrong on both
//! sides and every test would be green. What no source tells is marked "Unsettled" where it is decided, has a knob,
//! and is listed under "What the simulator assumes".
//!
//! Follow a request: `door` and `connections` (sockets) → `server` (routes) → `bodies` → `api` (who asks for
//! what, and what its faults make of it, sorted in `course`) → `login`, `viewing` over `rows`, or `writing` →
//! `rules` and `refusals` over `standing` and `entries`, which decide an effect (`effects`) that `store` carries
//! out. `errors` holds every error of the API, `reply` its bytes, `delivery` what its caller sees, `playing` what
//! no HTTP server would send. `knobs` and `faults` say what can be set, `state` what is remembered, `control` is
//! the interface that no real appliance has. [`InMemory`] is the same without sockets.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use connections::{DoorKeeper, Line};
use door::Door;
use shared::Shared;

mod api;
mod behaviour;
mod bodies;
mod choice;
mod connections;
mod control;
mod course;
mod delivery;
mod door;
mod effects;
mod entries;
mod errors;
pub mod faults;
mod fields;
mod history;
mod in_memory;
pub mod knobs;
mod lists;
mod login;
mod playing;
mod refusals;
mod reply;
mod request_log;
mod rows;
mod rules;
mod seed;
mod server;
mod sessions;
mod settings;
mod shared;
mod standing;
mod state;
mod store;
#[cfg(test)]
mod testing;
mod viewing;
mod writing;

pub use behaviour::{Behaviour, BehaviourError};
pub use delivery::{Delivery, Ending, Loss};
pub use faults::FaultRule;
pub use history::{ChangedBy, HistoryEntry, PairChange};
pub use in_memory::InMemory;
pub use knobs::Knobs;
pub use lists::{ListName, Lists, Pair};
pub use request_log::LoggedRequest;
pub use settings::{Account, Settings};

/// Connections end at once when they are told to; this is for the one that does not.
const STOP_MAX: Duration = Duration::from_secs(5);

/// The appliance before it runs; see [`Simulator::start`].
#[derive(Debug)]
pub struct Simulator;

/// A running simulator. Dropping it stops it too, but does not wait for the end.
#[derive(Debug)]
pub struct Handle {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    server: JoinHandle<io::Result<()>>,
}

impl Simulator {
    /// Returns once it listens.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on.
    pub async fn start(settings: Settings) -> io::Result<Handle> {
        let listener = TcpListener::bind(settings.listen).await?;
        let (stop, stop_receiver) = watch::channel(false);
        let door = Door::new(listener)?;
        let shared = Arc::new(Shared::new(settings, door, stop_receiver.clone()));

        let keeper = DoorKeeper {
            shared: Arc::clone(&shared),
        };
        let service = server::router(Arc::clone(&shared)).into_make_service_with_connect_info::<Line>();
        let serve = axum::serve(keeper, service).with_graceful_shutdown(connections::stopped(stop_receiver));
        let server = tokio::spawn(async move { serve.await });
        tracing::debug!(simulator.address = %shared.door.address(), "simulator listens");
        Ok(Handle { shared, stop, server })
    }
}

impl Handle {
    /// Where it listens, with the port that was really taken.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.shared.door.address()
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// A copy of what is stored now, in the order in which it was added.
    #[must_use]
    pub fn lists(&self) -> Lists {
        self.shared.state().store.lists().clone()
    }

    /// Replaces both lists. No rule of the API is applied, except that a pair named twice is kept once.
    pub fn set_lists(&self, lists: Lists) {
        self.shared.state().set_lists(lists);
    }

    /// The API requests answered since the start or the last reset, oldest first. Calls of the control
    /// interface are not among them.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.state().requests()
    }

    /// Every change of a pair since the start or the last reset, oldest first; what the lists held then is
    /// no change.
    #[must_use]
    pub fn history(&self) -> Vec<HistoryEntry> {
        self.shared.state().history()
    }

    /// How it behaves now.
    #[must_use]
    pub fn behaviour(&self) -> Behaviour {
        self.shared.state().behaviour.clone()
    }

    /// Behaves otherwise from now on: all knobs and faults are replaced, and the faults count anew.
    pub fn set_behaviour(&self, behaviour: Behaviour) {
        self.shared.set_behaviour(behaviour);
    }

    /// The lists and the behaviour as at the start, no request logged, nobody logged in.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Stops listening and ends open connections, also amid a request; returns when the port is free.
    pub async fn stop(mut self) {
        self.shared.door.shut();
        self.stop.send_replace(true);
        self.shared.players.close();
        let ended = async {
            let served = (&mut self.server).await;
            self.shared.players.wait().await;
            served
        };
        if tokio::time::timeout(STOP_MAX, ended).await.is_err() {
            tracing::warn!(simulator.address = %self.shared.door.address(), "simulator stopped with open connections");
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.door.shut();
        self.stop.send_replace(true);
        self.server.abort();
    }
}

#[cfg(test)]
mod tests;
