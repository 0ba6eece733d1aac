//! What is read around a request: the whole of what the wish touches, or one mailbox by a search where that is
//! shorter; and that nothing is written where no row is known whole.

use super::*;
use crate::model::View;

/// A list of more pages than two searches, in both views.
fn long_list() -> Appliance {
    let mut appliance = holding(&["u1 a", "u1 k", "u2 a", "u2 k", "u3 a"]);
    for number in 0..300 {
        put(&mut appliance, &[&format!("f{number} g{number}")]);
    }
    appliance
}

fn searches(appliance: &Appliance) -> Vec<&str> {
    appliance
        .reads
        .iter()
        .filter_map(|read| read.search.as_deref())
        .collect()
}

#[test]
fn on_a_long_list_a_mailbox_is_searched_for_directly_before_and_after_its_edit() {
    let knowledge = Knowledge {
        search: SearchTrust::Proven,
        ..Knowledge::default()
    };
    let mut appliance = long_list();
    let settled = play_again(
        &mut appliance,
        wish(&["u1 a", "u2 a"]),
        limits(),
        Journal::default(),
        knowledge,
    );
    assert_eq!(outcomes(&settled), [Outcome::Removed; 2]);
    assert_eq!(
        sentences(&appliance),
        ["edit by recipient u1: k", "edit by recipient u2: k"]
    );
    let (first, second) = ("u1@example.com", "u2@example.com");
    assert_eq!(searches(&appliance), [first, first, second, second]);
    assert_eq!(settled.calls.reads, 4 + 4, "the whole once");
}

#[test]
fn a_search_that_is_not_trusted_yet_is_tried_and_one_that_fails_is_left_alone() {
    for (search_finds_other_case, expected) in [(true, SearchTrust::Proven), (false, SearchTrust::Disproven)]
    {
        let mut appliance = long_list();
        appliance.search_finds_other_case = search_finds_other_case;
        let settled = play(&mut appliance, wish(&["u1 a", "u2 a"]), limits());
        assert_eq!(outcomes(&settled), [Outcome::Removed; 2]);
        assert_eq!(settled.knowledge.search, expected);
        assert_eq!(searches(&appliance).len() > 1, search_finds_other_case);
    }
}

#[test]
fn a_senders_row_is_read_by_paging_because_there_is_no_search_for_it() {
    let mut appliance = long_list();
    put(&mut appliance, &["u1 l", "u1 m"]);
    let settled = play(&mut appliance, wish(&["u1 a"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::Removed]);
    assert_eq!(appliance.writes[0].view, View::Sender);
    assert!(searches(&appliance).is_empty());
}

#[test]
fn what_comes_into_a_row_after_the_whole_was_read_is_kept() {
    let mut appliance = long_list();
    let (recipient, sender) = pair("u1 new");
    // The whole takes four pages; the mailbox is read once more after them.
    appliance
        .rival
        .insert(4, vec![Act::Puts(LIST, recipient.clone(), sender.clone())]);
    let settled = play(&mut appliance, wish(&["u1 a"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::Removed]);
    assert!(appliance.holds(LIST, &recipient, &sender));
}

#[test]
fn nothing_is_written_where_the_list_cannot_be_read_whole() {
    // More than a page, or the first page would be the whole.
    let mut appliance = long_list();
    appliance.restless = true;
    let settled = play(&mut appliance, wish(&["u1 a", "u9 a"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::Unreachable; 2]);
    assert!(
        settled.items[0].detail.starts_with("nothing sent"),
        "{}",
        settled.items[0].detail
    );
    assert!(appliance.writes.is_empty());
}
