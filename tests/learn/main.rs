//! `learn` against simulators whose knobs are known: what it prints has to be exactly what can be seen of them, and
//! nothing may be left of it. What cannot be seen is a table in `unseen.rs`; `bench.rs` runs one case; `endings.rs` has
//! runs that are refused or do not reach their end.

#![expect(clippy::unwrap_used, reason = "in a test a failed step is a failed test")]
#![expect(
    unreachable_pub,
    reason = "a test binary has no public side; `pub` marks what a module offers"
)]

mod bench;
mod command_line;
mod endings;
mod unseen;

use bench::{Bench, compare};
use doorlist::simulator::Knobs;

/// Every value of every knob that is not the default, each alone.
const ALONE: &[(&str, &str)] = &[
    ("add_on_existing", "pair"),
    ("add_on_existing", "merge"),
    ("append_of_existing_pair", "noop"),
    ("append_on_missing_row", "404"),
    ("edit_on_missing_row", "create"),
    ("batch_with_conflict", "partial"),
    ("delete_of_absent", "404"),
    ("delete_count", "pairs"),
    ("other_list", "400"),
    ("other_list", "allow"),
    ("over_limit", "409"),
    ("over_limit", "413"),
    ("list_limit", "1"),
    ("list_limit", "2"),
    ("list_limit", "7"),
    ("list_limit", "51"),
    ("list_limit", "500"),
    ("list_limit", "501"),
    ("list_limit", "none"),
    ("bad_entry", "404"),
    ("unknown_query_on_get", "ignored"),
    ("unknown_query_on_post", "404"),
    ("lone_page_parameter", "ignored"),
    ("page_rows_max", "1"),
    ("page_rows_max", "2"),
    ("page_rows_max", "99"),
    ("page_rows_max", "1000"),
    ("error_framing", "eof"),
    ("error_framing", "rst"),
    ("error_framing", "reason"),
    ("error_framing", "html"),
    ("error_code", "integer"),
    ("token_binding", "unbound"),
    ("token_idle_seconds", "0"),
    ("token_idle_seconds", "60"),
    ("token_idle_seconds", "3777"),
    ("append_by_sender_echo", "threatq"),
    ("value_order", "scrambled"),
    ("search_finds", "recipient"),
    ("search_case", "exact"),
    ("spelling", "fold"),
    ("roots", "esa"),
    ("roots", "sma"),
    ("refused_entries", "somebody@example.com"),
];

/// What is drawn from for combinations.
const DRAWN: &[(&str, &[&str])] = &[
    ("add_on_existing", &["row", "pair", "merge"]),
    ("append_of_existing_pair", &["409", "noop"]),
    ("append_on_missing_row", &["create", "404"]),
    ("edit_on_missing_row", &["404", "create"]),
    ("batch_with_conflict", &["atomic", "partial"]),
    ("delete_of_absent", &["200", "404"]),
    ("delete_count", &["rows", "pairs"]),
    ("other_list", &["409", "400", "allow"]),
    ("over_limit", &["400", "409", "413"]),
    ("list_limit", &["3", "23", "64", "100", "137", "none"]),
    ("bad_entry", &["400", "404"]),
    ("unknown_query_on_get", &["404", "ignored"]),
    ("unknown_query_on_post", &["ignored", "404"]),
    ("lone_page_parameter", &["empty", "ignored"]),
    ("page_rows_max", &["none", "5", "30", "100"]),
    (
        "error_framing",
        &["length", "eof", "rst", "reason", "html", "length"],
    ),
    ("error_code", &["string", "integer"]),
    ("token_binding", &["user_agent", "unbound"]),
    ("token_idle_seconds", &["300", "1800", "86400"]),
    ("append_by_sender_echo", &["request", "threatq"]),
    ("value_order", &["stored", "scrambled"]),
    ("search_finds", &["recipient_or_sender", "recipient"]),
    ("search_case", &["fold", "exact"]),
    ("spelling", &["exact", "fold"]),
    ("roots", &["both", "esa", "sma"]),
];

const COMBINATIONS: u64 = 30;

#[test]
fn every_value_of_every_knob_is_tried() {
    let Ok(serde_json::Value::Object(all)) = serde_json::to_value(Knobs::default()) else {
        panic!("knobs are an object");
    };
    for name in all.keys() {
        assert!(ALONE.iter().any(|(knob, _)| knob == name), "{name}");
        let is_drawn = DRAWN.iter().any(|(knob, _)| knob == name);
        assert!(is_drawn || name == "refused_entries", "{name}");
    }
}

#[tokio::test]
async fn an_appliance_as_it_is_assumed_is_printed_as_such() {
    compare(&Bench::of(Knobs::default()).await.learn().await);
}

#[tokio::test]
async fn a_knob_that_is_set_otherwise_is_printed_so() {
    for (name, value) in ALONE {
        let mut knobs = Knobs::default();
        knobs.set(name, value).unwrap();
        compare(&Bench::of(knobs).await.learn().await);
    }
}

#[tokio::test]
async fn any_combination_of_knobs_is_printed_as_far_as_it_can_be_seen() {
    for seed in 0..COMBINATIONS {
        let mut chance = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut draw = |count: usize| {
            // Xorshift: any order will do, as long as it is always the same.
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            usize::try_from(chance % u64::try_from(count).unwrap()).unwrap()
        };
        let mut knobs = Knobs::default();
        for (name, values) in DRAWN {
            knobs.set(name, values[draw(values.len())]).unwrap();
        }
        compare(&Bench::of(knobs).await.learn().await);
    }
}
