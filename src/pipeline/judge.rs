//! What today's rules say of one entry, for those who ask and list nothing. The only place outside a run that asks the
//! guard, so that its questions are put in one way.

use crate::guard::{Cleared, Guard, Refused};
use crate::model::{ListKind, Recipient, Sender};

/// The rules that keep a sender off a list; none where it may be listed. The guard names the first that forbids it, and
/// its rules are the same for both lists.
#[must_use]
pub fn judge_sender(guard: &Guard, sender: &Sender, _list: ListKind) -> Vec<Refused> {
    guard.clear_sender(sender).err().into_iter().collect()
}

/// The rules that keep everything off a list for one mailbox; none where something may be listed for it. The guard has
/// no rule about mailboxes yet, which its signature says.
#[must_use]
pub fn judge_recipient(guard: &Guard, recipient: &Recipient, _list: ListKind) -> Vec<Refused> {
    let Cleared { .. } = guard.clear_recipient(recipient);
    Vec::new()
}
