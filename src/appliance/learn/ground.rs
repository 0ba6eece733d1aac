//! The ground that a question stands on: the scratch recipient without a row, or with one that has room. Refuses to know
//! why a question wants it.

use super::asker::Asker;
use super::finding::unsettled;
use super::seen::Seen;
use super::stop::Stop;
use crate::model::{ListKind, Verb, View, Write};

/// Entries in one request, as the client sends by default.
pub(super) const SENDERS_PER_REQUEST: usize = 50;

/// A row that was asked for with [`Asker::stand`].
pub(super) enum Ground {
    /// A sender that stands in it.
    Standing(String),
    /// The list of the scratch recipient takes fewer senders than the question needs.
    TooSmall,
}

impl Asker {
    /// Sees to it that the scratch recipient has a row, with room for so many more senders.
    pub(super) async fn stand(&mut self, room: usize) -> Result<Ground, Stop> {
        let fits = |count: usize, limit: Option<usize>| limit.is_none_or(|limit| count + room <= limit);
        if !fits(1, self.limit) {
            return Ok(Ground::TooSmall);
        }
        let senders = self.own_senders().await?;
        let usual = senders.iter().find(|sender| self.names.is_usual(sender));
        match usual {
            Some(usual) if fits(senders.len(), self.limit) => return Ok(Ground::Standing(usual.clone())),
            _ => self.clear().await?,
        }
        let sender = self.names.new_sender();
        let seen = self
            .put(
                "an addition for a mailbox without a row",
                Verb::Add,
                std::slice::from_ref(&sender),
            )
            .await?;
        if self.stands(&sender, seen.reply).await? {
            Ok(Ground::Standing(sender))
        } else {
            Err(Stop::Stuck {
                what: "no entry could be added for the scratch recipient",
                told: seen.told(),
            })
        }
    }

    /// Takes the scratch recipient's row off the blocklist.
    pub(super) async fn clear(&mut self) -> Result<(), Stop> {
        let senders = self.own_senders().await?;
        let mut told = String::new();
        for some in senders.chunks(SENDERS_PER_REQUEST) {
            told = self
                .take_off("a deletion by sender", ListKind::Blocklist, some)
                .await?
                .told();
        }
        if self.own_senders().await?.is_empty() {
            self.is_gone(ListKind::Blocklist, &senders);
            Ok(())
        } else {
            let what = "an entry of the scratch recipient could not be deleted";
            Err(Stop::Stuck { what, told })
        }
    }

    /// Deletes invented senders, for everybody: nobody else has them.
    pub(super) async fn take_off(
        &mut self,
        kind: &'static str,
        list: ListKind,
        senders: &[String],
    ) -> Result<Seen, Stop> {
        let deletion = Write {
            list,
            view: View::Sender,
            verb: Verb::Delete,
            keys: senders.to_vec(),
            values: Vec::new(),
        };
        self.write(kind, &deletion).await
    }

    /// Leaves knobs unsettled for want of room.
    pub(super) fn too_small(&mut self, knobs: &[&'static str], senders: usize) {
        let limit = self.limit.unwrap_or_default();
        for knob in knobs {
            let why = format!("needs {senders} senders of one recipient, and the list takes {limit}");
            self.findings.record(knob, unsettled(why), "");
        }
    }

    /// Puts one sender into the scratch recipient's row and looks whether it stands then.
    pub(super) async fn try_to_put(
        &mut self,
        kind: &'static str,
        verb: Verb,
        sender: &str,
    ) -> Result<(Seen, bool), Stop> {
        let seen = self.put(kind, verb, &[sender.to_owned()]).await?;
        let stands = self.stands(sender, seen.reply).await?;
        Ok((seen, stands))
    }
}
