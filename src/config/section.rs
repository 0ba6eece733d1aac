//! One table of the configuration, while its keys are asked for one by one: each comes out typed and with its
//! place, and each that nobody asked for is a mistake in the end. Knows types, and no rules; those stand in
//! the files of the tables, `server.rs` to `guard.rs`.

use super::document::Spot;
use super::layers::Layers;
use super::secret::Secret;
use super::setting::Setting;
use crate::manifest::{Mistakes, Place, split_commas, unknown};
use crate::model::escape_control;
use config::{Value, ValueKind};
use std::fmt::Display;
use std::ops::RangeInclusive;

/// One table, while its keys are asked for one by one.
pub(super) struct Section<'a> {
    layers: &'a Layers,
    path: Vec<String>,
    asked: Vec<&'static str>,
    mistakes: &'a mut Mistakes,
    /// One of several tables of the same name, `[[guard.pinned]]`.
    is_repeated: bool,
}

impl<'a> Section<'a> {
    /// An absent table has no keys; something else in its place is a mistake.
    pub(super) fn open(layers: &'a Layers, path: Vec<String>, mistakes: &'a mut Mistakes) -> Self {
        if let Some(spot) = layers.places().spot(&path)
            && !spot.is_table
        {
            mistakes.add(
                &spot.value,
                format!("`{}` must be a table, {}", path.join("."), header(&path)),
            );
        }
        Self {
            layers,
            path,
            asked: vec![],
            mistakes,
            is_repeated: false,
        }
    }

    /// Where a missing key is to be reported.
    pub(super) fn place(&self) -> Place {
        let places = self.layers.places();
        places
            .spot(&self.path)
            .map_or_else(|| Place::whole(places.source()), |spot| spot.key.clone())
    }

    /// Keys that are read elsewhere, so that they are not unknown.
    pub(super) fn know(&mut self, keys: &[&'static str]) {
        self.asked.extend(keys);
    }

    /// Text that is not empty.
    pub(super) fn text(&mut self, key: &'static str) -> Setting<String> {
        self.read(key, "text in quotes", |value, _| match &value.kind {
            ValueKind::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            _ => None,
        })
    }

    /// Text that has to pass a check, which says what is wrong and what is allowed.
    pub(super) fn checked_text<T>(
        &mut self,
        key: &'static str,
        check: impl FnOnce(String) -> Result<T, String>,
    ) -> Setting<T> {
        let text = self.text(key);
        self.check(text, check)
    }

    /// Text that is kept as it is and never repeated.
    pub(super) fn secret(&mut self, key: &'static str) -> Setting<Secret> {
        self.read(key, "text in quotes", |value, _| match &value.kind {
            ValueKind::String(text) if !text.is_empty() => Some(Secret::new(text.clone())),
            _ => None,
        })
    }

    pub(super) fn flag(&mut self, key: &'static str) -> Setting<bool> {
        self.read(key, "true or false, without quotes", |value, _| {
            match value.kind {
                ValueKind::Boolean(flag) => Some(flag),
                _ => None,
            }
        })
    }

    /// A whole number within limits. A variable can only hold it as text.
    pub(super) fn number<T>(&mut self, key: &'static str, range: RangeInclusive<T>) -> Setting<T>
    where
        T: TryFrom<i64> + PartialOrd + Display,
    {
        let allowed = format!("a whole number from {} to {}", range.start(), range.end());
        self.read(key, &allowed, |value, spot| {
            let number = match &value.kind {
                ValueKind::I64(number) => *number,
                ValueKind::String(text) if spot.from_environment => text.trim().parse().ok()?,
                _ => return None,
            };
            T::try_from(number).ok().filter(|number| range.contains(number))
        })
    }

    /// One word of a closed list.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, allowed: &[(&str, T)]) -> Setting<T> {
        let words: Vec<String> = allowed.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        self.read(key, &words.join(" or "), |value, _| match &value.kind {
            ValueKind::String(text) => allowed
                .iter()
                .find(|(word, _)| word.eq_ignore_ascii_case(text.trim()))
                .map(|(_, choice)| *choice),
            _ => None,
        })
    }

    /// A TOML array of texts, or ThreatQ's text with commas; each piece with its own place.
    pub(super) fn texts(&mut self, key: &'static str) -> Setting<Vec<(Place, String)>> {
        let allowed = "an array of texts, or one text with commas";
        self.read_texts(key, allowed, |text| {
            split_commas(text).map(str::to_owned).collect()
        })
    }

    /// A text, or a TOML array of texts, for what may hold a comma or never comes as ThreatQ's text.
    pub(super) fn text_or_texts(&mut self, key: &'static str) -> Setting<Vec<(Place, String)>> {
        self.read_texts(key, "text in quotes, or an array of such", |text| {
            vec![text.trim().to_owned()]
        })
    }

    fn read_texts(
        &mut self,
        key: &'static str,
        allowed: &str,
        pieces: impl FnOnce(&str) -> Vec<String>,
    ) -> Setting<Vec<(Place, String)>> {
        let places = self.layers.places();
        let mut path = self.path.clone();
        path.push(key.to_owned());
        self.read(key, allowed, |value, spot| match &value.kind {
            ValueKind::String(text) => {
                let pieces = pieces(text).into_iter();
                Some(pieces.map(|piece| (spot.value.clone(), piece)).collect())
            }
            ValueKind::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    let ValueKind::String(text) = &item.kind else {
                        return None;
                    };
                    let item_path = [path.as_slice(), &[index.to_string()]].concat();
                    let place = places
                        .spot(&item_path)
                        .map_or(&spot.value, |item_spot| &item_spot.value);
                    Some((place.clone(), text.trim().to_owned()))
                })
                .collect(),
            _ => None,
        })
    }

    /// Keys that are names or numbers of the user's, each with its text.
    pub(super) fn table_of_texts(&mut self, key: &'static str) -> Vec<(Place, String, Setting<String>)> {
        self.asked.push(key);
        let path = [self.path.as_slice(), &[key.to_owned()]].concat();
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let layers = self.layers;
        let mut section = layers.section(&names, self.mistakes);
        if !layers.places().spot(&path).is_some_and(|spot| spot.is_table) {
            return vec![];
        }
        let children = layers.places().children(&path);
        children
            .map(|(name, spot)| (spot.key.clone(), name.to_owned(), section.read_named(name, spot)))
            .collect()
    }

    /// A table below this one.
    pub(super) fn table(&mut self, key: &'static str) -> Section<'_> {
        self.asked.push(key);
        let path = [self.path.as_slice(), &[key.to_owned()]].concat();
        Section::open(self.layers, path, self.mistakes)
    }

    /// Tables of the same name below this one, `[[guard.pinned]]`, each handed to `read` in the order of the file.
    pub(super) fn repeated_tables<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(Section<'_>) -> Option<T>,
    ) -> Vec<T> {
        self.asked.push(key);
        let path = [self.path.as_slice(), &[key.to_owned()]].concat();
        let (layers, header) = (self.layers, path.join("."));
        let Some(spot) = layers.places().spot(&path) else {
            return vec![];
        };
        let count = layers.places().children(&path).count();
        let item = |number: usize| [path.as_slice(), &[number.to_string()]].concat();
        let is_table = |number| {
            layers
                .places()
                .spot(&item(number))
                .is_some_and(|spot| spot.is_table)
        };
        if spot.is_table
            || !matches!(
                self.layers.value(&path).map(|value| &value.kind),
                Some(ValueKind::Array(_))
            )
            || !(0..count).all(is_table)
        {
            let text = format!("`{header}` must be tables, each under [[{header}]]");
            self.mistakes.add(&spot.value, text);
            return vec![];
        }
        let mut tables = Vec::new();
        for number in 0..count {
            let mut section = Section::open(layers, item(number), self.mistakes);
            section.is_repeated = true;
            tables.extend(read(section));
        }
        tables
    }

    /// Holds what was written to a rule, see [`Setting::checked`].
    pub(super) fn check<T, U>(
        &mut self,
        setting: Setting<T>,
        check: impl FnOnce(T) -> Result<U, String>,
    ) -> Setting<U> {
        setting.checked(self.mistakes, check)
    }

    pub(super) fn add_mistake(&mut self, place: &Place, text: impl Into<String>) {
        self.mistakes.add(place, text);
    }

    /// Every key that nobody asked for is a mistake.
    pub(super) fn finish(self) {
        let places = self.layers.places();
        for (key, spot) in places.children(&self.path) {
            if !self.asked.contains(&key) {
                let whereabouts = if self.path.is_empty() {
                    "at the top".to_owned()
                } else {
                    format!("in {}", self.header())
                };
                let what = format!("key `{}` {whereabouts}", escape_control(key));
                self.mistakes
                    .add(&spot.key, unknown(&what, key, "known keys", &self.asked));
            }
        }
    }

    fn read<T>(
        &mut self,
        key: &'static str,
        allowed: &str,
        read: impl FnOnce(&Value, &Spot) -> Option<T>,
    ) -> Setting<T> {
        self.asked.push(key);
        let path = [self.path.as_slice(), &[key.to_owned()]].concat();
        let (Some(spot), Some(value)) = (self.layers.places().spot(&path), self.layers.value(&path)) else {
            return Setting::Absent;
        };
        match read(value, spot) {
            Some(value) => Setting::Written(value, spot.value.clone()),
            None => {
                // What stands there is not repeated: it could be a password in the wrong line.
                let text = format!("`{key}` in {} must be {allowed}", self.header());
                self.mistakes.add(&spot.value, text);
                Setting::Wrong(spot.value.clone())
            }
        }
    }

    fn header(&self) -> String {
        match self.path.split_last() {
            Some((_, path)) if self.is_repeated => format!("[{}]", header(path)),
            _ => header(&self.path),
        }
    }

    fn read_named(&mut self, name: &str, spot: &Spot) -> Setting<String> {
        let path = [self.path.as_slice(), &[name.to_owned()]].concat();
        match self.layers.value(&path).map(|value| &value.kind) {
            Some(ValueKind::String(text)) => Setting::Written(text.clone(), spot.value.clone()),
            _ => {
                let text = format!("`{}` must be text in quotes", escape_control(&path.join(".")));
                self.mistakes.add(&spot.value, text);
                Setting::Wrong(spot.value.clone())
            }
        }
    }
}

/// `[appliances.esa-1]`
fn header(path: &[String]) -> String {
    format!("[{}]", escape_control(&path.join(".")))
}
