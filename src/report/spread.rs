//! How the results of a call spread over the appliances that count: each result is in exactly one bucket, so that
//! the numbers of the first sentence add up, and each bucket can say on which appliances what is the matter.
//!
//! With one appliance there is nothing to spread, and no place is named. Refuses to know operation, list and the
//! order of the sentence; `summary.rs` has those. Which appliances count is decided by `pipeline`.

use super::ResultLine;
use crate::model::{Class, Outcome, PairCounts};
use std::collections::BTreeMap;

/// Names of appliances that stand in one part of a sentence; of more, one less is named and the rest is counted.
const NAMES_MAX: usize = 4;

/// Where a result is counted. A repeated entry is counted where its twin is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bucket {
    /// May or may not be as wished, on one appliance at least.
    Unproven,
    /// As wished nowhere.
    Short,
    /// As wished on some appliances, in whole or in part, and not at all on others.
    ShortOnSome,
    /// In part.
    Partly,
    /// For the next run.
    Waiting,
    /// A preview would make it so.
    Preview,
    /// As wished, everywhere.
    InPlace,
    /// Nothing was wished of it.
    Skipped,
}

impl Bucket {
    /// Of a result as a whole, or of what it is on one appliance.
    pub(super) fn of(outcome: Outcome, class: Class, pairs: &PairCounts) -> Self {
        match (outcome, class) {
            (Outcome::Unproven, _) => Self::Unproven,
            (Outcome::Partly, _) if pairs.unproven > 0 => Self::Unproven,
            (Outcome::Partly, _) => Self::Partly,
            (_, Class::Refused | Class::Trouble) => Self::Short,
            (_, Class::Waiting) => Self::Waiting,
            (_, Class::Preview) => Self::Preview,
            (_, Class::InPlace) => Self::InPlace,
            (_, Class::Skipped) => Self::Skipped,
        }
    }

    /// Of a result that is this on its appliances, the worst first.
    fn of_all(standings: &[Standing]) -> Self {
        let any = |wanted| standings.iter().any(|standing| standing.bucket == wanted);
        let stands_somewhere = any(Self::InPlace) || any(Self::Preview) || any(Self::Partly);
        if any(Self::Short) && !any(Self::Unproven) {
            return if stands_somewhere {
                Self::ShortOnSome
            } else {
                Self::Short
            };
        }
        let worst_first = [
            Self::Unproven,
            Self::Partly,
            Self::Waiting,
            Self::Preview,
            Self::InPlace,
        ];
        let worst = worst_first.into_iter().find(|bucket| any(*bucket));
        worst.unwrap_or(Self::Skipped)
    }

    fn is_well(self) -> bool {
        matches!(self, Self::Preview | Self::InPlace | Self::Skipped)
    }
}

/// What a result is on one appliance, or as a whole where no place is named.
#[derive(Debug, Clone, Copy)]
struct Standing {
    place: Option<usize>,
    outcome: Outcome,
    bucket: Bucket,
}

#[derive(Debug)]
struct Row {
    bucket: Bucket,
    outcome: Outcome,
    standings: Vec<Standing>,
}

/// All results of a call.
#[derive(Debug)]
pub(super) struct Spread<'a> {
    rows: Vec<Row>,
    names: &'a [&'a str],
}

impl<'a> Spread<'a> {
    /// The results, seen on the appliances with these names.
    pub(super) fn over(results: &[ResultLine], names: &'a [&'a str]) -> Self {
        let rows = results.iter().map(|result| {
            let twin = result.of.and_then(|twin| results.get(twin)).unwrap_or(result);
            let standings = standings(result, twin, names);
            Row {
                bucket: Bucket::of_all(&standings),
                outcome: result.outcome,
                standings,
            }
        });
        Self {
            rows: rows.collect(),
            names,
        }
    }

    /// Results in a bucket.
    pub(super) fn count(&self, bucket: Bucket) -> usize {
        self.rows.iter().filter(|row| row.bucket == bucket).count()
    }

    /// Results with an outcome of their own.
    pub(super) fn count_outcome(&self, outcome: Outcome) -> usize {
        self.rows.iter().filter(|row| row.outcome == outcome).count()
    }

    /// What is the matter with the results in a bucket, and where, the worst first; in brackets behind a space, or
    /// nothing where the name of the bucket says it all.
    pub(super) fn reasons(&self, bucket: Bucket) -> String {
        // What the bucket itself says needs no word, only a place.
        let mut own: Places = Places::new();
        let mut reasons: BTreeMap<Outcome, Places> = BTreeMap::new();
        let in_bucket = self.rows.iter().filter(|row| row.bucket == bucket);
        for standing in in_bucket.flat_map(|row| &row.standings) {
            let is_own = standing.bucket == bucket && bucket != Bucket::Short;
            let places = if is_own {
                &mut own
            } else if standing.bucket.is_well() {
                continue;
            } else {
                reasons.entry(standing.outcome).or_default()
            };
            *places.entry(standing.place).or_default() += 1;
        }
        let is_everywhere = own.values().all(|count| *count == self.count(bucket))
            && (own.contains_key(&None) || own.len() == self.names.len());
        if is_everywhere && reasons.is_empty() {
            return String::new();
        }
        let mut words = self.located(&own, "");
        for (outcome, places) in reasons.iter().rev() {
            words.extend(self.located(places, reason(*outcome)));
        }
        format!(" ({})", words.join(", "))
    }

    /// For each appliance where more stands than everywhere: how many results are in the bucket there, and how
    /// many of them have the outcome there. Appliances that are alike stand together.
    pub(super) fn beyond(&self, bucket: Bucket, outcome: Outcome) -> Vec<(String, usize, usize)> {
        let mut alike: Vec<((usize, usize), Vec<usize>)> = Vec::new();
        for place in 0..self.names.len() {
            let there = |row: &&Row| {
                let mut standings = row.standings.iter();
                standings.any(|standing| standing.place == Some(place) && standing.bucket == bucket)
            };
            if !self.rows.iter().filter(there).any(|row| row.bucket != bucket) {
                continue;
            }
            let with_outcome = self.rows.iter().filter(there).filter(|row| {
                row.outcome != Outcome::Repeated
                    && row
                        .standings
                        .iter()
                        .any(|standing| standing.place == Some(place) && standing.outcome == outcome)
            });
            let counts = (self.rows.iter().filter(there).count(), with_outcome.count());
            match alike.iter_mut().find(|(same, _)| *same == counts) {
                Some((_, places)) => places.push(place),
                None => alike.push((counts, vec![place])),
            }
        }
        let beyond = alike.into_iter();
        beyond
            .map(|((count, with_outcome), places)| (self.each_of(&places), count, with_outcome))
            .collect()
    }

    /// "3 unreachable on esa-2", "2 full mailbox on each of esa-1, esa-4"; places with the same count together.
    fn located(&self, places: &Places, word: &str) -> Vec<String> {
        let mut words = Vec::new();
        let counted = |count: usize| match word {
            "" => count.to_string(),
            word => format!("{count} {word}"),
        };
        let mut alike: Vec<(usize, Vec<usize>)> = Vec::new();
        for (place, count) in places {
            let Some(place) = *place else {
                words.push(counted(*count));
                continue;
            };
            match alike.iter_mut().find(|(same, _)| same == count) {
                Some((_, places)) => places.push(place),
                None => alike.push((*count, vec![place])),
            }
        }
        let alike = alike.into_iter();
        words.extend(alike.map(|(count, places)| format!("{} on {}", counted(count), self.each_of(&places))));
        words
    }

    fn each_of(&self, places: &[usize]) -> String {
        match places {
            [only] => self.names[*only].to_owned(),
            all if all.len() == self.names.len() => "each".to_owned(),
            several => {
                let names: Vec<_> = several.iter().map(|place| self.names[*place]).collect();
                format!("each of {}", listed(&names))
            }
        }
    }
}

/// How many results, by place; no place comes first.
type Places = BTreeMap<Option<usize>, usize>;

fn standings(result: &ResultLine, twin: &ResultLine, names: &[&str]) -> Vec<Standing> {
    if names.len() < 2 || twin.appliances.is_empty() {
        return vec![Standing {
            place: None,
            outcome: result.outcome,
            bucket: Bucket::of(twin.outcome, twin.class, &twin.pairs),
        }];
    }
    let there = names.iter().enumerate().filter_map(|(place, name)| {
        let on = twin.appliances.iter().find(|appliance| appliance.name == *name)?;
        Some(Standing {
            place: Some(place),
            outcome: on.outcome,
            bucket: Bucket::of(on.outcome, on.class, &on.pairs),
        })
    });
    there.collect()
}

/// "esa-1, esa-2", and of many the first with how many more there are.
pub(super) fn listed(names: &[&str]) -> String {
    if names.len() <= NAMES_MAX {
        return names.join(", ");
    }
    let shown = NAMES_MAX - 1;
    format!("{} and {} more", names[..shown].join(", "), names.len() - shown)
}

/// An outcome in the words of the sentence.
pub(super) fn reason(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::ListFull => "full mailbox",
        Outcome::Conflict => "on the other list",
        Outcome::RefusedByAppliance => "refused by the appliance",
        Outcome::NotTried => "not tried",
        Outcome::RefusedByRule => "refused by rule",
        Outcome::OverCap => "over the cap",
        other => other.code(),
    }
}
