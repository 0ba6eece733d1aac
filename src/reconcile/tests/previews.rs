//! Previews, and the caps on what one run may change: both decide before anything is written.

use super::*;

#[test]
fn a_preview_tells_pairs_and_mailboxes_against_the_live_list() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Blocklist,
        &[("u1@example.com", "a.example"), ("u2@example.com", "b.example")],
    );
    let wish = Wish::present_senders(
        ListKind::Blocklist,
        &senders(&["a.example", "c.example"]),
        &recipients(&["u1@example.com", "u2@example.com"]),
    );
    let settled = preview(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::WouldAdd; 2]);
    let numbers: Vec<_> = settled
        .items
        .iter()
        .map(|item| (item.counts.would, item.mailboxes))
        .collect();
    assert_eq!(numbers, [(1, 1), (2, 2)]);

    let wish = Wish::absent_senders(ListKind::Blocklist, &senders(&["a.example", "c.example"]));
    let settled = preview(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::WouldRemove, Outcome::AlreadyAbsent]);
    assert_eq!(
        (settled.items[0].counts.would, settled.items[0].mailboxes),
        (1, 1)
    );
    assert_eq!(appliance.writes, []);
}

#[test]
fn what_lies_beyond_the_cap_is_over_cap_before_anything_of_it_is_sent() {
    let mut appliance = Appliance::default();
    let wish = Wish::present_senders(
        ListKind::Blocklist,
        &senders(&["a.example", "b.example", "c.example"]),
        &recipients(&["u1@example.com", "u2@example.com"]),
    );
    let settled = play(
        &mut appliance,
        wish,
        Limits {
            changed_pairs_max: 5,
            ..limits()
        },
    );
    assert_eq!(
        outcomes(&settled),
        [Outcome::Added, Outcome::Added, Outcome::OverCap]
    );
    assert!(
        settled.items[2]
            .detail
            .contains("cap of 5 pairs added in one run"),
        "{}",
        settled.items[2].detail
    );
    assert_eq!(appliance.pairs(ListKind::Blocklist).len(), 4);
}

#[test]
fn a_deletion_of_more_pairs_than_the_cap_takes_nothing_off() {
    let mut appliance = Appliance::default();
    for number in 0..6 {
        appliance.seed(
            ListKind::Blocklist,
            &[(&format!("u{number}@example.com"), "wide.example")],
        );
    }
    appliance.seed(ListKind::Blocklist, &[("u1@example.com", "narrow.example")]);
    let wish = Wish::absent_senders(ListKind::Blocklist, &senders(&["wide.example", "narrow.example"]));
    let settled = play(
        &mut appliance,
        wish,
        Limits {
            changed_pairs_max: 5,
            ..limits()
        },
    );
    assert_eq!(outcomes(&settled), [Outcome::OverCap, Outcome::Removed]);
    assert_eq!(appliance.pairs(ListKind::Blocklist).len(), 6);
}
