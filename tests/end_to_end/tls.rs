//! Certificates, with real handshakes: a self-signed one is refused by default, and taken when the operator
//! switched the check off.

use super::support::{ADD_SENDERS, Lab, front, post};
use doorlist::simulator::{Settings, Simulator};

#[tokio::test]
async fn a_self_signed_certificate_is_refused_unless_the_check_is_switched_off() {
    let behind = Simulator::start(Settings::default()).await.unwrap();
    let port = front::with_self_signed_certificate(behind.address(), "127.0.0.1").await;
    for (verify_tls, status, outcome) in [("true", 502, "unreachable"), ("false", 200, "added")] {
        let lab = Lab::start_config(Settings::default(), |_| {
            format!(
                "[server]\nlisten = \"127.0.0.1:0\"\n\
                 [appliances.esa-1]\nurl = \"https://127.0.0.1:{port}\"\nusername = \"admin\"\npassword = \"ironport\"\nverify_tls = {verify_tls}\n\
                 [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n"
            )
        })
        .await;
        let answer = post(
            &format!("{}/v1/actions/{ADD_SENDERS}", lab.url),
            r#"["bad.example"]"#,
        )
        .await;
        assert_eq!(
            (answer.status, answer.outcomes().as_slice()),
            (status, [outcome.to_owned()].as_slice()),
            "{answer:?}"
        );
        if verify_tls == "true" {
            let detail = answer.body["results"][0]["detail"].as_str().unwrap();
            assert!(detail.contains("certificate"), "{detail}");
            assert_eq!(behind.requests(), [], "no password was sent to a stranger");
        }
        lab.stop().await;
    }
}
