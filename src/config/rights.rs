//! `rights` of `[clients.NAME]`: what a client may do beside running the actions of its configurations; nothing by
//! default. Refuses to know requests; `http/auth.rs` asks for a right where one is needed.

use super::setting::Setting;
use crate::manifest::{Mistakes, Place, unknown};
use crate::model::escape_control;

/// Something that a client may do only where it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Take a run back.
    Undo,
    /// Take out single entries that stand because of us.
    Remove,
    /// Put entries on hold, and end holds.
    Hold,
    /// Read who did what.
    Audit,
    /// Stop writes, and start them again.
    Writes,
    /// Let single entries pass a rule of the guard.
    Override,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Undo,
        Self::Remove,
        Self::Hold,
        Self::Audit,
        Self::Writes,
        Self::Override,
    ];

    /// As it is written in the configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Remove => "remove",
            Self::Hold => "hold",
            Self::Audit => "audit",
            Self::Writes => "writes",
            Self::Override => "override",
        }
    }
}

/// Reads the key of one client.
pub(super) fn read(
    client: &str,
    written: Setting<Vec<(Place, String)>>,
    mistakes: &mut Mistakes,
) -> Vec<Right> {
    let known = Right::ALL.map(Right::word);
    let mut rights = Vec::new();
    for (place, word) in written.value().unwrap_or_default() {
        let shown = escape_control(&word);
        match Right::ALL.into_iter().find(|right| right.word() == word) {
            None => {
                let what = format!("right `{shown}` in [clients.{client}]");
                mistakes.add(&place, unknown(&what, &word, "known rights", &known));
            }
            Some(right) if rights.contains(&right) => {
                let text = format!("the right `{shown}` stands in [clients.{client}] twice; take one out");
                mistakes.add(&place, text);
            }
            Some(right) => rights.push(right),
        }
    }
    rights
}
