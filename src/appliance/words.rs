//! The words of an appliance for people: Cisco's message, the title of a page, or how whatever came begins.
//! Refuses to know the status and the verdict: nothing is decided by what is found here.
//!
//! Bodies are foreign text, and may hold what we sent: credentials are hidden, the rest is escaped and capped.

use crate::model::excerpt;
use base64::Engine as _;
use serde_json::Value;

/// Characters of an appliance's words in a report: a sentence, not a page.
const WORDS_CHARACTERS_MAX: usize = 200;
/// Where the words are looked for when there is no JSON: a title stands near the beginning.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// How a body begins that was compressed, which is never asked for.
const GZIP_BEGINNING: &[u8] = &[0x1f, 0x8b];

/// What a body says, in one line.
pub(super) fn words_of(body: &[u8]) -> String {
    let body = super::wire::without_byte_order_mark(body);
    if let Some(message) = cisco_message(body) {
        return one_line(&message);
    }
    if body.starts_with(GZIP_BEGINNING) {
        return "a compressed body, which was not asked for".to_owned();
    }
    if body.contains(&0) {
        return format!("{} bytes that are no text", body.len());
    }
    let text = String::from_utf8_lossy(&body[..body.len().min(TEXT_BYTES_MAX)]);
    let text = text.trim_start();
    let is_markup =
        text.starts_with('<') && text[1..].starts_with(|c: char| c.is_alphabetic() || "!?".contains(c));
    if !is_markup {
        return one_line(text);
    }
    let title = title_of(text).map(|title| one_line(&unescape_markup(title)));
    title
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| one_line(&unescape_markup(&without_tags(text))))
}

/// Any text as one line that is fit to be shown.
pub(super) fn one_line(text: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut characters = 0;
    for word in text.split_whitespace() {
        // The scheme and the secret behind it are told apart before anything is cut.
        let hides = words.last().is_some_and(|last| ends_with_basic(last)) && is_credentials(word);
        let word = if hides { "[hidden]" } else { word };
        characters += word.len() + 1;
        words.push(word);
        // Four bytes make a character at most.
        if characters > 4 * WORDS_CHARACTERS_MAX {
            break;
        }
    }
    excerpt(&words.join(" "), WORDS_CHARACTERS_MAX)
}

/// The message of Cisco's error shape.
fn cisco_message(body: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let error = document.get("error")?;
    let message = error.get("message").unwrap_or(error);
    message.as_str().map(str::to_owned)
}

/// What stands in the first `<title>`, in any case of its letters.
fn title_of(page: &str) -> Option<&str> {
    let begin = find_ignoring_case(page, "<title")?;
    let inside = &page[begin..];
    let inside = &inside[inside.find('>')? + 1..];
    Some(&inside[..inside.find('<').unwrap_or(inside.len())])
}

/// The text between the tags, without scripts and styles.
fn without_tags(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some(begin) = rest.find('<') {
        text.push_str(&rest[..begin]);
        text.push(' ');
        rest = &rest[begin..];
        let end = ["script", "style"]
            .into_iter()
            .find(|name| {
                rest[1..]
                    .get(..name.len())
                    .is_some_and(|tag| tag.eq_ignore_ascii_case(name))
            })
            .map_or(0, |name| {
                find_ignoring_case(rest, &format!("</{name}")).unwrap_or(rest.len())
            });
        rest = &rest[end..];
        rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
    }
    text.push_str(rest);
    text
}

/// The five characters that pages must not write as they are.
fn unescape_markup(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

/// The place of a word in ASCII.
fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    let word = word.as_bytes();
    text.as_bytes()
        .windows(word.len())
        .position(|window| window.eq_ignore_ascii_case(word))
}

fn ends_with_basic(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() >= 5 && bytes[bytes.len() - 5..].eq_ignore_ascii_case(b"basic")
}

/// Whether this is `name:password` as the scheme Basic writes it: a page may show the headers of the request.
fn is_credentials(word: &str) -> bool {
    let encoded: String = word
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "+/=".contains(*c))
        .collect();
    base64::engine::general_purpose::STANDARD
        .decode(encoded)
        .is_ok_and(|decoded| decoded.contains(&b':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_message_the_title_or_the_beginning_escaped_and_capped() {
        let page = "<!DOCTYPE html>\n<html><HEAD><Title lang=\"en\">\n 502 Bad&nbsp;Gateway &amp; more\n</TITLE></head><body><h1>x</h1>";
        let untitled = "<html><head><title></title><style>p { color: red }</style><SCRIPT>if (a < b) {}</SCRIPT></head>\
                        <body><p>Your   request was&lt;not&gt; taken</body></html>";
        for (body, expected) in [
            (r#"{"error":{"message":"Not Found.","code":"404"}}"#, "Not Found."),
            (r#"{"error":"plain"}"#, "plain"),
            (r#"{"error":{"code":"404"}}"#, r#"{"error":{"code":"404"}}"#),
            ("\u{feff}{\"error\":{\"message\":\"marked\"}}", "marked"),
            // A message that breaks its own JSON.
            (
                "{\"error\":\n {\"message\": \"bad \"x\"\"}}",
                r#"{"error": {"message": "bad "x""}}"#,
            ),
            ("  gateway\u{1b}[2J  ", "gateway\\u{1b}[2J"),
            (page, "502 Bad Gateway & more"),
            (untitled, "Your request was<not> taken"),
            ("<?xml version=\"1.0\"?><fault>no</fault>", "no"),
            ("<title>cut off", "cut off"),
            ("<script>never ended", ""),
            ("<", "<"),
            ("<ü", ""),
            ("< 3 entries", "< 3 entries"),
            ("\u{1f}\0binary", "8 bytes that are no text"),
            ("", ""),
            (" \r\n ", ""),
        ] {
            assert_eq!(words_of(body.as_bytes()), expected, "{body:?}");
        }
        assert_eq!(
            words_of(b"\x1f\x8b\x08\x00rest"),
            "a compressed body, which was not asked for"
        );
        assert_eq!(words_of(b"ung\xfcltig"), "ung\u{fffd}ltig");
        let capped = format!("{}...", "x".repeat(WORDS_CHARACTERS_MAX));
        assert_eq!(words_of("x".repeat(10_000).as_bytes()), capped);
        let wide = format!("{}...", "\u{1f600}".repeat(WORDS_CHARACTERS_MAX));
        assert_eq!(words_of("\u{1f600}".repeat(10_000).as_bytes()), wide);
    }

    #[test]
    fn a_body_cut_anywhere_has_words_that_fit() {
        let body = "<html><script a=b>x</script><TITLE a>\u{fc}&lt;\u{202e}</title><style>y</style> Basic YWRtaW46MDA3 \u{1b}";
        for end in 0..=body.len() {
            let words = words_of(&body.as_bytes()[..end]);
            assert!(!words.contains(['\u{1b}', '\u{202e}', '\n']), "{words:?}");
            // An escaped character is eight at most.
            assert!(words.chars().count() <= 8 * WORDS_CHARACTERS_MAX + 3, "{words:?}");
        }
    }

    #[test]
    fn a_page_that_shows_the_request_does_not_bring_the_credentials_into_a_report() {
        for (body, expected) in [
            (
                "you sent Authorization: Basic YWRtaW46MDA3, which is wrong",
                "you sent Authorization: Basic [hidden] which is wrong",
            ),
            (
                "<pre>authorization:basic  YWRtaW46MDA3</pre>",
                "authorization:basic [hidden]",
            ),
            (r#"{"error":{"message":"Basic YWRtaW46MDA3"}}"#, "Basic [hidden]"),
            (
                "Basic authentication is required",
                "Basic authentication is required",
            ),
        ] {
            assert_eq!(words_of(body.as_bytes()), expected);
        }
        let late = format!("{} Basic YWRtaW46MDA3", "x".repeat(WORDS_CHARACTERS_MAX - 10));
        assert!(!words_of(late.as_bytes()).contains("YW"), "{late}");
    }
}
