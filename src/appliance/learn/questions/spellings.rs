//! Questions about two spellings of one name, and about appends by sender, of which the last needs a second spelling
//! where the appliance is strict.

use super::super::asker::Asker;
use super::super::finding::{Judged, unsettled, word};
use super::super::ground::Ground;
use super::super::judge::taken_or_refused;
use super::super::seen::{Reply, Seen};
use super::Asking;
use crate::model::{ListKind, Row, Verb, View, Write};

/// Asked of a sender and of the mailbox; they have to agree.
pub(super) fn spelling(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let Ground::Standing(standing) = asker.stand(1).await? else {
            asker.too_small(&["spelling"], 2);
            return Ok(());
        };
        let kind = "an append of a sender in capitals, which stands in small letters";
        let capitals = standing.to_uppercase();
        let seen = asker
            .put(kind, Verb::Append, std::slice::from_ref(&capitals))
            .await?;
        let stands = asker.own_senders().await?.contains(&capitals);
        let is_refused_if_there = asker.findings.is("append_of_existing_pair", "409");
        let judged = judge_sender(seen.reply, stands, is_refused_if_there);
        asker
            .findings
            .record("spelling", judged, format!("{kind}: {}", seen.told()));
        match asker.names.other_spelling() {
            Some(other) => mailbox(asker, &other).await,
            None => Ok(()),
        }
    })
}

/// A new sender for the mailbox in its other spelling, while it has a row in the first one.
async fn mailbox(asker: &mut Asker, other: &str) -> Result<(), super::Stop> {
    let Ground::Standing(_) = asker.stand(1).await? else {
        return Ok(());
    };
    let kind = "an append to the mailbox in another case of its letters";
    let sender = asker.names.new_sender();
    let seen = asker.write(kind, &of_row(Verb::Append, other, &sender)).await?;
    let rows = rows_of_both(asker, other).await?;
    let holds = rows.iter().find(|row| row.values.contains(&sender));
    let needs_row = asker.findings.is("append_on_missing_row", "404");
    let judged = judge_mailbox(seen.reply, holds.map(|row| row.key.as_str()), other, needs_row);
    asker
        .findings
        .record("spelling", judged, format!("{kind}: {}", seen.told()));
    Ok(())
}

fn of_row(verb: Verb, recipient: &str, sender: &str) -> Write {
    Write {
        list: ListKind::Blocklist,
        view: View::Recipient,
        verb,
        keys: vec![recipient.to_owned()],
        values: vec![sender.to_owned()],
    }
}

/// A search may mind the case of letters, so both are looked for.
async fn rows_of_both(asker: &mut Asker, other: &str) -> Result<Vec<Row>, super::Stop> {
    let mut rows = asker.own_rows().await?;
    for row in asker.rows_of_scratch(ListKind::Blocklist, other).await? {
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    Ok(rows)
}

fn judge_sender(reply: Reply, stands: bool, is_refused_if_there: bool) -> Judged {
    match reply {
        Reply::Yes if stands => word("exact"),
        Reply::Yes => word("fold"),
        Reply::Unclear if stands => word("exact"),
        Reply::No {
            status: None | Some(409),
        } if is_refused_if_there && !stands => word("fold"),
        Reply::No { .. } => unsettled("refused, and it is not said why"),
        Reply::Unclear => unsettled("no clear answer"),
    }
}

/// `key` is of the row that holds the new sender afterwards.
fn judge_mailbox(reply: Reply, key: Option<&str>, other: &str, needs_row: bool) -> Judged {
    match (reply, key) {
        (Reply::Yes | Reply::Unclear, Some(key)) if key == other => word("exact"),
        (Reply::Yes | Reply::Unclear, Some(_)) => word("fold"),
        // It has no row of its own, and nothing else is amiss.
        (
            Reply::No {
                status: None | Some(404),
            },
            None,
        ) if needs_row => word("exact"),
        (Reply::No { .. }, _) => unsettled("refused, and it is not said why"),
        (Reply::Yes, None) => unsettled("accepted, and it does not stand"),
        (Reply::Unclear, None) => unsettled("no clear answer"),
    }
}

/// A new sender first. Where that is refused, one that stands for the mailbox already, or for its other spelling.
pub(super) fn append_by_sender(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let Ground::Standing(standing) = asker.stand(1).await? else {
            asker.too_small(&["append_by_sender_echo"], 2);
            return Ok(());
        };
        let kind = "an append by sender, where the sender has no row";
        let sender = asker.names.new_sender();
        let seen = append(asker, kind, &sender).await?;
        let stands = asker.stands(&sender, seen.reply).await?;
        let judged = taken_or_refused(seen.reply, Some(stands), "create", "404");
        asker.findings.record(
            "append_on_missing_row",
            judged,
            format!("{kind}: {}", seen.told()),
        );
        if seen.reply == Reply::Yes {
            record_echo(asker, &seen);
            return Ok(());
        }
        let kind = "an append by sender, where the sender has a row";
        if asker.findings.is("append_of_existing_pair", "noop") {
            let seen = append(asker, kind, &standing).await?;
            record_echo(asker, &seen);
        } else if asker.findings.is("spelling", "exact")
            && let Some(other) = asker.names.other_spelling()
        {
            let sender = stand_for_other(asker, &other).await?;
            let seen = append(asker, kind, &sender).await?;
            record_echo(asker, &seen);
        } else {
            let why = "no append by sender was accepted";
            asker
                .findings
                .record("append_by_sender_echo", unsettled(why), seen.told());
        }
        Ok(())
    })
}

async fn append(asker: &mut Asker, kind: &'static str, sender: &str) -> Result<Seen, super::Stop> {
    let write = Write {
        list: ListKind::Blocklist,
        view: View::Sender,
        verb: Verb::Append,
        keys: vec![sender.to_owned()],
        values: vec![asker.names.recipient().to_owned()],
    };
    asker.write(kind, &write).await
}

/// A sender that stands for the other spelling of the mailbox alone.
async fn stand_for_other(asker: &mut Asker, other: &str) -> Result<String, super::Stop> {
    asker.stand(1).await?;
    let sender = asker.names.new_sender();
    let rows = rows_of_both(asker, other).await?;
    let has_row = rows.iter().any(|row| row.key == other);
    let verb = if has_row { Verb::Append } else { Verb::Add };
    asker
        .write(
            "a new sender for the other spelling",
            &of_row(verb, other, &sender),
        )
        .await?;
    Ok(sender)
}

fn record_echo(asker: &mut Asker, seen: &Seen) {
    let (judged, names) = judge_echo(seen);
    let evidence = format!("an append by sender: {} with {names}", seen.told());
    asker.findings.record("append_by_sender_echo", judged, evidence);
}

/// By the names in the answer, which are told as well.
fn judge_echo(seen: &Seen) -> (Judged, String) {
    let body = seen.json().unwrap_or_default();
    let data = body.get("data").and_then(|data| data.as_object());
    let names: Vec<&str> = data
        .map(|data| data.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let has = |name: &str| names.contains(&name);
    let judged = match (has("senderAddresses"), has("senderList")) {
        (true, false) => word("request"),
        (false, true) => word("threatq"),
        _ => unsettled("neither or both of the two names came back"),
    };
    (judged, names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Value;
    use super::*;

    #[test]
    fn a_sender_in_capitals_is_another_one_where_both_stand() {
        let no = |status| Reply::No { status };
        for (reply, stands, refused_if_there, expected) in [
            (Reply::Yes, true, true, Some("exact")),
            (Reply::Yes, false, false, Some("fold")),
            (no(Some(409)), false, true, Some("fold")),
            (no(None), false, true, Some("fold")),
            (no(Some(409)), false, false, None),
            (no(Some(400)), false, true, None),
            (Reply::Unclear, true, true, Some("exact")),
            (Reply::Unclear, false, true, None),
        ] {
            let judged = judge_sender(reply, stands, refused_if_there).ok();
            assert_eq!(judged, expected.map(Value::Word), "{reply:?} {stands}");
        }
    }

    #[test]
    fn a_mailbox_in_another_case_has_a_row_of_its_own_or_shares_one() {
        let no = |status| Reply::No { status };
        for (reply, key, needs_row, expected) in [
            (Reply::Yes, Some("TEST@a"), false, Some("exact")),
            (Reply::Yes, Some("test@a"), false, Some("fold")),
            (Reply::Yes, None, false, None),
            (no(Some(404)), None, true, Some("exact")),
            (no(None), None, true, Some("exact")),
            (no(Some(404)), None, false, None),
            (no(Some(400)), None, true, None),
            (Reply::Unclear, None, true, None),
        ] {
            let judged = judge_mailbox(reply, key, "TEST@a", needs_row).ok();
            assert_eq!(judged, expected.map(Value::Word), "{reply:?} {key:?}");
        }
    }
}
