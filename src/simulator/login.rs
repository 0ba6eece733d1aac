//! Who may call: Basic credentials on every call, or a login that gives a token.
//!
//! Facts: `docs/asyncos.md`, "Login". This file refuses to know how long a token is good, which is in
//! `sessions.rs`, and which resources exist, which is in `api.rs`.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{AUTHORIZATION, USER_AGENT};
use serde::{Deserialize, Serialize};

use super::errors::{self, ApiError};
use super::knobs::Knobs;
use super::sessions::Sessions;
use super::settings::{Account, Settings};

pub(super) const TOKEN_HEADER: &str = "jwttoken";

/// `{"data": {"userName": "YWRtaW4=", "passphrase": "aXJvbnBvcnQ="}}`, both in Base64.
#[derive(Deserialize)]
struct LoginBody {
    data: LoginData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoginData {
    user_name: String,
    passphrase: String,
}

#[derive(Debug, Serialize)]
pub(super) struct LoginReply {
    data: LoginReplyData,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginReplyData {
    user_name: String,
    /// A string in real answers, not a boolean.
    #[serde(rename = "is2FactorRedirectRequired")]
    is_2_factor_redirect_required: &'static str,
    role: &'static str,
    email: [&'static str; 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    jwt_token: Option<String>,
}

/// `POST {root}/login`.
pub(super) fn log_in(
    settings: &Settings,
    knobs: &Knobs,
    sessions: &mut Sessions,
    headers: &HeaderMap,
    body: &[u8],
    now: SystemTime,
) -> Result<LoginReply, ApiError> {
    let Ok(LoginBody { data }) = serde_json::from_slice(body) else {
        return Err(errors::body_is_no_json_object());
    };
    let user_name = STANDARD.decode(&data.user_name);
    let passphrase = STANDARD.decode(&data.passphrase);
    let is_known = user_name.is_ok_and(|bytes| bytes == settings.username.as_bytes())
        && passphrase.is_ok_and(|bytes| bytes == settings.password.as_bytes());
    if !is_known {
        return Err(errors::login_refused());
    }
    let wants_second_factor = settings.account == Account::SecondFactor;
    let token =
        (!wants_second_factor).then(|| sessions.open(&settings.username, knobs, platform(headers), now));
    Ok(LoginReply {
        data: LoginReplyData {
            user_name: settings.username.clone(),
            is_2_factor_redirect_required: if wants_second_factor { "true" } else { "false" },
            role: if settings.account == Account::WithoutRight {
                "Guest"
            } else {
                "Administrator"
            },
            email: [],
            jwt_token: token,
        },
    })
}

/// Lets the caller in, or tells why not. `Some` is a fresh token for a caller whose own token ends soon.
///
/// Unsettled (G): a caller that sends both a token and Basic credentials is judged by its token.
pub(super) fn authorise(
    settings: &Settings,
    knobs: &Knobs,
    sessions: &mut Sessions,
    headers: &HeaderMap,
    now: SystemTime,
) -> Result<Option<String>, ApiError> {
    if let Some(token) = headers.get(TOKEN_HEADER) {
        let token = token.to_str().map_err(|_| errors::token_invalid())?;
        return sessions.check(&settings.username, knobs, token, platform(headers), now);
    }
    if has_basic_credentials(settings, headers) {
        Ok(None)
    } else {
        Err(errors::unauthorized())
    }
}

/// Unsettled (`docs/asyncos.md`, "Login", CES): a token is bound to the "platform" that logged in. What that
/// is, is not told; the user agent is the likeliest.
fn platform(headers: &HeaderMap) -> &str {
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    user_agent.unwrap_or_default()
}

fn has_basic_credentials(settings: &Settings, headers: &HeaderMap) -> bool {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, encoded)) = authorization.and_then(|text| text.split_once(' ')) else {
        return false;
    };
    let expected = format!("{}:{}", settings.username, settings.password);
    scheme.eq_ignore_ascii_case("basic")
        && STANDARD
            .decode(encoded.trim())
            .is_ok_and(|bytes| bytes == expected.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const START: SystemTime = UNIX_EPOCH;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let name = http::HeaderName::from_static(name);
            (name, value.parse().expect("a header value"))
        });
        pairs.collect()
    }

    fn log_in_as(sessions: &mut Sessions, user_agent: &str, passphrase: &str) -> Result<String, ApiError> {
        let passphrase = STANDARD.encode(passphrase);
        let body = serde_json::json!({"data": {"userName": "YWRtaW4=", "passphrase": passphrase}});
        let headers = headers(&[("user-agent", user_agent)]);
        let reply = log_in(
            &Settings::default(),
            &Knobs::default(),
            sessions,
            &headers,
            body.to_string().as_bytes(),
            START,
        );
        reply.map(|reply| reply.data.jwt_token.expect("a token"))
    }

    fn call(
        sessions: &mut Sessions,
        user_agent: &str,
        token: &str,
        at: SystemTime,
    ) -> Result<Option<String>, ApiError> {
        let headers = headers(&[("user-agent", user_agent), ("jwttoken", token)]);
        authorise(&Settings::default(), &Knobs::default(), sessions, &headers, at)
    }

    #[test]
    fn basic_credentials_must_be_exactly_those_of_the_settings() {
        for (authorization, expected) in [
            ("Basic YWRtaW46aXJvbnBvcnQ=", Ok(None)),
            ("basic YWRtaW46aXJvbnBvcnQ=", Ok(None)),
            ("Basic YWRtaW46aXJvbnBvcnRY", Err(errors::unauthorized())),
            ("Basic !", Err(errors::unauthorized())),
            ("Bearer YWRtaW46aXJvbnBvcnQ=", Err(errors::unauthorized())),
            ("", Err(errors::unauthorized())),
        ] {
            let headers = headers(&[("authorization", authorization)]);
            let answer = authorise(
                &Settings::default(),
                &Knobs::default(),
                &mut Sessions::default(),
                &headers,
                START,
            );
            assert_eq!(answer, expected, "{authorization:?}");
        }
        let nothing = authorise(
            &Settings::default(),
            &Knobs::default(),
            &mut Sessions::default(),
            &HeaderMap::new(),
            START,
        );
        assert_eq!(nothing, Err(errors::unauthorized()));
    }

    #[test]
    fn a_token_lives_half_an_hour_and_is_renewed_in_its_last_five_minutes() {
        let sessions = &mut Sessions::default();
        let token = log_in_as(sessions, "peer/1", "ironport").expect("a token");
        assert_eq!(call(sessions, "peer/1", &token, START + 24 * MINUTE), Ok(None));

        let fresh = call(sessions, "peer/1", &token, START + 25 * MINUTE);
        let fresh = fresh
            .expect("the old token is still good")
            .expect("a fresh token");
        assert_ne!(fresh, token);
        assert_eq!(
            call(sessions, "peer/1", &token, START + 30 * MINUTE),
            Err(errors::token_expired())
        );
        assert_eq!(call(sessions, "peer/1", &fresh, START + 30 * MINUTE), Ok(None));
    }

    #[test]
    fn a_token_is_good_only_for_the_user_agent_that_logged_in() {
        let sessions = &mut Sessions::default();
        let token = log_in_as(sessions, "peer/1", "ironport").expect("a token");
        assert_eq!(call(sessions, "peer/1", &token, START), Ok(None));
        assert_eq!(
            call(sessions, "peer/2", &token, START),
            Err(errors::token_invalid())
        );
        assert_eq!(
            call(sessions, "peer/1", "a.b.c", START),
            Err(errors::token_invalid())
        );
    }

    #[test]
    fn a_login_with_other_credentials_or_without_any_is_refused() {
        let sessions = &mut Sessions::default();
        assert_eq!(
            log_in_as(sessions, "peer/1", "wrong"),
            Err(errors::login_refused())
        );
        for body in ["", "{}", r#"{"userName":"YWRtaW4=","passphrase":"aXJvbnBvcnQ="}"#] {
            let answer = log_in(
                &Settings::default(),
                &Knobs::default(),
                sessions,
                &HeaderMap::new(),
                body.as_bytes(),
                START,
            );
            assert_eq!(answer.err(), Some(errors::body_is_no_json_object()), "{body}");
        }
    }
}
