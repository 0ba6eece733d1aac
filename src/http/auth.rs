//! Who calls, and may they: a bearer token, or HTTP Basic with the client's name and the same token, from one of
//! the client's addresses. What was wrong is never told: a name, a token or an address that is right by itself
//! would be worth a guess. Rights, and which configurations, are asked of [`Caller`].

use super::problem::{Lacking, Problem};
use crate::app::App;
use crate::config::{Client, Configuration, Right};
use crate::model::excerpt;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use sha2::{Digest as _, Sha256};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// Whoever sent the request, after [`authenticate`].
#[derive(Debug, Clone)]
pub(super) enum Caller {
    /// There are no clients: somebody on this machine.
    Local,
    /// The client with this name and these configurations.
    Client {
        name: String,
        configurations: Vec<String>,
        rights: Vec<Right>,
    },
}

impl Caller {
    /// Nothing by default: a client uses the configurations that are listed for it.
    pub(super) fn may_use(&self, configuration: &Configuration) -> bool {
        match self {
            Self::Local => true,
            Self::Client { configurations, .. } => configurations.contains(&configuration.name),
        }
    }

    /// Refuses what the client has no right to. Somebody on this machine has all of them.
    pub(super) fn require(&self, right: Right) -> Result<(), Problem> {
        match self {
            Self::Local => Ok(()),
            Self::Client { rights, .. } if rights.contains(&right) => Ok(()),
            Self::Client { name, .. } => {
                let word = right.word();
                let detail = format!(
                    "this client lacks the right `{word}`; the operator gives it by rights = [\"{word}\"] under [clients.{name}]"
                );
                let problem = Problem::new(StatusCode::FORBIDDEN, "right_required", detail);
                Err(problem
                    .with("right", word)
                    .lacking(Lacking::of(format!("without the right `{word}`"))))
            }
        }
    }

    /// May it take back anything, and therefore see what was removed, by whomever?
    pub(super) fn may_take_back(&self) -> bool {
        [Right::Undo, Right::Remove]
            .into_iter()
            .any(|right| self.require(right).is_ok())
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Local => "local",
            Self::Client { name, .. } => name,
        }
    }
}

/// Lets a request through with its [`Caller`], or answers 401.
pub(super) async fn authenticate(
    State(app): State<Arc<App>>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let clients = &app.config.clients;
    let caller = if clients.is_empty() {
        Some(Caller::Local)
    } else {
        let credentials = Credentials::of(request.headers());
        credentials.and_then(|credentials| identify(clients.values(), &credentials, address.ip()))
    };
    match caller {
        Some(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        None => {
            tracing::warn!(caller.address = %address.ip(), "call without a valid token from an allowed address");
            unauthorized()
        }
    }
}

/// A token as it came, and the name beside it where it came by HTTP Basic.
struct Credentials {
    name: Option<String>,
    token: String,
}

impl Credentials {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let value = values.next()?.to_str().ok()?;
        if values.next().is_some() {
            return None;
        }
        let (scheme, rest) = value.split_once(' ')?;
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(Self {
                name: None,
                token: rest.to_owned(),
            });
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = base64::engine::general_purpose::STANDARD.decode(rest).ok()?;
        let (name, token) = String::from_utf8(decoded)
            .ok()?
            .split_once(':')
            .map(|(name, token)| (name.to_owned(), token.to_owned()))?;
        Some(Self {
            name: Some(name),
            token,
        })
    }
}

/// Every hash of every client is compared, and each in constant time, so that how long it takes tells nothing.
fn identify<'a>(
    clients: impl Iterator<Item = &'a Client>,
    credentials: &Credentials,
    address: IpAddr,
) -> Option<Caller> {
    let hash: [u8; 32] = Sha256::digest(credentials.token.as_bytes()).into();
    let address = address.to_canonical();
    let mut found = None;
    for client in clients {
        let mut matches = subtle::Choice::from(0);
        for known in &client.token_sha256 {
            matches |= known.ct_eq(&hash);
        }
        let is_named = credentials.name.as_ref().is_none_or(|name| *name == client.name);
        let is_near = client.addresses.iter().any(|network| network.contains(&address));
        if bool::from(matches) && is_named && is_near {
            found = Some(client);
        }
    }
    let client = found?;
    Some(Caller::Client {
        name: client.name.clone(),
        configurations: client.configurations.clone(),
        rights: client.rights.clone(),
    })
}

fn unauthorized() -> Response {
    let detail = "send a client's token as `Authorization: Bearer TOKEN`, or its name and token by HTTP Basic, from one of its addresses; clients stand in doorlist.toml";
    let mut response = Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail).into_response();
    for challenge in [
        "Bearer realm=\"doorlist\"",
        "Basic realm=\"doorlist\", charset=\"UTF-8\"",
    ] {
        response
            .headers_mut()
            .append(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

/// One answer for a configuration that is another client's and for one that does not exist.
pub(super) fn forbidden(name: &str) -> Problem {
    let detail = "this client may not use that configuration; `configurations` under [clients.NAME] lists what it may use";
    Problem::new(StatusCode::FORBIDDEN, "configuration_not_allowed", detail).lacking(Lacking {
        configuration: Some(excerpt(name, 60)),
        ..Lacking::of(format!("may not use the configuration `{}`", excerpt(name, 60)))
    })
}

/// The same for an appliance.
pub(super) fn forbidden_appliance(name: &str) -> Problem {
    let detail = "this client may not use that appliance; it may use those of its `configurations` under [clients.NAME]";
    Problem::new(StatusCode::FORBIDDEN, "appliance_not_allowed", detail).lacking(Lacking {
        appliance: Some(excerpt(name, 60)),
        ..Lacking::of(format!("may not use the appliance `{}`", excerpt(name, 60)))
    })
}
