//! Why a request body as a whole cannot be read: what is wrong and where, what is allowed, how to mend it.
//! Refuses to know HTTP; the door turns `code` and text into problem+json. A single bad item is never an
//! error of the body: it becomes `model::Unreadable`, in `item.rs`.

use super::json::Fault;
use thiserror::Error;

/// One line for each of the two formats, shown wherever a caller has to rewrite the body.
const EXAMPLES: &str = r#"
{"indicators": [{"value": "billing@example.net", "type": "Email Address"}]}
{"data": [{"value": "mail.example.org", "type": {"name": "FQDN"}}]}"#;

/// The body cannot be read, or could be read in two ways. Foreign text in it is already made safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IntakeError {
    /// Nothing, or nothing but white space.
    #[error("The body is empty. Send the indicators as JSON, in one of these shapes:{EXAMPLES}")]
    EmptyBody,

    /// JSON is UTF-8 (RFC 8259), and a guessed encoding would make wrong addresses of international ones.
    #[error(
        "The body is not UTF-8: the byte at offset {offset} (counted from 0) does not belong there. \
         JSON is sent as UTF-8; save or encode the document so."
    )]
    NotUtf8 {
        /// Bytes before the first bad one.
        offset: usize,
    },

    /// Not JSON, and not one JSON document on each line either.
    #[error(
        "The body cannot be read as JSON: line {line} column {column}: {problem}. \
         Send one JSON document, or one JSON object on each line."
    )]
    BrokenJson {
        /// Counted from 1.
        line: usize,
        /// In bytes, counted from 1.
        column: usize,
        /// What was expected or found, without a full stop.
        problem: String,
    },

    /// Sound JSON, but of a shape that is not read.
    #[error("The body looks like {looks_like}; this format is not read. These are:{EXAMPLES}")]
    UnknownFormat {
        /// "a MISP event", "an object with the keys `a`, `b`".
        looks_like: String,
    },

    /// Either could be meant, and the wrong one would change a list.
    #[error(
        "The body has both `{first}` and `{second}` at its top, so it could be read in two ways. \
         Send the indicators under one of them, and leave the other out."
    )]
    TwoFormats {
        /// A key of the document.
        first: &'static str,
        /// Another.
        second: &'static str,
    },

    /// The key is there and holds something that cannot be a list of indicators.
    #[error("The body has `{key}`, but that is {found}. These shapes are read:{EXAMPLES}")]
    NotAList {
        /// `indicators` or `data`.
        key: &'static str,
        /// "a number".
        found: &'static str,
    },

    /// Readers of JSON take the first or the last of two equal keys, as they like.
    #[error("The key `{key}` stands twice at the top of the body. Send it once, with all its indicators.")]
    DuplicateKey {
        /// As sent, made safe to show.
        key: String,
    },

    /// An answer of ThreatQ was handed on without looking at it.
    #[error(
        "The body is an error answer of ThreatQ, not a list of indicators. ThreatQ said: {said}. \
         Mend the query there; nothing is wrong with the call to us."
    )]
    ThreatqError {
        /// The beginning of what ThreatQ said, made safe to show.
        said: String,
    },
}

impl IntakeError {
    /// Stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyBody => "empty_body",
            Self::NotUtf8 { .. } => "not_utf8",
            Self::BrokenJson { .. } => "broken_json",
            Self::UnknownFormat { .. } => "unknown_format",
            Self::TwoFormats { .. } => "two_formats",
            Self::NotAList { .. } => "not_a_list",
            Self::DuplicateKey { .. } => "duplicate_key",
            Self::ThreatqError { .. } => "threatq_error",
        }
    }

    /// Line of the mistake, counted from 1, where there is one.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::BrokenJson { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// Column of the mistake in bytes, counted from 1, where there is one.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        match self {
            Self::BrokenJson { column, .. } => Some(*column),
            _ => None,
        }
    }
}

impl From<Fault> for IntakeError {
    fn from(fault: Fault) -> Self {
        Self::BrokenJson {
            line: fault.line,
            column: fault.column,
            problem: fault.problem,
        }
    }
}
