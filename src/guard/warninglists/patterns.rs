//! Parts of values and regular expressions: one automaton for all substrings, one set for all expressions, both of which
//! look at each byte of a value a bounded number of times. An expression that would need to go back, as one of Perl may,
//! is refused, and so is one that would grow too large. Refuses to know what a list is, beside its number.

use super::Relation;
use super::builder::WarninglistMistake;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::{RegexBuilder, RegexSet, RegexSetBuilder};

/// MISP's longest list of substrings has some hundred; an automaton takes up to a hundred times its text.
const SUBSTRINGS_MAX: usize = 20_000;
const SUBSTRING_BYTES_MAX: usize = 512 * 1024;
/// MISP has some forty. Each is compiled twice, alone and with the others.
const REGEXES_MAX: usize = 1_000;
/// As long as anybody can read.
const REGEX_CHARACTERS_MAX: usize = 4096;
/// Groups in groups; each takes a step of the stack to compile.
const REGEX_NESTING_MAX: u32 = 50;
/// Of one, compiled: `\w{100}` is below, `((a{100}){100}){100}` far beyond.
const REGEX_COMPILED_BYTES_MAX: usize = 512 * 1024;
/// Of all together, which a check may have to walk for each byte of a value.
const REGEXES_COMPILED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// All patterns of all lists.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    substrings: Vec<Element>,
    substring_bytes: usize,
    automaton: Option<AhoCorasick>,
    regexes: Vec<Element>,
    set: Option<RegexSet>,
}

#[derive(Debug)]
struct Element {
    list: usize,
    line: u32,
    written: String,
    /// What is compiled.
    meant: String,
}

impl Patterns {
    pub(super) fn is_empty(&self) -> bool {
        self.substrings.is_empty() && self.regexes.is_empty()
    }

    pub(super) fn add_substring(
        &mut self,
        list: usize,
        line: u32,
        written: &str,
    ) -> Result<(), WarninglistMistake> {
        self.substring_bytes += written.len();
        if self.substrings.len() == SUBSTRINGS_MAX || self.substring_bytes > SUBSTRING_BYTES_MAX {
            return Err(WarninglistMistake::TooManySubstrings {
                count_max: SUBSTRINGS_MAX,
                bytes_max: SUBSTRING_BYTES_MAX,
            });
        }
        self.substrings.push(Element {
            list,
            line,
            written: written.to_owned(),
            // Values are folded as well.
            meant: written.to_lowercase(),
        });
        Ok(())
    }

    pub(super) fn add_regex(
        &mut self,
        list: usize,
        line: u32,
        written: &str,
    ) -> Result<(), WarninglistMistake> {
        if self.regexes.len() == REGEXES_MAX {
            return Err(WarninglistMistake::TooManyRegexes(REGEXES_MAX));
        }
        if written.chars().count() > REGEX_CHARACTERS_MAX {
            return Err(WarninglistMistake::Regex(format!(
                "is longer than {REGEX_CHARACTERS_MAX} characters"
            )));
        }
        let meant = without_delimiters(written)?;
        RegexBuilder::new(&meant)
            .unicode(false)
            .nest_limit(REGEX_NESTING_MAX)
            .size_limit(REGEX_COMPILED_BYTES_MAX)
            .build()
            .map_err(|error| WarninglistMistake::Regex(words(&error)))?;
        self.regexes.push(Element {
            list,
            line,
            written: written.to_owned(),
            meant,
        });
        Ok(())
    }

    /// Builds the automata, after which matches can be found.
    pub(super) fn finish(&mut self) -> Result<(), WarninglistMistake> {
        if !self.substrings.is_empty() {
            let automaton = AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .build(self.substrings.iter().map(|element| &element.meant))
                .map_err(|_| WarninglistMistake::TooManySubstrings {
                    count_max: SUBSTRINGS_MAX,
                    bytes_max: SUBSTRING_BYTES_MAX,
                })?;
            self.automaton = Some(automaton);
        }
        if !self.regexes.is_empty() {
            let set = RegexSetBuilder::new(self.regexes.iter().map(|element| &element.meant))
                .unicode(false)
                .nest_limit(REGEX_NESTING_MAX)
                .size_limit(REGEXES_COMPILED_BYTES_MAX)
                .build()
                .map_err(|_| WarninglistMistake::RegexesTooLarge(REGEXES_COMPILED_BYTES_MAX))?;
            self.set = Some(set);
        }
        Ok(())
    }

    /// Every pattern that a text has somewhere: (list, element, line).
    pub(super) fn find<'a>(&'a self, text: &str, found: &mut dyn FnMut(usize, Relation, &'a str, u32)) {
        let mut tell =
            |element: &'a Element| found(element.list, Relation::Matches, &element.written, element.line);
        if let Some(automaton) = &self.automaton {
            for part in automaton.find_overlapping_iter(text) {
                tell(&self.substrings[part.pattern().as_usize()]);
            }
        }
        if let Some(set) = &self.set {
            for index in set.matches(text.as_bytes()) {
                tell(&self.regexes[index]);
            }
        }
    }

    /// Bytes of what was written, and of the automaton of substrings.
    pub(super) fn bytes(&self) -> usize {
        let elements = self.substrings.iter().chain(&self.regexes);
        let written = elements.map(|element| element.written.capacity() + element.meant.capacity());
        written.sum::<usize>() + self.automaton.as_ref().map_or(0, AhoCorasick::memory_usage)
    }
}

/// MISP hands its expressions to PHP, `/^abuse@/i`. The letters behind the second delimiter are taken over: as there, `\w`
/// means ASCII without a `u`. Case plays no role in any, because values are folded.
fn without_delimiters(written: &str) -> Result<String, WarninglistMistake> {
    let inner = written
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'))
        .filter(|(_, letters)| letters.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let Some((inner, letters)) = inner else {
        return Ok(format!("(?i){written}"));
    };
    let mut flags = "i".to_owned();
    for letter in letters.chars() {
        match letter {
            // What is done anyway, and what has no meaning where one match is enough.
            'i' | 'g' => {}
            'm' | 's' | 'u' | 'x' if flags.contains(letter) => {}
            'm' | 's' | 'u' | 'x' => flags.push(letter),
            _ => {
                return Err(WarninglistMistake::Regex(format!(
                    "has the letter {letter} behind its second `/`; allowed: g, i, m, s, u, x"
                )));
            }
        }
    }
    Ok(format!("(?{flags}){inner}"))
}

/// Without the expression, which may be long, and the pointer below it.
fn words(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(limit) => format!("is larger than {limit} bytes when it is compiled"),
        other => {
            let words = other.to_string();
            let last = words.lines().last().unwrap_or_default();
            let reason = last.strip_prefix("error: ").unwrap_or(last);
            format!(
                "cannot be used: {reason} (look-around and back references cannot be searched for in linear time; letters beyond ASCII need the letter u behind the second `/`)"
            )
        }
    }
}
