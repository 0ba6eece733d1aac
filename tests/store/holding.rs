//! Holds: put down by hand or with the end of an undo, ended by hand or by an undo that is undone, and over by themselves.

use crate::place::Place;
use crate::samples::{HOUR, accept, author, author_with_reason, claim, end, run};
use doorlist::store::{
    Accepted, Claim, HoldFilter, HoldIndex, NewHold, NewRun, Store, StoreError, StoredHold, StoredPair,
    TaskEnd,
};
use std::time::Duration;

on_each_store!(
    a_hold_is_kept_until_it_is_ended_or_over,
    what_would_hold_everything_is_refused,
    holds_come_with_the_end_of_an_undo_and_go_when_it_is_undone,
    an_undo_that_is_undone_before_it_ends_holds_nothing_more,
    an_end_that_is_not_stored_holds_nothing,
    holds_are_paged_newest_first,
    of_many_entries_the_holds_that_may_match_are_found,
);

fn hold(list: Option<&str>, recipient: Option<&str>, sender: Option<&str>) -> NewHold {
    NewHold {
        list: list.map(str::to_owned),
        recipient: recipient.map(str::to_owned),
        sender: sender.map(str::to_owned),
        hold_for: HOUR,
    }
}

fn of_sender(sender: &str) -> NewHold {
    hold(None, None, Some(sender))
}

async fn active(store: &Store) -> Vec<StoredHold> {
    let filter = HoldFilter {
        only_active: true,
        limit: 1000,
        ..HoldFilter::default()
    };
    store.holds(&filter).await.unwrap().holds
}

async fn a_hold_is_kept_until_it_is_ended_or_over(place: &Place) {
    let store = place.open().await;
    let alice = author_with_reason("alice", "INC-1", "a false positive");
    let list = Some("blocklist");
    let new = hold(list, Some("alice@example.org"), Some("mallory@example.com"));
    let first = store.add_hold(new, &alice).await.unwrap();
    assert_eq!(first.until_ms, first.created_ms + 3_600_000);
    let expected = StoredHold {
        id: first.id.clone(),
        list: Some("blocklist".to_owned()),
        recipient: Some("alice@example.org".to_owned()),
        sender: Some("mallory@example.com".to_owned()),
        by_client: "alice".to_owned(),
        reason: Some("a false positive".to_owned()),
        run: None,
        created_ms: first.created_ms,
        until_ms: first.until_ms,
        ended_ms: None,
        ended_by: None,
    };
    assert_eq!(first, expected);
    let over = NewHold {
        hold_for: Duration::ZERO,
        ..of_sender("over@example.com")
    };
    let over = store.add_hold(over, &alice).await.unwrap();
    let for_good = NewHold {
        hold_for: Duration::MAX,
        ..of_sender("for-good@example.com")
    };
    let for_good = store.add_hold(for_good, &alice).await.unwrap();
    assert_eq!(active(&store).await, [for_good, first.clone()]);
    // (hold, whether it can be ended)
    for (id, expected) in [
        (&first.id, true),
        (&first.id, false),
        (&over.id, false),
        (&"no-hold".to_owned(), false),
    ] {
        assert_eq!(store.end_hold(id, &author("bob")).await, Ok(expected), "{id}");
    }
    let all = HoldFilter {
        limit: 10,
        ..HoldFilter::default()
    };
    let all = store.holds(&all).await.unwrap();
    assert_eq!(all.holds.len(), 3);
    let states: Vec<_> = all.holds.iter().map(|hold| hold.is_active(all.now_ms)).collect();
    assert_eq!(states, [true, false, false], "newest first");
    let ended = &all.holds[2];
    assert_eq!((&ended.id, ended.ended_by.as_deref()), (&first.id, Some("bob")));
    assert!(ended.ended_ms.is_some());
    store.close().await;
}

async fn what_would_hold_everything_is_refused(place: &Place) {
    let store = place.open().await;
    let everything = hold(Some("blocklist"), None, None);
    let added = store.add_hold(everything.clone(), &author("alice")).await;
    assert!(matches!(added, Err(StoreError::Broken(_))), "{added:?}");
    accept(&store, &[&["esa-1/blocklist"]]).await;
    let held = claim(&store, "worker").await.unwrap();
    let audit = place.count("audit").await;
    let ended = store
        .finish(
            &held,
            putting_down(vec![of_sender("mallory@example.com"), everything]),
        )
        .await;
    assert!(matches!(ended, Err(StoreError::Broken(_))), "{ended:?}");
    assert_eq!(place.count("holds").await, 0);
    assert_eq!(place.count("audit").await, audit);
    assert_eq!(place.count("tasks WHERE state = 'done'").await, 0);
    store.close().await;
}

fn putting_down(holds: Vec<NewHold>) -> TaskEnd {
    TaskEnd { holds, ..end(&[]) }
}

fn many() -> Vec<NewHold> {
    (0..250)
        .map(|number| of_sender(&format!("s{number:03}@example.com")))
        .collect()
}

/// An undo of some run on two appliances, the claims of its two tasks, and its id.
async fn undo_of_two(store: &Store) -> (String, [Claim; 2]) {
    let undone = accept(store, &[&["esa-1/blocklist"]]).await;
    let claimed = claim(store, "worker").await.unwrap();
    store.finish(&claimed, end(&[])).await.unwrap();
    let undo = NewRun {
        author: author_with_reason("alice", "INC-1", "a false positive"),
        undo_of: Some(undone),
        ..run(&[&["esa-1/blocklist"], &["esa-2/blocklist"]])
    };
    let id = undo.id.clone();
    assert_eq!(store.accept(undo).await, Ok(Accepted::New));
    let first = claim(store, "worker").await.unwrap();
    let second = claim(store, "worker").await.unwrap();
    (id, [first, second])
}

fn undo_of(undo: &str) -> NewRun {
    NewRun {
        author: author("dave"),
        undo_of: Some(undo.to_owned()),
        end_holds_of: Some(undo.to_owned()),
        ..run(&[&["esa-1/blocklist"]])
    }
}

async fn holds_come_with_the_end_of_an_undo_and_go_when_it_is_undone(place: &Place) {
    let store = place.open().await;
    let by_hand = store
        .add_hold(of_sender("trudy@example.com"), &author("carol"))
        .await
        .unwrap();
    let (undo, [first, second]) = undo_of_two(&store).await;
    assert_eq!(
        active(&store).await,
        std::slice::from_ref(&by_hand),
        "nothing is taken out yet"
    );
    store.finish(&first, putting_down(many())).await.unwrap();
    let held = active(&store).await;
    assert_eq!(held.len(), 251);
    assert!(
        held[..250]
            .iter()
            .all(|hold| hold.run.as_ref() == Some(&undo) && hold.by_client == "alice")
    );
    assert_eq!(held[0].reason.as_deref(), Some("a false positive"));
    assert!(store.end_hold(&held[0].id, &author("bob")).await.unwrap());
    // The other appliance had the same pairs, and one of its own.
    let mut same = many();
    same.extend([of_sender("mallory@example.com"), of_sender("mallory@example.com")]);
    store.finish(&second, putting_down(same)).await.unwrap();
    assert_eq!(active(&store).await.len(), 251, "what bob ended stays ended");
    assert_eq!(store.accept(undo_of(&undo)).await, Ok(Accepted::New));
    assert_eq!(active(&store).await, [by_hand]);
    // (who ended, how many)
    for (who, number) in [("bob", 1), ("dave", 250)] {
        assert_eq!(
            place.count(&format!("holds WHERE ended_by = '{who}'")).await,
            number,
            "{who}"
        );
    }
    store.close().await;
}

async fn an_undo_that_is_undone_before_it_ends_holds_nothing_more(place: &Place) {
    let store = place.open().await;
    let (undo, [first, second]) = undo_of_two(&store).await;
    store.finish(&first, putting_down(many())).await.unwrap();
    assert_eq!(store.accept(undo_of(&undo)).await, Ok(Accepted::New));
    let other = vec![of_sender("mallory@example.com")];
    store.finish(&second, putting_down(other)).await.unwrap();
    assert_eq!(active(&store).await, []);
    store.close().await;
}

async fn an_end_that_is_not_stored_holds_nothing(place: &Place) {
    let store = place.open().await;
    let (_, [first, _]) = undo_of_two(&store).await;
    store.release(&first).await.unwrap();
    let ended = store.finish(&first, putting_down(many())).await;
    assert!(matches!(ended, Err(StoreError::Fenced)), "{ended:?}");
    assert_eq!(active(&store).await, []);
    store.close().await;
}

async fn holds_are_paged_newest_first(place: &Place) {
    let store = place.open().await;
    let mut expected = Vec::new();
    for number in 0..25 {
        let hold = of_sender(&format!("s{number}@example.com"));
        expected.insert(0, store.add_hold(hold, &author("alice")).await.unwrap());
    }
    for only_active in [true, false] {
        let mut filter = HoldFilter {
            only_active,
            before: None,
            limit: 7,
        };
        let mut found = Vec::new();
        loop {
            let page = store.holds(&filter).await.unwrap();
            assert!(page.holds.len() <= 7);
            found.extend(page.holds);
            filter.before = page.next;
            if filter.before.is_none() {
                break;
            }
        }
        assert_eq!(found, expected);
    }
    store.close().await;
}

async fn of_many_entries_the_holds_that_may_match_are_found(place: &Place) {
    let store = place.open().await;
    let recipients: Vec<String> = (0..300)
        .map(|number| format!("r{number:03}@example.org"))
        .collect();
    let senders: Vec<String> = (0..3000)
        .map(|number| format!("s{number:04}@example.com"))
        .collect();
    let (r, s) = (
        |number: usize| recipients[number].as_str(),
        |number: usize| senders[number].as_str(),
    );
    let over = NewHold {
        hold_for: Duration::ZERO,
        ..of_sender(s(5))
    };
    // (what, hold, whether it may match)
    let holds = [
        ("a pair", hold(None, Some(r(299)), Some(s(2999))), true),
        (
            "a sender on the list",
            hold(Some("blocklist"), None, Some(s(150))),
            true,
        ),
        ("a mailbox", hold(None, Some(r(150)), None), true),
        (
            "a sender on another list",
            hold(Some("safelist"), None, Some(s(1))),
            false,
        ),
        (
            "a mailbox on another list",
            hold(Some("safelist"), Some(r(1)), None),
            false,
        ),
        (
            "a sender for a mailbox that is not asked for",
            hold(None, Some("r@example.net"), Some(s(2))),
            false,
        ),
        (
            "a sender that is not asked for",
            hold(None, Some(r(3)), Some("s@example.net")),
            false,
        ),
        ("a domain of the senders", of_sender("example.com"), false),
        ("one that is over", over, false),
    ];
    let mut expected = Vec::new();
    for (what, new, is_found) in holds {
        let put = store.add_hold(new, &author("alice")).await.unwrap();
        if is_found {
            expected.push((what, put));
        }
    }
    let ended = store.add_hold(of_sender(s(6)), &author("alice")).await.unwrap();
    store.end_hold(&ended.id, &author("alice")).await.unwrap();
    let found = store.holds_for("blocklist", &recipients, &senders).await.unwrap();
    let expected_holds: Vec<&StoredHold> = expected.iter().map(|(_, hold)| hold).collect();
    assert_eq!(found.iter().collect::<Vec<_>>(), expected_holds, "{expected:?}");
    let index = HoldIndex::of("blocklist", &found);
    // (pair, which of the holds)
    for (recipient, sender, which) in [
        (299, 2999, Some(0)),
        (298, 2999, None),
        (7, 150, Some(1)),
        (150, 7, Some(2)),
        (7, 7, None),
    ] {
        let pair = StoredPair {
            recipient: r(recipient).to_owned(),
            sender: s(sender).to_owned(),
        };
        let expected = which.map(|which: usize| &found[which]);
        assert_eq!(index.hold_of(&pair), expected, "{pair:?}");
    }
    assert_eq!(store.holds_for("blocklist", &[], &[]).await, Ok(Vec::new()));
    store.close().await;
}
