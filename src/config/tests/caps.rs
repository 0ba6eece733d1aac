//! Caps: what is written for a configuration wins over `[guard]`, that over the default, and each says its table.

use super::*;
use crate::config::{Cap, RunCaps, ShareCap};
use crate::model::Operation;

const DELETION: &str = r#"
[configurations.unblock]
action = "cisco-esa-delete-senders-from-quarantine-list"
appliance = "esa-1"
"#;

fn cap(max: usize, table: &str) -> Cap {
    let table = table.to_owned();
    Cap { max, table }
}

#[test]
fn a_configuration_wins_over_the_guard_and_the_guard_over_the_default() {
    let guard = "[guard]\nadded_pairs_per_run_max = 1_000_000\nremoved_pairs_per_run_max = 1\n\
                 added_pairs_per_hour_max = 900\nremoved_pairs_per_hour_max = 90\nremoved_share_max_percent = 7\n\
                 removed_share_floor_pairs = 33\n";
    let (block, unblock) = ("[configurations.block]", "[configurations.unblock]");
    // (what the addition says, what the deletion says, the guard, caps of the addition, caps of the deletion)
    for (addition, deletion, guard, added, removed) in [
        (
            "",
            "",
            "",
            (cap(500, "[guard]"), None),
            (cap(50, "[guard]"), None, cap(10, "[guard]"), cap(200, "[guard]")),
        ),
        (
            "",
            "",
            guard,
            (cap(1_000_000, "[guard]"), Some(cap(900, "[guard]"))),
            (
                cap(1, "[guard]"),
                Some(cap(90, "[guard]")),
                cap(7, "[guard]"),
                cap(33, "[guard]"),
            ),
        ),
        (
            "added_pairs_per_run_max = 5\nadded_pairs_per_hour_max = 6\n",
            "removed_pairs_per_run_max = 3\nremoved_share_floor_pairs = 4\n",
            guard,
            (cap(5, block), Some(cap(6, block))),
            (
                cap(3, unblock),
                Some(cap(90, "[guard]")),
                cap(7, "[guard]"),
                cap(4, unblock),
            ),
        ),
    ] {
        let text = [SMALL, addition, DELETION, deletion, guard].concat();
        let config = good(&text, &[]);
        let caps = |name: &str, operation| {
            let own = &config.configurations[name].caps;
            RunCaps::of(name, own, &config.guard.caps, operation)
        };
        let expected = RunCaps {
            per_run: added.0,
            per_hour: added.1,
            share: None,
        };
        assert_eq!(caps("block", Operation::Add), expected, "{text}");
        let expected = RunCaps {
            per_run: removed.0,
            per_hour: removed.1,
            share: Some(ShareCap {
                percent: removed.2,
                floor_pairs: removed.3,
            }),
        };
        assert_eq!(caps("unblock", Operation::Delete), expected, "{text}");
    }
}
