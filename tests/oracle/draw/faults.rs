//! What goes wrong in a story, and who else writes meanwhile.

use super::super::dice::Dice;
use super::super::story::Story;
use super::{World, pair};
use doorlist::model::ListKind;
use doorlist::simulator::faults::{Fault, FaultRule, Moment, Page, RequestMethod, Times, When};
use doorlist::simulator::{ListName, Pair};

pub(super) fn faults(dice: &mut Dice, story: &Story, world: World) -> Vec<FaultRule> {
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
