//! Holds of senders, for whoever asks about one and knows no mailbox.

use crate::place::Place;
use crate::samples::{HOUR, author};
use doorlist::store::NewHold;

on_each_store!(the_holds_of_a_sender_are_found_for_whichever_mailbox);

async fn the_holds_of_a_sender_are_found_for_whichever_mailbox(place: &Place) {
    let store = place.open().await;
    let mut ids = Vec::new();
    for (list, recipient, sender) in [
        (None, None, Some("bad.example")),
        (Some("blocklist"), Some("u1@example.com"), Some("m@bad.example")),
        (Some("safelist"), Some("u1@example.com"), Some("m@bad.example")),
        (None, Some("u1@example.com"), None),
        (None, None, Some("other.example")),
    ] {
        let [list, recipient, sender] = [list, recipient, sender].map(|word| word.map(str::to_owned));
        let hold = NewHold {
            list,
            recipient,
            sender,
            hold_for: HOUR,
        };
        ids.push(store.add_hold(hold, &author("alice")).await.unwrap().id);
    }
    for (list, senders, expected) in [
        ("blocklist", vec!["m@bad.example", "bad.example"], vec![0, 1]),
        ("safelist", vec!["m@bad.example", "bad.example"], vec![0, 2]),
        ("blocklist", vec!["m@bad.example"], vec![1]),
        ("blocklist", vec!["u1@example.com"], vec![]),
        ("blocklist", vec![], vec![]),
    ] {
        let folded: Vec<String> = senders.iter().map(|sender| (*sender).to_owned()).collect();
        let found = store.holds_of_senders(list, &folded).await.unwrap();
        let found: Vec<&String> = found.iter().map(|hold| &hold.id).collect();
        let expected: Vec<&String> = expected.into_iter().map(|index: usize| &ids[index]).collect();
        assert_eq!(found, expected, "{list} {senders:?}");
    }
}
