//! Who may call: tokens, names, addresses and configurations. What was wrong is never told, and nothing happens.

use super::support::{ADD_SENDERS, DELETE_SENDERS, Lab, answer};
use base64::Engine as _;
use doorlist::simulator::Settings;

const TOKEN: &str = "first-token-of-at-least-32-characters-xyz";
const NEXT_TOKEN: &str = "second-token-of-at-least-32-characters-xy";
const BODY: &str = r#"["bad.example"]"#;

fn sha256(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn lab() -> Lab {
    let (first, next) = (sha256(TOKEN), sha256(NEXT_TOKEN));
    let far = sha256("a-token-of-a-client-that-is-far-away-xyz");
    Lab::start_config(Settings::default(), move |url| {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n\
             [clients.threatq]\ntoken_sha256 = [\"{first}\", \"{next}\"]\nconfigurations = [\"one\"]\naddresses = [\"127.0.0.0/8\"]\n\
             [clients.far]\ntoken_sha256 = \"{far}\"\nconfigurations = [\"one\"]\naddresses = [\"192.0.2.0/24\"]\n\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n\
             [configurations.two]\naction = \"{DELETE_SENDERS}\"\nappliance = \"esa-1\"\n"
        )
    })
    .await
}

fn basic(name: &str, password: &str) -> String {
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"))
    )
}

#[tokio::test]
async fn a_call_needs_a_token_by_bearer_or_by_basic_and_both_of_two_tokens_do() {
    let lab = lab().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
    let mut refusals = Vec::new();
    for (authorization, status) in [
        (None, 401),
        (Some("Bearer ".to_owned()), 401),
        (Some("Bearer wrong".to_owned()), 401),
        (Some(format!("bearer {TOKEN}")), 200),
        (Some(format!("Bearer {NEXT_TOKEN}")), 200),
        (Some(format!("Bearer {}", sha256(TOKEN))), 401),
        (Some(basic("threatq", TOKEN)), 200),
        (Some(basic("somebody", TOKEN)), 401),
        (Some(basic("threatq", "wrong")), 401),
        (Some("Basic !!!".to_owned()), 401),
        (Some("Digest x".to_owned()), 401),
        // Right by itself, from the wrong address.
        (
            Some("Bearer a-token-of-a-client-that-is-far-away-xyz".to_owned()),
            401,
        ),
    ] {
        let mut request = client.post(&url).body(BODY);
        if let Some(authorization) = &authorization {
            request = request.header("authorization", authorization);
        }
        let mut answer = answer(request).await;
        assert_eq!(answer.status, status, "{authorization:?}: {answer:?}");
        if status == 401 {
            assert_eq!(answer.code(), "unauthorized");
            refusals.push(answer.body.take().to_string());
        }
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "every refusal says the same: {refusals:?}");
    assert_eq!(lab.writes().len(), 1);
    for path in ["/livez", "/readyz"] {
        assert_eq!(
            answer(client.get(format!("{}{path}", lab.url))).await.status,
            200,
            "{path}"
        );
    }
    assert_eq!(
        answer(client.get(format!("{}/v1/actions", lab.url))).await.status,
        401
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_token_on_a_configuration_that_it_does_not_list_gets_403_and_writes_nothing() {
    let lab = lab().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut refusals = Vec::new();
    for configuration in ["two", "no-such"] {
        let url = format!(
            "{}/v1/actions/{DELETE_SENDERS}?configuration={configuration}",
            lab.url
        );
        let mut answer = answer(client.post(url).bearer_auth(TOKEN).body(BODY)).await;
        assert_eq!((answer.status, answer.code()), (403, "configuration_not_allowed"));
        refusals.push(answer.body.take());
    }
    assert_eq!(refusals[0], refusals[1], "what exists is not told either");
    let listed = answer(client.get(format!("{}/v1/actions", lab.url)).bearer_auth(TOKEN)).await;
    assert!(!listed.body.to_string().contains("\"two\""));
    assert_eq!(lab.simulator.requests(), []);
    lab.stop().await;
}
