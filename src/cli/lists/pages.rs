//! All pages of a list of a running server, as one. Each page is a reading of its own, so that pages between which the
//! list changed are asked for anew: together they would be a list that never was.

use crate::cli::client::Server;
use crate::cli::{ExitStatus, Failure};
use crate::report::ListPage;

/// Rows of a page: the most that the server gives.
const PAGE_ROWS: &str = "10000";
/// Times that the pages are asked for before the list counts as one that does not hold still.
const TRIES_MAX: u32 = 3;

/// What of a list these filters leave.
pub(in crate::cli) async fn whole(
    server: &Server,
    appliance: &str,
    list: &str,
    filters: &[(&str, String)],
) -> Result<ListPage, Failure> {
    for _ in 0..TRIES_MAX {
        let mut whole = page(server, appliance, list, filters, None).await?;
        let mut held_still = true;
        while held_still && let Some(after) = whole.next.take() {
            let further = page(server, appliance, list, filters, Some(after)).await?;
            held_still = further.digest == whole.digest;
            whole.rows.extend(further.rows);
            whole.next = further.next;
        }
        if held_still {
            return Ok(whole);
        }
    }
    let words = format!(
        "the {list} of {appliance} changed between its pages {TRIES_MAX} times; nothing of it is written. Ask again later"
    );
    Err(Failure::new(ExitStatus::Failed, words))
}

async fn page(
    server: &Server,
    appliance: &str,
    list: &str,
    filters: &[(&str, String)],
    after: Option<String>,
) -> Result<ListPage, Failure> {
    let mut query = filters.to_vec();
    query.push(("limit", PAGE_ROWS.to_owned()));
    query.extend(after.map(|after| ("after", after)));
    let raw = server
        .get_at(&["v1", "appliances", appliance, "lists", list], &query)
        .await?;
    serde_json::from_str(&raw).map_err(|error| {
        let words = format!("the server's answer cannot be read: {error}");
        Failure::new(ExitStatus::Failed, words).with_document(&raw)
    })
}
