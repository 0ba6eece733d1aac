//! The AsyncOS client: asks one appliance for a page of a list, or to change it, and says in our words what is
//! known afterwards. The only room that knows the API's JSON and paths. Refuses to know why something is read
//! or written, and decides nothing by the appliance's words.
//!
//! `transport.rs` sends and keeps whatever comes back, `wire.rs` has the shapes, `verdict.rs` judges. The facts
//! and how sure each is: `docs/asyncos.md`.

mod transport;
mod verdict;
mod wire;

use crate::config::ApplianceSettings;
use crate::model::{Read, ReadReply, Verb, Verdict, Write};
use transport::Transport;

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ApplianceError {
    /// The HTTP library refused the settings.
    #[error("appliance `{name}`: {reason}")]
    Client {
        /// Name in the configuration.
        name: String,
        /// The library's words.
        reason: String,
    },
}

/// A client of one appliance. Cheap to share; keeps its connection where the appliance allows it.
#[derive(Debug)]
pub struct Appliance {
    name: String,
    root_url: String,
    transport: Transport,
}

impl Appliance {
    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    /// When the HTTP library refuses the settings.
    pub fn new(settings: &ApplianceSettings) -> Result<Self, ApplianceError> {
        let transport = Transport::new(settings).map_err(|reason| ApplianceError::Client {
            name: settings.name.clone(),
            reason,
        })?;
        let origin = settings.url.as_str().trim_end_matches('/');
        let root_url = format!("{origin}/{}/api/v2.0", settings.root.word());
        Ok(Self {
            name: settings.name.clone(),
            root_url,
            transport,
        })
    }

    /// Name in the configuration.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads one page. `delay_ms` of the read is the caller's to keep.
    pub async fn view(&self, read: &Read) -> ReadReply {
        let query = wire::view_query(read);
        let url = format!("{}?{query}", self.list_url(read.list));
        let answer = self.transport.send(http::Method::GET, &url, None).await;
        verdict::of_read(&answer, read.view)
    }

    /// Sends one change, once: whether it was applied is for the caller to observe.
    pub async fn write(&self, write: &Write) -> Verdict {
        let method = if write.verb == Verb::Delete {
            http::Method::DELETE
        } else {
            http::Method::POST
        };
        let body = wire::write_body(write);
        let answer = self
            .transport
            .send(method, &self.list_url(write.list), Some(body))
            .await;
        verdict::of_write(&answer)
    }

    fn list_url(&self, list: crate::model::ListKind) -> String {
        format!("{}/quarantine/{}", self.root_url, list.word())
    }
}
