//! `doorlist guard explain`: which rule judges a value, and where it stands, by the configuration file alone. Nothing is
//! asked of anybody, so that a rule can be tried before it is served.

use crate::cli::lists::columns;
use crate::cli::load::Files;
use crate::cli::{ExitStatus, Failure};
use crate::guard::Refused;
use crate::model::{ListKind, Recipient, Refusal, Sender, escape_control, excerpt};
use crate::pipeline;
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// An address, a domain or an IP address.
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
}

impl Explain {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let sender = Sender::parse_untyped(&self.value)
            .map_err(|refusal| no_entry("the value", &self.value, &refusal))?;
        let recipient = self
            .recipient
            .as_deref()
            .map(|text| Recipient::parse(text).map_err(|refusal| no_entry("--recipient", text, &refusal)))
            .transpose()?
            .map(|parsed| parsed.entry);
        let app = self.files.load()?;
        let wanted = |list: &ListKind| self.list.as_deref().is_none_or(|word| word == list.word());
        let verdicts: Vec<Verdict> = ListKind::ALL
            .into_iter()
            .filter(wanted)
            .map(|list| {
                let mut refusals = pipeline::judge_sender(&app.guard(), &sender, list);
                if let Some(recipient) = &recipient {
                    refusals.extend(pipeline::judge_recipient(&app.guard(), recipient, list));
                }
                Verdict { list, refusals }
            })
            .collect();
        let text = sentence(&sender, recipient.as_ref(), &verdicts);
        if self.json {
            anstream::println!("{}", document(&text, &sender, recipient.as_ref(), &verdicts));
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
fn sentence(sender: &Sender, recipient: Option<&Recipient>, verdicts: &[Verdict]) -> String {
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
        (false, true) => format!("{sender} may NOT be put on {refused}{whose}"),
        (false, false) => {
            format!("{sender} may NOT be put on {refused}{whose}; it may be put on {passed}")
        }
        (true, _) => format!("{sender} may be put on {passed}{whose}: no rule forbids it"),
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
    lines.join("\n")
}

fn document(text: &str, sender: &Sender, recipient: Option<&Recipient>, verdicts: &[Verdict]) -> Value {
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
        json!({"list": verdict.list, "may_be_listed": refusals.is_empty(), "refusals": refusals})
    };
    json!({
        "text": text,
        "entry": sender.as_str(),
        "recipient": recipient.map(Recipient::as_str),
        "lists": verdicts.iter().map(verdict).collect::<Vec<_>>(),
    })
}
