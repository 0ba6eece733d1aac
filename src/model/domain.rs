//! A domain name as AsyncOS takes it: ASCII, lower case, at least two labels, no trailing dot.
//! International names go out in their ASCII form, because that is what the SMTP envelope carries and nothing
//! tells whether the lists take the other (`docs/asyncos.md`, "Entries"). Knows nothing of public suffixes.

use super::refusal::{Refusal, Rule};

/// RFC 1035: 255 octets on the wire, which is 253 characters of text.
const DOMAIN_LENGTH_MAX: usize = 253;
/// RFC 1035: length of one label.
const LABEL_LENGTH_MAX: usize = 63;

/// Reads a domain name: IDNA, lower case, one trailing dot taken off. `_` is allowed, as real sender names
/// have it (`_spf`, `host_1`), although host names may not.
///
/// # Errors
/// The rule that the text broke.
pub fn parse_domain(text: &str) -> Result<String, Refusal> {
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.is_empty() {
        return Err(Refusal::new(Rule::Empty));
    }
    let ascii = to_ascii(name)?;
    if ascii.len() > DOMAIN_LENGTH_MAX || ascii.split('.').any(|label| label.len() > LABEL_LENGTH_MAX) {
        return Err(Refusal::new(Rule::TooLong));
    }
    if !ascii.split('.').all(is_label) {
        return Err(Refusal::new(Rule::NotADomain));
    }
    // RFC 3696, section 2: a top-level domain is not all digits; this also keeps "1.2.3" and "010.0.0.1" out.
    if ascii
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(Refusal::new(Rule::NotADomain));
    }
    if !ascii.contains('.') {
        return Err(Refusal::new(Rule::SingleLabel));
    }
    Ok(ascii)
}

/// The form in which two spellings of one name are equal; text that is no name is only folded to lower case.
pub(super) fn fold_domain(text: &str) -> String {
    let name = text.strip_suffix('.').unwrap_or(text);
    to_ascii(name).unwrap_or_else(|_| name.to_lowercase())
}

fn to_ascii(name: &str) -> Result<String, Refusal> {
    if name.is_ascii() && !has_ace_label(name) {
        // The common case. It also keeps "a_b.example", which strict IDNA refuses.
        return Ok(name.to_ascii_lowercase());
    }
    // Only the international labels are held to IDNA's rules, so that "_spf.bücher.example" passes as well.
    let labels: Result<Vec<String>, Refusal> = name
        .split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'])
        .map(|label| {
            if label.is_ascii() && !has_ace_label(label) {
                return Ok(label.to_ascii_lowercase());
            }
            idna::uts46::Uts46::new()
                .to_ascii(
                    label.as_bytes(),
                    idna::AsciiDenyList::STD3,
                    idna::uts46::Hyphens::Check,
                    idna::uts46::DnsLength::Verify,
                )
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| {
                    let rule = if label.len() > LABEL_LENGTH_MAX {
                        Rule::TooLong
                    } else {
                        Rule::NotADomain
                    };
                    Refusal::new(rule)
                })
        })
        .collect();
    Ok(labels?.join("."))
}

fn has_ace_label(name: &str) -> bool {
    name.split('.')
        .any(|label| label.len() >= 4 && label.as_bytes()[..4].eq_ignore_ascii_case(b"xn--"))
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_into_the_form_that_mail_carries() {
        let long_label = "a".repeat(64);
        for (text, expected) in [
            ("example.com", Ok("example.com")),
            ("Mail.Example.COM.", Ok("mail.example.com")),
            ("bücher.example", Ok("xn--bcher-kva.example")),
            ("BÜCHER.example", Ok("xn--bcher-kva.example")),
            ("xn--bcher-kva.example", Ok("xn--bcher-kva.example")),
            ("_spf.bücher.example", Ok("_spf.xn--bcher-kva.example")),
            ("a_b.example", Ok("a_b.example")),
            ("com", Err(Rule::SingleLabel)),
            ("example.com..", Err(Rule::NotADomain)),
            ("a..b", Err(Rule::NotADomain)),
            ("-a.example", Err(Rule::NotADomain)),
            ("a b.example", Err(Rule::NotADomain)),
            ("xn--a.example", Err(Rule::NotADomain)),
            ("010.0.0.1", Err(Rule::NotADomain)),
            ("1.2.3", Err(Rule::NotADomain)),
            (".", Err(Rule::Empty)),
            (long_label.as_str(), Err(Rule::TooLong)),
        ] {
            assert_eq!(
                parse_domain(text).as_deref().map_err(Refusal::rule),
                expected,
                "{text}"
            );
        }
        let long_name = ["abcdefghi"; 26].join(".");
        assert_eq!(
            parse_domain(&long_name).map_err(|refusal| refusal.rule()),
            Err(Rule::TooLong)
        );
    }

    #[test]
    fn spellings_of_one_name_fold_to_the_same_text() {
        assert_eq!(
            fold_domain("BÜCHER.example."),
            fold_domain("xn--bcher-kva.EXAMPLE")
        );
        assert_eq!(fold_domain("testcom"), "testcom");
        assert_eq!(fold_domain("a b"), "a b");
    }
}
