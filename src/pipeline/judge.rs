//! What today's rules say of one entry, for those who ask and list nothing. Refuses to know what a rule is.

use crate::guard::{Finding, Guard, Level, Refused};
use crate::model::{ListKind, Recipient, Sender};
use ipnet::IpNet;

/// The rules that keep a sender off a list, the one that is told first; none where it may be listed.
#[must_use]
pub fn judge_sender(guard: &Guard, sender: &Sender, list: ListKind) -> Vec<Refused> {
    refusals(guard.explain_sender(sender, list))
}

/// The rules that keep everything off a list for one mailbox; none where something may be listed for it.
#[must_use]
pub fn judge_recipient(guard: &Guard, recipient: &Recipient) -> Vec<Refused> {
    refusals(guard.explain_recipient(recipient))
}

/// The rules that would keep some address of a network off a list.
#[must_use]
pub fn judge_network(guard: &Guard, network: IpNet, list: ListKind) -> Vec<Refused> {
    refusals(guard.explain_network(network, list))
}

fn refusals(findings: Vec<Finding>) -> Vec<Refused> {
    let refused = findings
        .into_iter()
        .filter(|finding| finding.level == Level::Refuse);
    refused.map(|finding| finding.refused).collect()
}
