//! What a report says beside its first sentence: an appliance that was only looked at, and the form for a terminal.

use super::testing::{heading, lines, result};
use super::{Report, render};
use crate::model::{Operation, Outcome};
use Outcome::{
    Added, AlreadyAbsent, AlreadyPresent, ListFull, Partly, Unreachable, Waiting, WouldAdd, WouldRemove,
};

/// One row for each result, with what it is on each appliance; those at `skipped` were only looked at.
fn report(operation: Operation, rows: &[&[Outcome]], skipped: &[usize]) -> Report {
    let results = rows.iter().enumerate().map(|(index, on)| {
        let mut result = result(operation, index, on, skipped);
        result.value = format!("s{index}.example");
        for there in &mut result.appliances {
            there.detail = format!("why {}", there.outcome);
        }
        result.detail = "why".to_owned();
        result
    });
    let appliances = rows.iter().map(|on| on.len()).max().unwrap_or_default();
    Report::new(heading(operation), results.collect(), lines(appliances, skipped))
}

#[test]
fn an_observed_appliance_is_said_to_be_skipped_and_what_would_have_been_done_there() {
    let beginning = "esa-2 is in mode observe: skipped, nothing written there";
    for (operation, rows, expected) in [
        (
            Operation::Add,
            &[
                &[Added, WouldAdd][..],
                &[Added, WouldAdd],
                &[Added, AlreadyPresent],
            ][..],
            "; 2 of 3 would be listed; 1 of 3 listed already",
        ),
        (
            Operation::Add,
            &[&[Added, ListFull][..], &[Added, Waiting], &[]],
            "; 1 of 3 would wait for the next run; 2 of 3 would not be listed (1 full mailbox, 1 invalid)",
        ),
        (
            Operation::Add,
            &[&[Added, Partly][..]],
            "; 1 of 1 would be listed in part",
        ),
        (
            Operation::Add,
            &[&[Added, Unreachable][..], &[Added, Unreachable]],
            "; 2 of 2 could not be looked at: why unreachable",
        ),
        (
            Operation::Delete,
            &[&[AlreadyAbsent, WouldRemove][..], &[AlreadyAbsent, AlreadyAbsent]],
            "; 1 of 2 would be taken off; 1 of 2 off the list already",
        ),
    ] {
        let report = report(operation, rows, &[1]);
        assert_eq!(report.appliances[0].warnings, [""; 0]);
        assert_eq!(report.appliances[1].warnings, [format!("{beginning}{expected}")]);
        assert!(!report.dry_run);
    }
}

#[test]
fn a_caller_who_asked_for_a_preview_is_not_told_of_the_mode() {
    let mut heading = heading(Operation::Add);
    heading.dry_run = true;
    let mut lines = lines(2, &[0, 1]);
    for line in &mut lines {
        line.skipped = false;
    }
    let results = vec![result(Operation::Add, 0, &[WouldAdd, WouldAdd], &[])];
    let report = Report::new(heading, results, lines);
    assert!(report.appliances.iter().all(|line| line.warnings.is_empty()));
    assert!(report.dry_run && report.text.starts_with("PREVIEW"));
}

/// Without the colours, which only repeat the words.
fn plain(report: &Report) -> String {
    anstream::adapter::strip_str(&render(report)).to_string()
}

#[test]
fn a_terminal_shows_a_column_for_each_of_several_appliances_with_symbol_and_word() {
    let rows: &[&[Outcome]] = &[
        &[Added, Unreachable, WouldAdd],
        &[AlreadyPresent, Partly, ListFull],
        &[],
    ];
    let text = plain(&report(Operation::Add, rows, &[2]));
    let shown: Vec<&str> = text.lines().take(4).collect();
    assert_eq!(
        shown,
        [
            "                                     esa-1              esa-2          esa-3 (skipped)",
            "  x unreachable          s0.example  + added            x unreachable  + would_add      esa-2: why unreachable",
            "  ! partly               s1.example  = already_present  ! partly 1/2   ! list_full      esa-2: why partly",
            "  ! invalid              s2.example  -                  -              -                why",
        ]
    );
    assert!(text.contains("note: esa-3 is in mode observe: skipped"), "{text}");
}

#[test]
fn a_terminal_shows_no_columns_for_one_appliance() {
    let text = plain(&report(Operation::Add, &[&[Added], &[ListFull]], &[]));
    let shown: Vec<&str> = text.lines().take(3).collect();
    assert_eq!(
        shown,
        [
            "  + added                s0.example  why",
            "  ! list_full            s1.example  why",
            "",
        ]
    );
}

/// A delay in minutes and the moment, of an appliance that was changed; None where it was not.
type Delay<'a> = Option<(Option<u32>, Option<&'a str>)>;

/// All is as wished on both appliances, which were changed or not, with a delay or without.
fn changed(operation: Operation, delays: [Delay<'_>; 2]) -> Report {
    let mut lines = lines(2, &[]);
    for (line, delay) in lines.iter_mut().zip(delays) {
        let Some((minutes, by)) = delay else { continue };
        line.list_sync_minutes = minutes;
        line.in_force_by = by.map(str::to_owned);
        line.in_force = Some(super::in_force(operation, by, minutes));
    }
    Report::new(heading(operation), vec![], lines)
}

#[test]
fn from_when_on_a_change_is_in_force_is_said_where_it_is_known() {
    let quarter = Some((Some(15), Some("2026-11-25T03:27:00Z")));
    let hour = Some((Some(60), Some("2026-11-25T04:12:00Z")));
    let day = Some((Some(1440), Some("2026-11-26T03:12:00Z")));
    let unknown = Some((None, None));
    for (operation, delays, part, shown) in [
        (Operation::Add, [None, None], "", &[][..]),
        (
            Operation::Add,
            [quarter, None],
            "in force by 03:27 UTC; ",
            &["  in force by 03:27 UTC (esa-1, list_sync_minutes 15)"],
        ),
        (
            Operation::Add,
            [hour, quarter],
            "in force by 04:12 UTC; ",
            &[
                "  in force by 04:12 UTC (esa-1, list_sync_minutes 60)",
                "  in force by 03:27 UTC (esa-2, list_sync_minutes 15)",
            ],
        ),
        (
            Operation::Add,
            [quarter, day],
            "in force by 2026-11-26 03:12 UTC; ",
            &[
                "  in force by 03:27 UTC (esa-1, list_sync_minutes 15)",
                "  in force by 2026-11-26 03:12 UTC (esa-2, list_sync_minutes 1440)",
            ],
        ),
        (
            Operation::Add,
            [quarter, unknown],
            "",
            &[
                "  in force by 03:27 UTC (esa-1, list_sync_minutes 15)",
                "  esa-2: delay until in force unknown, set list_sync_minutes",
            ],
        ),
        (
            Operation::Delete,
            [quarter, unknown],
            "",
            &[
                "  no longer in force by 03:27 UTC (esa-1, list_sync_minutes 15)",
                "  esa-2: delay until no longer in force unknown, set list_sync_minutes",
            ],
        ),
        (
            Operation::Delete,
            [None, quarter],
            "no longer in force by 03:27 UTC; ",
            &["  no longer in force by 03:27 UTC (esa-2, list_sync_minutes 15)"],
        ),
    ] {
        let report = changed(operation, delays);
        let end = format!("; blocklist of esa-1, esa-2; {part}run R");
        assert!(report.text.ends_with(&end), "{} {end}", report.text);
        let text = plain(&report);
        let lines: Vec<&str> = text.lines().filter(|line| line.contains("in force")).collect();
        assert_eq!(lines, shown);
    }
}
