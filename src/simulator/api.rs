//! One API request, start to end, without a socket: what is asked, may the caller, what is the answer, what
//! becomes of it on its way, note it down.
//!
//! Both roots, `/esa/api/v2.0` and `/sma/api/v2.0`, show the same data, unless a knob takes one away. Every
//! resource is in one `match`. `GET {root}/health` is left out, because no source tells what it answers
//! (`docs/asyncos.md`, "Login"). This file refuses to know how bytes come and go; that is `server.rs`. The
//! resources are in `viewing.rs`, `writing.rs` and `login.rs`; what faults make of a request is sorted in
//! `course.rs`.

use std::time::SystemTime;

use http::{HeaderMap, Method};
use serde_json::Value;

use super::course::{Course, Fate, Instead, OtherChange, WayBack};
use super::delivery::{Answer, Passage, Silence};
use super::effects::Effect;
use super::errors::{self, ApiError};
use super::faults::{Facts, Fault, Page};
use super::history::ChangedBy;
use super::knobs::{ErrorFraming, Knobs, Roots};
use super::lists::ListName;
use super::login;
use super::reply::Reply;
use super::request_log::Noted;
use super::sessions::Sessions;
use super::settings::{Account, Settings};
use super::state::State;
use super::viewing;
use super::writing::{self, Written};

pub(super) struct ApiRequest<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: RequestBody<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum RequestBody<'a> {
    Whole(&'a [u8]),
    TooLarge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resource {
    Login,
    LoginPrivileges,
    List(ListName),
    Unknown,
}

pub(super) fn answer(
    settings: &Settings,
    state: &mut State,
    request: &ApiRequest<'_>,
    now: SystemTime,
) -> Answer {
    state.begin_request();
    let resource = Resource::of(request.path, state.behaviour.knobs.roots);
    let faults = state.faults.on_request(&facts(request, resource));
    let names = faults.iter().map(Fault::to_string).collect();

    let answer = follow(Course::of(faults), settings, state, request, resource, now);

    state.note(Noted {
        sequence: state.sequence,
        method: Some(request.method.clone()),
        path: request.path.to_owned(),
        query: request.query.to_owned(),
        body: noted_body(request.body, resource),
        status: answer.sent_status(),
        faults: names,
    });
    answer
}

fn facts<'a>(request: &ApiRequest<'a>, resource: Resource) -> Facts<'a> {
    let list = match resource {
        Resource::List(name) => Some(name),
        _ => None,
    };
    let page = match request.method {
        &Method::GET if list.is_some() && viewing::is_later_page(request.query) => Page::Later,
        _ => Page::First,
    };
    let method = request.method;
    Facts { method, list, page }
}

/// From the first thing that happens to the last.
fn follow(
    course: Course,
    settings: &Settings,
    state: &mut State,
    request: &ApiRequest<'_>,
    resource: Resource,
    now: SystemTime,
) -> Answer {
    if course.kills_tokens {
        state.sessions = Sessions::default();
    }
    others_write(state, course.others_before);
    let own_reply = (!course.is_lost).then(|| decide(settings, state, request, resource, course.fate, now));
    others_write(state, course.others_after);

    let knobs = &state.behaviour.knobs;
    let reply = match course.instead {
        Some(instead) => Some(reply_instead(instead, knobs)),
        None => own_reply,
    };
    match (course.way_back, reply) {
        (WayBack::Silence(silence), _) => Answer::Silence(silence),
        // What loses a request without answering for it is silent, so this is never reached.
        (WayBack::Reply(_), None) => Answer::Silence(Silence::Close),
        (WayBack::Reply(passage), Some(reply)) => {
            let is_lost = reply.is_api_error() && knobs.error_framing == ErrorFraming::Rst;
            if is_lost && passage == Passage::Whole {
                return Answer::Silence(Silence::Reset);
            }
            let reply = match passage {
                _ if course.is_to_eof => reply.without_length(),
                Passage::Drip { .. } => reply.then_close(),
                Passage::Whole | Passage::Cut { .. } => reply,
            };
            Answer::Reply { reply, passage }
        }
    }
}

fn others_write(state: &mut State, changes: Vec<OtherChange>) {
    for OtherChange { list, add, remove } in changes {
        let spelling = state.behaviour.knobs.spelling;
        let put = Effect::Put(add).without_what_stands(state.store.lists().list(list), spelling);
        let take = Effect::TakePairs(remove.into_iter().collect());
        for effect in [put, take] {
            state
                .store
                .carry_out(state.sequence, list, effect, ChangedBy::OtherWriter);
        }
    }
}

fn reply_instead(instead: Instead, knobs: &Knobs) -> Reply {
    match instead {
        Instead::Page(status) => Reply::page(status),
        Instead::Error {
            error,
            retry_after_seconds,
        } => Reply::error(&error, knobs).with_retry_after(retry_after_seconds),
    }
}

fn decide(
    settings: &Settings,
    state: &mut State,
    request: &ApiRequest<'_>,
    resource: Resource,
    fate: Fate,
    now: SystemTime,
) -> Reply {
    let authorised = authorise(settings, state, request, resource, now);
    let (reply, fresh_token) = match authorised {
        Ok(Access::LoggedIn(reply)) => (Ok(reply), None),
        Ok(Access::Granted { body, fresh_token }) => {
            (resource_reply(state, request, resource, body, fate), fresh_token)
        }
        Err(error) => (Err(error), None),
    };
    // A fresh token rides on any reply, also on an error (`docs/asyncos.md`, "Login", PSC).
    reply
        .unwrap_or_else(|error| Reply::error(&error, &state.behaviour.knobs))
        .with_fresh_token(fresh_token)
}

/// What comes of the checks before a resource is asked.
enum Access<'a> {
    LoggedIn(Reply),
    Granted {
        body: &'a [u8],
        fresh_token: Option<String>,
    },
}

fn authorise<'a>(
    settings: &Settings,
    state: &mut State,
    request: &ApiRequest<'a>,
    resource: Resource,
    now: SystemTime,
) -> Result<Access<'a>, ApiError> {
    let RequestBody::Whole(body) = request.body else {
        return Err(errors::too_large());
    };
    let (knobs, sessions) = (&state.behaviour.knobs, &mut state.sessions);
    if resource == Resource::Login && request.method == Method::POST {
        let reply = login::log_in(settings, knobs, sessions, request.headers, body, now)?;
        return Reply::success(&reply).map(Access::LoggedIn);
    }
    let fresh_token = login::authorise(settings, knobs, sessions, request.headers, now)?;
    if settings.account == Account::WithoutRight && matches!(resource, Resource::List(_)) {
        return Err(errors::unauthorized());
    }
    Ok(Access::Granted { body, fresh_token })
}

fn resource_reply(
    state: &mut State,
    request: &ApiRequest<'_>,
    resource: Resource,
    body: &[u8],
    fate: Fate,
) -> Result<Reply, ApiError> {
    let (knobs, lists) = (&state.behaviour.knobs, state.store.lists());
    match (resource, request.method) {
        (Resource::LoginPrivileges, &Method::GET) => Reply::success(&privileges()),
        (Resource::List(name), &Method::GET) => {
            let seed = state.behaviour.fault_seed;
            Reply::success(&viewing::view(
                &mut state.store,
                name,
                request.query,
                knobs,
                seed,
            )?)
        }
        (Resource::List(name), &Method::POST) => {
            writing::refuse_query(request.query, knobs)?;
            let written = writing::write(lists, name, body, knobs);
            take_effect(state, name, written, fate)
        }
        (Resource::List(name), &Method::DELETE) => {
            writing::refuse_query(request.query, knobs)?;
            let written = writing::delete(lists, name, body, knobs);
            take_effect(state, name, written, fate)
        }
        // Seen: with valid credentials an unknown path is a 404 (`docs/asyncos.md`, "Errors", CES).
        (Resource::Unknown, _) => Err(errors::not_found()),
        _ => Err(errors::method_not_allowed()),
    }
}

fn take_effect(state: &mut State, name: ListName, written: Written, fate: Fate) -> Result<Reply, ApiError> {
    match fate {
        Fate::Now => {
            let sequence = state.sequence;
            state
                .store
                .carry_out(sequence, name, written.effect, ChangedBy::Api);
        }
        Fate::Late(after_requests) => state.promise(name, written.effect, after_requests),
        Fate::Never => {}
    }
    Reply::success(&written.answer?)
}

impl Resource {
    fn of(path: &str, roots: Roots) -> Self {
        let roots: &[&str] = match roots {
            Roots::Both => &["/esa/api/v2.0", "/sma/api/v2.0"],
            Roots::Esa => &["/esa/api/v2.0"],
            Roots::Sma => &["/sma/api/v2.0"],
        };
        let below_root = roots.iter().find_map(|root| path.strip_prefix(root));
        match below_root {
            Some("/login") => Self::Login,
            Some("/login/privileges") => Self::LoginPrivileges,
            Some("/quarantine/blocklist") => Self::List(ListName::Blocklist),
            Some("/quarantine/safelist") => Self::List(ListName::Safelist),
            _ => Self::Unknown,
        }
    }
}

/// The one privilege whose name is known; that of the safelist and the blocklist is not
/// (`docs/asyncos.md`, "Login").
fn privileges() -> Value {
    serde_json::json!({"data": ["e_message_tracking_messages"]})
}

/// The log is shown to anybody who asks, and somebody will point a client with real credentials at a
/// simulator.
fn noted_body(body: RequestBody<'_>, resource: Resource) -> Vec<u8> {
    let RequestBody::Whole(bytes) = body else {
        return Vec::new();
    };
    if resource == Resource::Login
        && let Ok(mut body) = serde_json::from_slice::<Value>(bytes)
        && let Some(passphrase) = body.pointer_mut("/data/passphrase")
    {
        *passphrase = Value::from("(hidden)");
        return body.to_string().into_bytes();
    }
    bytes.to_vec()
}

#[cfg(test)]
mod tests;
