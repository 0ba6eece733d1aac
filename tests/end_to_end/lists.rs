//! A list of an appliance over HTTP: both views, spelling, whose a pair is, filters, pages, and what is not known.

use super::support::{Answer, Lab, pairs, with_blocklist};
use doorlist::simulator::{Behaviour, FaultRule, Lists};
use serde_json::{Value, json};

pub(super) const BLOCKLIST: &str = "/v1/appliances/esa-1/lists/blocklist";

/// Entry and key of each row, and what it is paired with.
fn rows(answer: &Answer) -> Vec<(&str, &str, Vec<&str>)> {
    let rows = answer.body["rows"].as_array();
    let rows = rows.unwrap_or_else(|| panic!("no list: {answer:?}")).iter();
    rows.map(|row| {
        let pairs = row["pairs"].as_array().unwrap().iter();
        let pairs = pairs.map(|pair| pair["entry"].as_str().unwrap());
        let word = |key: &str| row[key].as_str().unwrap();
        (word("entry"), word("key"), pairs.collect())
    })
    .collect()
}

fn senders(answer: &Answer) -> Vec<&str> {
    rows(answer).into_iter().map(|(entry, ..)| entry).collect()
}

const PAIRS: [(&str, &str); 5] = [
    ("U2@Example.com", "Bad.Example"),
    ("u3@example.com", "bad.example"),
    ("u3@example.com", "[ipv6:2001:DB8::1]"),
    ("u4@example.com", "Boss@Mail.Example.COM"),
    ("u4@example.com", "*@wild.example"),
];

#[tokio::test]
async fn both_views_show_every_pair_as_it_is_spelled_with_whose_it_is_and_what_the_guard_says() {
    let lab = Lab::start_with(with_blocklist(&PAIRS), "", "").await;
    let run = lab
        .post("add-senders", r#"["bad.example", "m@evil.example"]"#)
        .await
        .run();
    let writes = lab.writes().len();

    let list = lab.get(BLOCKLIST).await;
    assert_eq!(list.status, 200, "{list:?}");
    assert_eq!(
        rows(&list),
        [
            ("*@wild.example", "*@wild.example", vec!["u4@example.com"]),
            ("[ipv6:2001:DB8::1]", "2001:db8::1", vec!["u3@example.com"]),
            ("Bad.Example", "bad.example", vec!["U2@Example.com"]),
            (
                "bad.example",
                "bad.example",
                vec!["u3@example.com", "user1@example.com"]
            ),
            (
                "Boss@Mail.Example.COM",
                "boss@mail.example.com",
                vec!["u4@example.com"]
            ),
            ("m@evil.example", "m@evil.example", vec!["user1@example.com"]),
        ]
    );
    assert_eq!(
        list.text(),
        "1 sender on the blocklist of esa-1 breaks today's rules; 1 sender there cannot be judged; \
         the blocklist of esa-1 holds 7 pairs in 6 rows by sender"
    );
    let rows_of = &list.body["rows"];
    assert_eq!(rows_of[3]["pairs"][0]["ours"], Value::Null);
    assert_eq!(rows_of[3]["pairs"][1]["ours"]["run"], json!(run));
    assert_eq!(rows_of[3]["pairs"][1]["ours"]["claimed_by"], Value::Null);
    assert_eq!(
        (&rows_of[0]["guard"]["verdict"], &rows_of[0]["guard"]["rule"]),
        (&json!("not_judged"), &json!("wildcard"))
    );
    let boss = &rows_of[4]["guard"];
    assert_eq!(
        (&boss["verdict"], &boss["rule"]),
        (&json!("refused"), &json!("own_domain"))
    );
    assert!(
        boss["origin"].as_str().unwrap().contains("doorlist.toml:"),
        "{boss}"
    );
    assert_eq!(
        (&rows_of[5]["guard"], &list.body["next"]),
        (&Value::Null, &Value::Null)
    );

    let again = lab.post("add-senders", r#"["m@evil.example"]"#).await.run();
    let by_mailbox = lab.get(&format!("{BLOCKLIST}?view=recipient")).await;
    assert_eq!(
        rows(&by_mailbox),
        [
            ("U2@Example.com", "u2@example.com", vec!["Bad.Example"]),
            (
                "u3@example.com",
                "u3@example.com",
                vec!["[ipv6:2001:DB8::1]", "bad.example"]
            ),
            (
                "u4@example.com",
                "u4@example.com",
                vec!["*@wild.example", "Boss@Mail.Example.COM"]
            ),
            (
                "user1@example.com",
                "user1@example.com",
                vec!["bad.example", "m@evil.example"]
            ),
        ]
    );
    let last = &by_mailbox.body["rows"][3];
    assert_eq!(
        (&last["guard"], &last["pairs"][1]["ours"]["claimed_by"]),
        (&Value::Null, &json!(again))
    );
    assert_eq!(
        by_mailbox.body["rows"][2]["pairs"][1]["guard"]["rule"],
        "own_domain"
    );
    assert_eq!(list.body["digest"], by_mailbox.body["digest"], "the same pairs");
    let safelist = lab.get("/v1/appliances/esa-1/lists/safelist").await;
    assert!(rows(&safelist).is_empty() && safelist.body["total"] == json!({"rows": 0, "pairs": 0}));
    assert_eq!(lab.writes().len(), writes, "nothing is written");
    lab.stop().await;
}

#[tokio::test]
async fn pairs_are_found_by_text_owner_and_verdict_and_counted() {
    let lab = Lab::start_with(with_blocklist(&PAIRS), "", "").await;
    lab.post("add-senders", r#"["bad.example"]"#).await.run();
    for (query, expected) in [
        ("search=BAD.", vec!["Bad.Example", "bad.example"]),
        ("search=u4%40", vec!["*@wild.example", "Boss@Mail.Example.COM"]),
        ("search=2001:db8::", vec!["[ipv6:2001:DB8::1]"]),
        ("search=nothing", vec![]),
        ("owner=ours", vec!["bad.example"]),
        ("owner=not_ours&search=bad.e", vec!["Bad.Example", "bad.example"]),
        ("guard=refused", vec!["Boss@Mail.Example.COM"]),
        ("guard=not_judged", vec!["*@wild.example"]),
        ("guard=refused&owner=ours", vec![]),
    ] {
        let list = lab.get(&format!("{BLOCKLIST}?{query}")).await;
        assert_eq!(senders(&list), expected, "{query}");
        let shown: usize = rows(&list).iter().map(|(.., pairs)| pairs.len()).sum();
        assert_eq!(
            list.body["matching"],
            json!({"rows": expected.len(), "pairs": shown}),
            "{query}"
        );
        assert_eq!(list.body["total"], json!({"rows": 5, "pairs": 6}), "{query}");
        assert!(list.text().contains(" asked for"), "{}", list.text());
    }
    let ours = lab.get(&format!("{BLOCKLIST}?owner=ours")).await;
    assert_eq!(
        rows(&ours)[0].2,
        ["user1@example.com"],
        "of a row, the pairs that are asked for"
    );
    lab.stop().await;
}

#[tokio::test]
async fn pages_follow_the_keys_also_where_somebody_edits_the_list_between_them() {
    let lab = Lab::start_with(with_blocklist(&PAIRS), "", "").await;
    let first = lab.get(&format!("{BLOCKLIST}?limit=2&owner=not_ours")).await;
    assert_eq!(senders(&first), ["*@wild.example", "[ipv6:2001:DB8::1]"]);
    assert_eq!(first.body["next"], "2001:db8::1");
    let next = first.body["links"]["next"].as_str().unwrap();
    assert_eq!(
        next,
        format!("{BLOCKLIST}?after=2001%3Adb8%3A%3A1&limit=2&owner=not_ours")
    );
    // The two spellings of the third key stay together.
    let second = lab.get(next).await;
    assert_eq!(senders(&second), ["Bad.Example", "bad.example"]);
    assert_eq!(first.body["digest"], second.body["digest"]);

    lab.simulator.set_lists(Lists {
        blocklist: pairs(&[
            ("u9@example.com", "0.example"),
            ("u3@example.com", "bad.example"),
            ("u9@example.com", "c.example"),
            ("u9@example.com", "d.example"),
        ]),
        ..Lists::default()
    });
    let third = lab.get(second.body["links"]["next"].as_str().unwrap()).await;
    assert_eq!(
        senders(&third),
        ["c.example", "d.example"],
        "what came behind is shown, and nothing twice"
    );
    assert_eq!(third.body["total"], json!({"rows": 4, "pairs": 4}));
    assert!(third.body["next"].is_null() && third.body["links"] == json!({}));
    assert_ne!(first.body["digest"], third.body["digest"], "and the digest tells");
    lab.stop().await;
}

/// Somebody else adds a row before each later page and takes it away before each first one.
fn restless() -> Vec<FaultRule> {
    let row = json!([{"recipient": "aa@example.com", "sender": "aa.example"}]);
    let rule = |page: &str, what: &str| {
        let rule = json!({"fault": "other_writer", "when": "before", "list": "blocklist", what: row, "page": page, "times": "always"});
        serde_json::from_value(rule).unwrap()
    };
    vec![rule("later", "add"), rule("first", "remove")]
}

#[tokio::test]
async fn a_list_that_moves_or_does_not_answer_is_told_and_never_shown_in_part() {
    let many: Vec<(String, String)> = (0..150)
        .map(|number| (format!("u{number}@example.com"), format!("s{number}.example")))
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(one, other)| (&**one, &**other)).collect();
    let lab = Lab::start_with(with_blocklist(&many), "", "").await;
    let behave = |faults| {
        lab.simulator.set_behaviour(Behaviour {
            faults,
            ..Behaviour::default()
        });
    };
    for (faults, status, code, words) in [
        (
            restless(),
            503,
            "list_moved",
            "it kept changing while it was read",
        ),
        (
            vec!["status:status=404,page=later,times=always".parse().unwrap()],
            502,
            "list_unread",
            "the appliance answered 404",
        ),
        (
            vec!["unauthorized:times=always".parse().unwrap()],
            502,
            "list_unread",
            "the appliance answered 401",
        ),
        // Credentials that were good a moment ago are tried once more.
        (
            vec!["unauthorized:times=always".parse().unwrap()],
            502,
            "list_unread",
            "the appliance answered 401",
        ),
        (Vec::new(), 503, "appliance_resting", "it is left alone until"),
    ] {
        behave(faults);
        let list = lab.get(BLOCKLIST).await;
        assert_eq!(list.status, status, "{code}: {}", list.body["text"]);
        assert_eq!(list.code(), code);
        let detail = list.body["detail"].as_str().unwrap();
        let begin = "the blocklist of esa-1 could not be read whole: ";
        assert!(detail.starts_with(begin) && detail.contains(words), "{detail}");
        assert_eq!(
            (&list.body["appliance"], &list.body["list"], &list.body["rows"]),
            (&json!("esa-1"), &json!("blocklist"), &Value::Null)
        );
    }
    lab.stop().await;
}

#[tokio::test]
async fn ten_thousand_pairs_come_in_one_page_or_in_many_and_are_read_by_the_shorter_view() {
    let pair = |number: usize| {
        (
            format!("u{}@example.com", number % 50),
            format!("s{:05}.example", number / 2),
        )
    };
    let many: Vec<(String, String)> = (0..10_000).map(pair).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(one, other)| (&**one, &**other)).collect();
    let lab = Lab::start_with(with_blocklist(&many), "", "").await;
    let whole = lab.get(&format!("{BLOCKLIST}?limit=10000")).await;
    assert_eq!(whole.body["total"], json!({"rows": 5_000, "pairs": 10_000}));
    assert!(rows(&whole).len() == 5_000 && whole.body["next"].is_null());
    assert!(senders(&whole).is_sorted());
    // A page by sender tells that there are many, and one by recipient has all.
    assert_eq!(lab.simulator.requests().len(), 2, "5,000 senders of 50 mailboxes");
    let mut seen: Vec<String> = Vec::new();
    let mut next = Some(format!("{BLOCKLIST}?limit=700"));
    while let Some(path) = next {
        let page = lab.get(&path).await;
        assert_eq!(page.body["digest"], whole.body["digest"]);
        seen.extend(senders(&page).into_iter().map(str::to_owned));
        next = page.body["links"]["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, senders(&whole));
    lab.stop().await;
}
