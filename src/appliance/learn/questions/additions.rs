//! Questions about additions to a row that stands.

use super::super::asker::Asker;
use super::super::finding::{Judged, unsettled, word};
use super::super::ground::Ground;
use super::super::judge::taken_or_refused;
use super::super::seen::Reply;
use super::Asking;
use super::views::UNKNOWN_NAME;
use crate::model::Verb;

pub(super) fn append_of_existing_pair(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let Ground::Standing(standing) = asker.stand(0).await? else {
            return Ok(());
        };
        let kind = "an append of a pair that stands";
        let seen = asker.put(kind, Verb::Append, &[standing]).await?;
        let judged = taken_or_refused(seen.reply, None, "noop", "409");
        asker.findings.record(
            "append_of_existing_pair",
            judged,
            format!("{kind}: {}", seen.told()),
        );
        Ok(())
    })
}

/// A new pair first: if that is refused, the row was the reason. Else the pair that stands.
pub(super) fn add_on_existing(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let Ground::Standing(standing) = asker.stand(1).await? else {
            asker.too_small(&["add_on_existing"], 2);
            return Ok(());
        };
        let kind = "an add of a new pair where a row stands";
        let sender = asker.names.new_sender();
        let (of_row, stands) = asker.try_to_put(kind, Verb::Add, &sender).await?;
        let mut evidence = format!("{kind}: {}", of_row.told());
        let judged = if stands {
            let kind = "an add of a pair that stands";
            let of_pair = asker.put(kind, Verb::Add, &[standing]).await?;
            evidence = format!("{evidence}; {kind}: {}", of_pair.told());
            judge_add(of_row.reply, Some(of_pair.reply))
        } else {
            judge_add(of_row.reply, None)
        };
        asker.findings.record("add_on_existing", judged, evidence);
        Ok(())
    })
}

/// `of_pair` is the answer to a pair that stands, asked only where a new one was taken.
fn judge_add(of_row: Reply, of_pair: Option<Reply>) -> Judged {
    match (of_row, of_pair) {
        (Reply::No { .. }, None) => word("row"),
        (Reply::Yes, None) => unsettled("accepted, and it does not stand"),
        (Reply::Unclear, None) | (_, Some(Reply::Unclear)) => unsettled("no clear answer"),
        (Reply::No { .. }, Some(_)) => unsettled("refused, and it stands all the same"),
        (_, Some(Reply::No { .. })) => word("pair"),
        (_, Some(Reply::Yes)) => word("merge"),
    }
}

/// A new pair, sent with a name in the query.
pub(super) fn query(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let Ground::Standing(_) = asker.stand(1).await? else {
            asker.too_small(&["unknown_query_on_post"], 2);
            return Ok(());
        };
        let kind = "an append with a name in its query";
        let sender = asker.names.new_sender();
        let write = asker.of_own_row(Verb::Append, std::slice::from_ref(&sender));
        let query = format!("?{UNKNOWN_NAME}");
        let seen = asker.write_with_query(kind, &write, &query).await?;
        let stands = asker.stands(&sender, seen.reply).await?;
        let judged = taken_or_refused(seen.reply, Some(stands), "ignored", "404");
        asker.findings.record(
            "unknown_query_on_post",
            judged,
            format!("{kind}: {}", seen.told()),
        );
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Value;
    use super::*;

    #[test]
    fn what_add_takes_offence_at_shows_in_a_new_pair_and_in_one_that_stands() {
        let no = Reply::No { status: Some(409) };
        let reset = Reply::No { status: None };
        for (of_row, of_pair, expected) in [
            (no, None, Some("row")),
            (reset, None, Some("row")),
            (Reply::Yes, Some(no), Some("pair")),
            (Reply::Unclear, Some(reset), Some("pair")),
            (Reply::Yes, Some(Reply::Yes), Some("merge")),
            (Reply::Yes, None, None),
            (Reply::Unclear, None, None),
            (Reply::Yes, Some(Reply::Unclear), None),
            (no, Some(Reply::Yes), None),
        ] {
            let judged = judge_add(of_row, of_pair).ok();
            assert_eq!(judged, expected.map(Value::Word), "{of_row:?} {of_pair:?}");
        }
    }
}
