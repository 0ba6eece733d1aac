//! What was written under one key: nothing, something wrong that has been told already, or a value with its
//! place. It keeps a wrong value from being reported as a missing one too.

use crate::manifest::{Mistakes, Place};

/// What was written under one key.
#[derive(Debug)]
pub(super) enum Setting<T> {
    /// Nothing.
    Absent,
    /// Something that cannot be used; the mistake has been told.
    Wrong(Place),
    /// A value, and where it stands.
    Written(T, Place),
}

impl<T> Setting<T> {
    /// Where it was written, right or wrong.
    pub(super) fn place(&self) -> Option<&Place> {
        match self {
            Self::Absent => None,
            Self::Wrong(place) | Self::Written(_, place) => Some(place),
        }
    }

    /// The value where it is good.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Absent | Self::Wrong(_) => None,
            Self::Written(value, _) => Some(value),
        }
    }

    /// The value, or what holds where nothing good was written.
    pub(super) fn or(self, default: T) -> T {
        self.value().unwrap_or(default)
    }

    /// The value; that nothing was written is told at the table's place, and something wrong was told before.
    pub(super) fn required(self, table: &Place, missing: &str, mistakes: &mut Mistakes) -> Option<T> {
        if matches!(self, Self::Absent) {
            mistakes.add(table, missing);
        }
        self.value()
    }

    /// Holds the value to a rule, whose broken state is told at the value's place.
    pub(super) fn checked<U>(
        self,
        mistakes: &mut Mistakes,
        check: impl FnOnce(T) -> Result<U, String>,
    ) -> Setting<U> {
        match self {
            Self::Absent => Setting::Absent,
            Self::Wrong(place) => Setting::Wrong(place),
            Self::Written(value, place) => match check(value) {
                Ok(value) => Setting::Written(value, place),
                Err(text) => {
                    mistakes.add(&place, text);
                    Setting::Wrong(place)
                }
            },
        }
    }
}
