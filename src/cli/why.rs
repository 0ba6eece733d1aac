//! `doorlist why`: what a running server says of a sender, and who put it on which list. One line for each pair.

use super::client::Server;
use super::{ExitStatus, Failure};
use crate::model::escape_control;
use crate::report::{Covering, Ours, Why, WhyList, WhyPair};

#[derive(Debug, clap::Args)]
pub(super) struct WhyArguments {
    /// An address, a domain or an IP address.
    value: String,
    /// For this mailbox alone.
    #[arg(long, value_name = "MAILBOX")]
    recipient: Option<String>,
    #[command(flatten)]
    server: Server,
    /// Print the answer as the server sent it.
    #[arg(long)]
    json: bool,
}

impl WhyArguments {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let mut query = vec![("value", self.value)];
        query.extend(self.recipient.map(|recipient| ("recipient", recipient)));
        let raw = self.server.get_at(&["v1", "why"], &query).await?;
        let why: Why = serde_json::from_str(&raw).map_err(|error| {
            let words = format!("the server's answer cannot be read: {error}");
            Failure::new(ExitStatus::Failed, words).with_document(&raw)
        })?;
        if self.json {
            anstream::println!("{raw}");
        } else {
            anstream::println!("{}", table(&why));
        }
        Ok(status(&why))
    }
}

/// As of a run: that a list is not known is trouble, and where none is known, no appliance was reached.
fn status(why: &Why) -> ExitStatus {
    match (why.is_in_doubt(), why.is_unknown()) {
        (false, _) => ExitStatus::Done,
        (true, false) => ExitStatus::Failed,
        (true, true) => ExitStatus::Unreachable,
    }
}

fn table(why: &Why) -> String {
    let mut rows: Vec<[String; 5]> = Vec::new();
    for list in &why.lists {
        rows.extend(
            list.unread
                .iter()
                .map(|words| row(list, "NOT KNOWN", "-", words.clone())),
        );
        rows.extend(
            list.pairs
                .iter()
                .map(|pair| row(list, &pair.recipient, &entry(pair), whose(list, pair))),
        );
        rows.extend(list.gone.iter().map(|pair| {
            row(
                list,
                &pair.recipient,
                &entry(pair),
                format!(
                    "GONE, {}",
                    pair.ours.as_ref().map_or("not ours".to_owned(), author)
                ),
            )
        }));
        rows.extend(
            list.under_way
                .iter()
                .map(|run| row(list, "-", "-", format!("{run} is under way"))),
        );
    }
    let mut lines = vec![why.text.clone()];
    if !rows.is_empty() {
        let headings = ["APPLIANCE", "LIST", "MAILBOX", "ENTRY", "PUT THERE BY"];
        rows.insert(0, headings.map(str::to_owned));
    }
    let widths: Vec<usize> = (0..4)
        .map(|column| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for row in &rows {
        let cells = row[..4].iter().zip(&widths);
        let cells: String = cells.map(|(cell, width)| format!("{cell:<width$}  ")).collect();
        lines.push(format!("  {cells}{}", row[4]));
    }
    if why.pairs_left_out > 0 {
        lines.push(format!("  and {} pairs that are not shown", why.pairs_left_out));
    }
    for hold in &why.holds {
        let [entry, recipient, list] = [
            hold.entry.as_deref().unwrap_or("every sender"),
            hold.recipient.as_deref().unwrap_or("every mailbox"),
            hold.list.as_deref().unwrap_or("both lists"),
        ];
        lines.push(format!("  HELD  {entry}, {recipient}, {list}: {}", hold.text));
    }
    if why.holds_left_out > 0 {
        lines.push(format!("  and {} holds that are not shown", why.holds_left_out));
    }
    lines.extend(why.guard.iter().map(|words| format!("  GUARDED  {words}")));
    let lines: Vec<String> = lines.iter().map(|line| escape_control(line)).collect();
    lines.join("\n")
}

/// Escaped here, so that a column is as wide as it is shown.
fn row(list: &WhyList, mailbox: &str, entry: &str, words: String) -> [String; 5] {
    [&list.appliance, list.list.word(), mailbox, entry, &words].map(escape_control)
}

fn entry(pair: &WhyPair) -> String {
    match pair.covers {
        Covering::Itself => pair.entry.clone(),
        Covering::Domain => format!("{} (its domain)", pair.entry),
    }
}

fn whose(list: &WhyList, pair: &WhyPair) -> String {
    let whose = match (&pair.ours, &pair.put_back_by) {
        (Some(ours), _) => author(ours),
        (None, Some(undo)) => format!("not ours, put back by {undo}"),
        (None, None) => return "not ours".to_owned(),
    };
    let in_force = match (&pair.in_force_by, list.list_sync_minutes) {
        (Some(by), _) => format!(", in force by {by}"),
        (None, Some(_)) => String::new(),
        (None, None) => ", in force unknown, set list_sync_minutes".to_owned(),
    };
    format!("{whose}{in_force}")
}

fn author(ours: &Ours) -> String {
    let told = [
        ("of", &ours.configuration),
        ("by", &ours.client),
        ("for", &ours.ticket),
        ("because", &ours.reason),
        ("asked for again by", &ours.claimed_by),
    ];
    let told = told
        .into_iter()
        .filter_map(|(word, text)| Some(format!(" {word} {}", text.as_ref()?)));
    let doubt = if ours.unproven { " (not seen there)" } else { "" };
    format!("{}{}, {}{doubt}", ours.run, told.collect::<String>(), ours.since)
}
