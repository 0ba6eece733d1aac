//! Questions about a login: how long its token lives, and whether it is good for another user agent
//! (`docs/asyncos.md`, "Login"). They change nothing, and end a question where a login is refused: accounts lock.

use super::super::asker::Asker;
use super::super::finding::{Judged, Value, unsettled, word};
use super::super::seen::{Reply, Seen};
use super::super::stop::Stop;
use super::Asking;
use crate::appliance::login;
use crate::appliance::wire;
use crate::model::{ListKind, Read};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use std::time::{SystemTime, UNIX_EPOCH};

/// A second that turns while a login is answered leaves two lives; another login tells which.
const LOGINS_MAX: usize = 4;
const OTHER_USER_AGENT: &str = concat!("doorlist-learn/", env!("CARGO_PKG_VERSION"));

/// What a token may live, in seconds: from, to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Life {
    from: u64,
    to: u64,
    how: &'static str,
}

/// When a login was sent and answered, and what the appliance's clock said, in seconds.
#[derive(Debug, Clone, Copy)]
struct Times {
    before: u64,
    after: u64,
    appliance: Option<u64>,
}

pub(super) fn token(asker: &mut Asker) -> Asking<'_> {
    Box::pin(async move {
        let mut life: Option<Life> = None;
        let mut last_token = String::new();
        for _ in 0..LOGINS_MAX {
            let settings = &asker.settings;
            let request = login::request(settings.root, &settings.username, &settings.password);
            let before = seconds(SystemTime::now());
            let seen = asker.ask_with(HeaderMap::new(), "a login", request).await?;
            let after = seconds(SystemTime::now());
            let Some(token) = token_of(&seen) else {
                let why = "a login brought no token";
                asker
                    .findings
                    .record("token_idle_seconds", unsettled(why), seen.told());
                asker
                    .findings
                    .record("token_binding", unsettled(why), seen.told());
                return Ok(());
            };
            let times = Times {
                before,
                after,
                appliance: seen.look.date.map(seconds),
            };
            let of_this = claims_of(&token).and_then(|claims| life_of(&claims, times));
            life = both(life, of_this);
            last_token = token;
            if life.is_none_or(|life| life.from == life.to) {
                break;
            }
        }
        let (judged, evidence) = judge_life(life);
        asker.findings.record("token_idle_seconds", judged, evidence);
        binding(asker, &last_token).await
    })
}

/// First as the one who logged in, then as somebody else.
async fn binding(asker: &mut Asker, token: &str) -> Result<(), Stop> {
    let as_same = with_token(token)?;
    let mut as_other = as_same.clone();
    as_other.insert(USER_AGENT, HeaderValue::from_static(OTHER_USER_AGENT));
    let request = wire::request_of_read(asker.settings.root, &Read::first_row(ListKind::Blocklist));
    let same = asker
        .ask_with(as_same, "a call with a token", request.clone())
        .await?;
    let other = asker
        .ask_with(as_other, "a call with a token and another user agent", request)
        .await?;
    let evidence = format!(
        "a call with a token: {}; with another user agent: {}",
        same.told(),
        other.told()
    );
    asker
        .findings
        .record("token_binding", judge_binding(same.reply, other.reply), evidence);
    Ok(())
}

fn judge_binding(same: Reply, other: Reply) -> Judged {
    match (same, other) {
        (Reply::Yes, Reply::Yes) => word("unbound"),
        (
            Reply::Yes,
            Reply::No {
                status: None | Some(401 | 403),
            },
        ) => word("user_agent"),
        (Reply::Yes, _) => unsettled("no clear answer"),
        _ => unsettled("the token was of no use from the beginning"),
    }
}

/// The two numbers of a JWT, or its end and a clock.
fn life_of(claims: &serde_json::Value, times: Times) -> Option<Life> {
    let end = claims.get("exp")?.as_u64()?;
    if let Some(begin) = claims.get("iat").and_then(serde_json::Value::as_u64) {
        let life = end.checked_sub(begin)?;
        let how = "by the token's own beginning and end";
        return Some(Life {
            from: life,
            to: life,
            how,
        });
    }
    let is_other_clock = |clock: u64| clock + 1 < times.before || clock > times.after + 1;
    match times.appliance {
        Some(clock) if is_other_clock(clock) => Some(Life {
            from: end.checked_sub(clock)?,
            to: end.checked_sub(clock)? + 1,
            how: "by the token's end and the appliance's clock",
        }),
        _ => Some(Life {
            // No token ends before it begins, whatever second has turned meanwhile.
            from: end.saturating_sub(times.after),
            to: end.checked_sub(times.before)?,
            how: "by the token's end and this machine's clock",
        }),
    }
}

/// What two logins agree on.
fn both(life: Option<Life>, other: Option<Life>) -> Option<Life> {
    let Some(life) = life else { return other };
    let other = other?;
    let (from, to) = (life.from.max(other.from), life.to.min(other.to));
    (from <= to).then_some(Life {
        from,
        to,
        how: life.how,
    })
}

fn judge_life(life: Option<Life>) -> (Judged, String) {
    let Some(Life { from, to, how }) = life else {
        return (
            unsettled("the token tells no end that can be used"),
            String::new(),
        );
    };
    let whole_minutes: Vec<u64> = (from..=to).filter(|seconds| seconds % 60 == 0).collect();
    match (from == to, whole_minutes.as_slice()) {
        (true, _) => (Ok(Value::Number(from)), how.to_owned()),
        // The setting is in minutes.
        (false, [minutes]) => (Ok(Value::Number(*minutes)), format!("{how}, in whole minutes")),
        (false, _) => (unsettled(format!("{from} or {to} seconds")), how.to_owned()),
    }
}

/// The end and the beginning are in the middle part.
fn claims_of(token: &str) -> Option<serde_json::Value> {
    let middle = token.split('.').nth(1)?.trim_end_matches('=');
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).ok()?).ok()
}

fn token_of(seen: &Seen) -> Option<String> {
    let login = login::read(&seen.look.answer).ok()?;
    Some(login.token.expose().to_owned())
}

fn with_token(token: &str) -> Result<HeaderMap, Stop> {
    let mut value = HeaderValue::try_from(token).map_err(|error| Stop::Client(error.to_string()))?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(
        HeaderName::from_static(login::TOKEN_HEADER),
        value,
    )]))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
