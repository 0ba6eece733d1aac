//! Faults of the caller: each is a problem with a stable code that says what is allowed, and changes nothing.

use super::support::{ADD_SENDERS, DELETE_SENDERS, Lab, answer, post};
use doorlist::simulator::Settings;

const BODY: &str = r#"{"indicators":[{"value":"bad.example","type":"FQDN"}]}"#;

#[tokio::test]
async fn each_fault_of_the_caller_has_its_code_and_changes_nothing() {
    let lab = Lab::start_config(Settings::default(), |url| {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nbody_bytes_max = 2000\n\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n\
             [configurations.two]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"b@example.com\"\n"
        )
    })
    .await;
    let large = format!("[{}]", vec!["\"bad.example\""; 500].join(","));
    for (path, body, status, code, words) in [
        (
            "/v1/actions/no-such-action".to_owned(),
            BODY,
            404,
            "unknown_action",
            "no action `no-such-action`",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}"),
            BODY,
            400,
            "configuration_required",
            "one of one, two",
        ),
        (
            format!("/v1/actions/{DELETE_SENDERS}"),
            BODY,
            400,
            "no_configuration",
            "[configurations.NAME]",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}?configuration=three"),
            BODY,
            400,
            "unknown_configuration",
            "one, two",
        ),
        (
            format!("/v1/actions/{DELETE_SENDERS}?configuration=one"),
            BODY,
            400,
            "unknown_configuration",
            "is for the action",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}?configuration="),
            BODY,
            400,
            "empty_query_value",
            "`configuration`",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}?configuration=one&configuration=one"),
            BODY,
            400,
            "repeated_query_key",
            "twice",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}?configuration=one&dry-run=true"),
            BODY,
            400,
            "unknown_query_key",
            "`dry-run`",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}?configuration=one&dry_run=yes"),
            BODY,
            400,
            "invalid_query_value",
            "true or false",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}?configuration=one&dry_run="),
            BODY,
            400,
            "empty_query_value",
            "`dry_run`",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}?configuration=one&dry_run=true&dry_run=false"),
            BODY,
            400,
            "repeated_query_key",
            "twice",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}?configuration=one&dryrun=true"),
            BODY,
            400,
            "unknown_query_key",
            "`dryrun`",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}?configuration=one"),
            "{\"indicators\":\n [}",
            400,
            "broken_json",
            "line 2",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}?configuration=one"),
            "",
            400,
            "empty_body",
            "empty",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}?configuration=one"),
            "{\"indicators\":[],\"data\":[]}",
            400,
            "two_formats",
            "data",
        ),
        (
            format!("/v1/actions/{ADD_SENDERS}?configuration=one"),
            large.as_str(),
            413,
            "body_too_large",
            "2000 bytes",
        ),
        ("/v1/nothing".to_owned(), BODY, 404, "not_found", "/v1/actions"),
        ("/livez".to_owned(), BODY, 405, "method_not_allowed", "POST"),
    ] {
        let answer = post(&format!("{}{path}", lab.url), body).await;
        assert_eq!(
            (answer.status, answer.code()),
            (status, code),
            "{path}: {answer:?}"
        );
        assert_eq!(answer.body["status"], status);
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{path}: {detail}");
    }
    let broken = post(
        &format!("{}/v1/actions/{ADD_SENDERS}?configuration=one", lab.url),
        "[\n\n  nonsense]",
    )
    .await;
    assert_eq!(
        (&broken.body["line"], broken.body["column"].is_number()),
        (&serde_json::json!(3), true)
    );
    assert_eq!(lab.simulator.requests(), [], "the appliance was not even asked");
    lab.stop().await;
}

#[tokio::test]
async fn foreign_hosts_origins_and_compressed_bodies_are_refused() {
    let lab = Lab::start().await;
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (header, value, status, code) in [
        ("host", "evil.example", 403, "foreign_host"),
        ("origin", "https://evil.example", 403, "foreign_origin"),
        ("origin", "null", 403, "foreign_origin"),
        ("content-encoding", "gzip", 415, "unsupported_encoding"),
    ] {
        let request = client.post(&url).header(header, value).body(BODY);
        let answer = answer(request).await;
        assert_eq!(
            (answer.status, answer.code()),
            (status, code),
            "{header}: {value}"
        );
    }
    assert_eq!(lab.simulator.requests(), []);
    let same = answer(client.post(&url).header("origin", &lab.url).body(BODY)).await;
    assert_eq!(same.outcomes(), ["added"], "a page of our own may call");
    lab.stop().await;
}

#[tokio::test]
async fn answers_carry_a_request_id_and_keep_a_plain_one_of_the_caller() {
    let lab = Lab::start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let id_for = async |given: Option<&str>| {
        let mut request = client.get(format!("{}/livez", lab.url));
        if let Some(given) = given {
            request = request.header("x-request-id", given);
        }
        let response = request.send().await.unwrap();
        response.headers()["x-request-id"].to_str().unwrap().to_owned()
    };
    assert_eq!(id_for(Some("abc-1")).await, "abc-1");
    assert_eq!(id_for(None).await.len(), 36);
    assert_eq!(
        id_for(Some("a b\"c")).await.len(),
        36,
        "foreign text does not get into the log"
    );
    lab.stop().await;
}

#[tokio::test]
async fn actions_are_listed_with_their_parameters_and_the_configurations_that_name_them() {
    let lab = Lab::start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let all = answer(client.get(format!("{}/v1/actions", lab.url))).await;
    let actions = all.body["actions"].as_array().unwrap();
    assert_eq!(actions.len(), 4);
    let one = answer(client.get(format!("{}/v1/actions/{ADD_SENDERS}", lab.url)))
        .await
        .body;
    assert!(actions.contains(&one));
    assert_eq!(one["configurations"], serde_json::json!(["add-senders"]));
    assert_eq!(one["endpoint"], format!("/v1/actions/{ADD_SENDERS}"));
    assert_eq!(one["inverse_action"], DELETE_SENDERS);
    let labels: Vec<_> = one["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["label"].as_str().unwrap())
        .collect();
    for label in [
        "Cisco ESA URL",
        "List Type",
        "Recipient List",
        "Enable SSL Verification",
        "Disable Proxies",
        "Objects per run",
    ] {
        assert!(labels.contains(&label), "{label}: {labels:?}");
    }
    assert!(
        !all.body.to_string().contains("ironport"),
        "no secret in what is listed"
    );
    for path in ["/livez", "/readyz"] {
        assert_eq!(
            answer(client.get(format!("{}{path}", lab.url))).await.status,
            200,
            "{path}"
        );
    }
    lab.stop().await;
}

#[tokio::test]
async fn nothing_that_was_sent_is_dropped_and_bad_items_do_not_stop_the_good_ones() {
    let lab = Lab::start().await;
    let body = r#"[
        {"value": "good@example.net", "type": "Email Address", "status": {"name": "Active"}, "id": 7},
        {"value": "Good@Example.NET", "type": {"name": "Email Address"}},
        {"value": "old@example.net", "type": "email", "status": "Expired"},
        {"value": "5d41402abc4b2a76b9719d911017c592", "type": "MD5"},
        {"value": "198.51.100.0/24", "type": "IP Address"},
        {"type": "FQDN"},
        42,
        {"value": "untyped.example"},
        {"value": "bare-id.example", "type_id": 11}
    ]"#;
    let answer = lab.post("add-senders", body).await;
    assert_eq!(
        answer.outcomes(),
        [
            "added",
            "repeated",
            "inactive_status",
            "unsupported_type",
            "invalid",
            "invalid",
            "invalid",
            "added",
            "unsupported_type"
        ]
    );
    let results = &answer.body["results"];
    assert_eq!(
        (&results[0]["id"], &results[1]["of"], &results[1]["class"]),
        (&"7".into(), &0.into(), &"in_place".into())
    );
    assert_eq!(answer.body["summary"]["total"], 9);
    assert_eq!(answer.status, 200, "refusals are no trouble");
    let text = answer.body["text"].as_str().unwrap();
    assert!(
        text.starts_with(
            "NOT LISTED 3 of 9 (3 invalid); 3 of 9 listed (2 new); 3 skipped; blocklist of esa-1; run "
        ),
        "{text}"
    );
    lab.stop().await;
}
