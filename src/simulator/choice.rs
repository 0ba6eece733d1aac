//! Settings that are one word out of a few: the enum, its words and how it is read and written, from one table.
//!
//! The first word is always the default. A number such as 409 may stand as text or as a number. This file
//! refuses to know what any word does; the words are in `knobs/choices.rs` and `faults.rs`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Visitor};
use serde::{Deserializer, Serializer};

/// One of a few words.
pub(super) trait Choice: Copy + Eq + 'static {
    /// Every value with its word, the default first.
    const ALL: &'static [(Self, &'static str)];

    fn word_of(self) -> &'static str {
        let found = Self::ALL.iter().find(|(choice, _)| *choice == self);
        // Every variant is in the table, because the macro makes both from one list.
        found.map_or("", |(_, word)| word)
    }

    /// `` `row`, `pair`, `merge` ``
    fn allowed() -> String {
        let words = Self::ALL.iter().map(|(_, word)| format!("`{word}`"));
        words.collect::<Vec<String>>().join(", ")
    }
}

/// Enums whose values are words; `Default` is the first.
macro_rules! choices {
    ($(
        $(#[$about:meta])*
        $name:ident { $( $(#[$means:meta])* $choice:ident = $word:literal ),+ $(,)? }
    )+) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $( $(#[$means])* $choice ),+ }

        impl $crate::simulator::choice::Choice for $name {
            const ALL: &'static [(Self, &'static str)] = &[$((Self::$choice, $word)),+];
        }

        impl $name {
            /// As it is written in files, requests and arguments.
            #[must_use]
            pub fn word(self) -> &'static str {
                $crate::simulator::choice::Choice::word_of(self)
            }
        }

        impl Default for $name {
            fn default() -> Self {
                <Self as $crate::simulator::choice::Choice>::ALL[0].0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.word())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::simulator::choice::write(*self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::simulator::choice::read(deserializer)
            }
        }
    )+};
}
pub(super) use choices;

pub(super) fn write<C: Choice, S: Serializer>(choice: C, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(choice.word_of())
}

pub(super) fn read<'de, C: Choice, D: Deserializer<'de>>(deserializer: D) -> Result<C, D::Error> {
    deserializer.deserialize_any(WordVisitor(PhantomData))
}

struct WordVisitor<C>(PhantomData<C>);

impl<C: Choice> Visitor<'_> for WordVisitor<C> {
    type Value = C;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "one of {}", C::allowed())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<C, E> {
        let found = C::ALL.iter().find(|(_, word)| *word == text);
        found
            .map(|(choice, _)| *choice)
            .ok_or_else(|| E::custom(format!("`{text}` is none of {}", C::allowed())))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<C, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<C, E> {
        self.visit_str(&number.to_string())
    }
}
