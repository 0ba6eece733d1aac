//! Public suffixes: `co.uk` and `github.io` are not one sender but everybody who registered a name below them.
//! Which names these are is told by Mozilla's public suffix list (<https://publicsuffix.org/list/>), compiled in
//! by `psl`, and is as old as that crate. Refuses to know who registered what below one.

use super::candidate::Candidate;
use super::refused::{BUILT_IN, Refused};
use super::rule::Rule;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suffix {
    /// Delegated by ICANN or a country's registry: `com`, `co.uk`.
    Icann,
    /// Run by a company for its customers: `github.io`.
    Private,
    /// One label that is on no list, such as `internal`. The list's rule for unknown names (`*`) makes every
    /// last label a suffix and nothing longer, so that `bad.example` is none.
    TopLevel,
}

pub(super) fn find(candidate: &Candidate<'_>) -> Option<Refused> {
    let suffix = match candidate.network {
        Some(_) => None,
        None => suffix(candidate.host),
    };
    let (word, origin) = match suffix? {
        Suffix::Icann => ("public suffix", format!("public suffix list, {BUILT_IN}")),
        Suffix::Private => (
            "privately run public suffix",
            format!("public suffix list, {BUILT_IN}"),
        ),
        Suffix::TopLevel => ("top-level name", BUILT_IN.to_owned()),
    };
    let relation = if candidate.is_address {
        "address at the "
    } else {
        ""
    };
    Some(Refused::new(
        Rule::PublicSuffix,
        format!("{relation}{word} {}", candidate.host),
        origin,
    ))
}

/// Whether the whole of a folded name is a public suffix or a bare top-level name.
pub(super) fn is_suffix(name: &str) -> bool {
    suffix(name).is_some()
}

/// The name that was registered below a public suffix, cut into its label and the suffix: `www.acme.co.uk` is `acme`
/// and `co.uk`. None for a suffix itself.
pub(super) fn registered(name: &str) -> Option<(&str, &str)> {
    psl::domain_str(name)?.split_once('.')
}

fn suffix(name: &str) -> Option<Suffix> {
    let listed = psl::suffix(name.as_bytes())
        .filter(|suffix| suffix.as_bytes() == name.as_bytes())
        .and_then(|suffix| suffix.typ());
    match listed {
        Some(psl::Type::Icann) => Some(Suffix::Icann),
        Some(psl::Type::Private) => Some(Suffix::Private),
        None => (!name.contains('.')).then_some(Suffix::TopLevel),
    }
}
