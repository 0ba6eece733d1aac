//! The keys of `[appliances.NAME]` that say by which way an appliance is reached: `proxy` and `disable_proxies`.
//! Knows nothing of sockets; `appliance/transport.rs` goes that way.

use super::super::secret::Secret;
use super::super::section::Section;
use super::super::setting::Setting;
use crate::manifest::Mistakes;
use url::Url;

/// The way to an appliance. Loopback is never proxied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxySettings {
    /// As the system and the environment say (`HTTPS_PROXY`, `NO_PROXY`, ...). The default.
    FromEnvironment,
    /// This one, whatever they say. A URL, perhaps with credentials.
    Fixed(Secret),
    /// Straight, whatever they say.
    Disabled,
}

/// The keys as they were written.
pub(super) struct ProxyKeys {
    proxy: Setting<Secret>,
    disable_proxies: Setting<bool>,
}

impl ProxyKeys {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Self {
            proxy: section.secret("proxy"),
            disable_proxies: section.flag("disable_proxies"),
        }
    }

    /// What they mean together. None where one of them is wrong.
    pub(super) fn checked(
        self,
        name: &str,
        is_from_environment: bool,
        mistakes: &mut Mistakes,
        warnings: &mut Vec<String>,
    ) -> Option<ProxySettings> {
        let is_disabled = matches!(self.disable_proxies, Setting::Written(true, _));
        let place = self.proxy.place().cloned();
        let proxy = self.proxy.checked(mistakes, check_proxy);
        match (is_disabled, place) {
            (true, Some(place)) => {
                let text = "`disable_proxies` = true goes straight to the appliance; take it out, or `proxy`";
                mistakes.add(&place, text);
                None
            }
            (true, None) => Some(ProxySettings::Disabled),
            (false, None) => Some(ProxySettings::FromEnvironment),
            (false, Some(place)) => {
                let (url, has_password) = proxy.value()?;
                if has_password && !is_from_environment {
                    warnings.push(format!(
                        "{place}: the proxy's password of [appliances.{name}] can be read by everybody who can read this \
                         file; set {} instead",
                        super::appliance_variable(name, "proxy")
                    ));
                }
                Some(ProxySettings::Fixed(url))
            }
        }
    }
}

/// What was written is not repeated: it may hold a password.
fn check_proxy(written: Secret) -> Result<(Secret, bool), String> {
    let allowed = "allowed: \"http://HOST:PORT\", or \"http://USER:PASSWORD@HOST:PORT\"";
    let url =
        Url::parse(written.expose()).map_err(|error| format!("`proxy` is not a URL ({error}); {allowed}"))?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !is_bare {
        return Err(format!("`proxy` cannot be used; {allowed}"));
    }
    let has_password = url.password().is_some();
    Ok((written, has_password))
}
