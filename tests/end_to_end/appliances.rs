//! A look at an appliance before it is trusted: where the way to it ends, told by step; who may look; and that nothing
//! is ever written.

use super::support::{ADD_SENDERS, Answer, Lab, answer, post, run, with_blocklist};
use doorlist::simulator::knobs::Roots;
use doorlist::simulator::{Account, Knobs, Settings};
use serde_json::Value;
use tokio::net::TcpListener;

/// A server with one appliance at this address.
async fn look_at(settings: Settings, url: impl FnOnce(&str) -> String, keys: &str) -> (Answer, Lab) {
    let lab = Lab::start_config(settings, |appliance_url| {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[appliances.esa-1]\nurl = \"{}\"\nallow_http = true\nusername = \"admin\"\n\
             password = \"ironport\"\nrequest_timeout = \"1s\"\n{keys}\n",
            url(appliance_url)
        )
    })
    .await;
    let test = post(&format!("{}/v1/appliances/esa-1/test", lab.url), "").await;
    (test, lab)
}

/// `name ok, port failed, ...`
fn states(test: &Answer) -> String {
    let steps = test.body["steps"].as_array().unwrap().iter();
    let states: Vec<_> = steps
        .map(|step| {
            format!(
                "{} {}",
                step["step"].as_str().unwrap(),
                step["state"].as_str().unwrap()
            )
        })
        .collect();
    states.join(", ")
}

#[tokio::test]
async fn each_step_of_the_way_is_told_and_nothing_is_written() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_url = format!("http://{}", silent.local_addr().unwrap());
    let same = |url: &str| url.to_owned();
    let other_roots = Settings {
        knobs: Knobs {
            roots: Roots::Sma,
            ..Knobs::default()
        },
        ..Settings::default()
    };
    let account = |account| Settings {
        account,
        ..Settings::default()
    };
    let never = "login not_tried, role not_tried, blocklist not_tried, safelist not_tried, latency not_tried";
    let read = "blocklist ok, safelist ok, latency ok";
    type Url = Box<dyn FnOnce(&str) -> String>;
    let cases: Vec<(&str, Settings, Url, &str, String, &str)> = vec![
        (
            "all is well",
            with_blocklist(&[("user1@example.com", "old.example")]),
            Box::new(same),
            "",
            format!("name ok, port ok, tls ok, login ok, role ok, {read}"),
            "esa-1 is ready: both lists of /esa can be read; nothing was written",
        ),
        (
            "a login",
            Settings::default(),
            Box::new(same),
            "auth = \"login\"",
            format!("name ok, port ok, tls ok, login ok, role ok, {read}"),
            "esa-1 is ready",
        ),
        (
            "nobody listens",
            Settings::default(),
            Box::new(|_: &str| "http://127.0.0.1:1".to_owned()),
            "",
            format!("name ok, port failed, tls not_tried, {never}"),
            "esa-1 is NOT ready: port: port 1: Connection refused (os error 111); is the AsyncOS API switched on",
        ),
        (
            "somebody listens and says nothing",
            Settings::default(),
            Box::new(move |_: &str| silent_url),
            "",
            "name ok, port ok, tls ok, login not_tried, role not_tried, blocklist failed, safelist not_tried, latency not_tried".to_owned(),
            "esa-1 is NOT ready: blocklist: no clear answer: no answer within 1s",
        ),
        (
            "TLS to a port of plain HTTP",
            Settings::default(),
            Box::new(|url: &str| url.replace("http:", "https:")),
            "",
            format!("name ok, port ok, tls failed, {never}"),
            "esa-1 is NOT ready: tls: not reached: ",
        ),
        (
            "a wrong password",
            Settings {
                password: "another".into(),
                ..Settings::default()
            },
            Box::new(same),
            "",
            "name ok, port ok, tls ok, login failed, role not_tried, blocklist not_tried, safelist not_tried, latency not_tried".to_owned(),
            "esa-1 is NOT ready: login: the appliance answered 401",
        ),
        (
            "a login that is not judged",
            Settings {
                faults: vec!["status:status=503,times=always".parse().unwrap()],
                ..Settings::default()
            },
            Box::new(same),
            "auth = \"login\"",
            "name ok, port ok, tls ok, login failed, role not_tried, blocklist not_tried, safelist not_tried, latency not_tried".to_owned(),
            "esa-1 is NOT ready: login: the login: status 503 Service Unavailable.",
        ),
        (
            "a role without the right",
            account(Account::WithoutRight),
            Box::new(same),
            "auth = \"login\"",
            "name ok, port ok, tls ok, login ok, role failed, blocklist not_tried, safelist not_tried, latency not_tried".to_owned(),
            "esa-1 is NOT ready: role: the appliance answered 401",
        ),
        (
            "the other root",
            other_roots,
            Box::new(same),
            "",
            "name ok, port ok, tls ok, login not_tried, role not_tried, blocklist failed, safelist not_tried, latency not_tried".to_owned(),
            "esa-1 is NOT ready: blocklist: the appliance answered 404: Not Found. (is root = \"esa\" right",
        ),
    ];
    for (case, settings, url, keys, expected, text) in cases {
        let (test, lab) = look_at(settings, url, keys).await;
        assert_eq!(states(&test), expected, "{case}: {test:?}");
        let told = test.body["text"].as_str().unwrap();
        assert!(told.starts_with(text), "{case}: {told}");
        let is_ready = !expected.contains("failed");
        assert_eq!(
            (test.status, &test.body["ok"]),
            (if is_ready { 200 } else { 502 }, &is_ready.into()),
            "{case}"
        );
        assert!(!test.body.to_string().contains("ironport"), "{case}");
        let writes = lab
            .writes()
            .into_iter()
            .filter(|(_, path, _)| !path.ends_with("/login"));
        assert_eq!(writes.count(), 0, "{case}");
        lab.stop().await;
    }
}

#[tokio::test]
async fn two_empty_lists_are_worth_a_question() {
    let (test, lab) = look_at(Settings::default(), str::to_owned, "").await;
    let warnings = test.body["warnings"].as_array().unwrap();
    assert!(
        warnings[0]
            .as_str()
            .unwrap()
            .starts_with("0 rows on both lists: is the spam quarantine centralised"),
        "{warnings:?}"
    );
    lab.stop().await;
    let (test, lab) = look_at(
        with_blocklist(&[("user1@example.com", "a.example")]),
        str::to_owned,
        "",
    )
    .await;
    assert_eq!(test.body["warnings"], Value::Array(vec![]));
    lab.stop().await;
}

#[tokio::test]
async fn a_client_sees_and_tests_the_appliances_of_its_configurations_and_no_others() {
    let token = "0123456789abcdef0123456789abcdef";
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("token"), token).unwrap();
    let token_file = directory.path().join("token").display().to_string();
    let lab = Lab::start_config(Settings::default(), |url| {
        let appliance = |name: &str, url: &str| {
            format!("[appliances.{name}]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n")
        };
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n{}{}\
             [configurations.mine]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"u@example.com\"\n\
             [clients.soar]\ntoken_file = \"{token_file}\"\nconfigurations = \"mine\"\naddresses = \"127.0.0.1\"\n",
            appliance("esa-1", url),
            appliance("esa-2", "http://127.0.0.1:1"),
        )
    })
    .await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = client
        .get(format!("{}/v1/appliances", lab.url))
        .bearer_auth(token);
    let list = answer(get).await;
    let names: Vec<_> = list.body["appliances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["esa-1"]);
    assert!(!list.body.to_string().contains("127.0.0.1"), "{list:?}");
    for (name, status) in [("esa-1", 200), ("esa-2", 403), ("esa-9", 403)] {
        let test = client
            .post(format!("{}/v1/appliances/{name}/test", lab.url))
            .bearer_auth(token);
        let test = answer(test).await;
        assert_eq!(test.status, status, "{name}");
        if status == 403 {
            assert_eq!(test.code(), "appliance_not_allowed");
        }
    }
    let without = post(&format!("{}/v1/appliances/esa-1/test", lab.url), "").await;
    assert_eq!(without.status, 401);
    lab.stop().await;
}

#[tokio::test]
async fn the_command_line_tests_one_or_all_and_lists_which_rest() {
    let (_, lab) = look_at(Settings::default(), str::to_owned, "").await;
    let directory = tempfile::tempdir().unwrap();
    let call = |arguments: Vec<String>| {
        let directory = directory.path().to_owned();
        tokio::task::spawn_blocking(move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let output = run(&directory, &arguments, &[]);
            (output.status.code(), String::from_utf8(output.stdout).unwrap())
        })
    };
    let arguments = |rest: &[&str]| {
        let mut all = vec!["appliances".to_owned()];
        all.extend(rest.iter().map(|argument| (*argument).to_owned()));
        all.extend(["--server".to_owned(), lab.url.clone()]);
        all
    };
    let (code, printed) = call(arguments(&["test"])).await.unwrap();
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.starts_with("esa-1 is ready: "), "{printed}");
    assert!(
        printed.contains("  ok      login      the credentials are good"),
        "{printed}"
    );
    assert!(printed.contains("  warning 0 rows on both lists"), "{printed}");
    let (code, printed) = call(arguments(&["list"])).await.unwrap();
    assert_eq!(
        (code, printed.as_str()),
        (Some(0), "esa-1  /esa  enforce  would be asked\n")
    );
    lab.simulator.set_behaviour(doorlist::simulator::Behaviour {
        faults: vec!["unauthorized:times=always".parse().unwrap()],
        ..Default::default()
    });
    for _ in 0..2 {
        let (code, printed) = call(arguments(&["test", "esa-1"])).await.unwrap();
        assert_eq!(code, Some(5), "{printed}");
        assert!(
            printed.contains("  FAILED  login      the appliance answered 401"),
            "{printed}"
        );
    }
    let (_, printed) = call(arguments(&["list"])).await.unwrap();
    assert!(
        printed.starts_with("esa-1  /esa  enforce  RESTS: not asked: the appliance answered 401"),
        "{printed}"
    );
    lab.stop().await;
}
