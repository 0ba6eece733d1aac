//! Deletions: everything of the item goes, in the spelling that the appliance shows, and nothing else.

use super::*;

#[test]
fn a_sender_is_deleted_for_every_recipient_in_every_spelling_the_appliance_shows() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Blocklist,
        &[
            ("u1@example.com", "Bad.Example"),
            ("u2@example.com", "bad.example"),
            ("u2@example.com", "kept.example"),
        ],
    );
    let wish = Wish::absent_senders(ListKind::Blocklist, &senders(&["bad.example", "absent.example"]));
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::Removed, Outcome::AlreadyAbsent]);
    assert_eq!(settled.items[0].counts.written, 2);
    assert_eq!(appliance.writes[0].keys, ["Bad.Example", "bad.example"]);
    assert_eq!(appliance.pairs(ListKind::Blocklist).len(), 1);
}

#[test]
fn a_recipient_is_deleted_with_its_whole_row() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Safelist,
        &[(RECIPIENT, "a.example"), (RECIPIENT, "b.example")],
    );
    let wish = Wish::absent_recipients(ListKind::Safelist, &recipients(&[RECIPIENT]));
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::Removed]);
    assert_eq!(settled.items[0].counts.written, 2);
    assert_eq!(settled.calls, Calls { reads: 2, writes: 1 });
}
