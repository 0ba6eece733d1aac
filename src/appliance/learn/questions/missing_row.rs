//! Questions about a mailbox that has no row.

use super::super::asker::Asker;
use super::super::judge::taken_or_refused;
use super::Asking;
use crate::model::Verb;

pub(super) fn edit(asker: &mut Asker) -> Asking<'_> {
    Box::pin(try_without_row(
        asker,
        "an edit where no row stands",
        Verb::Edit,
        "edit_on_missing_row",
    ))
}

pub(super) fn append(asker: &mut Asker) -> Asking<'_> {
    Box::pin(try_without_row(
        asker,
        "an append where no row stands",
        Verb::Append,
        "append_on_missing_row",
    ))
}

async fn try_without_row(
    asker: &mut Asker,
    kind: &'static str,
    verb: Verb,
    knob: &'static str,
) -> Result<(), super::Stop> {
    asker.clear().await?;
    let sender = asker.names.new_sender();
    let (seen, stands) = asker.try_to_put(kind, verb, &sender).await?;
    let judged = taken_or_refused(seen.reply, Some(stands), "create", "404");
    asker
        .findings
        .record(knob, judged, format!("{kind}: {}", seen.told()));
    Ok(())
}
