//! Figures of many runs: how many, which faults they met, and what was unproven and why. For RELIABILITY.md.

use super::claim::Played;
use super::story::Story;
use super::trace::Kind;
use doorlist::model::Outcome;
use std::collections::BTreeMap;
use std::fmt;

#[derive(Debug, Default)]
pub struct Tally {
    runs: u64,
    calm: u64,
    with_other_writer: u64,
    requests: u64,
    items: u64,
    outcomes: BTreeMap<&'static str, u64>,
    pairs_written: u64,
    /// Faults that were met, by name.
    faults: BTreeMap<String, u64>,
    /// Unproven pairs, by the faults that stood in the way of reading what became of them.
    unproven: BTreeMap<String, u64>,
}

impl Tally {
    pub fn count(&mut self, story: &Story, played: &Played) {
        self.runs += 1;
        self.calm += u64::from(story.is_calm());
        let mut names: Vec<String> = Vec::new();
        for call in &played.trace.calls {
            names.extend(call.faults.iter().map(|fault| name(fault)));
        }
        names.extend(played.trace.other_faults.iter().map(|fault| name(fault)));
        self.with_other_writer += u64::from(names.iter().any(|name| name == "other_writer"));
        for name in names {
            *self.faults.entry(name).or_default() += 1;
        }
        self.requests += played.trace.last_sequence;
        self.items += played.claims.len() as u64;
        for claim in &played.claims {
            *self.outcomes.entry(claim.outcome.code()).or_default() += 1;
            self.pairs_written += claim.counts.written as u64;
            if claim.counts.unproven > 0 {
                *self.unproven.entry(self.why_unproven(played)).or_default() += claim.counts.unproven as u64;
            }
        }
    }

    /// The faults of the requests after the last write, which should have told what became of it.
    fn why_unproven(&self, played: &Played) -> String {
        let calls = played.trace.calls.iter().rev();
        let after = calls.take_while(|call| matches!(call.kind, Kind::Read));
        let mut names: Vec<String> = after
            .flat_map(|call| &call.faults)
            .map(|fault| name(fault))
            .collect();
        names.sort();
        names.dedup();
        if names.is_empty() {
            return "refuse_connections".to_owned();
        }
        names.join(" + ")
    }

    pub fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.calm += other.calm;
        self.with_other_writer += other.with_other_writer;
        self.requests += other.requests;
        self.items += other.items;
        self.pairs_written += other.pairs_written;
        for (name, count) in other.outcomes {
            *self.outcomes.entry(name).or_default() += count;
        }
        for (name, count) in other.faults {
            *self.faults.entry(name).or_default() += count;
        }
        for (name, count) in other.unproven {
            *self.unproven.entry(name).or_default() += count;
        }
    }
}

fn name(fault: &str) -> String {
    fault.split(' ').next().unwrap_or_default().to_owned()
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{} runs ({} on a calm day, {} with another writer), {} requests, {} items, {} pairs written",
            self.runs, self.calm, self.with_other_writer, self.requests, self.items, self.pairs_written
        )?;
        let unproven = self
            .outcomes
            .get(Outcome::Unproven.code())
            .copied()
            .unwrap_or_default();
        writeln!(formatter, "{unproven} items unproven")?;
        for (title, counts) in [
            ("faults met", &self.faults),
            ("unproven pairs, by what could not be read past", &self.unproven),
        ] {
            writeln!(formatter, "{title}:")?;
            for (name, count) in counts {
                writeln!(formatter, "  {name:<40} {count}")?;
            }
        }
        writeln!(formatter, "outcomes:")?;
        for (name, count) in &self.outcomes {
            writeln!(formatter, "  {name:<40} {count}")?;
        }
        Ok(())
    }
}
