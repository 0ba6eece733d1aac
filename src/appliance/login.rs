//! The login of AsyncOS API v2.0: what is sent, and what an answer means. Pure. The facts: `docs/asyncos.md`,
//! "Login". Refuses to know when a login is due and what becomes of its token; `session.rs` does.

use super::verdict::{Answer, Ending, ROLE_WANTED, of_write, words_of_answer};
use super::wire::{Request, without_byte_order_mark};
use crate::config::{Root, Secret};
use crate::model::{Verdict, excerpt};
use base64::Engine as _;
use serde::Deserialize;

/// Header of a request, and of a reply that brings a fresh token.
pub(super) const TOKEN_HEADER: &str = "jwttoken";
/// A role is a few words.
const ROLE_CHARACTERS_MAX: usize = 60;

/// A login that worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) token: Secret,
    /// What the appliance calls the account's role, where it tells.
    pub(super) role: Option<String>,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoLogin {
    /// The account is not let in, and would not be the next time either.
    Refused(Verdict),
    /// No connection; or not tried at all.
    Unreachable(Verdict),
    /// The appliance was reached, and nobody can say whether the account is let in. The words are a person's.
    Unclear(String),
}

impl From<NoLogin> for Verdict {
    /// Of the request that needed the login: in each case nothing of it was sent.
    fn from(no_login: NoLogin) -> Self {
        match no_login {
            NoLogin::Refused(verdict) | NoLogin::Unreachable(verdict) => verdict,
            NoLogin::Unclear(words) => Self::Unreachable { words },
        }
    }
}

/// `POST {root}/login`, both values in Base64 by themselves.
pub(super) fn request(root: Root, username: &str, password: &Secret) -> Request {
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let body = serde_json::json!({
        "data": {"userName": encode(username), "passphrase": encode(password.expose())}
    });
    Request {
        method: http::Method::POST,
        target: format!("/{}/api/v2.0/login", root.word()),
        body: Some(body.to_string().into_bytes()),
    }
}

#[derive(Deserialize)]
struct Reply {
    data: ReplyData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReplyData {
    jwt_token: Option<String>,
    role: Option<String>,
    /// The text "true" or "false" in every answer that was seen; a boolean is taken as well.
    #[serde(rename = "is2FactorRedirectRequired")]
    is_2_factor_redirect_required: Option<serde_json::Value>,
}

/// What an answer to the login means.
pub(super) fn read(answer: &Answer) -> Result<Login, NoLogin> {
    match of_write(answer) {
        Verdict::Done => {}
        Verdict::Denied { status, .. } => {
            let words = words_of_answer(answer);
            let words = format!(
                "the login was refused: {words} (user name or password, or an account that may not use the API)"
            );
            return Err(NoLogin::Refused(Verdict::Denied { status, words }));
        }
        // Not a verdict about the request that needed the login, which an appliance that refused it has never seen.
        Verdict::Refused { status, words } => {
            let words = format!(
                "the login was refused: {words} (is `root` right, and does this release know the login? else auth = \"basic\")"
            );
            return Err(NoLogin::Refused(Verdict::Denied { status, words }));
        }
        untrusted @ Verdict::Untrusted { .. } => return Err(NoLogin::Unreachable(untrusted)),
        Verdict::Unreachable { words } | Verdict::Resting { words } => {
            let words = format!("the login: {words}");
            return Err(NoLogin::Unreachable(Verdict::Unreachable { words }));
        }
        Verdict::Unclear { words } => return Err(NoLogin::Unclear(format!("the login: {words}"))),
    }
    let Answer::Answered {
        body,
        status,
        ending: Ending::Whole,
        ..
    } = answer
    else {
        return Err(NoLogin::Unclear("the login brought no whole answer".to_owned()));
    };
    let Ok(Reply { data }) = serde_json::from_slice(without_byte_order_mark(body)) else {
        return Err(NoLogin::Unclear(
            "the login was answered without `data`".to_owned(),
        ));
    };
    let wants_second_factor = match &data.is_2_factor_redirect_required {
        Some(serde_json::Value::String(text)) => text.trim().eq_ignore_ascii_case("true"),
        Some(serde_json::Value::Bool(flag)) => *flag,
        _ => false,
    };
    if wants_second_factor {
        let words = format!(
            "this account wants a second factor, which nobody is here to give; use one without it (role: {ROLE_WANTED})"
        );
        return Err(NoLogin::Refused(Verdict::Denied {
            status: *status,
            words,
        }));
    }
    match data.jwt_token.filter(|token| !token.is_empty()) {
        Some(token) => Ok(Login {
            token: Secret::new(token),
            role: data.role.map(|role| excerpt(&role, ROLE_CHARACTERS_MAX)),
        }),
        None => Err(NoLogin::Unclear(
            "the login was answered without a token".to_owned(),
        )),
    }
}

/// A 401 for a token that was made a moment ago: the credentials are good.
pub(super) fn denied_with_a_fresh_token(answer: &Answer, role: Option<&str>) -> Verdict {
    let words = words_of_answer(answer);
    let box_between = "something on the way changes the User-Agent, to which a token is bound";
    // Cisco's own word for a role that may do everything.
    let why = match role {
        Some(role) if role.eq_ignore_ascii_case("Administrator") => {
            format!("its role {role} may use the lists, so most likely {box_between}")
        }
        role => format!(
            "its role{} may not use the lists, needed is {ROLE_WANTED}; or {box_between}",
            role.map_or_else(String::new, |role| format!(" {role}"))
        ),
    };
    Verdict::Denied {
        status: 401,
        words: format!("{words} (the login was accepted, so the credentials are good: {why})")
            .trim_start()
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> Answer {
        Answer::Answered {
            status,
            reason: None,
            location: None,
            body: body.as_bytes().to_vec(),
            ending: Ending::Whole,
        }
    }

    #[test]
    fn a_login_has_ciscos_shape() {
        let request = request(Root::Sma, "admin", &Secret::new("ironport".into()));
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", "/sma/api/v2.0/login")
        );
        assert_eq!(
            String::from_utf8(request.body.unwrap()).unwrap(),
            r#"{"data":{"passphrase":"aXJvbnBvcnQ=","userName":"YWRtaW4="}}"#
        );
    }

    #[test]
    fn an_answer_is_a_token_or_a_reason_why_not() {
        let good = r#"{"data":{"userName":"admin","is2FactorRedirectRequired":"false","role":"Administrator","email":[],"jwtToken":"a.b.c"}}"#;
        assert_eq!(
            read(&answered(200, good)),
            Ok(Login {
                token: Secret::new("a.b.c".into()),
                role: Some("Administrator".into())
            })
        );
        for (answer, is_refusal, words) in [
            (
                answered(200, &good.replace("\"false\"", "\"true\"")),
                true,
                "wants a second factor",
            ),
            (
                answered(200, &good.replace("\"false\"", "true")),
                true,
                "wants a second factor",
            ),
            (
                answered(
                    401,
                    r#"{"error":{"message":"Invalid username or passphrase.","code":"401"}}"#,
                ),
                true,
                "the login was refused: Invalid username or passphrase. (user name or password",
            ),
            (
                answered(404, r#"{"error":{"message":"Not Found."}}"#),
                true,
                "Not Found. (is `root` right",
            ),
            (answered(503, ""), false, "not reached: the login: status 503"),
            (answered(200, "{}"), false, "without `data`"),
            (answered(200, ""), false, "without `data`"),
            (
                answered(200, r#"{"data":{"jwtToken":""}}"#),
                false,
                "without a token",
            ),
            (
                Answer::Lost("connection reset".into()),
                false,
                "not reached: the login: connection reset",
            ),
            (
                Answer::NotConnected("refused".into()),
                false,
                "not reached: the login: refused",
            ),
        ] {
            let no_login = read(&answer).unwrap_err();
            let refusal = matches!(no_login, NoLogin::Refused(_));
            let verdict = Verdict::from(no_login);
            assert_eq!(refusal, is_refusal, "{answer:?}");
            assert!(verdict.describe().contains(words), "{}", verdict.describe());
        }
    }
}
