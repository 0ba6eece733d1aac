//! `GET /v1/appliances/{name}/lists/{list}`: what stands on one list of one appliance, by sender or by mailbox. Nothing
//! here writes. A client sees the appliances of its configurations, and of runs no more than their ids.

use super::appliances::{unknown, visible};
use super::auth::Caller;
use super::problem::Problem;
use super::query;
use crate::model::{ListKind, Verdict, View, excerpt};
use crate::reconcile::Unread;
use crate::report::{ListPage, ListVerdict};
use crate::worker::{Engine, ListError, ListQuestion};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows of one page where the caller does not say.
const PAGE_ROWS_DEFAULT: i64 = 200;
/// Rows of one page. Each page is a reading of the whole list, so that few long ones are better than many short ones; the
/// pairs of a page have a bound of their own (`worker/lists/arrange.rs`).
const PAGE_ROWS_MAX: i64 = 10_000;

#[derive(Debug, Serialize)]
struct ListDocument {
    #[serde(flatten)]
    page: ListPage,
    links: BTreeMap<&'static str, String>,
}

/// `GET /v1/appliances/{name}/lists/{list}?view=sender|recipient&search=&owner=ours|not_ours&guard=refused&limit=&after=`
pub(super) async fn show(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    // A path that is no text names no appliance either.
    let (name, list) = path.map_or_else(
        |_| ("(not UTF-8)".to_owned(), String::new()),
        |Path(segments)| segments,
    );
    let names: Vec<&str> = visible(&engine.app, &caller)
        .map(|(settings, _)| settings.name.as_str())
        .collect();
    if !names.contains(&name.as_str()) {
        return Err(unknown(&caller, &name, names));
    }
    let Some(list) = ListKind::ALL.into_iter().find(|kind| kind.word() == list) else {
        return Err(unknown_list(&list));
    };
    let known = ["view", "search", "owner", "guard", "limit", "after"];
    let asked = query::read(query.as_deref(), &known)?;
    let question = question(name, list, asked.clone())?;
    let place = format!("/v1/appliances/{}/lists/{list}", question.appliance);
    let page = match engine.list_page(question.clone()).await {
        Ok(page) => page,
        Err(ListError::Unread(unread)) => return Err(unread_list(&question, &unread)),
        Err(ListError::Store(error)) => return Err(error.into()),
        Err(ListError::Stopping) => return Err(Problem::stopping()),
    };
    tracing::info!(
        client.name = caller.name(),
        appliance.name = question.appliance,
        text = page.text,
        "looked at a list"
    );
    let mut links = BTreeMap::new();
    if let Some(next) = &page.next {
        links.insert("next", query::next_page(&place, asked, "after", next));
    }
    Ok(Json(ListDocument { page, links }).into_response())
}

fn question(
    appliance: String,
    list: ListKind,
    mut query: BTreeMap<String, String>,
) -> Result<ListQuestion, Problem> {
    let views = [View::Sender, View::Recipient].map(View::word);
    let verdicts = [ListVerdict::Refused, ListVerdict::NotJudged];
    let view = query::word("view", query.remove("view"), &views)?;
    let owner = query::word("owner", query.remove("owner"), &["ours", "not_ours"])?;
    let guard = query::word("guard", query.remove("guard"), &verdicts.map(ListVerdict::word))?;
    let limit = query::limit(query.remove("limit"), PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX)?;
    Ok(ListQuestion {
        appliance,
        list,
        view: match view.as_deref() {
            Some("recipient") => View::Recipient,
            _ => View::Sender,
        },
        search: query.remove("search"),
        is_ours: owner.map(|word| word == "ours"),
        verdict: guard.and_then(|word| verdicts.into_iter().find(|verdict| verdict.word() == word)),
        after: query.remove("after"),
        limit: usize::try_from(limit).unwrap_or(1),
    })
}

fn unknown_list(list: &str) -> Problem {
    let words = ListKind::ALL.map(ListKind::word);
    let detail = format!(
        "there is no list `{}`; an appliance has {}",
        excerpt(list, 60),
        words.join(" and ")
    );
    Problem::new(StatusCode::NOT_FOUND, "unknown_list", detail).with("allowed", words.to_vec())
}

/// A list that is known in part is not told in part: nobody could see what is missing.
fn unread_list(question: &ListQuestion, unread: &Unread) -> Problem {
    let (status, code) = match unread {
        Unread::Failed(Verdict::Resting { .. }) => (StatusCode::SERVICE_UNAVAILABLE, "appliance_resting"),
        Unread::Moved => (StatusCode::SERVICE_UNAVAILABLE, "list_moved"),
        Unread::TooLong => (StatusCode::BAD_GATEWAY, "list_too_long"),
        Unread::Failed(_) | Unread::NoRowCount => (StatusCode::BAD_GATEWAY, "list_unread"),
    };
    let (appliance, list) = (&question.appliance, question.list);
    let detail = format!("the {list} of {appliance} could not be read whole: {unread}");
    Problem::new(status, code, detail)
        .with("appliance", appliance.as_str())
        .with("list", list.word())
}
