//! `doorlist guard explain`: which rules judge a value, and where they stand, by the configuration file alone. Nothing is
//! asked of anybody, so that a rule can be tried before it is served. A whole network can be asked about as well, though no
//! list holds one.

use crate::cli::lists::columns;
use crate::cli::load::Files;
use crate::cli::{ExitStatus, Failure};
use crate::guard::{Guard, Refused};
use crate::model::{ListKind, Recipient, Refusal, Sender, escape_control, excerpt};
use crate::pipeline;
use ipnet::IpNet;
use serde_json::{Value, json};
use std::fmt;

#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// An address, a domain, an IP address or a network (192.0.2.0/24).
    value: String,
    /// On this list alone.
    #[arg(long, value_parser = ["blocklist", "safelist"])]
    list: Option<String>,
    /// For this mailbox.
    #[arg(long, value_name = "MAILBOX")]
    recipient: Option<String>,
    #[command(flatten)]
    files: Files,
    /// Print the verdict as JSON.
    #[arg(long)]
    json: bool,
}

/// What the rules say of one list.
#[derive(Debug)]
struct Verdict {
    list: ListKind,
    refusals: Vec<Refused>,
    notes: Vec<String>,
}

/// What is asked about.
enum Asked {
    Sender(Sender),
    Network(IpNet),
}

impl Asked {
    fn parse(text: &str) -> Result<Self, Failure> {
        match text.trim().parse() {
            Ok(network) => Ok(Self::Network(network)),
            Err(_) if text.contains('/') => {
                let words = format!(
                    "`{}` is no network; write one as 192.0.2.0/24",
                    excerpt(text, 100)
                );
                Err(Failure::new(ExitStatus::Usage, words))
            }
            Err(_) => Sender::parse_untyped(text)
                .map(Self::Sender)
                .map_err(|refusal| no_entry("the value", text, &refusal)),
        }
    }

    fn judge(&self, guard: &Guard, list: ListKind) -> Verdict {
        let (refusals, notes) = match self {
            Self::Sender(sender) => (
                pipeline::judge_sender(guard, sender, list),
                guard.notes(sender, list),
            ),
            Self::Network(network) => (pipeline::judge_network(guard, *network, list), Vec::new()),
        };
        Verdict {
            list,
            refusals,
            notes,
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sender(sender) => sender.fmt(f),
            Self::Network(network) => network.fmt(f),
        }
    }
}

impl Explain {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let asked = Asked::parse(&self.value)?;
        let recipient = self
            .recipient
            .as_deref()
            .map(|text| Recipient::parse(text).map_err(|refusal| no_entry("--recipient", text, &refusal)))
            .transpose()?
            .map(|parsed| parsed.entry);
        let guard = self.files.load()?.guard();
        let wanted = |list: &ListKind| self.list.as_deref().is_none_or(|word| word == list.word());
        let verdicts: Vec<Verdict> = ListKind::ALL
            .into_iter()
            .filter(wanted)
            .map(|list| {
                let mut verdict = asked.judge(&guard, list);
                if let Some(recipient) = &recipient {
                    verdict
                        .refusals
                        .extend(pipeline::judge_recipient(&guard, recipient));
                    verdict.notes.extend(guard.recipient_notes(recipient));
                }
                verdict
            })
            .collect();
        let text = sentence(&asked, recipient.as_ref(), &verdicts);
        if self.json {
            anstream::println!("{}", document(&text, &asked, recipient.as_ref(), &verdicts));
        } else {
            anstream::println!("{}", table(&text, &verdicts));
        }
        let is_refused = verdicts.iter().any(|verdict| !verdict.refusals.is_empty());
        Ok(if is_refused {
            ExitStatus::Refused
        } else {
            ExitStatus::Done
        })
    }
}

fn no_entry(what: &str, text: &str, refusal: &Refusal) -> Failure {
    let words = format!("{what} is `{}`: {refusal}", excerpt(text, 100));
    Failure::new(ExitStatus::Usage, words)
}

/// What is refused first.
fn sentence(asked: &Asked, recipient: Option<&Recipient>, verdicts: &[Verdict]) -> String {
    let on = |is_refused: bool| {
        let lists = verdicts
            .iter()
            .filter(|verdict| verdict.refusals.is_empty() != is_refused);
        let lists: Vec<String> = lists.map(|verdict| format!("the {}", verdict.list)).collect();
        lists.join(" or ")
    };
    let whose = recipient.map_or(String::new(), |recipient| format!(" for {recipient}"));
    let (refused, passed) = (on(true), on(false));
    match (refused.is_empty(), passed.is_empty()) {
        (false, true) => format!("{asked} may NOT be put on {refused}{whose}"),
        (false, false) => {
            format!("{asked} may NOT be put on {refused}{whose}; it may be put on {passed}")
        }
        (true, _) => format!("{asked} may be put on {passed}{whose}: no rule forbids it"),
    }
}

fn table(text: &str, verdicts: &[Verdict]) -> String {
    let mut rows = vec![["LIST", "RULE", "WHAT IT MATCHED", "WHERE IT STANDS"].map(str::to_owned)];
    for verdict in verdicts {
        let list = verdict.list.word().to_owned();
        rows.extend(verdict.refusals.iter().map(|refused| {
            let [rule, subject, origin] = [refused.rule().code(), refused.subject(), refused.origin()];
            [
                list.clone(),
                rule.to_owned(),
                subject.to_owned(),
                origin.to_owned(),
            ]
        }));
    }
    let mut lines = vec![escape_control(text)];
    if rows.len() > 1 {
        lines.extend(columns(&rows));
    }
    for verdict in verdicts {
        let notes = verdict.notes.iter();
        lines.extend(notes.map(|note| escape_control(&format!("  note, {}: {note}", verdict.list))));
    }
    lines.join("\n")
}

fn document(text: &str, asked: &Asked, recipient: Option<&Recipient>, verdicts: &[Verdict]) -> Value {
    let refusal = |refused: &Refused| {
        json!({
            "rule": refused.rule().code(),
            "subject": refused.subject(),
            "origin": refused.origin(),
            "explain": refused.rule().explain(),
        })
    };
    let verdict = |verdict: &Verdict| {
        let refusals: Vec<Value> = verdict.refusals.iter().map(refusal).collect();
        json!({"list": verdict.list, "may_be_listed": refusals.is_empty(), "refusals": refusals, "notes": verdict.notes})
    };
    json!({
        "text": text,
        "entry": asked.to_string(),
        "recipient": recipient.map(Recipient::as_str),
        "lists": verdicts.iter().map(verdict).collect::<Vec<_>>(),
    })
}
