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

    /// What stood in the way of the last reading, without which nobody can say what became of a request.
    fn why_unproven(&self, played: &Played) -> String {
        let Some(last) = played.trace.calls.last() else {
            return "nothing reached the appliance".to_owned();
        };
        let spoiling = last.faults.iter().map(|fault| name(fault));
        let mut spoiling: Vec<String> = spoiling.filter(|name| name != "other_writer").collect();
        if matches!(last.kind, Kind::Read) && !spoiling.is_empty() {
            return spoiling.remove(0);
        }
        // A connection that never came up is in no book of requests.
        match last.faults.first() {
            Some(_) if matches!(last.kind, Kind::Read) => "other_writer".to_owned(),
            _ => "no connection".to_owned(),
        }
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
