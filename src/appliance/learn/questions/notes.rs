//! Questions that no knob stands for, but `docs/asyncos.md`, "Open questions", asks. What is seen of them is a comment in
//! the file, for people.

use super::super::asker::Asker;
use super::super::ground::Ground;
use super::super::seen::Seen;
use super::Asking;
use super::views::{usual, without};
use crate::model::{ListKind, Verb, View, Write};

/// While many rows stand: how many come when nobody says how many.
pub(super) fn default_page(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let mut request = usual(asker, View::Sender);
        for name in ["offset", "limit"] {
            request.target = without(&request.target, name);
        }
        let kind = "a view without offset and limit";
        let seen = asker.ask(kind, request).await?;
        let told = match seen.page(View::Sender) {
            Ok(page) => {
                let total = page
                    .total_count
                    .map_or("untold".to_owned(), |total| total.to_string());
                format!("{} rows came of {total}", page.rows.len())
            }
            Err(_) => seen.told(),
        };
        asker.note(kind, &told);
        Ok(())
    })
}

/// An edit of a sender's row, and of a row to nothing, each with what stands afterwards.
pub(super) fn edits(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let Ground::Standing(standing) = asker.stand(0).await? else {
            return Ok(());
        };
        let recipient = asker.names.recipient().to_owned();
        let write = Write {
            list: ListKind::Blocklist,
            view: View::Sender,
            verb: Verb::Edit,
            keys: vec![standing.clone()],
            values: vec![recipient],
        };
        let kind = "an edit of a sender's row, to what it holds already";
        let seen = asker.write(kind, &write).await?;
        note_row(asker, kind, &seen, &standing).await?;
        let kind = "an edit of a recipient's row to nothing";
        let seen = asker.put(kind, Verb::Edit, &[]).await?;
        note_row(asker, kind, &seen, &standing).await
    })
}

async fn note_row(
    asker: &mut Asker,
    kind: &'static str,
    seen: &Seen,
    standing: &str,
) -> Result<(), super::Stop> {
    let stands = asker.own_senders().await?.iter().any(|sender| sender == standing);
    let shown = if stands { "stands" } else { "does not stand" };
    asker.note(
        kind,
        &format!("{}, and the sender {shown} afterwards", seen.told()),
    );
    Ok(())
}
