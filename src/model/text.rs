//! Foreign text made safe to show: control characters escaped, length capped.
//! Values of callers and words of appliances are data; nothing here decides anything by them.

use std::fmt::{Display, Write as _};

/// Escapes what could move a cursor, hide text or reverse its direction; everything else stays as it is.
#[must_use]
pub fn escape_control(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_invisible(character) {
            // Writing to a String cannot fail.
            let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// The first `characters_max` characters, escaped, with `...` where something was cut.
#[must_use]
pub fn excerpt(text: &str, characters_max: usize) -> String {
    let mut characters = text.chars();
    let head: String = characters.by_ref().take(characters_max).collect();
    let mut shown = escape_control(&head);
    if characters.next().is_some() {
        shown.push_str("...");
    }
    shown
}

/// "1 pair", "3 pairs": a number with its noun, whose plural is an s more.
#[must_use]
pub fn counted(number: impl Display, noun: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Line and paragraph separators, zero-width characters, and the marks that change the direction of text.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_fool_a_terminal_is_escaped_and_long_text_is_cut() {
        assert_eq!(escape_control("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(escape_control("moc.live\u{202e}"), "moc.live\\u{202e}");
        assert_eq!(escape_control("bücher.example"), "bücher.example");
        assert_eq!(excerpt("abcdef", 3), "abc...");
        assert_eq!(excerpt("abc", 3), "abc");
    }
}
