//! How rows are read, and what a reading does not prove.

use super::*;

#[test]
fn rows_are_read_by_the_cheapest_way() {
    let many_recipients: Vec<(String, String)> = (0..950)
        .map(|n| (format!("u{n}@example.com"), format!("s{n}.example")))
        .collect();
    let one_sender: Vec<(String, String)> = (0..950)
        .map(|n| (format!("u{n}@example.com"), "s.example".into()))
        .collect();
    // (what is there, does search find the other case, reads for the first observation)
    for (pairs, search, reads, way) in [
        (
            &many_recipients,
            true,
            3,
            "a page, a probe of the search, a search",
        ),
        (
            &one_sender,
            false,
            3,
            "a page by recipient, a failed probe, one page by sender",
        ),
        (
            &many_recipients,
            false,
            12,
            "a page, a failed probe, a look at the other view, nine pages more",
        ),
    ] {
        let mut appliance = Appliance {
            search_finds_other_case: search,
            ..Appliance::default()
        };
        for (recipient, sender) in pairs {
            appliance.seed(ListKind::Blocklist, &[(recipient, sender)]);
        }
        let settled = play(&mut appliance, add(&["new.example"]), limits());
        assert_eq!(outcomes(&settled), [Outcome::Added]);
        let first = appliance
            .reads
            .iter()
            .take_while(|read| read.list == ListKind::Blocklist)
            .count();
        assert_eq!(first, reads, "{way}");
    }
}

#[test]
fn a_list_that_changes_while_it_is_paged_proves_nothing_and_nothing_is_written() {
    let mut appliance = Appliance {
        restless: true,
        search_finds_other_case: false,
        ..Appliance::default()
    };
    for number in 0..150 {
        appliance.seed(
            ListKind::Blocklist,
            &[(&format!("u{number}@example.com"), "x.example")],
        );
        appliance.seed(
            ListKind::Blocklist,
            &[("u0@example.com", &format!("s{number}.example"))],
        );
    }
    let settled = play(&mut appliance, add(&["new.example"]), limits());
    assert_eq!(
        outcomes(&settled),
        [Outcome::Unreachable],
        "nothing was sent, so nothing is unproven"
    );
    assert_eq!(appliance.writes.len(), 0);
    assert!(
        settled.items[0].detail.contains("kept changing"),
        "{}",
        settled.items[0].detail
    );
}

#[test]
fn a_mailbox_at_an_ip_address_is_never_looked_for_by_search() {
    let mut appliance = Appliance::default();
    appliance.seed(ListKind::Blocklist, &[("user@[192.0.2.1]", "x.example")]);
    for number in 0..450 {
        appliance.seed(
            ListKind::Blocklist,
            &[(&format!("u{number}@example.com"), &format!("s{number}.example"))],
        );
    }
    let wish = Wish::absent_recipients(ListKind::Blocklist, &recipients(&["user@[192.0.2.1]"]));
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::Removed]);
    assert!(
        appliance
            .reads
            .iter()
            .all(|read| read.search.as_deref() != Some("user@192.0.2.1"))
    );
}
