//! The question about a pair that stands on the other list. The only one that writes to the safelist, and it takes off
//! again what it put there.

use super::super::asker::Asker;
use super::super::finding::{Judged, unsettled, word};
use super::super::ground::Ground;
use super::super::judge::status_of_refusal;
use super::super::seen::Reply;
use super::Asking;
use crate::model::{ListKind, Verb, Write};

const TAKEN_BACK: &str = "a deletion from the safelist";

pub(super) fn pair(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let Ground::Standing(standing) = asker.stand(0).await? else {
            return Ok(());
        };
        let kind = "an addition of a pair that stands on the other list";
        let write = Write {
            list: ListKind::Safelist,
            ..asker.of_own_row(Verb::Add, std::slice::from_ref(&standing))
        };
        let seen = asker.write(kind, &write).await?;
        let recipient = asker.names.recipient().to_owned();
        let rows = asker.rows_of_scratch(ListKind::Safelist, &recipient).await?;
        let stands = rows.iter().any(|row| row.values.contains(&standing));
        let judged = judge(seen.reply, stands);
        asker
            .findings
            .record("other_list", judged, format!("{kind}: {}", seen.told()));
        if stands {
            asker
                .take_off(TAKEN_BACK, ListKind::Safelist, &[standing])
                .await?;
        }
        Ok(())
    })
}

fn judge(reply: Reply, stands: bool) -> Judged {
    match (reply, stands) {
        (Reply::Yes | Reply::Unclear, true) => word("allow"),
        (Reply::Yes, false) => unsettled("accepted, and it does not stand"),
        (Reply::No { .. }, true) => unsettled("refused, and it stands all the same"),
        (Reply::No { .. } | Reply::Unclear, false) => status_of_refusal(reply, &["409", "400"]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Value;
    use super::*;

    #[test]
    fn a_pair_of_the_other_list_is_taken_or_refused_with_a_status() {
        let no = |status| Reply::No { status };
        for (reply, stands, expected) in [
            (Reply::Yes, true, Some("allow")),
            (Reply::Yes, false, None),
            (no(Some(409)), false, Some("409")),
            (no(Some(400)), false, Some("400")),
            (no(Some(404)), false, None),
            (no(None), false, None),
            (no(Some(409)), true, None),
            (Reply::Unclear, true, Some("allow")),
            (Reply::Unclear, false, None),
        ] {
            let judged = judge(reply, stands).ok();
            assert_eq!(judged, expected.map(Value::Word), "{reply:?} {stands}");
        }
    }
}
