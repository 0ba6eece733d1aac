//! What the first sentence says of one appliance, and in `several.rs` of several. Single-appliance sentences are what
//! callers match on, so that they stand here to the letter.

mod several;

use super::*;
use crate::model::{Class, ListKind, PairCounts};
use crate::report::testing::heading;

fn results(outcomes: &[(Outcome, Class)]) -> Vec<ResultLine> {
    let line = |(index, (outcome, class)): (usize, &(Outcome, Class))| ResultLine {
        index,
        id: None,
        r#type: None,
        value: String::new(),
        entry: None,
        outcome: *outcome,
        class: *class,
        ok: class.ok(),
        retry: class.retry(),
        detail: String::new(),
        of: (*outcome == Outcome::Repeated).then_some(0),
        pairs: PairCounts {
            wanted: 1,
            unproven: usize::from(*outcome == Outcome::Unproven),
            ..PairCounts::default()
        },
        notes: vec![],
        appliances: vec![],
    };
    outcomes.iter().enumerate().map(line).collect()
}

#[test]
fn trouble_comes_first_and_the_numbers_add_up() {
    use Class::{InPlace, Refused, Skipped, Trouble, Waiting};
    use Outcome as O;
    for (operation, outcomes, expected) in [
        (
            Operation::Add,
            vec![(O::Added, InPlace), (O::AlreadyPresent, InPlace)],
            "2 of 2 listed (1 new); run R",
        ),
        (Operation::Add, vec![], "0 of 0 listed (0 new); run R"),
        (
            Operation::Add,
            vec![
                (O::Added, InPlace),
                (O::ListFull, Refused),
                (O::Invalid, Refused),
                (O::ListFull, Refused),
            ],
            "NOT LISTED 3 of 4 (2 full mailbox, 1 invalid); 1 of 4 listed (1 new); run R",
        ),
        (
            Operation::Add,
            vec![
                (O::Unproven, Trouble),
                (O::Unreachable, Trouble),
                (O::Waiting, Waiting),
            ],
            "UNPROVEN 1 of 3: may or may not be listed; NOT LISTED 1 of 3 (1 unreachable); 1 of 3 wait for the next run; run R",
        ),
        (
            Operation::Add,
            vec![(O::Partly, Refused), (O::UnsupportedType, Skipped)],
            "PARTLY LISTED 1 of 2; 1 skipped; run R",
        ),
        (
            Operation::Add,
            vec![(O::Partly, Refused), (O::Repeated, Refused), (O::Added, InPlace)],
            "PARTLY LISTED 2 of 3; 1 of 3 listed (1 new); run R",
        ),
        (
            Operation::Delete,
            vec![
                (O::Removed, InPlace),
                (O::AlreadyAbsent, InPlace),
                (O::Unreachable, Trouble),
            ],
            "NOT REMOVED 1 of 3 (1 unreachable); 2 of 3 off the list (1 removed now); run R",
        ),
    ] {
        assert_eq!(
            sentence(&heading(operation), &results(&outcomes), &[], false),
            expected
        );
    }
}

#[test]
fn a_trouble_of_the_configuration_comes_before_what_is_well() {
    let line = |name: &str, troubles: &[&str]| ApplianceLine {
        name: name.into(),
        list: ListKind::Blocklist,
        mode: crate::report::Mode::Enforce,
        skipped: false,
        calls: crate::report::CallCounts { reads: 1, writes: 1 },
        configuration_troubles: troubles.iter().map(|trouble| (*trouble).to_owned()).collect(),
        list_sync_minutes: None,
        in_force: None,
        in_force_by: None,
        warnings: vec![],
    };
    let outcomes = results(&[(Outcome::Added, Class::InPlace)]);
    let heading = heading(Operation::Add);
    for (lines, expected) in [
        (
            vec![line("esa-1", &["u1 is refused"])],
            "CONFIGURATION: u1 is refused on esa-1; 1 of 1 listed (1 new); blocklist of esa-1; run R",
        ),
        (
            vec![
                line("esa-1", &["u1 is refused", "u2 is refused"]),
                line("esa-2", &["u1 is refused"]),
            ],
            "CONFIGURATION: u1 is refused on esa-1 (and 2 more); 1 of 1 listed (1 new); blocklist of esa-1, esa-2; run R",
        ),
    ] {
        assert_eq!(sentence(&heading, &outcomes, &lines, false), expected);
    }
}
