//! Random previews over HTTP against the simulator: whatever is asked of whichever list, its request log holds no
//! write. `DOORLIST_PREVIEWS=10000 cargo test previews` plays more of them than every test run needs.

use super::support::{Lab, pairs, post};
use doorlist::simulator::{Lists, Settings};
use serde_json::json;

const PREVIEWS: u64 = 300;

/// Sebastiano Vigna's splitmix64.
fn roll(state: &mut u64, sides: u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % sides
}

fn random_lists(dice: &mut u64) -> Lists {
    let names: Vec<(String, String)> = (0..roll(dice, 30))
        .map(|_| {
            (
                format!("user{}@example.com", roll(dice, 6)),
                format!("s{}.example", roll(dice, 12)),
            )
        })
        .collect();
    let half = names.len() / 2;
    let borrow = |names: &[(String, String)]| {
        let names: Vec<(&str, &str)> = names.iter().map(|(r, s)| (r.as_str(), s.as_str())).collect();
        pairs(&names)
    };
    Lists {
        blocklist: borrow(&names[..half]),
        safelist: borrow(&names[half..]),
    }
}

#[tokio::test]
async fn random_previews_leave_no_write_in_the_log_of_the_appliance() {
    let wanted = std::env::var("DOORLIST_PREVIEWS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(PREVIEWS);
    let lab = Lab::start_with(Settings::default(), "list_limit = 5", "objects_per_run = 6").await;
    let mut dice = 1;
    let actions = [
        ("cisco-esa-add-senders-to-quarantine-list", "add-senders"),
        ("cisco-esa-add-recipients-to-quarantine-list", "add-recipients"),
        ("cisco-esa-delete-senders-from-quarantine-list", "delete-senders"),
        (
            "cisco-esa-delete-recipients-from-quarantine-list",
            "delete-recipients",
        ),
    ];
    for number in 0..wanted {
        if number % 50 == 0 {
            lab.simulator.reset();
            lab.simulator.set_lists(random_lists(&mut dice));
        }
        let before = lab.simulator.lists();
        let (action, configuration) = actions[roll(&mut dice, 4) as usize];
        let indicators: Vec<_> = (0..roll(&mut dice, 12) + 1)
            .map(|_| match roll(&mut dice, 5) {
                0 => json!({"value": format!("user{}@example.com", roll(&mut dice, 8)), "type": "Email Address"}),
                1 => json!({"value": format!("192.0.2.{}", roll(&mut dice, 9)), "type": "IP Address"}),
                2 => json!({"value": "gmail.com", "type": "FQDN"}),
                _ => json!({"value": format!("s{}.example", roll(&mut dice, 14)), "type": "FQDN"}),
            })
            .collect();
        let url = format!(
            "{}/v1/actions/{action}?configuration={configuration}&dry_run=true",
            lab.url
        );
        let answer = post(&url, json!(indicators).to_string()).await;
        assert_eq!(
            (answer.status, &answer.body["dry_run"]),
            (200, &json!(true)),
            "preview {number}: {answer:?}"
        );
        let written = ["added", "removed"].map(|outcome| answer.count(outcome));
        assert_eq!(written, [0, 0], "preview {number}: {answer:?}");
        assert_eq!(lab.simulator.lists(), before, "preview {number}");
        assert_eq!(lab.writes(), [], "preview {number}");
    }
    lab.stop().await;
}
