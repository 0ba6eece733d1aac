//! Additions on an appliance that behaves: fewest calls, credit, limits, the other list.

use super::*;

#[test]
fn fifty_new_senders_for_one_mailbox_take_four_calls() {
    let mut appliance = Appliance::default();
    let wish = Wish::present_senders(ListKind::Blocklist, &numbered(50), &recipients(&[RECIPIENT]));
    let settled = play(&mut appliance, wish, limits());
    assert!(settled.items.iter().all(|item| item.outcome == Outcome::Added));
    assert_eq!(settled.calls, Calls { reads: 3, writes: 1 });
    assert_eq!(appliance.writes[0].verb, Verb::Append);
}

#[test]
fn the_same_again_writes_nothing() {
    let mut appliance = Appliance::default();
    play(&mut appliance, add(&["a.example", "b.example"]), limits());
    let settled = play(&mut appliance, add(&["A.EXAMPLE", "b.example"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::AlreadyPresent; 2]);
    assert_eq!(settled.calls, Calls { reads: 2, writes: 0 });
}

#[test]
fn a_recipient_without_a_row_is_added_and_one_with_a_row_is_appended_to() {
    let mut appliance = Appliance::default();
    appliance.seed(ListKind::Blocklist, &[(RECIPIENT, "old.example")]);
    let wish = Wish::present_recipients(
        ListKind::Blocklist,
        &recipients(&[RECIPIENT, "user2@example.com"]),
        &senders(&["new.example"]),
    );
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::Added; 2]);
    let verbs: Vec<_> = appliance
        .writes
        .iter()
        .map(|write| (write.verb, write.keys.clone()))
        .collect();
    assert_eq!(
        verbs,
        [
            (Verb::Append, vec![RECIPIENT.to_owned()]),
            (Verb::Add, vec!["user2@example.com".to_owned()])
        ]
    );
    assert!(appliance.holds(ListKind::Blocklist, RECIPIENT, "old.example"));
}

#[test]
fn only_missing_pairs_are_sent_in_full_rectangles() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Blocklist,
        &[("u1@example.com", "a.example"), ("u2@example.com", "b.example")],
    );
    let wish = Wish::present_senders(
        ListKind::Blocklist,
        &senders(&["a.example", "b.example", "c.example", "d.example"]),
        &recipients(&["u1@example.com", "u2@example.com"]),
    );
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::Added; 4]);
    assert_eq!(settled.items[0].counts.already, 1);
    assert_eq!(
        appliance.writes.len(),
        3,
        "one for a, one for b, one for c and d together"
    );
    assert_eq!(appliance.refusals, 0);
}

#[test]
fn a_pair_on_the_other_list_is_a_conflict_and_its_domain_there_is_a_note() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Safelist,
        &[(RECIPIENT, "partner@a.example"), (RECIPIENT, "b.example")],
    );
    let settled = play(
        &mut appliance,
        add(&["partner@a.example", "news@b.example"]),
        limits(),
    );
    assert_eq!(outcomes(&settled), [Outcome::Conflict, Outcome::Added]);
    assert!(
        settled.items[1].notes[0].contains("holds its domain b.example"),
        "{:?}",
        settled.items[1].notes
    );
    assert_eq!(appliance.writes[0].keys, ["news@b.example"]);
}

#[test]
fn a_full_mailbox_is_told_before_anything_is_sent_and_does_not_stop_the_others() {
    let mut appliance = Appliance {
        list_limit: Some(3),
        ..Appliance::default()
    };
    appliance.seed(
        ListKind::Blocklist,
        &[(RECIPIENT, "x.example"), (RECIPIENT, "y.example")],
    );
    let wish = Wish::present_senders(
        ListKind::Blocklist,
        &senders(&["a.example", "b.example"]),
        &recipients(&[RECIPIENT, "empty@example.com"]),
    );
    let settled = play(
        &mut appliance,
        wish,
        Limits {
            list_limit: Some(3),
            ..limits()
        },
    );
    assert_eq!(outcomes(&settled), [Outcome::Added, Outcome::Partly]);
    assert_eq!(
        (settled.items[1].counts.written, settled.items[1].counts.full),
        (1, 1)
    );
    assert_eq!(settled.items[1].examples[0].outcome, Outcome::ListFull);
    assert_eq!(appliance.refusals, 0);
}

#[test]
fn a_row_longer_than_the_setting_proves_the_setting_wrong() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Blocklist,
        &[(RECIPIENT, "x.example"), (RECIPIENT, "y.example")],
    );
    let settled = play(
        &mut appliance,
        add(&["a.example"]),
        Limits {
            list_limit: Some(1),
            ..limits()
        },
    );
    assert_eq!(outcomes(&settled), [Outcome::ListFull]);
    assert!(
        settled.warnings[0].contains("holds 2 senders"),
        "{:?}",
        settled.warnings
    );
}

#[test]
fn what_is_over_the_objects_per_run_waits_and_what_is_there_does_not_count() {
    let mut appliance = Appliance::default();
    let limits = Limits {
        objects_per_run: 2,
        ..limits()
    };
    let wish = || add(&["a.example", "b.example", "c.example", "d.example", "e.example"]);
    use Outcome::{Added, AlreadyPresent, Waiting};
    for expected in [
        [Added, Added, Waiting, Waiting, Waiting],
        [AlreadyPresent, AlreadyPresent, Added, Added, Waiting],
        [
            AlreadyPresent,
            AlreadyPresent,
            AlreadyPresent,
            AlreadyPresent,
            Added,
        ],
    ] {
        assert_eq!(outcomes(&play(&mut appliance, wish(), limits.clone())), expected);
    }
}
