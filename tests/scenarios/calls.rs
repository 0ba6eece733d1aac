//! The calls that the appliance received, as lines of text, in their order: what was asked, which status was sent,
//! and which faults happened.
//!
//! Knows the simulator's log and the form of AsyncOS's requests. Refuses to know why something was asked, and what
//! the answer to the caller was (`transcript.rs`).

use super::names::compact;
use doorlist::simulator::LoggedRequest;
use serde_json::Value;
use std::collections::BTreeMap;

/// So many names are counted for the reader.
const COUNTED_NAMES_MIN: usize = 4;
/// So many changes in a row that differ in their keys alone are one line: a request that is taken apart makes
/// hundreds.
const GROUPED_CALLS_MIN: usize = 4;

/// A longer enumeration in such a line is cut in its middle.
const SHOWN_PARTS_MAX: usize = 10;

/// A request in the parts of its line.
struct Call {
    /// `POST esa/blocklist`, or the whole of what a view asks.
    asked: String,
    /// `append`, of a change.
    verb: Option<String>,
    /// `by sender`, of a change.
    view: String,
    /// What a change names as rows; nothing for a view.
    keys: Vec<String>,
    /// ` x user1@example.com`, what the rows are to hold.
    values: String,
    /// ` -> 200`, and the faults.
    came: String,
}

/// One line for each call, or for several in a row that are alike.
pub fn calls(requests: &[LoggedRequest]) -> Vec<String> {
    let mut lines = vec![match requests.len() {
        0 => "no call reached the appliance".to_owned(),
        1 => "the appliance was called once:".to_owned(),
        count => format!("the appliance was called {count} times:"),
    }];
    let calls: Vec<Call> = requests.iter().map(call).collect();
    for alike in calls.chunk_by(are_alike) {
        if alike.len() >= GROUPED_CALLS_MIN {
            lines.push(grouped(alike));
        } else {
            lines.extend(alike.iter().map(single));
        }
    }
    lines
}

/// The verb may differ: what was refused with one is tried with the other.
fn are_alike(one: &Call, next: &Call) -> bool {
    let parts = |call: &Call| [&call.asked, &call.view, &call.values, &call.came].map(String::clone);
    !one.keys.is_empty() && !next.keys.is_empty() && parts(one) == parts(next)
}

fn single(call: &Call) -> String {
    if call.keys.is_empty() {
        return format!("  {}{}", call.asked, call.came);
    }
    line(call, &call.verb.iter().collect::<Vec<_>>(), &counted(&call.keys))
}

fn grouped(calls: &[Call]) -> String {
    let mut verbs: Vec<&String> = Vec::new();
    for verb in calls.iter().filter_map(|call| call.verb.as_ref()) {
        if !verbs.contains(&verb) {
            verbs.push(verb);
        }
    }
    let keys: Vec<String> = calls.iter().flat_map(|call| call.keys.clone()).collect();
    let lengths = calls.iter().map(|call| call.keys.len());
    let fewest = lengths.clone().min().unwrap_or_default();
    let most = lengths.max().unwrap_or_default();
    let each = if fewest == most {
        most.to_string()
    } else {
        format!("{fewest} to {most}")
    };
    let line = line(&calls[0], &verbs, &shortened(&counted(&keys)));
    format!("{line}, in {} calls of {each}", calls.len())
}

fn line(call: &Call, verbs: &[&String], keys: &str) -> String {
    let words: Vec<&str> = verbs.iter().map(|verb| verb.as_str()).collect();
    let verbs = if words.is_empty() {
        String::new()
    } else {
        format!(" {}", words.join(" or "))
    };
    let Call {
        asked,
        view,
        values,
        came,
        ..
    } = call;
    format!("  {asked}{verbs} {view}: {keys}{values}{came}")
}

/// The beginning and the end of a long enumeration; how many there are stands behind it.
fn shortened(names: &str) -> String {
    let parts: Vec<&str> = names.split(", ").collect();
    match parts.as_slice() {
        [first, second, .., last] if parts.len() > SHOWN_PARTS_MAX => {
            format!("{first}, {second}, ... {last}")
        }
        _ => names.to_owned(),
    }
}

fn counted(names: &[String]) -> String {
    match names.len() {
        COUNTED_NAMES_MIN.. => format!("{} ({})", compact(names), names.len()),
        _ => compact(names),
    }
}

fn call(request: &LoggedRequest) -> Call {
    let status = request
        .status
        .map_or("no status".to_owned(), |status| status.to_string());
    let faults = match request.faults.as_slice() {
        [] => String::new(),
        faults => format!(" [{}]", faults.join("; ")),
    };
    let came = format!(" -> {status}{faults}");
    match request.method.as_str() {
        "" => plain("a connection".to_owned(), came),
        "GET" => plain(view(request), came),
        _ => change(request, came),
    }
}

fn plain(asked: String, came: String) -> Call {
    Call {
        asked,
        came,
        verb: None,
        view: String::new(),
        keys: Vec::new(),
        values: String::new(),
    }
}

fn view(request: &LoggedRequest) -> String {
    let query: BTreeMap<_, _> = url::form_urlencoded::parse(request.query.as_bytes()).collect();
    let value = |key: &str| query.get(key).map_or("?", |value| value.as_ref());
    let search = match query.get("search") {
        Some(text) => format!(", search for {text}"),
        None => String::new(),
    };
    format!(
        "GET {} by {}{search}, rows from {}",
        place(request),
        value("viewBy"),
        value("offset")
    )
}

fn change(request: &LoggedRequest, came: String) -> Call {
    let names = |key: &str| -> Vec<String> {
        let names = request.body[key].as_array().into_iter().flatten();
        names.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let view = request.body["viewBy"].as_str().unwrap_or("?");
    // A deletion has the key side alone, and calls it a list.
    let (keys, values) = match (request.method.as_str(), view) {
        ("DELETE", "recipient") => (names("recipientList"), Vec::new()),
        ("DELETE", _) => (names("senderList"), Vec::new()),
        (_, "recipient") => (names("recipientAddresses"), names("senderList")),
        _ => (names("senderAddresses"), names("recipientList")),
    };
    Call {
        asked: format!("{} {}", request.method, place(request)),
        verb: request.body["action"].as_str().map(str::to_owned),
        view: format!("by {view}"),
        keys,
        values: if values.is_empty() {
            String::new()
        } else {
            format!(" x {}", counted(&values))
        },
        came,
    }
}

/// `esa/blocklist`, of `/esa/api/v2.0/quarantine/blocklist`.
fn place(request: &LoggedRequest) -> String {
    let mut parts = request.path.split('/').filter(|part| !part.is_empty());
    match (parts.next(), parts.next_back()) {
        (Some(root), Some(list)) => format!("{root}/{list}"),
        _ => request.path.clone(),
    }
}
