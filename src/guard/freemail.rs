//! Freemail providers: where anybody gets an address, the provider's whole domain is not one sender but millions.
//! `someone@gmail.com` is an ordinary thing to list and passes; `gmail.com` is a mistake. Refuses to know who
//! uses an address, and every provider that is not here.
//!
//! Why these: providers at which private persons of many countries have their address, so that listing one stops
//! (or lets in) mail that the recipients wait for. Why so few: a list that everybody gets unasked must be right
//! for everybody. Disposable and obscure providers, which somebody may want to block as a whole, are no mistake;
//! a site that wants more brings its own list.

use super::candidate::Candidate;
use super::refused::{BUILT_IN, Refused};
use super::rule::Rule;

/// Grouped by provider, and folded as keys are.
const PROVIDERS: &[&str] = &[
    // Google
    "gmail.com",
    "googlemail.com",
    // Microsoft
    "outlook.com",
    "hotmail.com",
    "hotmail.co.uk",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "live.com",
    "live.co.uk",
    "live.fr",
    "msn.com",
    // Yahoo and AOL
    "yahoo.com",
    "yahoo.ca",
    "yahoo.co.in",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com.br",
    "yahoo.de",
    "yahoo.es",
    "yahoo.fr",
    "yahoo.it",
    "ymail.com",
    "aol.com",
    // Apple
    "icloud.com",
    "me.com",
    "mac.com",
    // GMX, WEB.DE and mail.com
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "mail.com",
    // Proton and Zoho
    "proton.me",
    "protonmail.com",
    "zoho.com",
    // Russia
    "mail.ru",
    "yandex.com",
    "yandex.ru",
    // China
    "qq.com",
    "163.com",
    "126.com",
    // Access providers whose customers have their address there
    "t-online.de",
    "bluewin.ch",
    "free.fr",
    "laposte.net",
    "orange.fr",
    "wanadoo.fr",
    "libero.it",
    "btinternet.com",
    "att.net",
    "comcast.net",
    "verizon.net",
    "bigpond.com",
];

pub(super) fn find(candidate: &Candidate<'_>) -> Option<Refused> {
    if candidate.is_address {
        return None;
    }
    let provider = candidate.upwards().find(|name| PROVIDERS.contains(name))?;
    let relation = if provider == candidate.host {
        "whole"
    } else {
        "subdomain of the"
    };
    Some(Refused::new(
        Rule::FreemailDomain,
        format!("{relation} freemail provider {provider}"),
        BUILT_IN,
    ))
}

pub(super) fn is_provider(name: &str) -> bool {
    PROVIDERS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EntryKey;
    use std::collections::BTreeSet;

    #[test]
    fn the_list_is_short_folded_and_free_of_repetition() {
        let distinct: BTreeSet<&str> = PROVIDERS.iter().copied().collect();
        assert_eq!(distinct.len(), PROVIDERS.len());
        for provider in PROVIDERS {
            assert_eq!(EntryKey::of(provider).as_str(), *provider);
            // Else its rule would never be reached.
            assert!(!super::super::suffixes::is_suffix(provider), "{provider}");
        }
    }
}
