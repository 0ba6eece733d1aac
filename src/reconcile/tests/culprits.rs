//! Whom a refusal speaks of: bad indicators one by one, bad stored entries once, full mailboxes with a hint.

use super::*;

/// Recipients `u0` to `u11`, of which the given one is refused wherever it occurs.
fn twelve_recipients() -> Vec<String> {
    (0..12).map(|number| format!("u{number}@example.com")).collect()
}

fn play_grid(appliance: &mut Appliance, items: usize, columns: &[&str]) -> Settled {
    let wish = Wish::present_senders(ListKind::Blocklist, &numbered(items), &recipients(columns));
    play(appliance, wish, limits())
}

#[test]
fn a_bad_stored_recipient_is_told_once_and_fails_no_indicator() {
    for (items, writes_max) in [(8, 36), (50, 40), (100, 72)] {
        let names = twelve_recipients();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut appliance = Appliance {
            bad: vec!["u7@example.com".into()],
            ..Appliance::default()
        };
        let settled = play_grid(&mut appliance, items, &names);
        for item in &settled.items {
            assert_eq!(item.outcome, Outcome::Added);
            assert_eq!((item.counts.written, item.counts.misconfigured), (11, 1));
            assert_eq!(item.detail, "on the blocklist for 11 of 12 mailboxes");
        }
        assert_eq!(
            settled.configuration_troubles,
            [
                "the stored recipient u7@example.com is refused, and nothing is listed with it: the appliance answered 400: bad entry"
            ]
        );
        assert!(settled.calls.writes <= writes_max, "{items}: {:?}", settled.calls);
    }
}

/// A recipient may be refused because it is full, so that only those without a row speak of the stored sender; the
/// others are told one by one.
#[test]
fn a_bad_stored_sender_is_told_once_too() {
    let names = ["u1@example.com", "u2@example.com", "u3@example.com"];
    for (stored, outcome) in [
        (vec!["bad.example"], Outcome::NotTried),
        (vec!["a.example", "bad.example"], Outcome::Partly),
    ] {
        let mut appliance = Appliance {
            bad: vec!["bad.example".into()],
            ..Appliance::default()
        };
        let wish = Wish::present_recipients(ListKind::Safelist, &recipients(&names), &senders(&stored));
        let settled = play(&mut appliance, wish, limits());
        assert_eq!(outcomes(&settled), [outcome; 3]);
        let told = settled.configuration_troubles.iter();
        let told = told.filter(|trouble| trouble.starts_with("the stored sender bad.example is refused"));
        assert_eq!(told.count(), usize::from(outcome == Outcome::NotTried));
    }
}

#[test]
fn a_bad_only_recipient_is_a_trouble_of_the_configuration_and_not_of_a_hundred_indicators() {
    let mut appliance = Appliance {
        bad: vec![RECIPIENT.into()],
        ..Appliance::default()
    };
    let settled = play_grid(&mut appliance, 100, &[RECIPIENT]);
    assert_eq!(outcomes(&settled), [Outcome::NotTried; 100]);
    assert_eq!(settled.items[0].counts.misconfigured, 1);
    assert!(
        settled.items[0]
            .detail
            .contains("the stored entry user1@example.com is refused")
    );
    assert_eq!(settled.configuration_troubles.len(), 1);
}

#[test]
fn a_bad_indicator_costs_a_few_requests_however_many_mailboxes_there_are() {
    let names = twelve_recipients();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut appliance = Appliance {
        bad: vec!["s17@bad.example".into()],
        ..Appliance::default()
    };
    let settled = play_grid(&mut appliance, 50, &names);
    for (number, item) in settled.items.iter().enumerate() {
        let expected = if number == 17 {
            Outcome::RefusedByAppliance
        } else {
            Outcome::Added
        };
        assert_eq!(item.outcome, expected, "{number}");
    }
    assert_eq!(settled.items[17].counts.refused, 12);
    assert!(
        settled.configuration_troubles.is_empty(),
        "{:?}",
        settled.configuration_troubles
    );
    assert!(settled.calls.writes <= 20, "{:?}", settled.calls);
}

#[test]
fn a_bad_indicator_and_a_bad_stored_recipient_are_told_apart() {
    let names = twelve_recipients();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut appliance = Appliance {
        bad: vec!["s3@bad.example".into(), "u5@example.com".into()],
        ..Appliance::default()
    };
    let settled = play_grid(&mut appliance, 20, &names);
    for (number, item) in settled.items.iter().enumerate() {
        let expected = if number == 3 {
            Outcome::RefusedByAppliance
        } else {
            Outcome::Added
        };
        assert_eq!(
            (item.outcome, item.counts.misconfigured),
            (expected, 1),
            "{number}"
        );
    }
    assert_eq!(settled.configuration_troubles.len(), 1);
}

#[test]
fn a_hundred_refused_indicators_do_not_starve_the_others() {
    let bad: Vec<String> = (0..100).map(|number| format!("s{number}@bad.example")).collect();
    let mut appliance = Appliance {
        bad,
        ..Appliance::default()
    };
    for (call, expected) in [(1, 100), (2, 150)] {
        appliance.writes.clear();
        let settled = play_grid(&mut appliance, 250, &[RECIPIENT]);
        let listed = appliance.pairs(ListKind::Blocklist).len();
        assert_eq!(listed, expected, "after call {call}");
        assert!(appliance.writes.iter().all(|write| write.keys.len() <= 100));
        assert!(settled.configuration_troubles.is_empty());
        for item in &settled.items[..100] {
            assert_eq!(item.outcome, Outcome::RefusedByAppliance);
        }
    }
}

#[test]
fn a_mailbox_that_is_full_without_a_setting_is_told_with_its_length() {
    let mut appliance = Appliance {
        list_limit: Some(4),
        ..Appliance::default()
    };
    appliance.seed(ListKind::Blocklist, &[("full@example.com", "x.example")]);
    let settled = play_grid(&mut appliance, 8, &["full@example.com", "free@example.com"]);
    let listed = |recipient: &str| {
        let pairs = appliance.pairs(ListKind::Blocklist);
        pairs.iter().filter(|pair| pair.0 == recipient).count()
    };
    assert_eq!((listed("full@example.com"), listed("free@example.com")), (4, 4));
    assert!(
        settled.configuration_troubles.is_empty(),
        "{:?}",
        settled.configuration_troubles
    );
    let hint = "full@example.com holds 4 senders, and entries were refused for it: if that is its limit, set list_limit = 4";
    assert!(
        settled.warnings.iter().any(|warning| warning == hint),
        "{:?}",
        settled.warnings
    );
    assert!(
        settled.items[7].detail.contains("holds 4 senders"),
        "{}",
        settled.items[7].detail
    );
}

#[test]
fn an_appliance_whose_append_makes_no_rows_lists_new_senders_all_the_same() {
    let mut appliance = Appliance {
        append_makes_rows: false,
        ..Appliance::default()
    };
    appliance.seed(ListKind::Blocklist, &[("foreign@example.com", "s2@bad.example")]);
    let settled = play_grid(&mut appliance, 5, &[RECIPIENT]);
    assert_eq!(outcomes(&settled), [Outcome::Added; 5]);
}
