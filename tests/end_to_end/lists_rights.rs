//! Who may look at which list, and which questions are none.

use super::lists::BLOCKLIST;
use super::support::{DELETE_SENDERS, answer, client};
use super::why::start;
use doorlist::simulator::Lists;
use serde_json::json;
use sha2::{Digest as _, Sha256};

fn token_of(client: &str) -> String {
    format!("{client}-token-of-at-least-32-characters-xyz")
}

#[tokio::test]
async fn a_client_sees_the_lists_of_its_appliances_and_no_others() {
    let keys = |client: &str, configuration: &str| {
        let hash = Sha256::digest(token_of(client).as_bytes());
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!(
            "[clients.{client}]\ntoken_sha256 = \"{hash}\"\nconfigurations = [{configuration}]\naddresses = [\"127.0.0.0/8\"]\n"
        )
    };
    let clients = format!(
        "[configurations.look]\naction = \"{DELETE_SENDERS}\"\nappliance = \"esa-1\"\n{}{}{}",
        keys("blocks", "\"block\""),
        keys("looks", "\"look\""),
        keys("nobody", "")
    );
    let (lab, other) = start(Lists::default(), Lists::default(), &clients).await;
    for (name, first, second) in [("blocks", 200, 200), ("looks", 200, 403), ("nobody", 403, 403)] {
        for (appliance, status) in [("esa-1", first), ("esa-2", second), ("esa-9", 403)] {
            let url = format!("{}/v1/appliances/{appliance}/lists/safelist", lab.url);
            let list = answer(client().get(url).bearer_auth(token_of(name))).await;
            assert_eq!(list.status, status, "{name} {appliance}: {list:?}");
            if status == 403 {
                assert_eq!(list.code(), "appliance_not_allowed");
            }
        }
    }
    assert_eq!(lab.get(BLOCKLIST).await.status, 401);
    assert_eq!(
        (lab.simulator.requests().len(), other.requests().len()),
        (2, 1),
        "who may not, asks nobody"
    );
    other.stop().await;
    lab.stop().await;
}

#[tokio::test]
async fn a_question_that_is_none_is_refused_with_what_is_allowed() {
    let (lab, other) = start(Lists::default(), Lists::default(), "").await;
    for (path, status, code, allowed) in [
        (
            "/v1/appliances/esa-9/lists/blocklist",
            404,
            "unknown_appliance",
            json!(["esa-1", "esa-2"]),
        ),
        (
            "/v1/appliances/esa-1/lists/greylist",
            404,
            "unknown_list",
            json!(["blocklist", "safelist"]),
        ),
        (
            "/v1/appliances/esa-1/lists/Blocklist",
            404,
            "unknown_list",
            json!(["blocklist", "safelist"]),
        ),
        (
            "/v1/appliances/esa-1/lists/blocklist?view=both",
            400,
            "invalid_query_value",
            json!(["sender", "recipient"]),
        ),
        (
            "/v1/appliances/esa-1/lists/blocklist?owner=me",
            400,
            "invalid_query_value",
            json!(["ours", "not_ours"]),
        ),
        (
            "/v1/appliances/esa-1/lists/blocklist?guard=no",
            400,
            "invalid_query_value",
            json!(["refused", "not_judged"]),
        ),
        (
            "/v1/appliances/esa-1/lists/blocklist?limit=10001",
            400,
            "invalid_query_value",
            json!(null),
        ),
        (
            "/v1/appliances/esa-1/lists/blocklist?search=",
            400,
            "empty_query_value",
            json!(null),
        ),
    ] {
        let list = lab.get(path).await;
        assert_eq!((list.status, list.code()), (status, code), "{path}");
        assert_eq!(list.body["allowed"], allowed, "{path}");
    }
    let posted = answer(client().post(format!("{}{BLOCKLIST}", lab.url))).await;
    assert_eq!(posted.status, 405);
    assert!(lab.simulator.requests().is_empty() && other.requests().is_empty());
    other.stop().await;
    lab.stop().await;
}
