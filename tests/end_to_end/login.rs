//! Who we are to an appliance: accounts are never locked by repetition, tokens that die are survived or told, and
//! neither password nor token is ever seen.

use super::support::{ADD_SENDERS, Answer, DELETE_SENDERS, Lab, front, post};
use doorlist::simulator::{Account, Behaviour, Knobs, Settings};

const ONE: &str = r#"["a.example"]"#;

/// Four configurations of one appliance, with these keys in its table.
fn four_configurations(appliance_url: &str, keys: &str) -> String {
    let mut text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[appliances.esa-1]\nurl = \"{appliance_url}\"\nallow_http = true\n\
         username = \"admin\"\npassword = \"ironport\"\n{keys}\n"
    );
    for (name, action, keys) in [
        ("one", ADD_SENDERS, "recipient_list = \"user1@example.com\""),
        (
            "two",
            ADD_SENDERS,
            "recipient_list = \"user2@example.com\"\nlist_type = \"safelist\"",
        ),
        ("three", DELETE_SENDERS, ""),
        ("four", DELETE_SENDERS, "list_type = \"safelist\""),
    ] {
        text.push_str(&format!(
            "[configurations.{name}]\naction = \"{action}\"\nappliance = \"esa-1\"\n{keys}\n"
        ));
    }
    text
}

fn detail(answer: &Answer) -> &str {
    answer.body["results"][0]["detail"].as_str().unwrap()
}

/// Twenty calls at once, half of them previews: those take no lane.
async fn twenty_posts(url: &str) -> Vec<Answer> {
    let mut posts = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (action, configuration) = [
            (ADD_SENDERS, "one"),
            (ADD_SENDERS, "two"),
            (DELETE_SENDERS, "three"),
            (DELETE_SENDERS, "four"),
        ][number % 4];
        let dry_run = number % 8 < 4;
        let url = format!("{url}/v1/actions/{action}?configuration={configuration}&dry_run={dry_run}");
        posts.spawn(async move { post(&url, ONE).await });
    }
    posts.join_all().await
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_whoever_calls_and_however_many_at_once() {
    for keys in ["auth = \"basic\"", "auth = \"login\""] {
        let settings = Settings {
            password: "changed".into(),
            ..Settings::default()
        };
        let lab = Lab::start_config(settings, |url| four_configurations(url, keys)).await;
        for answer in twenty_posts(&lab.url).await {
            assert_eq!(
                (answer.status, answer.outcomes()),
                (502, vec!["unreachable".to_owned()])
            );
            assert!(detail(&answer).contains("401"), "{answer:?}");
            assert!(!answer.body.to_string().contains("ironport"), "{answer:?}");
        }
        let requests = lab.simulator.requests();
        assert_eq!(requests.len(), 1, "{keys}: {requests:?}");

        // Hours may pass; a test asks at once, and where the password is right again, every run may.
        let test = post(&format!("{}/v1/appliances/esa-1/test", lab.url), "").await;
        assert_eq!((test.status, &test.body["ok"]), (502, &false.into()));
        assert_eq!(lab.simulator.requests().len(), 2);

        // Tests in a loop lock an account as well as runs do.
        let url = format!("{}/v1/appliances/esa-1/test", lab.url);
        for _ in 0..5 {
            let test = post(&url, "").await;
            let login = &test.body["steps"][3];
            assert_eq!(
                (login["step"].as_str(), login["state"].as_str()),
                (Some("login"), Some("failed"))
            );
            let words = login["detail"].as_str().unwrap();
            assert!(
                words.contains("401") && words.contains("the next one can be made at "),
                "{words}"
            );
        }
        assert_eq!(lab.simulator.requests().len(), 2);
        lab.stop().await;
    }
}

#[tokio::test]
async fn a_password_that_is_changed_while_we_run_costs_two_refusals() {
    let lab = Lab::start_config(Settings::default(), |url| four_configurations(url, "")).await;
    let url = format!("{}/v1/actions/{ADD_SENDERS}?configuration=one", lab.url);
    assert_eq!(post(&url, ONE).await.status, 200);
    let before = lab.simulator.requests().len();
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["unauthorized:times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    // The first refusal of credentials that were good a moment ago is believed only when it comes twice.
    for _ in 0..3 {
        assert_eq!(post(&url, ONE).await.status, 502);
    }
    assert_eq!(lab.simulator.requests().len() - before, 2);
    lab.stop().await;
}

#[tokio::test]
async fn a_second_factor_and_a_missing_right_are_told_as_what_they_are() {
    for (account, auth, words, calls) in [
        (
            Account::SecondFactor,
            "login",
            "this account wants a second factor, which nobody is here to give; use one without it",
            1,
        ),
        (
            Account::WithoutRight,
            "login",
            "the login was accepted, so the credentials are good: its role Guest may not use the lists, needed is \
             Administrator, or one with access to quarantines and to Spam Quarantine",
            2,
        ),
        (
            Account::WithoutRight,
            "basic",
            "(credentials, or a role without the right: Administrator, or one with access to quarantines",
            1,
        ),
    ] {
        let settings = Settings {
            account,
            ..Settings::default()
        };
        let keys = format!("auth = \"{auth}\"");
        let lab = Lab::start_config(settings, |url| four_configurations(url, &keys)).await;
        let answer = post(
            &format!("{}/v1/actions/{ADD_SENDERS}?configuration=one", lab.url),
            ONE,
        )
        .await;
        assert_eq!(answer.status, 502);
        assert!(
            detail(&answer).contains(words),
            "{account:?} {auth}: {}",
            detail(&answer)
        );
        assert_eq!(lab.simulator.requests().len(), calls, "{account:?} {auth}");
        lab.stop().await;
    }
}

#[tokio::test]
async fn a_token_is_used_for_every_call_and_renewed_before_its_end() {
    let settings = Settings {
        knobs: Knobs {
            token_idle_seconds: 200,
            ..Knobs::default()
        },
        ..Settings::default()
    };
    let lab = Lab::start_config(settings, |url| four_configurations(url, "auth = \"login\"")).await;
    for _ in 0..3 {
        for answer in twenty_posts(&lab.url).await {
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }
    let requests = lab.simulator.requests();
    let logins = requests.iter().filter(|request| request.path.ends_with("/login"));
    assert_eq!(logins.count(), 1);
    assert!(requests.iter().all(|request| request.status == Some(200)));
    lab.stop().await;
}

#[tokio::test]
async fn a_token_bound_to_another_user_agent_is_told_and_never_tried_in_a_loop() {
    let lab = Lab::start_config(Settings::default(), |url| {
        four_configurations(url, "auth = \"login\"")
    })
    .await;
    let front = front::changing_user_agents(lab.simulator.address()).await;
    let far = Lab::start_config(Settings::default(), |_| {
        four_configurations(&front, "auth = \"login\"")
    })
    .await;
    let answer = post(
        &format!("{}/v1/actions/{ADD_SENDERS}?configuration=one", far.url),
        ONE,
    )
    .await;
    assert_eq!(answer.status, 502);
    assert!(
        detail(&answer).contains("InvalidTokenError. (the login was accepted")
            && detail(&answer)
                .contains("something on the way changes the User-Agent, to which a token is bound"),
        "{}",
        detail(&answer)
    );
    let requests = lab.simulator.requests();
    let told: Vec<_> = requests
        .iter()
        .map(|request| (request.method.as_str(), request.status))
        .collect();
    assert_eq!(told, [("POST", Some(200)), ("GET", Some(401))]);
    far.stop().await;
    lab.stop().await;
}

#[tokio::test]
async fn what_a_server_in_front_repeats_of_a_request_is_told_without_its_secrets() {
    let front = front::repeating_requests().await;
    for (auth, place) in [("basic", "authorization: Basic [hidden]"), ("login", "[hidden]")] {
        let keys = format!("auth = \"{auth}\"");
        let lab = Lab::start_config(Settings::default(), |_| four_configurations(&front, &keys)).await;
        let answer = post(
            &format!("{}/v1/actions/{ADD_SENDERS}?configuration=one", lab.url),
            ONE,
        )
        .await;
        assert_eq!(answer.status, 502);
        let test = post(&format!("{}/v1/appliances/esa-1/test", lab.url), "").await;
        let told = format!("{} {}", answer.body, test.body);
        assert!(told.contains(place), "{auth}: {told}");
        for secret in ["aXJvbnBvcnQ=", "YWRtaW46aXJvbnBvcnQ=", "ironport"] {
            assert!(!told.contains(secret), "{auth}: {secret} is in {told}");
        }
        lab.stop().await;
    }
}
