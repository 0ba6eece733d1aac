//! Questions that need a full list: the limit itself, and what can be seen while so much stands. `fill` comes first and
//! `delete` last; those between look at whatever row there is.

use super::super::asker::Asker;
use super::super::finding::{Judged, unsettled, word};
use super::super::ground::SENDERS_PER_REQUEST;
use super::super::judge::{number, status_of_refusal};
use super::super::seen::{Reply, Seen};
use super::Asking;
use crate::appliance::wire;
use crate::model::{ListKind, Page, Read, Verb, View, Write};

/// The most that AsyncOS can be set to (`docs/asyncos.md`, "Semantics"). One more is what shows that there is no limit.
const LIST_LIMIT_MAX: usize = 500;
/// Ten requests fill a list, and a dozen find its end; an appliance that takes only small requests is let off.
const FILLING_REQUESTS_MAX: usize = 60;
/// More than the sender view has rows while the list is full, unless it had many before.
const ROWS_ASKED: usize = 1_000;
/// Fewer values may come in their order by chance.
const VALUES_MIN: usize = 8;

/// Fifty at a time while they are taken, then by halves. Whatever the answers are, the row tells how many fit.
pub(super) fn fill(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        asker.stand(0).await?;
        let kind = "an append beyond the limit";
        let mut size = SENDERS_PER_REQUEST;
        let mut count = asker.own_senders().await?.len();
        for _ in 0..FILLING_REQUESTS_MAX {
            if count > LIST_LIMIT_MAX {
                return without_limit(asker, count).await;
            }
            let senders = asker.names.new_senders(size.min(LIST_LIMIT_MAX + 1 - count));
            let seen = asker.put(kind, Verb::Append, &senders).await?;
            if seen.reply == Reply::Yes {
                count += senders.len();
                continue;
            }
            let shown = asker.own_senders().await?;
            let standing = shown.len();
            if seen.is_no() {
                let refused: Vec<String> = not_in(&shown, &senders);
                asker.is_gone(ListKind::Blocklist, &refused);
            }
            if senders.len() == 1 && standing <= count {
                return at_the_limit(asker, standing, &seen).await;
            }
            // What fits was taken: then one more shows the same, or that there was another reason.
            let is_full = standing > count && seen.is_no();
            size = if is_full {
                1
            } else {
                senders.len().div_ceil(2).min(senders.len() - 1).max(1)
            };
            count = standing;
        }
        let why = format!("{count} senders were put in, and only few at a time");
        asker.findings.record("list_limit", unsettled(why), "");
        Ok(())
    })
}

fn not_in(shown: &[String], senders: &[String]) -> Vec<String> {
    let missing = senders.iter().filter(|sender| !shown.contains(sender));
    missing.cloned().collect()
}

async fn without_limit(asker: &mut Asker, count: usize) -> Result<(), super::Stop> {
    let standing = asker.own_senders().await?.len();
    let told = format!("{count} senders of one recipient were accepted, {standing} stand");
    let judged = if standing >= count {
        word("none")
    } else {
        unsettled("they do not stand")
    };
    asker.findings.record("list_limit", judged, told);
    asker
        .findings
        .record("over_limit", unsettled("no limit was met"), "");
    Ok(())
}

async fn at_the_limit(asker: &mut Asker, standing: usize, seen: &Seen) -> Result<(), super::Stop> {
    let evidence = format!("{standing} senders fit, and one more: {}", seen.told());
    if seen.reply == Reply::Unclear {
        asker
            .findings
            .record("list_limit", unsettled("no clear answer"), evidence);
        return Ok(());
    }
    // One sender alone is an odd limit: perhaps it is the append that is refused.
    if standing == 1 && more_fit_by_edit(asker).await? {
        let why = "an append to a row is refused, and an edit puts two senders into it";
        asker.findings.record("list_limit", unsettled(why), evidence);
        return Ok(());
    }
    asker.limit = Some(standing);
    asker
        .findings
        .record("list_limit", number(standing), evidence.clone());
    let judged = status_of_refusal(seen.reply, &["400", "409", "413"]);
    asker.findings.record("over_limit", judged, evidence);
    Ok(())
}

async fn more_fit_by_edit(asker: &mut Asker) -> Result<bool, super::Stop> {
    let mut senders = asker.own_senders().await?;
    senders.push(asker.names.new_sender());
    asker
        .put("an edit beyond the limit", Verb::Edit, &senders)
        .await?;
    Ok(asker.own_senders().await?.len() > 1)
}

/// The sender view has a row for each sender.
pub(super) fn page(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let read = Read {
            list: ListKind::Blocklist,
            view: View::Sender,
            search: None,
            offset: 0,
            limit: ROWS_ASKED,
            delay_ms: 0,
        };
        let request = wire::request_of_read(asker.settings.root, &read);
        let seen = asker.ask("a large page", request).await?;
        let (judged, evidence) = match seen.page(View::Sender) {
            Ok(page) => judge_page(&page),
            Err(_) => (unsettled("no page came"), seen.told()),
        };
        asker.findings.record("page_rows_max", judged, evidence);
        Ok(())
    })
}

fn judge_page(page: &Page) -> (Judged, String) {
    let came = page.rows.len();
    let total = page.total_count.unwrap_or(came);
    let evidence = format!("a page of {ROWS_ASKED} rows was asked for, of {total} there are: {came} came");
    match (came, total.min(ROWS_ASKED)) {
        (0, 1..) => (unsettled("none came"), evidence),
        (came, expected) if came < expected => (number(came), evidence),
        _ => (
            word("none"),
            format!("{evidence}; that is as far as it can be seen"),
        ),
    }
}

/// Two readings: an order by chance may be the right one once.
pub(super) fn order(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let mut readings = Vec::new();
        for _ in 0..2 {
            asker.rows = None;
            let senders = asker.own_senders().await?;
            let places = senders.iter().filter_map(|sender| asker.names.position(sender));
            readings.push(places.collect::<Vec<usize>>());
        }
        let (judged, evidence) = judge_order(&readings);
        asker.findings.record("value_order", judged, evidence);
        Ok(())
    })
}

/// Each reading has, for each value, when it was put in.
fn judge_order(readings: &[Vec<usize>]) -> (Judged, String) {
    let count = readings.iter().map(Vec::len).min().unwrap_or_default();
    let told = format!("{count} values of a row, read {} times", readings.len());
    if count < VALUES_MIN {
        return (unsettled(format!("needs {VALUES_MIN} values in a row")), told);
    }
    if readings.iter().all(|places| places.is_sorted()) {
        (
            word("stored"),
            format!("{told}: always in the order in which they were put in"),
        )
    } else {
        (
            word("scrambled"),
            format!("{told}: not in the order in which they were put in"),
        )
    }
}

/// The whole row goes at once, by its recipient; it was looked at before and holds invented senders alone.
pub(super) fn delete(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let rows = asker.own_rows().await?;
        let [row] = rows.as_slice() else {
            asker.findings.record(
                "delete_count",
                unsettled("there was no row, or more than one"),
                "",
            );
            return Ok(());
        };
        let deletion = Write {
            list: ListKind::Blocklist,
            view: View::Recipient,
            verb: Verb::Delete,
            keys: vec![row.key.clone()],
            values: Vec::new(),
        };
        let seen = asker.write("a deletion by recipient", &deletion).await?;
        let is_gone = asker.own_senders().await?.is_empty();
        if is_gone {
            asker.is_gone(ListKind::Blocklist, &row.values);
        }
        let (judged, evidence) = judge_count(&seen, row.values.len(), is_gone);
        asker.findings.record("delete_count", judged, evidence);
        Ok(())
    })
}

fn judge_count(seen: &Seen, pairs: usize, is_gone: bool) -> (Judged, String) {
    let told = format!("a row with {pairs} senders was deleted");
    if seen.reply != Reply::Yes || !is_gone {
        return (
            unsettled("it was not simply deleted"),
            format!("{told}: {}", seen.told()),
        );
    }
    let count = seen.json().and_then(|body| {
        let count = body.get("data")?.get("totalCount")?.clone();
        count.as_u64().or_else(|| count.as_str()?.parse().ok())
    });
    let Some(count) = count else {
        return (unsettled("the answer has no count"), told);
    };
    let evidence = format!("{told}: a count of {count}");
    let judged = match (count, u64::try_from(pairs)) {
        _ if pairs < 2 => unsettled("needs two senders in a row"),
        (1, _) => word("rows"),
        (count, Ok(pairs)) if count == pairs => word("pairs"),
        _ => unsettled("neither rows nor pairs were counted"),
    };
    (judged, evidence)
}

#[cfg(test)]
mod tests;
