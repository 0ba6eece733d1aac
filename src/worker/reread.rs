//! Looks every few seconds whether a file has changed that the guard was made of, and says in the log what came of it.
//! Refuses to know which files these are, and what is in them.

use super::Engine;
use crate::app::Reread;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// How often. A look at all of MISP's lists asks the file system some hundred times.
const INTERVAL: Duration = Duration::from_secs(5);

impl Engine {
    pub(super) async fn follow_rule_files(self: Arc<Self>) {
        loop {
            sleep(INTERVAL).await;
            let app = Arc::clone(&self.app);
            // Lists of millions take a second or more to read.
            match tokio::task::spawn_blocking(move || app.reread_rules()).await {
                Ok(Reread::Unchanged) => {}
                Ok(Reread::Replaced(before, now)) => tracing::info!(
                    own_domains = now.own_domains,
                    own_domains_before = before.own_domains,
                    warninglists = now.warninglists,
                    warninglists_before = before.warninglists,
                    "files of the guard have changed; the new rules are in force"
                ),
                Ok(Reread::Kept(trouble)) => {
                    for words in trouble.words.lines() {
                        tracing::error!(
                            "a changed file of the guard cannot be used, the rules of before stay: {words}"
                        );
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "files of the guard cannot be looked at, the rules of before stay; tried again");
                }
            }
        }
    }
}
