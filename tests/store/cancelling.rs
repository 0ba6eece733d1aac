//! The wish that a run ends: before it begins, while it runs, and too late.

use crate::place::Place;
use crate::samples::{accept, author, claim, end};
use doorlist::store::CancelState;

on_each_store!(
    a_wish_is_seen_before_and_while_a_run_is_worked_on_and_comes_too_late_afterwards,
    what_was_never_begun_waits_for_no_list_and_takes_none_away,
    what_was_begun_before_a_crash_ends_with_its_lists_alone,
);

async fn a_wish_is_seen_before_and_while_a_run_is_worked_on_and_comes_too_late_afterwards(place: &Place) {
    let store = place.open().await;
    let queued = accept(&store, &[&["esa-1/blocklist"]]).await;
    let running = accept(&store, &[&["esa-2/blocklist"]]).await;
    assert_eq!(store.cancel_reason(&queued).await, Ok(None));
    assert_eq!(
        store.cancel(&queued, &author("alice"), "a slip").await,
        Ok(CancelState::Wanted)
    );
    let first = claim(&store, "worker").await.unwrap();
    assert_eq!(
        (&first.run, first.cancel_reason.as_deref()),
        (&queued, Some("a slip"))
    );
    let second = claim(&store, "worker").await.unwrap();
    assert_eq!((&second.run, &second.cancel_reason), (&running, &None));
    assert_eq!(
        store.cancel(&running, &author("alice"), "too long").await,
        Ok(CancelState::Wanted)
    );
    assert_eq!(
        store.cancel(&running, &author("bob"), "me too").await,
        Ok(CancelState::Wanted)
    );
    assert_eq!(
        store.cancel_reason(&running).await,
        Ok(Some("too long".to_owned())),
        "the first one stays"
    );
    for held in [first, second] {
        assert_eq!(store.finish(&held, end(&[])).await, Ok(true));
    }
    assert_eq!(
        store.cancel(&running, &author("bob"), "late").await,
        Ok(CancelState::Done)
    );
    assert_eq!(
        store.cancel("no-such-run", &author("bob"), "lost").await,
        Ok(CancelState::NotFound)
    );
    assert_eq!(store.cancel_reason("no-such-run").await, Ok(None));
    assert_eq!(place.count("audit WHERE event = 'cancel'").await, 3);
    assert_eq!(
        place
            .count("audit WHERE client = 'bob' AND detail = 'me too'")
            .await,
        1
    );
    let kept = store.run(&running).await.unwrap().unwrap();
    assert_eq!(kept.cancel_reason.as_deref(), Some("too long"));
    store.close().await;
}

async fn what_was_never_begun_waits_for_no_list_and_takes_none_away(place: &Place) {
    let store = place.open().await;
    let both: &[&str] = &["esa-1/blocklist", "esa-1/safelist"];
    let first = accept(&store, &[both]).await;
    let second = accept(&store, &[both, &["esa-2/blocklist"]]).await;
    let third = accept(&store, &[both]).await;
    let held = claim(&store, "worker").await.unwrap();
    let of_other_list = claim(&store, "worker").await.unwrap();
    assert_eq!(
        (&held.run, &of_other_list.run, of_other_list.place),
        (&first, &second, 1)
    );
    assert_eq!(claim(&store, "worker").await, None);
    for run in [&first, &second] {
        store.cancel(run, &author("alice"), "enough").await.unwrap();
        // Twice is as good as once.
        store.cancel(run, &author("alice"), "enough").await.unwrap();
    }
    let unbegun = claim(&store, "worker").await.unwrap();
    assert_eq!((&unbegun.run, unbegun.place), (&second, 0));
    assert_eq!(unbegun.cancel_reason.as_deref(), Some("enough"));
    assert_eq!(claim(&store, "worker").await, None, "the list is still held");
    assert_eq!(store.finish(&unbegun, end(&[])).await, Ok(false));
    assert_eq!(store.finish(&of_other_list, end(&[])).await, Ok(true));
    assert_eq!(store.finish(&held, end(&["mallory@example.com"])).await, Ok(true));
    assert_eq!(claim(&store, "worker").await.map(|claim| claim.run), Some(third));
    store.close().await;
}

async fn what_was_begun_before_a_crash_ends_with_its_lists_alone(place: &Place) {
    let store = place.open().await;
    let lanes: &[&str] = &["esa-1/blocklist"];
    let first = accept(&store, &[lanes]).await;
    let second = accept(&store, &[lanes]).await;
    let begun = claim(&store, "worker").await.unwrap();
    store.release(&begun).await.unwrap();
    store.cancel(&first, &author("alice"), "enough").await.unwrap();
    let again = claim(&store, "worker").await.unwrap();
    assert_eq!((&again.run, &again.lanes), (&first, &begun.lanes));
    assert_eq!(claim(&store, "worker").await, None, "{second} waits");
    store.close().await;
}
