//! Owned pairs: each end keeps which pairs stand because of us, by which run, and who asked for them since.

use crate::place::Place;
use crate::samples::{accept, claim, done, end, pair, run};
use doorlist::store::{
    ADDED, AbsentEntries, Owned, REMOVED, Side, Store, StoredChange, StoredPair, TaskEnd, UNPROVEN_ADDED,
    UNPROVEN_REMOVED,
};

on_each_store!(
    what_was_added_and_not_removed_since_is_owned_by_the_last_run_that_added_it,
    a_run_that_found_an_owned_pair_claims_it,
    what_was_not_read_back_is_in_doubt_until_a_run_finds_it_there,
    of_entries_that_are_gone_nothing_is_owned_there_any_more,
    an_end_that_is_fenced_owns_nothing,
    pairs_are_found_by_either_side_and_place,
    many_pairs_are_owned_claimed_found_and_let_go,
    what_an_undo_puts_back_is_ours_only_where_it_was,
);

const M: &str = "mallory@example.com";
const T: &str = "trudy@example.com";

/// What a run did with pairs, and by which run each of the two is owned afterwards.
type Step = (&'static [(&'static str, &'static str)], [Option<usize>; 2]);

fn change(sender: &str, change: &'static str) -> StoredChange {
    StoredChange {
        pair: pair(sender),
        change,
        sole: true,
    }
}

/// A run on one list that ended like this.
async fn ended(store: &Store, lane: &str, changed: &[(&str, &'static str)], already: &[&str]) -> String {
    let end = TaskEnd {
        changed: changed
            .iter()
            .map(|(sender, what)| change(sender, what))
            .collect(),
        already: already.iter().map(|sender| pair(sender)).collect(),
        ..end(&[])
    };
    done(store, run(&[&[lane]]), end, "in_place").await
}

/// Sender, run and claim of each of the two senders' pairs that is owned.
async fn owned(store: &Store) -> Vec<(String, String, Option<String>)> {
    let pairs = [pair(T), pair(M), pair(M)];
    let owned = store.owned("esa-1", "blocklist", &pairs).await.unwrap();
    owned
        .into_iter()
        .map(|owned| (owned.pair.sender, owned.run, owned.claimed_by))
        .collect()
}

async fn what_was_added_and_not_removed_since_is_owned_by_the_last_run_that_added_it(place: &Place) {
    let store = place.open().await;
    let steps: [Step; 8] = [
        (&[], [None, None]),
        (&[(M, ADDED)], [Some(1), None]),
        (&[(T, UNPROVEN_ADDED)], [Some(1), Some(2)]),
        (&[(M, UNPROVEN_REMOVED), (T, ADDED)], [Some(1), Some(3)]),
        (&[(M, ADDED)], [Some(4), Some(3)]),
        (&[(M, REMOVED), (T, REMOVED)], [None, None]),
        (&[(M, REMOVED)], [None, None]),
        (
            &[(M, REMOVED), (M, ADDED), (T, ADDED), (T, REMOVED)],
            [Some(7), None],
        ),
    ];
    let mut runs: Vec<String> = Vec::new();
    for (changed, expected) in steps {
        runs.push(ended(&store, "esa-1/blocklist", changed, &[]).await);
        let expected: Vec<_> = [M, T]
            .into_iter()
            .zip(expected)
            .filter_map(|(sender, by)| Some((sender.to_owned(), runs[by?].clone(), None)))
            .collect();
        assert_eq!(owned(&store).await, expected, "{changed:?}");
    }
    let kept = store.run(&runs[3]).await.unwrap().unwrap();
    assert_eq!(kept.changed_pairs, 1, "what is unproven counts for nothing");
    store.close().await;
}

async fn a_run_that_found_an_owned_pair_claims_it(place: &Place) {
    let store = place.open().await;
    let first = ended(&store, "esa-1/blocklist", &[(M, ADDED)], &[T]).await;
    let owned_by = |run: &String, claim: Option<&String>| vec![(M.to_owned(), run.clone(), claim.cloned())];
    assert_eq!(
        owned(&store).await,
        owned_by(&first, None),
        "what is not ours stays so"
    );
    ended(&store, "esa-2/blocklist", &[], &[M]).await;
    ended(&store, "esa-1/safelist", &[], &[M]).await;
    assert_eq!(owned(&store).await, owned_by(&first, None), "it is another place");
    for _ in 0..2 {
        let claiming = ended(&store, "esa-1/blocklist", &[], &[T, M]).await;
        assert_eq!(
            owned(&store).await,
            owned_by(&first, Some(&claiming)),
            "the last one is told"
        );
    }
    let again = ended(&store, "esa-1/blocklist", &[(M, ADDED)], &[M]).await;
    assert_eq!(
        owned(&store).await,
        owned_by(&again, None),
        "no run claims what it added"
    );
    store.close().await;
}

async fn what_was_not_read_back_is_in_doubt_until_a_run_finds_it_there(place: &Place) {
    let store = place.open().await;
    // (what the run did, whether it found the pair there, whether the pair is in doubt afterwards)
    for (change, is_found, expected) in [
        (Some(UNPROVEN_ADDED), false, Some(true)),
        (None, true, Some(false)),
        (Some(UNPROVEN_REMOVED), false, Some(true)),
        (None, true, Some(false)),
        (Some(UNPROVEN_ADDED), false, Some(true)),
        (Some(ADDED), false, Some(false)),
        (Some(UNPROVEN_REMOVED), false, Some(true)),
        (Some(REMOVED), false, None),
        (Some(UNPROVEN_REMOVED), true, None),
    ] {
        let changed: Vec<_> = change.iter().map(|change| (M, *change)).collect();
        let already: &[&str] = if is_found { &[M] } else { &[] };
        ended(&store, "esa-1/blocklist", &changed, already).await;
        let owned = store.owned("esa-1", "blocklist", &[pair(M)]).await.unwrap();
        let in_doubt = owned.first().map(|owned| owned.is_unproven);
        assert_eq!(in_doubt, expected, "{change:?} {is_found}");
    }
    store.close().await;
}

async fn of_entries_that_are_gone_nothing_is_owned_there_any_more(place: &Place) {
    let store = place.open().await;
    let other = StoredPair {
        recipient: "bob@example.org".to_owned(),
        ..pair(M)
    };
    for (side, entries, left) in [
        (Side::Sender, vec![M], vec![T]),
        (Side::Sender, vec!["nobody@example.com", T, M], vec![]),
        (Side::Recipient, vec!["alice@example.org"], vec![M]),
    ] {
        for lane in ["esa-1/blocklist", "esa-2/blocklist"] {
            let added = [change(M, ADDED), change(T, ADDED)];
            let changed = [
                &added[..],
                &[StoredChange {
                    pair: other.clone(),
                    ..added[0].clone()
                }],
            ]
            .concat();
            done(
                &store,
                run(&[&[lane]]),
                TaskEnd { changed, ..end(&[]) },
                "in_place",
            )
            .await;
        }
        let absent = AbsentEntries {
            side,
            entries: entries.into_iter().map(str::to_owned).collect(),
        };
        done(
            &store,
            run(&[&["esa-1/blocklist"]]),
            TaskEnd { absent, ..end(&[]) },
            "in_place",
        )
        .await;
        let pairs = [pair(M), pair(T), other.clone()];
        let owned = store.owned("esa-1", "blocklist", &pairs).await.unwrap();
        let senders: Vec<_> = owned.iter().map(|owned| owned.pair.sender.as_str()).collect();
        assert_eq!(senders, left, "{side:?}");
        assert_eq!(store.owned("esa-2", "blocklist", &pairs).await.unwrap().len(), 3);
    }
    store.close().await;
}

async fn an_end_that_is_fenced_owns_nothing(place: &Place) {
    let store = place.open().await;
    accept(&store, &[&["esa-1/blocklist"]]).await;
    let held = claim(&store, "worker").await.unwrap();
    store.release(&held).await.unwrap();
    assert!(store.finish(&held, end(&[M])).await.is_err());
    assert_eq!(place.count("owned").await, 0);
    store.close().await;
}

async fn pairs_are_found_by_either_side_and_place(place: &Place) {
    let store = place.open().await;
    let mut runs = Vec::new();
    for lane in ["esa-1/blocklist", "esa-1/safelist", "esa-2/blocklist"] {
        runs.push(ended(&store, lane, &[(M, ADDED), (T, ADDED)], &[]).await);
    }
    // (entry, side, appliance, list, which runs' pairs are found)
    for (entry, side, appliance, list, expected) in [
        (M, Side::Sender, None, None, vec![0, 1, 2]),
        (M, Side::Recipient, None, None, vec![]),
        ("Mallory@example.com", Side::Sender, None, None, vec![]),
        (M, Side::Sender, Some("esa-1"), None, vec![0, 1]),
        (M, Side::Sender, None, Some("blocklist"), vec![0, 2]),
        (M, Side::Sender, Some("esa-2"), Some("blocklist"), vec![2]),
        (M, Side::Sender, Some("esa-2"), Some("safelist"), vec![]),
        (
            "alice@example.org",
            Side::Recipient,
            None,
            Some("safelist"),
            vec![1, 1],
        ),
    ] {
        let found = store.owned_of(entry, side, appliance, list).await.unwrap();
        let by: Vec<&String> = found.iter().map(|owned| &owned.run).collect();
        let expected: Vec<&String> = expected.into_iter().map(|which: usize| &runs[which]).collect();
        assert_eq!(by, expected, "{entry} {side:?} {appliance:?} {list:?}");
    }
    let found = store
        .owned_of(M, Side::Sender, Some("esa-2"), None)
        .await
        .unwrap();
    let since_ms = found[0].since_ms;
    let expected = Owned {
        appliance: "esa-2".to_owned(),
        list: "blocklist".to_owned(),
        pair: pair(M),
        run: runs[2].clone(),
        since_ms,
        claimed_by: None,
        is_restored: false,
        is_unproven: false,
    };
    assert_eq!(found, [expected]);
    let ended = store.run(&runs[2]).await.unwrap().unwrap();
    assert_eq!(Some(since_ms), ended.done_ms, "since the end of the task");
    store.close().await;
}

async fn many_pairs_are_owned_claimed_found_and_let_go(place: &Place) {
    let store = place.open().await;
    let pairs: Vec<StoredPair> = (0..1050)
        .map(|number| pair(&format!("s{number:04}@example.com")))
        .collect();
    let all = |what: &'static str| -> Vec<StoredChange> {
        let change = |pair: &StoredPair| StoredChange {
            pair: pair.clone(),
            change: what,
            sole: false,
        };
        pairs.iter().map(change).collect()
    };
    let with = |changed, already| TaskEnd {
        changed,
        already,
        ..end(&[])
    };
    let lanes: &[&[&str]] = &[&["esa-1/blocklist"]];
    done(&store, run(lanes), with(all(ADDED), Vec::new()), "in_place").await;
    let claiming = done(&store, run(lanes), with(Vec::new(), pairs.clone()), "in_place").await;
    let found = store.owned("esa-1", "blocklist", &pairs).await.unwrap();
    let found_pairs: Vec<&StoredPair> = found.iter().map(|owned| &owned.pair).collect();
    assert_eq!(found_pairs, pairs.iter().collect::<Vec<_>>());
    assert!(
        found
            .iter()
            .all(|owned| owned.claimed_by.as_ref() == Some(&claiming))
    );
    let by_mailbox = store
        .owned_of("alice@example.org", Side::Recipient, None, None)
        .await
        .unwrap();
    assert_eq!(by_mailbox, found);
    done(&store, run(lanes), with(all(REMOVED), Vec::new()), "in_place").await;
    assert_eq!(place.count("owned").await, 0);
    store.close().await;
}

async fn what_an_undo_puts_back_is_ours_only_where_it_was(place: &Place) {
    let store = place.open().await;
    let lane: &[&str] = &["esa-1/blocklist"];
    ended(&store, "esa-1/blocklist", &[(T, ADDED)], &[]).await;
    let both = |what: &'static str| TaskEnd {
        changed: vec![change(M, what), change(T, what)],
        ..end(&[])
    };
    let mut undone = done(&store, run(&[lane]), both(REMOVED), "in_place").await;
    // M was somebody's, T was ours: put back, taken out again, and put back once more.
    for (what, restored) in [
        (ADDED, vec![(M.to_owned(), true), (T.to_owned(), false)]),
        (REMOVED, vec![]),
        (ADDED, vec![(M.to_owned(), true), (T.to_owned(), false)]),
    ] {
        let mut new = run(&[lane]);
        new.undo_of = Some(undone);
        undone = done(&store, new, both(what), "in_place").await;
        let owned = store
            .owned("esa-1", "blocklist", &[pair(M), pair(T)])
            .await
            .unwrap();
        let owned: Vec<_> = owned
            .into_iter()
            .map(|owned| (owned.pair.sender, owned.is_restored))
            .collect();
        assert_eq!(owned, restored);
    }
    ended(&store, "esa-1/blocklist", &[(M, ADDED)], &[]).await;
    let owned = store.owned("esa-1", "blocklist", &[pair(M)]).await.unwrap();
    assert!(!owned[0].is_restored, "whoever lists it anew owns it");
    store.close().await;
}
