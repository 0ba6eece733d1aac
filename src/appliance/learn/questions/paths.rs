//! Questions about paths: one that does not exist, and the other root. They change nothing.

use super::super::asker::Asker;
use super::super::finding::{Judged, unsettled, word};
use super::super::judge::no_such_word;
use super::super::seen::Reply;
use super::Asking;
use crate::appliance::wire::{self, Request};
use crate::config::Root;
use crate::model::{ListKind, Read, View};

/// An unknown path is refused by every appliance (`docs/asyncos.md`, "Errors"), so its answer shows how errors come. All
/// other errors of the run have to agree.
pub(super) fn unknown_path(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let kind = "an unknown path";
        let request = Request {
            method: http::Method::GET,
            target: format!(
                "/{}/api/v2.0/quarantine/doorlist-learn",
                asker.settings.root.word()
            ),
            body: None,
        };
        let first = asker.ask(kind, request.clone()).await?;
        if !first.look.was_reset {
            return Ok(());
        }
        // Once may be an accident of the network.
        let second = asker.ask(kind, request).await?;
        if second.look.was_reset {
            asker.errors_are_resets = true;
            let evidence = "an unknown path: a reset in place of an answer, twice";
            asker.findings.record("error_framing", word("rst"), evidence);
        }
        Ok(())
    })
}

/// A page of the blocklist below the root that is not configured.
pub(super) fn other_root(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let (root, other) = match asker.settings.root {
            Root::Esa => (Root::Esa, Root::Sma),
            Root::Sma => (Root::Sma, Root::Esa),
        };
        let read = Read::first_row(ListKind::Blocklist);
        let request = wire::request_of_read(other, &read);
        let seen = asker
            .ask_where_denied_counts("a list below the other root", request)
            .await?;
        let judged = judge_roots(seen.reply, seen.page(View::Recipient).is_ok(), root);
        let evidence = format!("a list below /{}: {}", other.word(), seen.told());
        asker.findings.record("roots", judged, evidence);
        Ok(())
    })
}

fn judge_roots(reply: Reply, is_page: bool, root: Root) -> Judged {
    match reply {
        Reply::Yes if is_page => word("both"),
        Reply::Yes | Reply::Unclear => unsettled("no clear answer"),
        Reply::No {
            status: None | Some(404),
        } => word(root.word()),
        Reply::No { status: Some(status) } => no_such_word(status),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Value;
    use super::*;

    #[test]
    fn there_are_both_roots_where_both_have_a_page() {
        let no = |status| Reply::No { status };
        for (reply, is_page, root, expected) in [
            (Reply::Yes, true, Root::Esa, Some("both")),
            (Reply::Yes, false, Root::Esa, None),
            (no(Some(404)), false, Root::Esa, Some("esa")),
            (no(Some(404)), false, Root::Sma, Some("sma")),
            (no(None), false, Root::Sma, Some("sma")),
            (no(Some(401)), false, Root::Esa, None),
            (Reply::Unclear, false, Root::Esa, None),
        ] {
            let judged = judge_roots(reply, is_page, root).ok();
            assert_eq!(judged, expected.map(Value::Word), "{reply:?} {root:?}");
        }
    }
}
