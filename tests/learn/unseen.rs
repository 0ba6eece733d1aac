//! What no client can see of an appliance, as data: for which knobs, under which circumstances, and why. Everything else
//! has to be printed.

use doorlist::simulator::Knobs;

/// Knobs that stay open.
pub struct Unseen {
    pub why: &'static str,
    pub when: fn(&serde_json::Value) -> bool,
    pub knobs: &'static [&'static str],
}

pub const UNSEEN: &[Unseen] = &[
    Unseen {
        why: "an entry whose form is good may be refused, and nobody knows which",
        when: |_| true,
        knobs: &["refused_entries"],
    },
    Unseen {
        why: "a reset tells no status and no code",
        when: |knobs| knobs["error_framing"] == "rst",
        knobs: &["over_limit", "bad_entry", "error_code"],
    },
    Unseen {
        why: "a reset does not tell which refusal it was",
        when: |knobs| knobs["error_framing"] == "rst" && knobs["other_list"] != "allow",
        knobs: &["other_list"],
    },
    Unseen {
        why: "a page of HTML has no code",
        when: |knobs| knobs["error_framing"] == "html",
        knobs: &["error_code"],
    },
    Unseen {
        why: "AsyncOS has no limit beyond 500, so no more is put in",
        when: |knobs| limit(knobs) > 500,
        knobs: &["over_limit"],
    },
    Unseen {
        why: "eight values are needed to see an order",
        when: |knobs| limit(knobs) < 8,
        knobs: &["value_order"],
    },
    Unseen {
        why: "a row with one sender is one row and one pair",
        when: |knobs| limit(knobs) < 2,
        knobs: &["delete_count"],
    },
    Unseen {
        why: "two senders of one recipient are needed",
        when: |knobs| limit(knobs) < 2,
        knobs: &[
            "add_on_existing",
            "bad_entry",
            "batch_with_conflict",
            "unknown_query_on_post",
            "spelling",
            "append_by_sender_echo",
        ],
    },
    Unseen {
        why: "no append by sender is accepted: not without a row, not of a pair that stands, and there is no third",
        when: |knobs| {
            knobs["append_on_missing_row"] == "404"
                && knobs["append_of_existing_pair"] == "409"
                && knobs["spelling"] == "fold"
        },
        knobs: &["append_by_sender_echo"],
    },
    Unseen {
        why: "a token that has ended at once is of no use to anybody",
        when: |knobs| knobs["token_idle_seconds"] == 0,
        knobs: &["token_binding"],
    },
];

fn limit(knobs: &serde_json::Value) -> u64 {
    knobs["list_limit"].as_u64().unwrap_or(u64::MAX)
}

/// What has to be printed of these knobs, by name, when a full list has so many rows in its sender view.
pub fn expected(knobs: &Knobs, other_sender_rows: u64) -> serde_json::Map<String, serde_json::Value> {
    let knobs = serde_json::to_value(knobs).unwrap();
    let mut expected = knobs.as_object().unwrap().clone();
    for unseen in UNSEEN.iter().filter(|unseen| (unseen.when)(&knobs)) {
        for knob in unseen.knobs {
            expected.remove(*knob);
        }
        assert!(!unseen.why.is_empty());
    }
    // More than 500 is as good as no limit.
    if limit(&knobs) > 500 {
        expected["list_limit"] = "none".into();
    }
    // No page can be seen to end where the rows do.
    let rows = limit(&knobs).min(501) + other_sender_rows;
    if knobs["page_rows_max"].as_u64().is_none_or(|most| most >= rows) {
        expected["page_rows_max"] = "none".into();
    }
    expected
}
