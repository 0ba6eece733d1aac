//! Questions about the query of a view. They change nothing; the second wants a row to be there.

use super::super::asker::Asker;
use super::super::finding::{Judged, unsettled, word};
use super::super::ground::Ground;
use super::super::judge::taken_or_refused;
use super::super::reading::ROWS_PER_PAGE;
use super::super::seen::Seen;
use super::Asking;
use crate::appliance::wire::{self, Request};
use crate::model::{ListKind, Read, View};

/// A query key that no appliance knows.
pub(super) const UNKNOWN_NAME: &str = "doorlistLearn=1";

/// The first page of the blocklist, as the client asks for it.
pub(super) fn usual(asker: &Asker, view: View) -> Request {
    let read = Read {
        list: ListKind::Blocklist,
        view,
        search: None,
        offset: 0,
        limit: ROWS_PER_PAGE,
        delay_ms: 0,
    };
    wire::request_of_read(asker.settings.root, &read)
}

/// The usual page with one name more.
pub(super) fn unknown_name(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let mut request = usual(asker, View::Recipient);
        request.target.push_str(&format!("&{UNKNOWN_NAME}"));
        let kind = "an unknown name in the query of a view";
        let seen = asker.ask(kind, request).await?;
        let is_page = seen.page(View::Recipient).is_ok();
        let judged = if seen.is_no() || is_page {
            taken_or_refused(seen.reply, None, "ignored", "404")
        } else {
            unsettled("neither a page nor a refusal")
        };
        asker
            .findings
            .record("unknown_query_on_get", judged, format!("{kind}: {}", seen.told()));
        Ok(())
    })
}

/// `limit` without `offset`, and `orderBy` without `orderDir`, while there is a row to be shown.
pub(super) fn lone_parameter(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let Ground::Standing(_) = asker.stand(0).await? else {
            return Ok(());
        };
        for missing in ["offset", "orderDir"] {
            let mut request = usual(asker, View::Recipient);
            request.target = without(&request.target, missing);
            let seen = asker.ask("a view with one of two parameters", request).await?;
            let evidence = format!("a view without `{missing}`: {}", told_of_rows(&seen));
            asker
                .findings
                .record("lone_page_parameter", judge_lone(&seen), evidence);
        }
        Ok(())
    })
}

fn judge_lone(seen: &Seen) -> Judged {
    match seen.page(View::Recipient) {
        Ok(page) if page.rows.is_empty() => word("empty"),
        Ok(_) => word("ignored"),
        Err(_) => unsettled("no page came"),
    }
}

fn told_of_rows(seen: &Seen) -> String {
    match seen.page(View::Recipient) {
        Ok(page) if page.rows.is_empty() => "no rows".to_owned(),
        Ok(_) => "rows".to_owned(),
        Err(_) => seen.told(),
    }
}

/// A target without one name of its query.
pub(super) fn without(target: &str, name: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let kept: Vec<&str> = query
        .split('&')
        .filter(|part| part.split('=').next() != Some(name))
        .collect();
    format!("{path}?{}", kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_taken_out_of_a_query() {
        let target = "/esa/list?a=1&offset=0&limit=9";
        assert_eq!(without(target, "offset"), "/esa/list?a=1&limit=9");
        assert_eq!(without(target, "limit"), "/esa/list?a=1&offset=0");
        assert_eq!(without(target, "off"), target);
    }
}
