//! The file: what was learned as TOML that plays such an appliance, each value with its evidence, and behind that the
//! first error of each kind word for word. Pure. It is meant to be sent on, so everything goes through `redaction.rs`.

use super::Learned;
use super::asker::Asker;
use super::cleaning::Left;
use super::finding::{Conclusion, KNOBS};
use super::redaction::Redaction;
use super::stop::Stop;
use std::fmt::Write as _;

/// The run as a whole.
pub(super) fn learned(asker: &Asker, stopped: Option<Stop>, left: Left) -> Learned {
    let conclusions: Vec<(&str, Conclusion)> = KNOBS
        .into_iter()
        .map(|knob| (knob, asker.findings.conclude(knob)))
        .collect();
    let is_settled = |(_, conclusion): &&(&str, Conclusion)| matches!(conclusion, Conclusion::Settled { .. });
    let settled = conclusions.iter().filter(is_settled).count();
    Learned {
        text: text(asker, &conclusions, stopped.as_ref()),
        settled,
        unsettled: conclusions.len() - settled,
        requests: asker.requests,
        pages: asker.pages,
        stopped,
        left,
    }
}

fn text(asker: &Asker, conclusions: &[(&str, Conclusion)], stopped: Option<&Stop>) -> String {
    let redaction = Redaction::new(&asker.settings, asker.names.recipient(), asker.names.domain());
    let mut text = head(asker, stopped, &redaction);
    for (knob, conclusion) in conclusions {
        push_knob(&mut text, knob, conclusion, &redaction);
    }
    push_notes(&mut text, asker, &redaction);
    push_samples(&mut text, asker, &redaction);
    text
}

fn head(asker: &Asker, stopped: Option<&Stop>, redaction: &Redaction) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let root = asker.settings.root.word();
    let mut text = format!(
        "# What `doorlist appliances learn` found out about an AsyncOS appliance.\n\
         # doorlist {version}, root \"{root}\". Please add the product and the version of AsyncOS:\n\
         #\n\
         # Send it to the project: these are the open questions of docs/asyncos.md. It holds no host, account, password,\n\
         # token, mailbox or entry of yours; look it through all the same.\n\
         # `doorlist simulator --behaviour FILE` plays such an appliance.\n"
    );
    if let Some(stop) = stopped {
        let _ = writeln!(
            text,
            "#\n# Not all was asked: {}",
            redaction.of(&stop.to_string())
        );
    }
    text.push_str("\n[knobs]\n");
    text
}

fn push_knob(text: &mut String, knob: &str, conclusion: &Conclusion, redaction: &Redaction) {
    // Writing to a String cannot fail.
    let _ = match conclusion {
        Conclusion::Settled { value, evidence } => {
            writeln!(text, "# {}\n{knob} = {value}\n", redaction.of(evidence))
        }
        Conclusion::Unsettled { why } => writeln!(text, "# {knob} is not settled: {}\n", redaction.of(why)),
    };
}

fn push_notes(text: &mut String, asker: &Asker, redaction: &Redaction) {
    if asker.notes.is_empty() {
        return;
    }
    text.push_str("# Seen beside them, for which there is no knob.\n");
    for note in &asker.notes {
        let _ = writeln!(text, "# - {}", redaction.of(note));
    }
    text.push('\n');
}

fn push_samples(text: &mut String, asker: &Asker, redaction: &Redaction) {
    if asker.samples.is_empty() {
        return;
    }
    text.push_str("# The first error of each kind, as it came.\n");
    for sample in &asker.samples {
        let _ = writeln!(
            text,
            "#\n# {}\n#   {}",
            sample.kind,
            redaction.of(&sample.status_line)
        );
        for line in [&sample.form, &sample.body] {
            if !line.is_empty() {
                let _ = writeln!(text, "#   {}", redaction.of(line));
            }
        }
    }
}
