//! How a rule of the guard is meant: it forbids, it only says what it found, or it is not there. Refuses to know which
//! rules there are.

use std::fmt;

/// What becomes of an entry that a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Level {
    /// It is not listed.
    #[default]
    Refuse,
    /// It is listed, and the report says what the rule found.
    Note,
    /// The rule does not judge.
    Off,
}

impl Level {
    /// All of them, the strictest first.
    pub const ALL: [Self; 3] = [Self::Refuse, Self::Note, Self::Off];

    /// The word in the configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Note => "note",
            Self::Off => "off",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
