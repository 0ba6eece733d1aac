//! What the first sentence says of several appliances: that something falls short before what stands, and where.

use crate::model::{Operation, Outcome};
use crate::report::summary::sentence;
use crate::report::testing::{heading, lines, result};

fn said(operation: Operation, rows: &[&[Outcome]], skipped: &[usize], is_preview: bool) -> String {
    let results: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(index, on)| result(operation, index, on, skipped))
        .collect();
    let appliances = rows.iter().map(|on| on.len()).max().unwrap_or_default();
    sentence(
        &heading(operation),
        &results,
        &lines(appliances, skipped),
        is_preview,
    )
}

/// One row for each result, with what it is on each appliance; the appliances that are skipped; the sentence.
type Told<'a> = (&'a [&'a [Outcome]], &'a [usize], &'a str);

#[test]
fn what_falls_short_somewhere_comes_first_and_says_where() {
    use Outcome::{
        Added as Add, AlreadyPresent as Old, ListFull as Full, NotTried, Partly as Part, Unproven as Maybe,
        Unreachable as Gone, Waiting as Wait,
    };
    let table: &[Told<'_>] = &[
        (
            &[&[Add, Add], &[Old, Add], &[Old, Old]],
            &[],
            "3 of 3 listed (2 new); blocklist of esa-1, esa-2; run R",
        ),
        (
            &[
                &[Add, Gone, Add, Gone],
                &[Add, Gone, Add, Gone],
                &[Add, Gone, Add, Gone],
            ],
            &[2],
            "NOT LISTED ON ALL 3 of 3 (3 unreachable on each of esa-2, esa-4); on esa-1 3 of 3 listed (3 new); \
             esa-3 skipped (observe); blocklist of esa-1, esa-2, esa-4; run R",
        ),
        (
            &[&[Gone, Gone], &[Gone, Gone]],
            &[],
            "NOT LISTED 2 of 2 (2 unreachable on each); blocklist of esa-1, esa-2; run R",
        ),
        (
            &[&[Gone, Full], &[Gone, Gone]],
            &[],
            "NOT LISTED 2 of 2 (2 unreachable on esa-1, 1 unreachable on esa-2, 1 full mailbox on esa-2); \
             blocklist of esa-1, esa-2; run R",
        ),
        (
            &[&[Add, Gone], &[], &[Old, Add]],
            &[],
            "NOT LISTED 1 of 3 (1 invalid); NOT LISTED ON ALL 1 of 3 (1 unreachable on esa-2); 1 of 3 listed on all \
             (1 new); on esa-1 2 of 3 listed (1 new); blocklist of esa-1, esa-2; run R",
        ),
        (
            &[&[Add, Maybe], &[Add, Add]],
            &[],
            "UNPROVEN 1 of 2: may or may not be listed (1 on esa-2); 1 of 2 listed on all (1 new); \
             on esa-1 2 of 2 listed (2 new); blocklist of esa-1, esa-2; run R",
        ),
        (
            &[&[Maybe, Maybe]],
            &[],
            "UNPROVEN 1 of 1: may or may not be listed; blocklist of esa-1, esa-2; run R",
        ),
        (
            &[&[Add, Maybe, Gone]],
            &[],
            "UNPROVEN 1 of 1: may or may not be listed (1 on esa-2, 1 unreachable on esa-3); \
             on esa-1 1 of 1 listed (1 new); blocklist of esa-1, esa-2, esa-3; run R",
        ),
        (
            &[&[Add, Part], &[Part, Part]],
            &[],
            "PARTLY LISTED 2 of 2 (1 on esa-1, 2 on esa-2); on esa-1 1 of 2 listed (1 new); \
             blocklist of esa-1, esa-2; run R",
        ),
        (
            &[&[Part, Gone]],
            &[],
            "NOT LISTED ON ALL 1 of 1 (1 partly on esa-1, 1 unreachable on esa-2); blocklist of esa-1, esa-2; run R",
        ),
        (
            &[&[Wait, Gone]],
            &[],
            "NOT LISTED 1 of 1 (1 unreachable on esa-2, 1 waiting on esa-1); blocklist of esa-1, esa-2; run R",
        ),
        (
            &[&[Old, Wait], &[Wait, Wait], &[Add, Add]],
            &[],
            "2 of 3 wait for the next run (1 on esa-1, 2 on esa-2); 1 of 3 listed on all (1 new); \
             on esa-1 2 of 3 listed (1 new); blocklist of esa-1, esa-2; run R",
        ),
        (
            &[&[Wait, Wait]],
            &[],
            "1 of 1 wait for the next run; blocklist of esa-1, esa-2; run R",
        ),
        (
            &[&[Add, Full], &[NotTried, Add]],
            &[],
            "NOT LISTED ON ALL 2 of 2 (1 not tried on esa-1, 1 full mailbox on esa-2); \
             on each 1 of 2 listed (1 new); blocklist of esa-1, esa-2; run R",
        ),
        (
            &[&[Add, Gone, Gone, Gone, Gone, Gone]],
            &[],
            "NOT LISTED ON ALL 1 of 1 (1 unreachable on each of esa-2, esa-3, esa-4 and 2 more); \
             on esa-1 1 of 1 listed (1 new); blocklist of esa-1, esa-2, esa-3 and 3 more; run R",
        ),
        // One that counts: as for one alone, and the others are said to be skipped.
        (
            &[&[Add, Gone], &[Full, Add]],
            &[1],
            "NOT LISTED 1 of 2 (1 full mailbox); 1 of 2 listed (1 new); esa-2 skipped (observe); \
             blocklist of esa-1; run R",
        ),
    ];
    for (rows, skipped, expected) in table {
        assert_eq!(said(Operation::Add, rows, skipped, false), *expected);
    }
}

#[test]
fn previews_and_removals_have_words_of_their_own() {
    use Outcome::{
        AlreadyAbsent as Off, AlreadyPresent as Old, ListFull as Full, Removed as Gone, Unreachable,
        WouldAdd as Would,
    };
    for (operation, rows, is_preview, expected) in [
        (
            Operation::Add,
            &[&[Would, Would][..], &[Would, Old], &[Old, Old]][..],
            true,
            "PREVIEW, nothing written; 2 of 3 would be listed (2 on esa-1, 1 on esa-2); 1 of 3 listed on all (0 new); \
             on esa-2 2 of 3 listed (0 new); blocklist of esa-1, esa-2; run R",
        ),
        (
            Operation::Add,
            &[&[Would, Would][..]],
            true,
            "PREVIEW, nothing written; 1 of 1 would be listed; blocklist of esa-1, esa-2; run R",
        ),
        (
            Operation::Add,
            &[&[Would, Full][..], &[Would, Would]],
            true,
            "PREVIEW, nothing written; NOT LISTED ON ALL 1 of 2 (1 full mailbox on esa-2); 1 of 2 would be listed; \
             on esa-1 2 of 2 would be listed; blocklist of esa-1, esa-2; run R",
        ),
        (
            Operation::Delete,
            &[&[Gone, Unreachable][..], &[Off, Off]],
            false,
            "NOT REMOVED ON ALL 1 of 2 (1 unreachable on esa-2); 1 of 2 off the list on all (0 removed now); \
             on esa-1 2 of 2 off the list (1 removed now); blocklist of esa-1, esa-2; run R",
        ),
    ] {
        assert_eq!(said(operation, rows, &[], is_preview), expected);
    }
}

#[test]
fn a_repeated_entry_is_counted_where_its_twin_is() {
    let mut results = vec![
        result(Operation::Add, 0, &[Outcome::Added, Outcome::Unreachable], &[]),
        result(Operation::Add, 1, &[], &[]),
    ];
    results[1].of = Some(0);
    results[1].outcome = Outcome::Repeated;
    assert_eq!(
        sentence(&heading(Operation::Add), &results, &lines(2, &[]), false),
        "NOT LISTED ON ALL 2 of 2 (2 unreachable on esa-2); on esa-1 2 of 2 listed (1 new); \
         blocklist of esa-1, esa-2; run R"
    );
}

/// Every way in which two results can stand on two appliances.
fn all_ways() -> impl Iterator<Item = [[Outcome; 2]; 2]> {
    const DRAWN: [Outcome; 7] = [
        Outcome::Added,
        Outcome::AlreadyPresent,
        Outcome::Waiting,
        Outcome::ListFull,
        Outcome::Partly,
        Outcome::Unreachable,
        Outcome::Unproven,
    ];
    let ways = DRAWN.len().pow(4);
    (0..ways).map(|way| {
        let drawn = |digit: u32| DRAWN[way / DRAWN.len().pow(digit) % DRAWN.len()];
        [[drawn(0), drawn(1)], [drawn(2), drawn(3)]]
    })
}

/// How the sentence is to speak of a result: the words before its count and behind it.
fn headline(on: &[Outcome; 2]) -> (&'static str, &'static str) {
    let any = |wanted: &[Outcome]| on.iter().any(|outcome| wanted.contains(outcome));
    let stands = [Outcome::Added, Outcome::AlreadyPresent, Outcome::Partly];
    if any(&[Outcome::Unproven]) {
        ("UNPROVEN ", " of 2: may or may not be listed")
    } else if any(&[Outcome::ListFull, Outcome::Unreachable]) {
        let somewhere = any(&stands);
        (
            if somewhere {
                "NOT LISTED ON ALL "
            } else {
                "NOT LISTED "
            },
            " of 2 (",
        )
    } else if any(&[Outcome::Partly]) {
        ("PARTLY LISTED ", " of 2")
    } else if any(&[Outcome::Waiting]) {
        ("", " of 2 wait for the next run")
    } else {
        ("", " of 2 listed")
    }
}

#[test]
fn in_every_way_two_results_can_stand_on_two_appliances_the_first_120_bytes_have_all_that_fell_short() {
    for way in all_ways() {
        let text = said(Operation::Add, &[&way[0], &way[1]], &[], false);
        let beginning = &text[..text.len().min(120)];
        let heads = way.each_ref().map(headline);
        let mut starts = Vec::new();
        for (before, behind) in heads {
            let count = heads.iter().filter(|head| **head == (before, behind)).count();
            let words = format!("{before}{count}{behind}");
            let found = beginning.find(&words);
            starts.push(found.unwrap_or_else(|| panic!("no {words:?} in {way:?}: {text}")));
        }
        let fell_short = heads
            .iter()
            .zip(&starts)
            .filter(|(head, _)| head.1 != " of 2 listed");
        let last_shortfall = fell_short.map(|(_, start)| *start).max();
        // "listed" alone, as good news: not behind "may or may not be".
        let good = text.replace("be listed", "be ------").find(" listed");
        if let (Some(shortfall), Some(good)) = (last_shortfall, good) {
            assert!(shortfall < good, "good news first in {way:?}: {text}");
        }
    }
}
