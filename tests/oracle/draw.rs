//! A story from a seed: small worlds with few names, so that everything meets everything, and now and then a large
//! one, so that lists have pages and batches have halves.

mod faults;

use super::dice::Dice;
use super::story::{Action, Story};
use super::trace::Key;
use doorlist::model::ListKind;
use doorlist::reconcile::{Caps, Limits};
use doorlist::simulator::{Knobs, Lists, Pair};
use faults::faults;
use std::collections::BTreeSet;

/// Knobs that bear on the loop, with what they can be. The first value is the simulator's own.
const KNOBS: [(&str, &[&str]); 20] = [
    ("add_on_existing", &["row", "pair", "merge"]),
    ("append_of_existing_pair", &["409", "noop"]),
    ("append_on_missing_row", &["create", "404"]),
    ("edit_on_missing_row", &["404", "create"]),
    ("batch_with_conflict", &["atomic", "partial"]),
    ("delete_of_absent", &["200", "404"]),
    ("delete_count", &["rows", "pairs"]),
    ("other_list", &["409", "400", "allow"]),
    ("over_limit", &["400", "409", "413"]),
    ("list_limit", &["100", "none", "1", "3", "7", "20"]),
    ("bad_entry", &["400", "404"]),
    ("page_rows_max", &["none", "30", "7", "4", "3", "2"]),
    ("error_framing", &["length", "eof", "reason", "html", "rst"]),
    ("error_code", &["string", "integer"]),
    ("append_by_sender_echo", &["request", "threatq"]),
    ("value_order", &["stored", "scrambled"]),
    ("search_finds", &["recipient_or_sender", "recipient"]),
    ("search_case", &["fold", "exact"]),
    ("spelling", &["exact", "fold"]),
    ("lone_page_parameter", &["empty", "ignored"]),
];

/// How many names there are and how long lists are.
#[derive(Debug, Clone, Copy)]
struct World {
    senders: u64,
    recipients: u64,
    pairs: u64,
}

const SMALL: World = World {
    senders: 12,
    recipients: 8,
    pairs: 20,
};
const MIDDLING: World = World {
    senders: 60,
    recipients: 12,
    pairs: 150,
};
const LARGE: World = World {
    senders: 160,
    recipients: 260,
    pairs: 500,
};

pub fn story(seed: u64) -> Story {
    let dice = &mut Dice::new(seed);
    let world = match dice.roll(100) {
        0..88 => SMALL,
        88..98 => MIDDLING,
        _ => LARGE,
    };
    let action = dice.pick(&[
        Action::AddSenders,
        Action::AddSenders,
        Action::AddRecipients,
        Action::AddRecipients,
        Action::DeleteSenders,
        Action::DeleteRecipients,
        Action::RemovePairs,
    ]);
    let (mut items, counterparts) = if action.by_sender() {
        (
            senders(dice, world.senders),
            recipients(dice, world.recipients.min(8)),
        )
    } else {
        (
            recipients(dice, world.recipients),
            senders(dice, world.senders.min(9)),
        )
    };
    let knobs = knobs(dice, world);
    let lists = lists(dice, world);
    let list = dice.pick(&ListKind::ALL);
    if action == Action::RemovePairs {
        items = pairs(dice, world, list, &lists);
    }
    let mut story = Story {
        action,
        list,
        items,
        counterparts,
        unwanted: BTreeSet::new(),
        held: BTreeSet::new(),
        lists,
        limits: limits(dice, &knobs),
        knobs,
        faults: Vec::new(),
        fault_seed: dice.roll(u64::MAX),
        earlier_items: 0,
        stop_after_steps: None,
    };
    story.faults = faults(dice, &story, world);
    if dice.chance(3) {
        story.earlier_items = dice.roll(story.items.len() as u64 + 1) as usize;
    }
    if dice.chance(12) {
        story.stop_after_steps = Some(dice.roll(30) as usize);
    }
    if story.action.is_addition() && dice.chance(4) {
        let one_in = dice.pick(&[2, 3, 6]);
        story.unwanted = some_pairs(dice, &story, one_in);
    }
    if story.action.is_addition() && dice.chance(4) {
        let one_in = dice.pick(&[1, 3, 8]);
        story.held = some_pairs(dice, &story, one_in);
    }
    story
}

/// Some pairs of an addition.
fn some_pairs(dice: &mut Dice, story: &Story, one_in: u64) -> BTreeSet<Key> {
    let pairs = story.items.iter().flat_map(|item| {
        let counterparts = story.counterparts.iter();
        counterparts.map(move |counterpart| story.pair_with(item, counterpart))
    });
    pairs.filter(|_| dice.chance(one_in)).collect()
}

fn names(dice: &mut Dice, most: u64, name: impl Fn(&mut Dice, u64) -> String) -> Vec<String> {
    let count = dice.roll(most) + 1;
    let numbers: BTreeSet<u64> = (0..count).map(|_| dice.roll(most + most / 3 + 1)).collect();
    numbers.into_iter().map(|number| name(dice, number)).collect()
}

/// Pairs to be taken out: most of them stand there.
fn pairs(dice: &mut Dice, world: World, list: ListKind, lists: &Lists) -> Vec<String> {
    let standing = match list {
        ListKind::Blocklist => &lists.blocklist,
        ListKind::Safelist => &lists.safelist,
    };
    let mut pairs = BTreeSet::new();
    for _ in 0..=dice.roll(10) {
        let drawn = if standing.is_empty() || dice.chance(5) {
            pair(dice, world)
        } else {
            standing[dice.roll(standing.len() as u64) as usize].clone()
        };
        pairs.insert(format!(
            "{} {}",
            drawn.recipient.to_lowercase(),
            drawn.sender.to_lowercase()
        ));
    }
    pairs.into_iter().collect()
}

fn senders(dice: &mut Dice, most: u64) -> Vec<String> {
    names(dice, most, |_, number| sender(number))
}

fn recipients(dice: &mut Dice, most: u64) -> Vec<String> {
    names(dice, most, |_, number| recipient(number))
}

/// Every third one is an address, the others are domains.
fn sender(number: u64) -> String {
    if number % 3 == 2 {
        format!("a{number}@s{}.example", number / 2)
    } else {
        format!("s{number}.example")
    }
}

fn recipient(number: u64) -> String {
    format!("u{number}@example.com")
}

/// As somebody may have typed it.
fn spelled(dice: &mut Dice, name: String) -> String {
    match dice.roll(16) {
        0 => name.to_uppercase(),
        1 => name[..1].to_uppercase() + &name[1..],
        _ => name,
    }
}

fn pair(dice: &mut Dice, world: World) -> Pair {
    let (recipient, sender) = (
        recipient(dice.roll(world.recipients + 2)),
        sender(dice.roll(world.senders + 4)),
    );
    Pair {
        recipient: spelled(dice, recipient),
        sender: spelled(dice, sender),
    }
}

/// No pair stands on both lists, in any spelling: an appliance does not allow it.
fn lists(dice: &mut Dice, world: World) -> Lists {
    let mut taken = BTreeSet::new();
    let mut draw = |dice: &mut Dice, most: u64| -> Vec<Pair> {
        let count = dice.roll(most + 1);
        let drawn = (0..count).map(|_| pair(dice, world));
        let mut own = BTreeSet::new();
        drawn
            .filter(|pair| {
                let key = (pair.recipient.to_lowercase(), pair.sender.to_lowercase());
                own.contains(&key) || taken.insert(key.clone()) && own.insert(key)
            })
            .collect()
    };
    Lists {
        blocklist: draw(dice, world.pairs),
        safelist: draw(dice, world.pairs / 2),
    }
}

fn knobs(dice: &mut Dice, world: World) -> Knobs {
    let mut knobs = Knobs::default();
    for (name, values) in KNOBS {
        if dice.chance(4) {
            knobs
                .set(name, dice.pick(values))
                .expect("a knob of the simulator");
        }
    }
    if dice.chance(4) {
        knobs.refused_entries.push(sender(dice.roll(world.senders)));
    }
    if dice.chance(6) {
        knobs
            .refused_entries
            .push(recipient(dice.roll(world.recipients.min(8))));
    }
    if dice.chance(60) {
        knobs.set("roots", "sma").expect("a knob of the simulator");
    }
    knobs
}

fn limits(dice: &mut Dice, knobs: &Knobs) -> Limits {
    let told = knobs.list_limit.filter(|_| dice.chance(3));
    Limits {
        objects_per_run: dice.pick(&[1, 2, 5, 10, 100]),
        items_per_call: dice.pick(&[1, 2, 5, 50]),
        list_limit: told.map(|limit| limit as usize),
        changed_pairs_max: if dice.chance(6) {
            dice.roll(30) as usize + 1
        } else {
            10_000
        },
        caps: Caps::default(),
        settle_delay_ms: 2_000,
    }
}
