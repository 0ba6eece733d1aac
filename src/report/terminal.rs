//! A report for a person at a terminal: one line per indicator with symbol, word, entry and why, and with several
//! appliances a column for each; a total that adds up. Colour only ever repeats what the word says, and is left to the
//! writer to strip. Values of the caller are escaped here: they are data, and may have been made to fool a terminal.

use super::{ApplianceLine, ApplianceResult, Report, ResultLine, in_force};
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
    let width = widest(shown.iter().map(String::as_str));
    let columns = columns(report);
    if !columns.is_empty() && !report.results.is_empty() {
        let headings = columns
            .iter()
            .map(|column| format!("  {}", padded(&column.heading, column.width)));
        let headings: String = headings.collect();
        // Writing to a String cannot fail; the same holds for all lines below.
        let _ = writeln!(text, "  {:<23}{}{}", "", " ".repeat(width), headings.trim_end());
    }
    for (index, (result, entry)) in report.results.iter().zip(&shown).enumerate() {
        let cells = columns
            .iter()
            .map(|column| column.cells[index].show(column.width));
        let _ = writeln!(
            text,
            "  {} {}{}  {}",
            painted(
                result.class,
                &format!(
                    "{} {:<20}",
                    symbol(result.outcome, result.class),
                    result.outcome.code()
                )
            ),
            padded(entry, width),
            cells.collect::<String>(),
            escape_control(&detail(result))
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
    for line in in_force::lines(report) {
        let _ = writeln!(text, "  {line}");
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

/// Why: of several appliances that count, what each has to say that is not well.
fn detail(result: &ResultLine) -> String {
    let counted = result.appliances.iter().filter(|appliance| !appliance.skipped);
    let troubled: Vec<_> = counted
        .filter(|appliance| !appliance.class.ok())
        .map(|appliance| format!("{}: {}", appliance.name, appliance.detail))
        .collect();
    if result.appliances.len() < 2 || troubled.is_empty() {
        result.detail.clone()
    } else {
        troubled.join(" | ")
    }
}

/// What became of every result on one of several appliances.
struct Column {
    heading: String,
    width: usize,
    cells: Vec<Cell>,
}

/// Symbol and word; the colour only repeats them.
struct Cell {
    class: Class,
    text: String,
}

impl Cell {
    fn of(on: Option<&ApplianceResult>) -> Self {
        let Some(on) = on else {
            // Decided before any appliance was asked.
            return Self {
                class: Class::Skipped,
                text: "-".to_owned(),
            };
        };
        let mut text = format!("{} {}", symbol(on.outcome, on.class), on.outcome.code());
        if on.outcome == Outcome::Partly {
            let _ = write!(
                text,
                " {}/{}",
                on.pairs.in_place() + on.pairs.would,
                on.pairs.wanted
            );
        }
        Self {
            class: on.class,
            text,
        }
    }

    fn show(&self, width: usize) -> String {
        format!("  {}", painted(self.class, &padded(&self.text, width)))
    }
}

/// A column for each appliance; none where there is only one, of which the result says it all.
fn columns(report: &Report) -> Vec<Column> {
    if report.appliances.len() < 2 {
        return Vec::new();
    }
    let column = |line: &ApplianceLine| {
        let heading = if line.skipped {
            format!("{} (skipped)", line.name)
        } else {
            line.name.clone()
        };
        let cells: Vec<_> = report
            .results
            .iter()
            .map(|result| Cell::of(result.appliances.iter().find(|on| on.name == line.name)))
            .collect();
        let words = cells.iter().map(|cell| cell.text.as_str());
        Column {
            width: widest(words.chain([heading.as_str()])),
            heading,
            cells,
        }
    };
    report.appliances.iter().map(column).collect()
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or_default()
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.chars().count())))
}

fn painted(class: Class, text: &str) -> String {
    let style = style(class);
    format!("{style}{text}{style:#}")
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
