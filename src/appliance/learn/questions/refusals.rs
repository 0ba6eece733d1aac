//! Questions about requests of which a part is refused.

use super::super::asker::Asker;
use super::super::finding::{Judged, unsettled, word};
use super::super::ground::Ground;
use super::super::judge::status_of_refusal;
use super::super::seen::Reply;
use super::Asking;
use crate::model::Verb;

/// A sender with a dot in front is what Cisco's own help forbids; one with a space in it is no name at all.
pub(super) fn bad_entry(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let Ground::Standing(_) = asker.stand(1).await? else {
            asker.too_small(&["bad_entry", "batch_with_conflict"], 2);
            return Ok(());
        };
        for (kind, before) in [
            ("an append of a sender with a dot in front", "."),
            ("an append of a sender with a space in it", "a b."),
        ] {
            let bad = format!("{before}{}", asker.names.new_sender());
            let (seen, stands) = asker.try_to_put(kind, Verb::Append, &bad).await?;
            let judged = status_of_refusal(seen.reply, &["400", "404"]);
            asker
                .findings
                .record("bad_entry", judged, format!("{kind}: {}", seen.told()));
            if seen.is_no() && !stands {
                return bad_beside_good(asker, bad).await;
            }
        }
        Ok(())
    })
}

async fn bad_beside_good(asker: &mut Asker, bad: String) -> Result<(), super::Stop> {
    let Ground::Standing(_) = asker.stand(1).await? else {
        return Ok(());
    };
    let good = asker.names.new_sender();
    beside(asker, "an append of a bad entry and a good one", bad, good).await
}

/// A pair that stands, and one that does not, where the first is known to be refused.
pub(super) fn conflict(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        if !asker.findings.is("append_of_existing_pair", "409") {
            return Ok(());
        }
        let Ground::Standing(standing) = asker.stand(1).await? else {
            return Ok(());
        };
        let good = asker.names.new_sender();
        beside(
            asker,
            "an append of a pair that stands and a new one",
            standing,
            good,
        )
        .await
    })
}

/// Sends both, the one that is refused first.
async fn beside(
    asker: &mut Asker,
    kind: &'static str,
    refused: String,
    good: String,
) -> Result<(), super::Stop> {
    let seen = asker.put(kind, Verb::Append, &[refused, good.clone()]).await?;
    let stands = asker.stands(&good, seen.reply).await?;
    let shown = if stands { "stands" } else { "does not stand" };
    let evidence = format!("{kind}: {}, and the good one {shown}", seen.told());
    asker
        .findings
        .record("batch_with_conflict", judge_batch(seen.reply, stands), evidence);
    Ok(())
}

fn judge_batch(reply: Reply, good_stands: bool) -> Judged {
    match (reply, good_stands) {
        (Reply::No { .. }, true) => word("partial"),
        (Reply::No { .. }, false) => word("atomic"),
        (Reply::Yes, _) => unsettled("accepted as a whole"),
        (Reply::Unclear, _) => unsettled("no clear answer"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Value;
    use super::*;

    #[test]
    fn a_refused_request_was_applied_in_part_or_not_at_all() {
        let no = Reply::No { status: Some(400) };
        for (reply, stands, expected) in [
            (no, true, Some("partial")),
            (no, false, Some("atomic")),
            (Reply::No { status: None }, false, Some("atomic")),
            (Reply::Yes, true, None),
            (Reply::Unclear, false, None),
        ] {
            let judged = judge_batch(reply, stands).ok();
            assert_eq!(judged, expected.map(Value::Word), "{reply:?} {stands}");
        }
    }
}
