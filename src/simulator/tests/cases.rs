//! What every fault looks like from outside, as a table; `faults.rs` plays it over sockets, `agreement.rs` in
//! memory as well.

use std::time::Duration;

use super::super::lists::pair;
use super::super::{Lists, Settings};
use super::raw::Asked::{self, Append, AppendOld, Delete, LaterPage, View};
use super::raw::{PATIENCE, SHORT_PATIENCE};

/// Fault rules, one request, what its caller sees in a few words, who stands on the blocklist afterwards, and
/// the status in the log.
pub(super) type Case = (&'static str, Asked, &'static str, &'static str, Option<u16>);

const HANG: &str = "silent";

pub(super) const CASES: &[Case] = &[
    ("", View, "HTTP/1.1 200 OK, whole, closed", "old", Some(200)),
    ("", Append, "HTTP/1.1 200 OK, whole, closed", "old new", Some(200)),
    (
        "",
        AppendOld,
        "HTTP/1.1 409 Conflict, whole, closed",
        "old",
        Some(409),
    ),
    ("refuse_connections:for_ms=60000", Append, "refused", "old", None),
    ("accept_and_close", Append, "closed", "old", None),
    ("reset_before_apply", Append, "reset", "old", None),
    ("reset_after_apply", Append, "reset", "old new", None),
    ("reset_after_apply", Delete, "reset", "", None),
    (
        "reset_after_apply:method=POST",
        View,
        "HTTP/1.1 200 OK, whole, closed",
        "old",
        Some(200),
    ),
    ("close_before_apply", Append, "closed", "old", None),
    ("close_after_apply", Append, "closed", "old new", None),
    ("cut_reply:after_bytes=0", Append, "closed", "old new", None),
    (
        "cut_reply:after_bytes=16",
        Append,
        "16 bytes, closed",
        "old new",
        None,
    ),
    (
        "cut_reply:after_bytes=17,by=reset",
        Append,
        "17 bytes, reset",
        "old new",
        Some(200),
    ),
    (
        "cut_reply:after_bytes=290",
        View,
        "HTTP/1.1 200 OK, cut, closed",
        "old",
        Some(200),
    ),
    (
        "cut_reply:after_bytes=290,by=reset",
        View,
        "HTTP/1.1 200 OK, cut, reset",
        "old",
        Some(200),
    ),
    (
        "cut_reply:after_bytes=99999",
        View,
        "HTTP/1.1 200 OK, whole, closed",
        "old",
        Some(200),
    ),
    (
        "body_to_eof",
        Append,
        "HTTP/1.1 200 OK, no length, closed",
        "old new",
        Some(200),
    ),
    (
        "body_to_eof + cut_reply:after_bytes=9",
        Append,
        "HTTP/1.1 200 OK, no length, closed",
        "old new",
        Some(200),
    ),
    (
        "html:status=502",
        Append,
        "HTTP/1.1 502 Bad Gateway, whole, closed",
        "old",
        Some(502),
    ),
    (
        "html:status=504,applied=true",
        Append,
        "HTTP/1.1 504 Gateway Timeout, whole, closed",
        "old new",
        Some(504),
    ),
    (
        "html:status=200",
        View,
        "HTTP/1.1 200 OK, whole, closed",
        "old",
        Some(200),
    ),
    (
        "status:status=503",
        Append,
        "HTTP/1.1 503 Service Unavailable, whole, closed",
        "old",
        Some(503),
    ),
    (
        "status:status=500,applied=true",
        Delete,
        "HTTP/1.1 500 Internal Server Error, whole, closed",
        "",
        Some(500),
    ),
    (
        "slow_drip:bytes=100,every_ms=1",
        Append,
        "HTTP/1.1 200 OK, whole, closed",
        "old new",
        Some(200),
    ),
    ("hang", Append, HANG, "old", None),
    ("hang:applied=true", Append, HANG, "old new", None),
    (
        "unauthorized",
        Append,
        "HTTP/1.1 401 Unauthorized, whole, closed",
        "old",
        Some(401),
    ),
    (
        "kill_tokens",
        View,
        "HTTP/1.1 200 OK, whole, closed",
        "old",
        Some(200),
    ),
    (
        "says_yes_does_nothing",
        Append,
        "HTTP/1.1 200 OK, whole, closed",
        "old",
        Some(200),
    ),
    (
        "says_yes_does_nothing",
        AppendOld,
        "HTTP/1.1 409 Conflict, whole, closed",
        "old",
        Some(409),
    ),
    (
        "says_yes_does_nothing + reset_after_apply",
        Append,
        "reset",
        "old",
        None,
    ),
    (
        "applied_late:after_requests=1",
        Append,
        "HTTP/1.1 200 OK, whole, closed",
        "old",
        Some(200),
    ),
    (
        "other_writer:when=before,list=blocklist,add=new@x.com:s.com",
        Append,
        "HTTP/1.1 409 Conflict, whole, closed",
        "old new",
        Some(409),
    ),
    (
        "other_writer:when=after,list=blocklist,add=other@x.com:s.com,remove=old@x.com:s.com",
        Append,
        "HTTP/1.1 200 OK, whole, closed",
        "new other",
        Some(200),
    ),
    (
        "other_writer:when=before,list=blocklist,remove=old@x.com:s.com,page=later + reset_after_apply",
        LaterPage,
        "reset",
        "",
        None,
    ),
];

pub(super) fn settings(rules: &str) -> Settings {
    let rules = rules.split(" + ").filter(|rule| !rule.is_empty());
    Settings {
        lists: Lists {
            blocklist: vec![pair("old@x.com", "s.com")],
            safelist: vec![],
        },
        faults: rules.map(|rule| rule.parse().expect(rule)).collect(),
        ..Settings::default()
    }
}

/// How long to wait for an end that comes, or does not.
pub(super) fn patience(rules: &str) -> Duration {
    if rules.starts_with("hang") {
        SHORT_PATIENCE
    } else {
        PATIENCE
    }
}

/// The names in front of the `@`, in the order in which they are stored.
pub(super) fn names(lists: &Lists) -> String {
    let names = lists
        .blocklist
        .iter()
        .filter_map(|pair| pair.recipient.split('@').next());
    names.collect::<Vec<&str>>().join(" ")
}
