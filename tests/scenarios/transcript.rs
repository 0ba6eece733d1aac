//! What came of a command as lines of text: the answer to a call, and the lists.
//!
//! Knows the shape of doorlist's report, and refuses to judge it. The id of the run is replaced by a word, so that
//! the same file gives the same lines. What the appliance was asked is told in `calls.rs`.

use super::names::compact;
use doorlist::report::{Report, ResultLine};
use doorlist::simulator::{Lists, Pair};
use std::collections::BTreeMap;

/// For the name of each, where several items are told together.
const NAME: &str = "NAME";

/// The answer to a call.
pub fn answer(status: u16, report: &Report) -> Vec<String> {
    let mut lines = vec![format!("HTTP {status}: {}", report.text)];
    for group in report.results.chunk_by(|one, next| fate(one) == fate(next)) {
        lines.extend(results(group));
    }
    for appliance in &report.appliances {
        let troubles = appliance.configuration_troubles.iter();
        lines.extend(troubles.map(|trouble| format!("configuration trouble: {trouble}")));
        lines.extend(
            appliance
                .warnings
                .iter()
                .map(|warning| format!("warning: {warning}")),
        );
    }
    lines.extend(report.notes.iter().map(|note| format!("note: {note}")));
    lines
        .iter()
        .map(|line| without_ids(&line.replace(&report.run, "RUN")))
        .collect()
}

/// The text with a word in the place of each time of day.
pub fn without_times(text: &str) -> String {
    let mut shown = text.to_owned();
    while let Some(end) = shown.find(" UTC") {
        let start = end.saturating_sub("00:00:00".len());
        shown.replace_range(start..end + " UTC".len(), "TIME");
    }
    shown
}

/// Both lists, by recipient in the order in which they came.
pub fn lists(lists: &Lists) -> Vec<String> {
    let mut lines = list("blocklist", &lists.blocklist);
    lines.extend(list("safelist", &lists.safelist));
    lines
}

/// What items have in common that are told together, when they stand beside each other.
#[derive(PartialEq)]
struct Fate {
    outcome: &'static str,
    /// The appliance's words can name the item.
    detail: String,
    notes: Vec<String>,
    shortfalls: Vec<String>,
}

fn fate(result: &ResultLine) -> Fate {
    let nameless = |text: &str| text.replace(&result.value, NAME);
    Fate {
        outcome: result.outcome.code(),
        detail: nameless(&result.detail),
        notes: result.notes.iter().map(|note| nameless(note)).collect(),
        shortfalls: shortfalls(result)
            .iter()
            .map(|shortfall| nameless(shortfall))
            .collect(),
    }
}

fn results(group: &[ResultLine]) -> Vec<String> {
    let names: Vec<String> = group.iter().map(|result| result.value.clone()).collect();
    let Fate {
        outcome,
        detail,
        notes,
        shortfalls,
    } = fate(&group[0]);
    let count = match group.len() {
        1 => String::new(),
        count => format!(" x{count}"),
    };
    let mut lines = vec![format!("{outcome}{count} {}: {detail}", compact(&names))];
    lines.extend(shortfalls.iter().map(|shortfall| format!("  {shortfall}")));
    lines.extend(notes.iter().map(|note| format!("  note: {note}")));
    if let [name] = names.as_slice() {
        lines = lines.iter().map(|line| line.replace(NAME, name)).collect();
    }
    lines
}

/// The pairs that fall short, where a result is made of several.
fn shortfalls(result: &ResultLine) -> Vec<String> {
    let examples = result.appliances.iter().flat_map(|appliance| &appliance.examples);
    let several = examples.filter(|_| result.pairs.wanted > 1);
    several
        .map(|pair| {
            format!(
                "{} for {}: {}, {}",
                pair.sender,
                pair.recipient,
                pair.outcome.code(),
                pair.detail
            )
        })
        .collect()
}

fn list(name: &str, pairs: &[Pair]) -> Vec<String> {
    let mut recipients: Vec<String> = Vec::new();
    let mut rows: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for Pair { recipient, sender } in pairs {
        if !rows.contains_key(recipient.as_str()) {
            recipients.push(recipient.clone());
        }
        rows.entry(recipient).or_default().push(sender.clone());
    }
    if recipients.is_empty() {
        return vec![format!("{name}: empty")];
    }
    let row = |recipient: &String| rows[recipient.as_str()].clone();
    let alike = recipients.chunk_by(|one, next| row(one) == row(next));
    alike
        .map(|alike| format!("{name} of {}: {}", compact(alike), compact(&row(&alike[0]))))
        .collect()
}

/// An id of another run is new with each play too.
fn without_ids(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let is_id = uuid::Uuid::try_parse(word.trim_end_matches([',', ';', ':'])).is_ok();
        if is_id { "A-RUN-BEFORE" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}
