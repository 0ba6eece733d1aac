//! Tokens: who has one, how long it is good, when a fresh one is due.
//!
//! Facts: `docs/asyncos.md`, "Login" and, for the texts, "Errors". A token is a JWT in form only; nobody
//! signs it, it is looked up. The clock is handed in. This file refuses to know credentials and headers;
//! those are in `login.rs`.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::errors::{self, ApiError};
use super::knobs::{Knobs, TokenBinding};

/// Documented: within the last five minutes of a token's life the reply carries a fresh one (ESA14).
const REFRESH_BEFORE_END: Duration = Duration::from_mins(5);

/// Beyond this number the token that ends first is forgotten, and then is as good as any other unknown text.
const SESSIONS_MAX: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_token: HashMap<String, Session>,
}

#[derive(Debug)]
struct Session {
    user_agent: String,
    /// `None` when the end lies beyond what the clock can tell.
    expires_at: Option<SystemTime>,
}

impl Sessions {
    pub(super) fn open(
        &mut self,
        username: &str,
        knobs: &Knobs,
        user_agent: &str,
        now: SystemTime,
    ) -> String {
        if self.by_token.len() >= SESSIONS_MAX {
            self.forget_the_one_that_ends_first();
        }
        let expires_at = now.checked_add(Duration::from_secs(knobs.token_idle_seconds));
        let token = new_token(username, expires_at);
        let session = Session {
            user_agent: user_agent.to_owned(),
            expires_at,
        };
        self.by_token.insert(token.clone(), session);
        token
    }

    /// Lets the owner of a token in; `Some` is a fresh one, because this one ends soon.
    ///
    /// Unsettled (I): the life of a token is fixed when it is made, as its `exp` tells, and a call does not
    /// prolong it. Only the fresh token of the last five minutes carries an active caller on.
    pub(super) fn check(
        &mut self,
        username: &str,
        knobs: &Knobs,
        token: &str,
        user_agent: &str,
        now: SystemTime,
    ) -> Result<Option<String>, ApiError> {
        let Some(session) = self.by_token.get(token) else {
            return Err(errors::token_invalid());
        };
        // Unsettled (`docs/asyncos.md`, "Login", CES): what the "platform" is that a token is bound to.
        if knobs.token_binding == TokenBinding::UserAgent && session.user_agent != user_agent {
            return Err(errors::token_invalid());
        }
        let Some(expires_at) = session.expires_at else {
            return Ok(None);
        };
        match expires_at.duration_since(now) {
            Err(_) | Ok(Duration::ZERO) => Err(errors::token_expired()),
            Ok(left) if left <= REFRESH_BEFORE_END => Ok(Some(self.open(username, knobs, user_agent, now))),
            Ok(_) => Ok(None),
        }
    }

    fn forget_the_one_that_ends_first(&mut self) {
        let ends_first = self
            .by_token
            .iter()
            .min_by_key(|(_, session)| (session.expires_at.is_none(), session.expires_at));
        if let Some(token) = ends_first.map(|(token, _)| token.clone()) {
            self.by_token.remove(&token);
        }
    }
}

/// Three Base64 parts with a readable `exp`, because clients read it (PSC). The signature is only a unique
/// number.
fn new_token(username: &str, expires_at: Option<SystemTime>) -> String {
    let since_epoch = expires_at.and_then(|end| end.duration_since(UNIX_EPOCH).ok());
    let exp_unix_secs = since_epoch.map_or(u64::MAX, |duration| duration.as_secs());
    let header = serde_json::json!({"alg": "HS256", "typ": "JWT"});
    let claims = serde_json::json!({"userName": username, "exp": exp_unix_secs});
    let parts = [
        header.to_string().into_bytes(),
        claims.to_string().into_bytes(),
        uuid::Uuid::now_v7().into_bytes().to_vec(),
    ];
    parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: SystemTime = UNIX_EPOCH;

    #[test]
    fn a_token_reads_as_a_jwt_with_its_end() {
        let token = new_token("admin", Some(START + Duration::from_mins(1)));
        let claims = token
            .split('.')
            .nth(1)
            .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let claims: serde_json::Value = serde_json::from_slice(&claims.expect("Base64")).expect("JSON");
        assert_eq!(claims, serde_json::json!({"userName": "admin", "exp": 60}));
    }

    #[test]
    fn the_number_of_tokens_is_bounded_and_an_endless_life_is_no_panic() {
        let endless = Knobs {
            token_idle_seconds: u64::MAX,
            ..Knobs::default()
        };
        let sessions = &mut Sessions::default();
        for _ in 0..=SESSIONS_MAX {
            sessions.open("admin", &endless, "peer/1", START);
        }
        assert_eq!(sessions.by_token.len(), SESSIONS_MAX);
    }
}
