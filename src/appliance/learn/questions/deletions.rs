//! The question about a deletion of what is not there. What a deletion counts is asked of the full list, in
//! `full_list.rs`.

use super::super::asker::Asker;
use super::super::judge::taken_or_refused;
use super::Asking;
use crate::model::ListKind;

/// A sender that this run never put anywhere.
pub(super) fn absent(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let kind = "a deletion of a sender that is not there";
        let sender = asker.names.new_sender();
        let seen = asker.take_off(kind, ListKind::Blocklist, &[sender]).await?;
        let judged = taken_or_refused(seen.reply, None, "200", "404");
        asker
            .findings
            .record("delete_of_absent", judged, format!("{kind}: {}", seen.told()));
        Ok(())
    })
}
