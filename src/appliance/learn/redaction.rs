//! Takes out of an appliance's words what is nobody else's business: the scratch recipient, the invented senders, the
//! account and the host. The file that is printed is meant to be sent on. Pure.

use crate::config::ApplianceSettings;
use crate::model::escape_control;

/// What stands in the place of what.
#[derive(Debug, Clone)]
pub(super) struct Redaction {
    /// The longer before the shorter, because one may hold the other.
    replaced: Vec<(String, &'static str)>,
}

impl Redaction {
    pub(super) fn new(settings: &ApplianceSettings, recipient: &str, domain: &str) -> Self {
        let encoded: String = url::form_urlencoded::byte_serialize(recipient.as_bytes()).collect();
        let (_, host) = recipient.rsplit_once('@').unwrap_or((recipient, ""));
        let replaced = [
            (settings.password.expose(), "PASSWORD"),
            (recipient, "scratch@example.com"),
            (encoded.as_str(), "scratch%40example.com"),
            (domain, "invented.example"),
            (settings.url.host_str().unwrap_or_default(), "HOST"),
            (host, "example.com"),
            (settings.username.as_str(), "ACCOUNT"),
        ];
        let replaced = replaced.into_iter().filter(|(text, _)| !text.is_empty());
        Self {
            replaced: replaced
                .map(|(text, placeholder)| (text.to_lowercase(), placeholder))
                .collect(),
        }
    }

    /// One line, fit to be shown.
    pub(super) fn of(&self, text: &str) -> String {
        let mut text = escape_control(text);
        for (hidden, placeholder) in &self.replaced {
            text = replace_word(&text, hidden, placeholder);
        }
        text
    }
}

/// Whatever the case of its letters, but not inside of a longer word.
fn replace_word(text: &str, word: &str, placeholder: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    let mut before: Option<char> = None;
    while let Some(next) = rest.chars().next() {
        let found = beginning(rest, word).filter(|found| {
            let after = rest[*found..].chars().next();
            !is_joined(before, next) && !is_joined(rest[..*found].chars().last(), after.unwrap_or(' '))
        });
        let taken = found.unwrap_or(next.len_utf8());
        replaced.push_str(found.map_or(&rest[..taken], |_| placeholder));
        before = rest[..taken].chars().last();
        rest = &rest[taken..];
    }
    replaced
}

/// The bytes of the text that are this word, which is in small letters.
fn beginning(text: &str, word: &str) -> Option<usize> {
    let mut characters = text.char_indices();
    let mut expected = word.chars().peekable();
    while expected.peek().is_some() {
        let (_, character) = characters.next()?;
        for small in character.to_lowercase() {
            if expected.next() != Some(small) {
                return None;
            }
        }
    }
    Some(characters.next().map_or(text.len(), |(place, _)| place))
}

fn is_joined(left: Option<char>, right: char) -> bool {
    left.is_some_and(char::is_alphanumeric) && right.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    #[test]
    fn what_is_private_is_replaced_and_the_rest_stays() {
        let url = url::Url::parse("https://esa.acme.test:6443").unwrap();
        let settings = ApplianceSettings::new("esa-1", url, "ops", Secret::new("Ünlock".into()));
        let redaction = Redaction::new(&settings, "Test.1@acme.test", "doorlist-learn-7f.example");
        for (text, expected) in [
            (
                "Entry already exists - test.1@ACME.test, s011.doorlist-learn-7f.example.",
                "Entry already exists - scratch@example.com, s011.invented.example.",
            ),
            ("TEST.1%40acme.test", "scratch%40example.com"),
            (
                "Test.1%40Acme.test not at acme.test",
                "scratch%40example.com not at example.com",
            ),
            ("ops at esa.acme.test", "ACCOUNT at HOST"),
            ("the tops of ünlock\u{1b}", "the tops of PASSWORD\\u{1b}"),
            ("Request conflict..", "Request conflict.."),
        ] {
            assert_eq!(redaction.of(text), expected);
        }
    }
}
