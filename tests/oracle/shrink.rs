//! Makes a failing story smaller while it still fails, so that a person sees what matters: fewer faults, items,
//! pairs, knobs that are not the default, and limits out of the way.

use super::story::Story;
use doorlist::simulator::Knobs;

/// The smallest story found; `fails` says whether one still fails.
pub fn shrink(story: &Story, fails: &dyn Fn(&Story) -> bool) -> Story {
    let mut best = story.clone();
    loop {
        let Some(smaller) = candidates(&best).into_iter().find(|candidate| fails(candidate)) else {
            return best;
        };
        best = smaller;
    }
}

fn candidates(story: &Story) -> Vec<Story> {
    let mut all = Vec::new();
    let mut change = |change: &dyn Fn(&mut Story)| {
        let mut candidate = story.clone();
        change(&mut candidate);
        all.push(candidate);
    };
    for (from, to) in parts(story.faults.len(), 0) {
        change(&|story| drop(story.faults.drain(from..to)));
    }
    for (from, to) in parts(story.items.len(), 1) {
        change(&|story| drop(story.items.drain(from..to)));
    }
    for (from, to) in parts(story.counterparts.len(), 1) {
        change(&|story| drop(story.counterparts.drain(from..to)));
    }
    for (from, to) in parts(story.lists.blocklist.len(), 0) {
        change(&|story| drop(story.lists.blocklist.drain(from..to)));
    }
    for (from, to) in parts(story.lists.safelist.len(), 0) {
        change(&|story| drop(story.lists.safelist.drain(from..to)));
    }
    for name in changed_knobs(&story.knobs) {
        change(&|story| reset(&mut story.knobs, &name));
    }
    if !story.unwanted.is_empty() {
        change(&|story| story.unwanted.clear());
    }
    if !story.held.is_empty() {
        change(&|story| story.held.clear());
    }
    for pair in &story.unwanted {
        change(&|story| story.unwanted.retain(|other| other != pair));
    }
    for pair in &story.held {
        change(&|story| story.held.retain(|other| other != pair));
    }
    if story.earlier_items > 0 {
        change(&|story| story.earlier_items = 0);
        change(&|story| story.earlier_items -= 1);
    }
    if story.stop_after_steps.is_some() {
        change(&|story| story.stop_after_steps = None);
    }
    if story.limits.list_limit.is_some() {
        change(&|story| story.limits.list_limit = None);
    }
    for (is_open, open) in [
        (story.limits.objects_per_run >= 100, 100),
        (story.limits.items_per_call >= 50, 50),
    ] {
        if !is_open && open == 100 {
            change(&|story| story.limits.objects_per_run = 100);
        } else if !is_open {
            change(&|story| story.limits.items_per_call = 50);
        }
    }
    if story.limits.changed_pairs_max < 10_000 {
        change(&|story| story.limits.changed_pairs_max = 10_000);
    }
    all
}

/// What can be taken out of a row of this length so that at least `least` stays: halves first, then single ones.
fn parts(length: usize, least: usize) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut size = length / 2;
    while size > 1 {
        let starts = (0..length).step_by(size);
        parts.extend(starts.map(|start| (start, (start + size).min(length))));
        size /= 2;
    }
    parts.extend((0..length).map(|start| (start, start + 1)));
    parts.retain(|(from, to)| length - (to - from) >= least);
    parts
}

fn as_object(knobs: &Knobs) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(knobs) {
        Ok(serde_json::Value::Object(object)) => object,
        other => panic!("knobs are an object: {other:?}"),
    }
}

fn changed_knobs(knobs: &Knobs) -> Vec<String> {
    let (now, first) = (as_object(knobs), as_object(&Knobs::default()));
    now.into_iter()
        .filter(|(name, value)| first[name] != *value)
        .map(|(name, _)| name)
        .collect()
}

fn reset(knobs: &mut Knobs, name: &str) {
    let (mut now, first) = (as_object(knobs), as_object(&Knobs::default()));
    now.insert(name.to_owned(), first[name].clone());
    *knobs = serde_json::from_value(serde_json::Value::Object(now)).expect("a default is a value");
}
