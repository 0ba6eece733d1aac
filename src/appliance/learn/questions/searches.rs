//! Questions about the search of the recipient view. Nothing is concluded from it unless it finds the scratch recipient
//! as it is spelt, and does not find what is nowhere.

use super::super::asker::Asker;
use super::super::finding::{unsettled, word};
use super::super::ground::Ground;
use super::super::names::swap_case;
use super::super::reading::Rows;
use super::Asking;
use crate::model::{ListKind, View};

/// What a search for one text shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// The scratch recipient, perhaps beside others.
    Ours,
    NotOurs,
    Nothing,
}

pub(super) fn search(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let Ground::Standing(standing) = asker.stand(0).await? else {
            return Ok(());
        };
        let recipient = asker.names.recipient().to_owned();
        let nowhere = asker.names.new_sender();
        let as_spelt = look_for(asker, &recipient).await?;
        let of_nothing = look_for(asker, &nowhere).await?;
        if let Some(why) = why_not_trusted(&as_spelt, &of_nothing) {
            asker.findings.record("search_finds", unsettled(why), "");
            asker.findings.record("search_case", unsettled(why), "");
            return Ok(());
        }
        for (knob, what, text, found_word, not_found_word) in [
            (
                "search_case",
                "the scratch recipient in the other case",
                swap_case(&recipient),
                "fold",
                "exact",
            ),
            (
                "search_finds",
                "a sender of its row",
                standing,
                "recipient_or_sender",
                "recipient",
            ),
        ] {
            let found = look_for(asker, &text).await?;
            let (judged, told) = match found {
                Ok(Found::Ours) => (word(found_word), "found".to_owned()),
                Ok(Found::NotOurs | Found::Nothing) => (word(not_found_word), "not found".to_owned()),
                Err(why) => (unsettled("no page came"), why),
            };
            asker
                .findings
                .record(knob, judged, format!("a search for {what}: {told}"));
        }
        Ok(())
    })
}

async fn look_for(asker: &mut Asker, text: &str) -> Result<Result<Found, String>, super::Stop> {
    let rows: Rows = asker
        .view(ListKind::Blocklist, View::Recipient, Some(text))
        .await?;
    Ok(rows.map(
        |rows| match rows.iter().any(|row| asker.names.is_scratch(&row.key)) {
            true => Found::Ours,
            false if rows.is_empty() => Found::Nothing,
            false => Found::NotOurs,
        },
    ))
}

fn why_not_trusted(
    as_spelt: &Result<Found, String>,
    of_nothing: &Result<Found, String>,
) -> Option<&'static str> {
    match (as_spelt, of_nothing) {
        (Ok(Found::Ours), Ok(Found::Nothing)) => None,
        (Ok(Found::Ours), Ok(_)) => Some("a search shows also what does not contain the text"),
        (Err(_), _) => Some("a search brings no page"),
        (_, Err(_)) => Some("a search that finds nothing brings no page"),
        (Ok(_), Ok(_)) => Some("a search does not find the scratch recipient as it is spelt"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_believed_when_it_finds_what_is_there_and_nothing_else() {
        let page = |found| Ok(found);
        let none = || Err("404".to_owned());
        for (as_spelt, of_nothing, is_trusted) in [
            (page(Found::Ours), page(Found::Nothing), true),
            (page(Found::Ours), page(Found::Ours), false),
            (page(Found::Ours), page(Found::NotOurs), false),
            (page(Found::NotOurs), page(Found::Nothing), false),
            (page(Found::Nothing), page(Found::Nothing), false),
            (none(), page(Found::Nothing), false),
            (page(Found::Ours), none(), false),
        ] {
            let why = why_not_trusted(&as_spelt, &of_nothing);
            assert_eq!(why.is_none(), is_trusted, "{as_spelt:?} {of_nothing:?}");
        }
    }
}
