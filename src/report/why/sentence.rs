//! The first sentence of [`Why`]: what is not known, what blocks, what is let through, what is gone, and what would keep it
//! from being listed again. Counts mailboxes and not spellings. Words of callers are cut and escaped.

use super::{Covering, Ours, Why, WhyHold, WhyList, WhyPair, mailboxes};
use crate::model::{ListKind, excerpt};
use std::collections::BTreeMap;

/// Runs that are named for one entry of one list; more are counted.
const RUNS_NAMED_MAX: usize = 3;
/// Characters of a caller's or an appliance's words.
const WORDS_CHARACTERS_MAX: usize = 120;

pub(super) fn sentence(why: &Why) -> String {
    if why.lists.is_empty() {
        return "NOT KNOWN: there is no appliance to look at".to_owned();
    }
    let parts = [unread(why), standing(why), gone(why), under_way(why), held(why)];
    let guarded = why
        .guard
        .as_ref()
        .map(|words| format!("the guard would not list it today: {}", short(words)));
    let parts = parts.into_iter().chain([guarded]).flatten();
    parts.collect::<Vec<_>>().join("; ")
}

/// For both lists of an appliance the words of the first: mostly it has one trouble.
fn unread(why: &Why) -> Option<String> {
    let mut names = Vec::new();
    for lists in why.lists.chunk_by(|one, next| one.appliance == next.appliance) {
        let unread: Vec<_> = lists
            .iter()
            .filter_map(|list| Some((list, list.unread.as_ref()?)))
            .collect();
        names.extend(match unread[..] {
            [] => None,
            [(list, words)] if lists.len() > 1 => Some(format!(
                "the {} of {}: {}",
                list.list,
                list.appliance,
                short(words)
            )),
            [(list, words), ..] => Some(format!("{}: {}", list.appliance, short(words))),
        });
    }
    (!names.is_empty()).then(|| format!("NOT KNOWN for {}", names.join("; for ")))
}

fn standing(why: &Why) -> Option<String> {
    let subject = subject(why);
    let on = |kind: ListKind| places(why, kind);
    match (on(ListKind::Blocklist), on(ListKind::Safelist)) {
        (Some(blocked), Some(safe)) => Some(format!(
            "{subject} is blocked on {blocked}; and it is on the safelist of {safe}"
        )),
        (Some(blocked), None) => Some(format!("{subject} is blocked on {blocked}")),
        (None, Some(safe)) => {
            let is_blocklist = |list: &&WhyList| list.list == ListKind::Blocklist;
            let not_blocked = why
                .lists
                .iter()
                .filter(is_blocklist)
                .all(|list| list.unread.is_none());
            let blocked = if not_blocked {
                ", and no blocklist covers it"
            } else {
                ""
            };
            Some(format!("{subject} is on the safelist of {safe}{blocked}"))
        }
        (None, None) => nothing(why, &subject),
    }
}

fn nothing(why: &Why, subject: &str) -> Option<String> {
    let for_whom = why
        .recipient
        .as_ref()
        .map_or(String::new(), |recipient| format!(" for {}", short(recipient)));
    if why.is_unknown() {
        return None;
    }
    Some(if why.is_in_doubt() {
        format!("nothing on the lists that could be read covers {subject}{for_whom}")
    } else {
        format!("nothing on any list covers {subject}{for_whom}")
    })
}

/// What is asked about, as it would be listed.
fn subject(why: &Why) -> String {
    let itself = why.entries.iter().find(|entry| entry.covers == Covering::Itself);
    short(itself.map_or(&why.value, |itself| &itself.entry))
}

/// On which appliances, for whom, and by what; appliances on which it is the same are told together.
fn places(why: &Why, kind: ListKind) -> Option<String> {
    let mut places: Vec<(String, Vec<&str>)> = Vec::new();
    for list in why
        .lists
        .iter()
        .filter(|list| list.list == kind && !list.pairs.is_empty())
    {
        let words = place(why, list);
        match places.iter_mut().find(|(known, _)| *known == words) {
            Some((_, names)) => names.push(&list.appliance),
            None => places.push((words, vec![&list.appliance])),
        }
    }
    let words = places
        .iter()
        .map(|(words, names)| format!("{} {words}", names.join(" and ")));
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join("; on "))
}

fn place(why: &Why, list: &WhyList) -> String {
    let all = mailboxes(&list.pairs);
    let at_least = if list.unread.is_some() { "at least " } else { "" };
    let whom = match &list.pairs[..] {
        [one, ..] if all.len() == 1 => short(&one.recipient),
        _ => format!("{at_least}{} mailboxes", all.len()),
    };
    let mut told = 0;
    let mut parts = Vec::new();
    for covers in [Covering::Itself, Covering::Domain] {
        let pairs: Vec<&WhyPair> = list.pairs.iter().filter(|pair| pair.covers == covers).collect();
        let Some(first) = pairs.first() else {
            continue;
        };
        let count = mailboxes(pairs.iter().copied()).len();
        told += count;
        let number = if all.len() == 1 {
            String::new()
        } else {
            format!("{count} ")
        };
        let entry = match covers {
            Covering::Itself => "itself".to_owned(),
            Covering::Domain => short(&first.entry),
        };
        parts.push(format!("{number}by {entry} ({})", by_whom(&pairs)));
    }
    if told > all.len() && all.len() > 1 {
        parts.push(format!("{} of them by both", told - all.len()));
    }
    format!("for {whom}: {}{}", parts.join(", "), on_the_other(why, list))
}

/// The safelist's part says where both lists have something.
fn on_the_other(why: &Why, list: &WhyList) -> String {
    let is_other = |other: &&WhyList| {
        list.list == ListKind::Safelist
            && other.appliance == list.appliance
            && other.list == ListKind::Blocklist
    };
    let Some(blocklist) = why.lists.iter().find(is_other) else {
        return String::new();
    };
    let (safe, blocked) = (mailboxes(&list.pairs), mailboxes(&blocklist.pairs));
    match safe.intersection(&blocked).count() {
        0 => String::new(),
        _ if safe.len() == 1 => ", which is also on its blocklist".to_owned(),
        count => format!(", {count} of them also on its blocklist"),
    }
}

/// A run, and the last one that asked for the same since.
type Runs<'p> = Option<(&'p str, Option<&'p str>)>;

fn by_whom(pairs: &[&WhyPair]) -> String {
    let mut groups: BTreeMap<Runs<'_>, Vec<&WhyPair>> = BTreeMap::new();
    for pair in pairs {
        let runs = pair
            .ours
            .as_ref()
            .map(|ours| (ours.run.as_str(), ours.claimed_by.as_deref()));
        groups.entry(runs).or_default().push(pair);
    }
    let not_ours = groups.remove(&None).unwrap_or_default();
    let count = |pairs: &[&WhyPair]| mailboxes(pairs.iter().copied()).len();
    let ours: Vec<&Vec<&WhyPair>> = groups.values().collect();
    let words_of = |pairs: &[&WhyPair]| pairs.first().and_then(|pair| pair.ours.as_ref()).map(put_there);
    match (&ours[..], not_ours.is_empty()) {
        ([], _) => "not ours".to_owned(),
        ([one], true) => words_of(one).unwrap_or_default(),
        _ => {
            let mut parts: Vec<String> = if ours.len() > RUNS_NAMED_MAX {
                let all: Vec<&WhyPair> = ours.iter().flat_map(|pairs| pairs.iter().copied()).collect();
                let mut runs: Vec<&str> = groups.keys().flatten().map(|(run, _)| *run).collect();
                runs.dedup();
                vec![format!("{} put there by {} runs", count(&all), runs.len())]
            } else {
                let told = ours
                    .iter()
                    .filter_map(|pairs| Some(format!("{} {}", count(pairs), words_of(pairs)?)));
                told.collect()
            };
            if !not_ours.is_empty() {
                parts.push(format!("{} not ours", count(&not_ours)));
            }
            parts.join(", ")
        }
    }
}

fn put_there(ours: &Ours) -> String {
    let configuration = ours
        .configuration
        .as_ref()
        // The removal of one entry has none.
        .filter(|name| !name.is_empty())
        .map_or(String::new(), |name| format!(" of {name}"));
    let why = ours
        .ticket
        .as_ref()
        .or(ours.reason.as_ref())
        .map_or(String::new(), |words| format!(", {}", short(words)));
    let claimed = ours
        .claimed_by
        .as_ref()
        .map_or(String::new(), |later| format!(", asked for again by {later}"));
    let did = if ours.unproven {
        "most likely put there by"
    } else {
        "put there by"
    };
    let doubt = if ours.unproven {
        ", which did not see it there"
    } else {
        ""
    };
    format!("{did} {}{configuration}{why}{doubt}{claimed}", ours.run)
}

fn gone(why: &Why) -> Option<String> {
    let lists = why.lists.iter().filter(|list| !list.gone.is_empty());
    let parts = lists.map(|list| {
        let mut runs: Vec<&str> = list
            .gone
            .iter()
            .filter_map(|pair| Some(pair.ours.as_ref()?.run.as_str()))
            .collect();
        runs.sort_unstable();
        runs.dedup();
        let by = match runs[..] {
            [run] => run.to_owned(),
            _ => format!("{} runs", runs.len()),
        };
        let (number, them) = match list.gone.len() {
            1 => ("1 pair".to_owned(), "it"),
            count => (format!("{count} pairs"), "them"),
        };
        format!(
            "somebody removed {number} from the {} of {} since {by} put {them} there",
            list.list, list.appliance
        )
    });
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn under_way(why: &Why) -> Option<String> {
    let lists = why.lists.iter().filter(|list| !list.under_way.is_empty());
    let mut names: Vec<&str> = lists.map(|list| list.appliance.as_str()).collect();
    names.dedup();
    (!names.is_empty()).then(|| {
        format!(
            "runs are under way on {}, so ask again when they are done",
            names.join(" and ")
        )
    })
}

fn held(why: &Why) -> Option<String> {
    let what = |hold: &WhyHold| {
        let entry = hold.entry.as_deref().map_or("every sender".to_owned(), short);
        let whom = hold
            .recipient
            .as_deref()
            .map_or(String::new(), |recipient| format!(" for {}", short(recipient)));
        let list = hold
            .list
            .as_deref()
            .map_or(String::new(), |list| format!(" ({list})"));
        format!("{entry}{whom}{list}")
    };
    match &why.holds[..] {
        [] => None,
        [one] => Some(format!("{} is {}", what(one), one.text)),
        [first, rest @ ..] => {
            let more = match rest.len() {
                1 => "1 more hold is".to_owned(),
                count => format!("{count} more holds are"),
            };
            Some(format!("{} is {}, and {more} on it", what(first), first.text))
        }
    }
}

fn short(words: &str) -> String {
    excerpt(words, WORDS_CHARACTERS_MAX)
}
