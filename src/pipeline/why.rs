//! What stands on the lists of all appliances for a sender, by itself or by its domain. A look, and nothing that writes;
//! who put it there is the store's to tell.

use super::drive::{Driver, Keeper, RunTime};
use crate::app::{App, Target};
use crate::appliance::WireLog;
use crate::model::{EntryKey, ListKind, Pair, Recipient, Sender};
use crate::reconcile::{Look, Looked};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Whose mail is asked about, and for which mailbox where not for all.
#[derive(Debug, Clone)]
pub struct Question {
    /// As it would be listed.
    pub sender: Sender,
    /// One mailbox.
    pub recipient: Option<Recipient>,
}

impl Question {
    /// The entries that cover the sender, the closest first: itself, and the domain of an address.
    #[must_use]
    pub fn covering(&self) -> Vec<EntryKey> {
        let itself = self.sender.key().clone();
        let domain = itself.domain();
        std::iter::once(itself).chain(domain).collect()
    }
}

/// One list of one appliance.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The appliance's name.
    pub appliance: String,
    /// Which list.
    pub list: ListKind,
    /// Pairs of the covering entries, as the appliance spells them.
    pub pairs: Vec<Pair>,
    /// Why more may stand there, or nothing could be read.
    pub unread: Option<String>,
}

/// Looks at both lists of these appliances, side by side.
pub async fn look(
    app: Arc<App>,
    appliances: Vec<String>,
    question: Question,
    keeper: Arc<dyn Keeper>,
) -> Vec<Standing> {
    let question = Arc::new(question);
    let time = RunTime::begin(app.config.server.run_timeout);
    let mut looks = JoinSet::new();
    for (place, name) in appliances.into_iter().enumerate() {
        let (app, question, keeper) = (Arc::clone(&app), Arc::clone(&question), Arc::clone(&keeper));
        looks.spawn(async move {
            let Some(target) = app.target(&name) else {
                return (place, Vec::new());
            };
            let _lane = time.wait_for(target.lane_of_previews()).await;
            let mut standings = Vec::new();
            for list in ListKind::ALL {
                standings.push(look_at(target, &name, list, &question, time, &*keeper).await);
            }
            (place, standings)
        });
    }
    let mut found = looks.join_all().await;
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().flat_map(|(_, standings)| standings).collect()
}

async fn look_at(
    target: &Target,
    name: &str,
    list: ListKind,
    question: &Question,
    time: RunTime,
    keeper: &dyn Keeper,
) -> Standing {
    let recipient = question
        .recipient
        .as_ref()
        .map(|recipient| recipient.key().clone());
    let look = Look::new(list, question.covering(), recipient, target.knowledge());
    let log = WireLog::off();
    let looked = Driver::new(&target.appliance, time, &log, keeper)
        .look(look)
        .await;
    target.learn(&looked.knowledge);
    Standing {
        appliance: name.to_owned(),
        list,
        unread: unread(&looked, list),
        pairs: looked.pairs,
    }
}

fn unread(looked: &Looked, list: ListKind) -> Option<String> {
    match &looked.failure {
        Some(verdict) => Some(verdict.describe()),
        None if looked.is_complete => None,
        None => Some(format!(
            "the {list} could not be read whole, because it kept changing or tells no row count; more may stand there"
        )),
    }
}
