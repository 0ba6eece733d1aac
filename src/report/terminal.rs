//! A report for a person at a terminal: one line per indicator with symbol, word, entry and why; a total that
//! adds up. Colour only ever repeats what the word says, and is left to the writer to strip. Values of the
//! caller are escaped here: they are data, and may have been made to fool a terminal.

use super::{Report, ResultLine};
use crate::model::{Class, Outcome, escape_control, excerpt};
use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;

/// Characters of an entry in its column; a longer one is cut, the JSON report has it whole.
const ENTRY_CHARACTERS_MAX: usize = 48;

/// The report as text with ANSI colours.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    let shown: Vec<_> = report.results.iter().map(entry_column).collect();
    let width = shown
        .iter()
        .map(|entry| entry.chars().count())
        .max()
        .unwrap_or_default();
    for (result, entry) in report.results.iter().zip(&shown) {
        let style = style(result.class);
        let padding = " ".repeat(width - entry.chars().count());
        let detail = escape_control(&detail(result));
        // Writing to a String cannot fail; the same holds for all lines below.
        let _ = writeln!(
            text,
            "  {style}{} {:<20}{style:#} {entry}{padding}  {detail}",
            symbol(result.outcome, result.class),
            result.outcome.code(),
        );
        for note in &result.notes {
            let _ = writeln!(
                text,
                "  {:<23}{}note: {}",
                "",
                " ".repeat(width),
                escape_control(note)
            );
        }
    }
    let _ = writeln!(text, "\n  {}", total(report));
    for line in &report.appliances {
        for trouble in &line.configuration_troubles {
            let _ = writeln!(
                text,
                "  configuration of {}: {}",
                line.name,
                escape_control(trouble)
            );
        }
    }
    for note in report
        .notes
        .iter()
        .chain(report.appliances.iter().flat_map(|line| &line.warnings))
    {
        let _ = writeln!(text, "  note: {}", escape_control(note));
    }
    text
}

fn entry_column(result: &ResultLine) -> String {
    match &result.entry {
        Some(entry) if *entry != result.value.trim() => {
            format!("{} (as {entry})", excerpt(&result.value, ENTRY_CHARACTERS_MAX))
        }
        _ => excerpt(&result.value, ENTRY_CHARACTERS_MAX),
    }
}

fn detail(result: &ResultLine) -> String {
    match result.appliances.as_slice() {
        [] | [_] => result.detail.clone(),
        several => {
            let each = several
                .iter()
                .map(|appliance| format!("{}: {}", appliance.name, appliance.detail));
            each.collect::<Vec<_>>().join(" | ")
        }
    }
}

fn symbol(outcome: Outcome, class: Class) -> char {
    match (outcome, class) {
        (Outcome::Added, _) => '+',
        (Outcome::Removed, _) => '-',
        (Outcome::WouldAdd, _) => '+',
        (Outcome::WouldRemove, _) => '-',
        (_, Class::InPlace | Class::Preview) => '=',
        (_, Class::Skipped) => '.',
        (_, Class::Waiting) => '~',
        (_, Class::Refused) => '!',
        (_, Class::Trouble) => 'x',
    }
}

fn style(class: Class) -> Style {
    let colour = match class {
        Class::InPlace => AnsiColor::Green,
        Class::Preview => AnsiColor::Blue,
        Class::Skipped => AnsiColor::BrightBlack,
        Class::Waiting => AnsiColor::Cyan,
        Class::Refused => AnsiColor::Yellow,
        Class::Trouble => AnsiColor::Red,
    };
    Style::new().fg_color(Some(colour.into()))
}

/// "2 added, 1 invalid = 3. 4 pairs written and read back, 0 unproven. 4 calls to esa-1."
fn total(report: &Report) -> String {
    let summary = &report.summary;
    let outcomes: Vec<_> = summary
        .by_outcome
        .iter()
        .map(|(outcome, count)| format!("{count} {outcome}"))
        .collect();
    let calls = report.appliances.iter().map(|line| {
        let calls = line.calls;
        let (reads, writes) = (
            counted(calls.reads as usize, "read"),
            counted(calls.writes as usize, "write"),
        );
        format!(" {reads} and {writes} on the {} of {}.", line.list, line.name)
    });
    let pairs = summary.pairs;
    let changed = if report.dry_run {
        format!(
            "{} would change; nothing was written",
            counted(pairs.would, "pair")
        )
    } else {
        format!(
            "{} changed and read back, {} unproven",
            counted(pairs.written, "pair"),
            pairs.unproven
        )
    };
    format!(
        "{} = {}. {changed}.{}",
        if outcomes.is_empty() {
            "nothing".to_owned()
        } else {
            outcomes.join(", ")
        },
        summary.total,
        calls.collect::<String>()
    )
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
