//! `doorlist guard audit`: which entries stand on the lists although today's rules would not let them there, whoever put
//! them there. A list that cannot be read is told first; nothing is changed.

use crate::cli::appliances;
use crate::cli::client::Server;
use crate::cli::lists::{columns, pages};
use crate::cli::{ExitStatus, Failure};
use crate::model::{ListKind, escape_control};
use crate::report::{ListPage, ListRow};
use serde_json::{Value, json};

/// Mailboxes of an entry that are named; the others are counted.
const MAILBOXES_NAMED_MAX: usize = 3;
/// What the server says of a list that it could not read, beside which others may be read.
const UNREAD: [&str; 4] = ["list_unread", "list_moved", "list_too_long", "appliance_resting"];

#[derive(Debug, clap::Args)]
pub(super) struct Audit {
    /// This appliance alone.
    appliance: Option<String>,
    #[command(flatten)]
    server: Server,
    /// Print what was found as JSON.
    #[arg(long)]
    json: bool,
}

/// What came of all lists.
#[derive(Debug, Default)]
struct Findings {
    read: Vec<ListPage>,
    /// Appliance, list and why.
    unread: Vec<[String; 3]>,
}

impl Audit {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let appliances = match self.appliance {
            Some(name) => vec![name],
            None => appliances::names(&self.server).await?,
        };
        let filters = [("guard", "refused".to_owned())];
        let mut findings = Findings::default();
        for appliance in &appliances {
            for list in ListKind::ALL.map(ListKind::word) {
                match pages::whole(&self.server, appliance, list, &filters).await {
                    Ok(page) => findings.read.push(page),
                    Err(failure) => {
                        let why = why_unread(&failure).ok_or(failure)?;
                        findings.unread.push([appliance.clone(), list.to_owned(), why]);
                    }
                }
            }
        }
        if self.json {
            anstream::println!("{}", findings.document());
        } else {
            anstream::println!("{}", findings.table());
        }
        Ok(findings.status())
    }
}

/// The words for a list that could not be read; none where the whole call was refused.
fn why_unread(failure: &Failure) -> Option<String> {
    let document: Value = serde_json::from_str(failure.document()?).ok()?;
    let is_unread = UNREAD.contains(&document["code"].as_str()?);
    is_unread.then(|| document["detail"].as_str().unwrap_or_default().to_owned())
}

impl Findings {
    fn status(&self) -> ExitStatus {
        let is_clean = self.refused() == 0 && self.unread.is_empty();
        match (self.read.is_empty(), is_clean) {
            (true, _) => ExitStatus::Unreachable,
            (false, false) => ExitStatus::Failed,
            (false, true) => ExitStatus::Done,
        }
    }

    fn refused(&self) -> usize {
        self.read.iter().map(|page| page.senders_refused).sum()
    }

    /// Trouble first.
    fn sentence(&self) -> String {
        let mut parts: Vec<String> = self
            .unread
            .iter()
            .map(|[appliance, list, _]| format!("NOT KNOWN for the {list} of {appliance}"))
            .collect();
        if self.read.is_empty() && self.unread.is_empty() {
            parts.push("NOT KNOWN: there is no appliance that could be asked".to_owned());
        }
        let breaking = self.read.iter().filter(|page| page.senders_refused > 0);
        let places: Vec<String> = breaking
            .map(|page| {
                format!(
                    "{} on the {} of {}",
                    page.senders_refused, page.list, page.appliance
                )
            })
            .collect();
        match self.refused() {
            _ if self.read.is_empty() => {}
            0 => parts.push(format!(
                "no entry on {} breaks today's rules",
                lists(self.read.len())
            )),
            1 => parts.push(format!("1 entry breaks today's rules: {}", places.join(", "))),
            count => parts.push(format!(
                "{count} entries break today's rules: {}",
                places.join(", ")
            )),
        }
        for page in self.read.iter().filter(|page| page.senders_not_judged > 0) {
            parts.push(format!(
                "{} on the {} of {} cannot be judged (doorlist lists show {} {} --guard not_judged)",
                page.senders_not_judged, page.list, page.appliance, page.appliance, page.list
            ));
        }
        parts.join("; ")
    }

    fn table(&self) -> String {
        let mut rows: Vec<[String; 6]> = self
            .unread
            .iter()
            .map(|[appliance, list, why]| row(appliance, list, "NOT KNOWN", "-", "-", why.clone()))
            .collect();
        for page in &self.read {
            rows.extend(page.rows.iter().map(|found| {
                let guard = found.guard.as_ref();
                let rule = guard.map_or("-", |guard| guard.rule.as_str());
                let why = guard.map_or_else(String::new, |guard| guard.text.clone());
                let why = format!("{} [{}]", why, whose(found));
                let list = page.list.word();
                row(&page.appliance, list, &found.entry, &mailboxes(found), rule, why)
            }));
        }
        let mut lines = vec![escape_control(&self.sentence())];
        if !rows.is_empty() {
            let headings = [
                "APPLIANCE",
                "LIST",
                "ENTRY",
                "MAILBOXES",
                "RULE",
                "WHY, AND WHOSE",
            ];
            rows.insert(0, headings.map(str::to_owned));
            lines.extend(columns(&rows));
        }
        lines.join("\n")
    }

    fn document(&self) -> Value {
        let unread = self
            .unread
            .iter()
            .map(|[appliance, list, why]| json!({"appliance": appliance, "list": list, "detail": why}));
        json!({
            "text": self.sentence(),
            "unread": unread.collect::<Vec<_>>(),
            "lists": self.read,
        })
    }
}

fn row(appliance: &str, list: &str, entry: &str, mailboxes: &str, rule: &str, why: String) -> [String; 6] {
    let [appliance, list, entry, mailboxes, rule] =
        [appliance, list, entry, mailboxes, rule].map(str::to_owned);
    [appliance, list, entry, mailboxes, rule, why]
}

fn lists(count: usize) -> String {
    match count {
        1 => "1 list".to_owned(),
        count => format!("{count} lists"),
    }
}

fn mailboxes(row: &ListRow) -> String {
    let named = row.pairs.iter().take(MAILBOXES_NAMED_MAX);
    let named: Vec<&str> = named.map(|pair| pair.entry.as_str()).collect();
    match row.pairs.len().saturating_sub(MAILBOXES_NAMED_MAX) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn whose(row: &ListRow) -> String {
    let ours: Vec<_> = row.pairs.iter().filter_map(|pair| pair.ours.as_ref()).collect();
    let Some(first) = ours.first() else {
        return "not ours".to_owned();
    };
    let same = ours.iter().all(|other| other.run == first.run);
    let run = if same { first.run.as_str() } else { "several runs" };
    if ours.len() == row.pairs.len() {
        format!("ours, {run}")
    } else {
        format!("{} of {} ours, {run}", ours.len(), row.pairs.len())
    }
}
