//! Four appliances, three of them in trouble of their own kind: one hangs, one has a certificate that has expired, one is
//! only observed, and one is well. The report tells each; when one is mended, the next call writes to that one alone.

use super::support::{ADD_SENDERS, Lab, front, post};
use doorlist::simulator::{Behaviour, Handle, LoggedRequest, Settings, Simulator};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};

const THREE: &str = r#"["a.example","b.example","c.example"]"#;

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate of that authority for 127.0.0.1 until the end of this year.
fn identity(authority: &CertifiedIssuer<'static, KeyPair>, last_year: i32) -> front::Identity {
    let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(last_year, 12, 31);
    let key = KeyPair::generate().unwrap();
    let certificate = parameters.signed_by(&key, authority).unwrap();
    front::Identity::new(certificate.der().clone(), &key)
}

/// How each appliance of an indicator stands.
fn standing(report: &serde_json::Value, index: usize) -> Vec<(String, String)> {
    let appliances = report["results"][index]["appliances"].as_array().unwrap().iter();
    let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    appliances
        .map(|on| (word(&on["name"]), word(&on["outcome"])))
        .collect()
}

fn writes(appliance: &Handle) -> Vec<LoggedRequest> {
    let requests = appliance.requests().into_iter();
    requests.filter(|request| request.method != "GET").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_four_is_told_and_what_is_mended_gets_what_it_missed_and_nobody_else_anything() {
    let directory = tempfile::tempdir().unwrap();
    let authority = authority();
    let ca_file = directory.path().join("ca.pem");
    std::fs::write(&ca_file, authority.pem()).unwrap();
    let hanging = Simulator::start(Settings::default()).await.unwrap();
    hanging.set_behaviour(Behaviour {
        faults: vec!["hang:times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let expired = Simulator::start(Settings::default()).await.unwrap();
    let before_expired = front::with_identity(expired.address(), identity(&authority, 2024)).await;
    let observed = Simulator::start(Settings::default()).await.unwrap();
    let lab = Lab::start_config(Settings::default(), |well| {
        let appliance = |name: &str, url: &str, keys: &str| {
            format!(
                "[appliances.{name}]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n{keys}\n"
            )
        };
        let ca_file = format!("ca_file = \"{}\"", ca_file.display());
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n{}{}{}{}\
             [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliances = [\"esa-hangs\", \"esa-expired\", \"esa-observed\", \"esa-well\"]\n\
             recipient_list = \"user1@example.com\"\n",
            appliance("esa-hangs", &hanging.url(), "request_timeout = \"1s\""),
            appliance("esa-expired", &before_expired.url(), &ca_file),
            appliance("esa-observed", &observed.url(), "mode = \"observe\""),
            appliance("esa-well", well, "list_sync_minutes = 15"),
        )
    })
    .await;
    let well = &lab.simulator;
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
    let on_each = |outcomes: [&str; 4]| {
        let names = ["esa-hangs", "esa-expired", "esa-observed", "esa-well"];
        let pairs = names.iter().zip(outcomes);
        pairs
            .map(|(name, outcome)| ((*name).to_owned(), outcome.to_owned()))
            .collect::<Vec<_>>()
    };

    let first = post(&url, THREE).await;
    assert_eq!(
        (first.status, first.outcomes()),
        (502, vec!["unreachable".to_owned(); 3])
    );
    for index in 0..3 {
        let expected = on_each(["unreachable", "unreachable", "would_add", "added"]);
        assert_eq!(standing(&first.body, index), expected);
    }
    let text = first.body["text"].as_str().unwrap();
    assert!(
        text.starts_with("NOT LISTED ON ALL 3 of 3 (3 unreachable on each of esa-hangs, esa-expired); on esa-well 3 of 3 listed (3 new); esa-observed skipped (observe)"),
        "{text}"
    );
    let details: Vec<_> = first.body["results"][0]["appliances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|on| on["detail"].as_str().unwrap())
        .collect();
    assert_eq!(details[0], "no clear answer: no answer within 1s");
    assert!(details[1].contains("has expired on 2024-12-31"), "{}", details[1]);
    assert_eq!(
        (
            writes(&hanging).len(),
            writes(&expired).len(),
            writes(&observed).len(),
            writes(well).len()
        ),
        (0, 0, 0, 1)
    );

    // The one that hung answers again, and somebody tests it.
    hanging.set_behaviour(Behaviour::default());
    let test = post(&format!("{}/v1/appliances/esa-hangs/test", lab.url), "").await;
    assert_eq!(test.status, 200, "{test:?}");
    let second = post(&url, THREE).await;
    assert_eq!(
        standing(&second.body, 2),
        on_each(["added", "unreachable", "would_add", "already_present"])
    );
    let written = writes(&hanging);
    assert_eq!(written.len(), 1);
    assert_eq!(
        written[0].body["senderAddresses"],
        serde_json::json!(["a.example", "b.example", "c.example"])
    );
    assert_eq!(
        (
            writes(&expired).len(),
            writes(&observed).len(),
            writes(well).len()
        ),
        (0, 0, 1)
    );

    // The certificate is renewed.
    before_expired.set(identity(&authority, 2090));
    let test = post(&format!("{}/v1/appliances/esa-expired/test", lab.url), "").await;
    assert_eq!(test.status, 200, "{test:?}");
    let third = post(&url, THREE).await;
    assert_eq!(
        (third.status, third.outcomes()),
        (200, vec!["added".to_owned(); 3])
    );
    assert_eq!(
        standing(&third.body, 0),
        on_each(["already_present", "added", "would_add", "already_present"])
    );
    assert_eq!(
        (
            writes(&hanging).len(),
            writes(&expired).len(),
            writes(&observed).len(),
            writes(well).len()
        ),
        (1, 1, 0, 1)
    );
    for appliance in [&hanging, &expired, well] {
        assert_eq!(appliance.lists().blocklist.len(), 3);
    }
    assert_eq!(observed.lists().blocklist.len(), 0);
    lab.stop().await;
}
