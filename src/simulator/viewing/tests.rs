//! Which rows a query shows, with and without knobs.

use super::super::lists::{Lists, pair};
use super::*;
use serde_json::{Value, json};

fn answer(query: &str) -> Result<Value, ApiError> {
    answer_with(query, &Knobs::default())
}

fn answer_with(query: &str, knobs: &Knobs) -> Result<Value, ApiError> {
    let blocklist = vec![
        pair("b@x.com", "2.com"),
        pair("a@x.com", "3.com"),
        pair("b@x.com", "1.com"),
        pair("c@y.com", "1.com"),
    ];
    let mut store = Store::new(Lists {
        blocklist,
        safelist: vec![],
    });
    let reply = view(&mut store, ListName::Blocklist, query, knobs, 0);
    reply.map(|reply| serde_json::to_value(reply).expect("JSON"))
}

/// The total and the keys of the rows shown.
fn shown(query: &str, knobs: &Knobs) -> (u64, Vec<String>) {
    let reply = answer_with(query, knobs).expect("a page");
    let keys = reply["data"].as_array().into_iter().flatten().filter_map(|row| {
        let key = row.get("recipientAddress").or_else(|| row.get("senderAddress"));
        key.and_then(Value::as_str).map(str::to_owned)
    });
    (
        reply["meta"]["totalCount"].as_u64().expect("a number"),
        keys.collect(),
    )
}

#[test]
fn the_two_views_differ_in_their_keys() {
    assert_eq!(
        answer("action=view&quarantineType=spam").ok(),
        Some(json!({"meta": {"totalCount": 3}, "data": [
            {"senderList": ["2.com", "1.com"], "recipientAddress": "b@x.com"},
            {"senderList": ["3.com"], "recipientAddress": "a@x.com"},
            {"senderList": ["1.com"], "recipientAddress": "c@y.com"},
        ]}))
    );
    assert_eq!(
        answer("viewBy=sender&offset=2&limit=5").ok(),
        Some(json!({"meta": {"totalCount": 3}, "data": [
            {"senderAddress": "1.com", "recipientList": ["b@x.com", "c@y.com"]},
        ]}))
    );
    let store = &mut Store::default();
    let empty = view(store, ListName::Blocklist, "", &Knobs::default(), 0).expect("a page");
    let empty = serde_json::to_value(empty).expect("JSON");
    assert_eq!(empty, json!({"meta": {"totalCount": 0}, "data": []}));
}

#[test]
fn pages_orders_and_searches_show_these_rows() {
    for (query, total_count, keys) in [
        ("viewBy=recipient", 3, vec!["b@x.com", "a@x.com", "c@y.com"]),
        ("offset=0&limit=2", 3, vec!["b@x.com", "a@x.com"]),
        ("offset=2&limit=2", 3, vec!["c@y.com"]),
        ("offset=3&limit=2", 3, vec![]),
        ("offset=1000&limit=2", 3, vec![]),
        ("offset=0&limit=0", 3, vec![]),
        ("offset=0", 3, vec![]),
        ("limit=100", 3, vec![]),
        ("orderBy=recipient", 3, vec![]),
        ("orderDir=asc", 3, vec![]),
        (
            "orderBy=recipient&orderDir=asc",
            3,
            vec!["a@x.com", "b@x.com", "c@y.com"],
        ),
        (
            "orderBy=recipient&orderDir=desc&offset=0&limit=1",
            3,
            vec!["c@y.com"],
        ),
        (
            "orderBy=sender&orderDir=asc",
            3,
            vec!["c@y.com", "b@x.com", "a@x.com"],
        ),
        (
            "viewBy=sender&orderBy=sender&orderDir=asc",
            3,
            vec!["1.com", "2.com", "3.com"],
        ),
        ("search=x.com", 2, vec!["b@x.com", "a@x.com"]),
        ("search=x.com&offset=1&limit=1", 2, vec!["a@x.com"]),
        ("search=1.com", 2, vec!["b@x.com", "c@y.com"]),
        ("search=b%40x", 1, vec!["b@x.com"]),
        ("search=B%40X", 1, vec!["b@x.com"]),
        ("search=1.COM", 2, vec!["b@x.com", "c@y.com"]),
        ("search=d%40x", 0, vec![]),
        ("viewBy=sender&search=9", 3, vec!["2.com", "3.com", "1.com"]),
    ] {
        let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        assert_eq!(shown(query, &Knobs::default()), (total_count, keys), "{query}");
    }
}

#[test]
fn an_unknown_name_or_a_senseless_value_is_a_404() {
    for (query, expected) in [
        ("starts_with=a", errors::unexpected_query_name("starts_with")),
        ("device_type=esa", errors::unexpected_query_name("device_type")),
        ("viewBy=domain", errors::bad_query_value("viewBy", "domain")),
        (
            "quarantineType=pvo",
            errors::bad_query_value("quarantineType", "pvo"),
        ),
        ("action=add", errors::bad_query_value("action", "add")),
        ("offset=-1&limit=2", errors::bad_query_value("offset", "-1")),
        ("offset=0&limit=", errors::bad_query_value("limit", "")),
        (
            "orderBy=recipient&orderDir=up",
            errors::bad_query_value("orderDir", "up"),
        ),
    ] {
        assert_eq!(answer(query).err(), Some(expected.clone()), "{query}");
        assert_eq!(expected.status, http::StatusCode::NOT_FOUND);
    }
}

/// Sets one knob.
fn knob(name: &str, value: &str) -> Knobs {
    let mut knobs = Knobs::default();
    knobs.set(name, value).expect("a knob");
    knobs
}

#[test]
fn the_knobs_of_a_view_show_other_rows() {
    let all = ["b@x.com", "a@x.com", "c@y.com"];
    for (name, value, query, total_count, keys) in [
        ("unknown_query_on_get", "ignored", "device_type=esa", 3, &all[..]),
        ("lone_page_parameter", "ignored", "offset=1", 3, &all[..]),
        ("lone_page_parameter", "ignored", "limit=1", 3, &all[..]),
        ("lone_page_parameter", "ignored", "orderBy=recipient", 3, &all[..]),
        ("page_rows_max", "2", "offset=1&limit=100", 3, &all[1..]),
        ("page_rows_max", "2", "offset=0&limit=100", 3, &all[..2]),
        ("page_rows_max", "2", "offset=0&limit=1", 3, &all[..1]),
        ("page_rows_max", "2", "", 3, &all[..2]),
        ("search_finds", "recipient", "search=1.com", 0, &[]),
        ("search_finds", "recipient", "search=X.com", 2, &all[..2]),
        ("search_case", "exact", "search=B%40x", 0, &[]),
        ("search_case", "exact", "search=1.com", 2, &["b@x.com", "c@y.com"]),
    ] {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let shown = shown(query, &knob(name, value));
        assert_eq!(shown, (total_count, keys), "{name}={value} {query}");
    }
}
