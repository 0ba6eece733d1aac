//! A story from a seed: small worlds with few names, so that everything meets everything, and now and then a large
//! one, so that lists have pages and batches have halves.

use super::dice::Dice;
use super::story::{Action, Story};
use doorlist::model::ListKind;
use doorlist::reconcile::Limits;
use doorlist::simulator::faults::{Fault, FaultRule, Moment, Page, RequestMethod, Times, When};
use doorlist::simulator::{Knobs, ListName, Lists, Pair};
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
    story
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
        settle_delay_ms: 2_000,
    }
}

fn faults(dice: &mut Dice, story: &Story, world: World) -> Vec<FaultRule> {
    if dice.chance(4) {
        return Vec::new();
    }
    let count = 1 + dice.roll(3);
    let mut faults: Vec<FaultRule> = (0..count).filter_map(|_| wire_fault(dice)).collect();
    if dice.chance(3) {
        let count = 1 + dice.roll(3);
        faults.extend((0..count).filter_map(|_| other_writer(dice, story, world)));
    }
    if story.knobs.page_rows_max.is_some_and(|rows| rows < 100) && !dice.chance(3) {
        faults.extend(edit_between_pages(dice, story));
    }
    faults
}

/// Somebody takes out a row while we turn a page, so that the rows behind it move; perhaps another one comes.
fn edit_between_pages(dice: &mut Dice, story: &Story) -> Option<FaultRule> {
    let (list, standing) = match story.list {
        ListKind::Blocklist => (ListName::Blocklist, &story.lists.blocklist),
        ListKind::Safelist => (ListName::Safelist, &story.lists.safelist),
    };
    let number = dice.roll(standing.len().max(1) as u64) as usize;
    let row = &standing.get(number)?.recipient;
    let mut remove: Vec<Pair> = standing
        .iter()
        .filter(|pair| pair.recipient == *row)
        .cloned()
        .collect();
    let add = if dice.chance(2) {
        vec![Pair {
            recipient: "z@example.com".to_owned(),
            sender: "z.example".to_owned(),
        }]
    } else {
        Vec::new()
    };
    if dice.chance(4) {
        remove.clear();
    }
    let fault = Fault::OtherWriter {
        when: Moment::Before,
        list,
        add,
        remove,
    };
    let when = When {
        method: Some(RequestMethod::Get),
        page: Some(Page::Later),
        skip: dice.roll(3),
        ..When::default()
    };
    FaultRule::new(fault, when).ok()
}

fn wire_fault(dice: &mut Dice) -> Option<FaultRule> {
    let end = if dice.chance(2) { "close" } else { "reset" };
    let applied = dice.chance(2);
    let status = dice.pick(&[400, 404, 409, 413, 429, 500, 502, 503, 504]);
    let after_bytes = dice.pick(&[0, 1, 9, 20, 60, 200, 400]);
    let for_ms = dice.pick(&[100, 1_000, 4_000, 60_000]);
    let words = match dice.roll(18) {
        0 => format!("refuse_connections:for_ms={for_ms}"),
        1 => "accept_and_close".to_owned(),
        2 => "reset_before_apply".to_owned(),
        3 | 4 => "reset_after_apply".to_owned(),
        5 => "close_before_apply".to_owned(),
        6 => "close_after_apply".to_owned(),
        7 | 8 => format!("cut_reply:after_bytes={after_bytes},by={end}"),
        9 => "body_to_eof".to_owned(),
        10 => format!(
            "html:status={},applied={applied}",
            dice.pick(&[200, 404, 502, 504])
        ),
        11 | 12 => format!("status:status={status},applied={applied}"),
        13 => format!("hang:applied={applied}"),
        14 => "unauthorized".to_owned(),
        15 => "says_yes_does_nothing".to_owned(),
        16 => format!("applied_late:after_requests={}", dice.roll(6)),
        _ => format!("status:status=503,retry_after_seconds=1,applied={applied}"),
    };
    let rule: FaultRule = words.parse().unwrap_or_else(|error| panic!("{words}: {error}"));
    let is_of_connections = matches!(
        rule.fault(),
        Fault::RefuseConnections { .. } | Fault::AcceptAndClose
    );
    let mut when = when(dice);
    if is_of_connections {
        (when.method, when.page) = (None, None);
    }
    // A fault of writes cannot be asked for at a reading; the draw is then of no fault.
    FaultRule::new(rule.fault().clone(), when).ok()
}

fn when(dice: &mut Dice) -> When {
    let method = dice.pick(&[
        None,
        Some(RequestMethod::Get),
        Some(RequestMethod::Post),
        Some(RequestMethod::Delete),
    ]);
    let times = match dice.roll(10) {
        0 => Times::Always,
        1 => Times::AtMost(4),
        2 => Times::AtMost(2),
        _ => Times::AtMost(1),
    };
    When {
        method,
        skip: if dice.chance(3) { 0 } else { dice.roll(12) },
        times,
        chance: doorlist::simulator::faults::Chance::new(dice.pick(&[1.0, 1.0, 0.3])).expect("a chance"),
        ..When::default()
    }
}

/// Somebody else edits a list between two of our requests, or amid a paging; pairs of the wish and foreign ones.
fn other_writer(dice: &mut Dice, story: &Story, world: World) -> Option<FaultRule> {
    let list = dice.pick(&[ListName::Blocklist, ListName::Blocklist, ListName::Safelist]);
    let standing = match list {
        ListName::Blocklist => &story.lists.blocklist,
        ListName::Safelist => &story.lists.safelist,
    };
    let mut add = Vec::new();
    for _ in 0..dice.roll(3) {
        add.push(pair(dice, world));
    }
    if dice.chance(3) {
        // A row at the end of either view, so that the number of rows can stay the same.
        let number = dice.roll(9);
        add.push(Pair {
            recipient: format!("z{number}@example.com"),
            sender: format!("z{number}.example"),
        });
    }
    let mut remove = Vec::new();
    if !standing.is_empty() && dice.chance(2) {
        remove.push(standing[dice.roll(standing.len() as u64) as usize].clone());
    }
    let page = dice.pick(&[None, Some(Page::Later)]);
    let method = match page {
        Some(_) => Some(RequestMethod::Get),
        None => dice.pick(&[None, Some(RequestMethod::Get), Some(RequestMethod::Post)]),
    };
    let when = When {
        method,
        page,
        skip: dice.roll(8),
        times: dice.pick(&[Times::AtMost(1), Times::AtMost(1), Times::Always]),
        ..When::default()
    };
    let moment = dice.pick(&[Moment::Before, Moment::After]);
    let fault = Fault::OtherWriter {
        when: moment,
        list,
        add,
        remove,
    };
    FaultRule::new(fault, when).ok()
}
