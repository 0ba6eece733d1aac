//! What a token's life is told by, as a table, and when a token is bound.

use super::*;
use serde_json::json;

#[test]
fn a_life_is_told_by_the_token_or_by_a_clock_that_agrees() {
    let times = |before, after, appliance| Times {
        before,
        after,
        appliance,
    };
    let settled = |seconds| Some(Value::Number(seconds));
    for (claims, times, expected) in [
        (
            json!({"exp": 2800, "iat": 1000}),
            times(5, 6, None),
            settled(1800),
        ),
        (json!({"exp": 2800}), times(1000, 1000, None), settled(1800)),
        (json!({"exp": 2801}), times(1001, 1001, Some(1000)), settled(1800)),
        // A second turned: the setting is in minutes.
        (json!({"exp": 2800}), times(1000, 1001, None), settled(1800)),
        (json!({"exp": 2777}), times(1000, 1001, None), None),
        // The clocks differ by hours.
        (json!({"exp": 9800}), times(1000, 1000, Some(8000)), settled(1800)),
        (json!({"exp": 9777}), times(1000, 1000, Some(8000)), None),
        (json!({"exp": 1000}), times(1000, 1001, None), settled(0)),
        (json!({"exp": 10}), times(1000, 1000, None), None),
        (json!({"exp": "soon"}), times(1000, 1000, None), None),
        (json!({}), times(1000, 1000, None), None),
        (json!({"exp": 1}), times(0, 0, Some(u64::MAX - 1)), None),
    ] {
        let (judged, _) = judge_life(life_of(&claims, times));
        assert_eq!(judged.ok(), expected, "{claims} {times:?}");
    }
}

#[test]
fn two_logins_settle_what_one_leaves_open() {
    let life = |from, to| Some(Life { from, to, how: "" });
    for (one, other, agreed) in [
        (None, life(7, 8), life(7, 8)),
        (life(7, 8), life(8, 8), life(8, 8)),
        (life(7, 8), life(6, 7), life(7, 7)),
        (life(7, 8), life(9, 9), None),
        (life(7, 8), None, None),
    ] {
        assert_eq!(both(one, other), agreed);
    }
}

#[test]
fn a_token_is_bound_where_only_another_user_agent_is_refused() {
    let no = |status| Reply::No { status };
    for (same, other, expected) in [
        (Reply::Yes, Reply::Yes, Some("unbound")),
        (Reply::Yes, no(Some(401)), Some("user_agent")),
        (Reply::Yes, no(None), Some("user_agent")),
        (Reply::Yes, no(Some(404)), None),
        (Reply::Yes, Reply::Unclear, None),
        (no(Some(401)), no(Some(401)), None),
    ] {
        assert_eq!(
            judge_binding(same, other).ok(),
            expected.map(Value::Word),
            "{same:?} {other:?}"
        );
    }
}

#[test]
fn the_middle_of_a_token_has_its_claims() {
    let token = format!("x.{}.y", URL_SAFE_NO_PAD.encode(r#"{"exp":60}"#));
    assert_eq!(claims_of(&token), Some(json!({"exp": 60})));
    assert_eq!(claims_of("no token"), None);
}
