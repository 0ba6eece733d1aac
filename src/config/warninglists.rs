//! `warninglists` under `[guard]`: a folder with lists in MISP's format, as its repository has them
//! (<https://github.com/MISP/misp-warninglists>, the folder `lists`), and the level of each. Knows which files are lists,
//! how large they may be and what they say of themselves; what an element means is known to who takes it. One file is
//! held in memory at a time. The format: `warninglists/json.rs`.

mod json;

use super::files::{LargeText, read_large_text};
use super::rule_files::MISTAKES_MAX;
use super::section::Section;
use crate::manifest::{Mistakes, Place, unknown};
use crate::model::{Level, escape_control, excerpt};
use json::{Elements, Head};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// MISP's longest list with names, of a million, has some 30 MB.
const FILE_BYTES_MAX: u64 = 96 * 1024 * 1024;
/// MISP has some 130 lists.
const FILES_MAX: usize = 1000;
/// Far more than a folder with so many lists has, and few enough to be looked through every few seconds.
const FOLDER_ENTRIES_MAX: usize = 10_000;
/// Longest part of a name that a message repeats.
const EXCERPT_CHARACTERS_MAX: usize = 80;
/// Stands for every list that has no level of its own.
const EVERY_LIST: &str = "*";
/// Where none was written. The lists of MISP hold whatever is known, such as the million most used domains, and not what
/// nobody may list.
const LEVEL_DEFAULT: Level = Level::Note;

/// How the elements of a list are matched; MISP's `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "these are MISP's words")]
pub enum WarninglistMatching {
    /// What a list without a type has.
    #[default]
    String,
    Substring,
    Hostname,
    Cidr,
    Regex,
}

/// A list, before its elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarninglistHead {
    /// As it calls itself.
    pub name: String,
    /// The path of the file.
    pub file: String,
    /// Never off: such a list is not handed on.
    pub level: Level,
    /// How its elements are matched.
    pub matching: WarninglistMatching,
    /// Is it held against names of hosts and domains?
    pub of_names: bool,
    /// Is it held against IP addresses?
    pub of_ip_addresses: bool,
    /// Is it held against mail addresses?
    pub of_mail_addresses: bool,
}

/// Who takes the lists.
pub trait WarninglistTaker {
    /// A list begins.
    ///
    /// # Errors
    /// The end of a sentence about the file.
    fn begin(&mut self, head: WarninglistHead) -> Result<(), String>;

    /// One element of the list that was begun last, with its line.
    ///
    /// # Errors
    /// The end of a sentence about the element.
    fn add(&mut self, line: u32, element: &str) -> Result<(), String>;
}

/// The folder, and the levels of its lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WarninglistFolder {
    path: PathBuf,
    levels: Vec<WrittenLevel>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct WrittenLevel {
    place: Place,
    /// The name of a list, or what its file or folder is called.
    list: String,
    level: Level,
}

/// A file that is a list.
struct ListFile {
    path: PathBuf,
    /// `google` for `google/list.json` and for `google.json`.
    short_name: String,
}

impl WarninglistFolder {
    /// None where no folder was written.
    pub(super) fn read(section: &mut Section<'_>, base_dir: &Path) -> Option<Self> {
        let folder = section.text("warninglists").value();
        let mut levels = Vec::new();
        for (place, list, written) in section.table_of_texts("warninglist_levels") {
            let level = section.check(written, |word| {
                let lower = word.trim().to_lowercase();
                let level = Level::ALL.into_iter().find(|level| level.word() == lower);
                level.ok_or_else(|| {
                    format!(
                        "the level of a warninglist must be \"refuse\", \"note\" or \"off\", not `{}`",
                        excerpt(&word, EXCERPT_CHARACTERS_MAX)
                    )
                })
            });
            levels.extend(level.value().map(|level| WrittenLevel { place, list, level }));
        }
        let Some(folder) = folder else {
            if let Some(level) = levels.first() {
                let words =
                    "`warninglist_levels` has no use without `warninglists`, the folder with the lists";
                section.add_mistake(&level.place, words);
            }
            return None;
        };
        Some(Self {
            path: base_dir.join(folder),
            levels,
        })
    }

    /// Reads every list that is not off, the first mistakes and no more.
    pub(super) fn hand_on(&self, taker: &mut dyn WarninglistTaker, mistakes: &mut Mistakes) {
        let files = match self.files() {
            Ok(files) => files,
            Err(words) => return mistakes.add(&Place::whole(self.path.display().to_string()), words),
        };
        let mut known: BTreeSet<String> = files.iter().map(|file| file.short_name.clone()).collect();
        let mut mistake_count = 0;
        for file in &files {
            if mistake_count >= MISTAKES_MAX {
                return;
            }
            if self.level_of(&[&file.short_name]) != Some(Level::Off) {
                mistake_count += self.hand_on_list(file, taker, &mut known, mistakes);
            }
        }
        // A list that could not be read may be the one that is meant.
        if mistake_count == 0 {
            self.refuse_unknown(&known, mistakes);
        }
    }

    /// How many mistakes were found.
    fn hand_on_list(
        &self,
        file: &ListFile,
        taker: &mut dyn WarninglistTaker,
        known: &mut BTreeSet<String>,
        mistakes: &mut Mistakes,
    ) -> usize {
        let name = file.path.display().to_string();
        let read = || -> Result<(LargeText, Head), (Place, String)> {
            let text = read_large_text(&file.path, FILE_BYTES_MAX, &name).map_err(|(place, words)| {
                (
                    place,
                    format!("{words}; a list that is not needed may be \"off\" under `warninglist_levels`"),
                )
            })?;
            let head = Head::read(&text.0, &name)?;
            Ok((text, head))
        };
        let (LargeText(text), head) = match read() {
            Ok(read) => read,
            Err((place, words)) => {
                mistakes.add(&place, words);
                return 1;
            }
        };
        known.insert(head.name.clone());
        let level = self
            .level_of(&[&head.name, &file.short_name])
            .or_else(|| self.level_of(&[EVERY_LIST]));
        let level = level.unwrap_or(LEVEL_DEFAULT);
        // A list of hashes or phone numbers has nothing that could be listed.
        if level == Level::Off || !head.is_of_use() {
            return 0;
        }
        if let Err(words) = taker.begin(head.for_taker(&name, level)) {
            mistakes.add(&Place::whole(&name), words);
            return 1;
        }
        Elements::hand_on(&text, &name, taker, mistakes)
    }

    fn level_of(&self, names: &[&str]) -> Option<Level> {
        names.iter().find_map(|name| {
            let written = self.levels.iter().find(|written| written.list == *name);
            written.map(|written| written.level)
        })
    }

    /// A slip in a name must not leave a list without its level in silence.
    fn refuse_unknown(&self, known: &BTreeSet<String>, mistakes: &mut Mistakes) {
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        for written in &self.levels {
            if written.list != EVERY_LIST && !known.contains(&written.list) {
                let shown = excerpt(&written.list, EXCERPT_CHARACTERS_MAX);
                // A folder of MISP's has a hundred names, too many for a message.
                let close = unknown(&format!("warninglist `{shown}`"), &written.list, "", &names);
                let meant = close.rsplit_once("; did you mean ").map(|(_, meant)| meant);
                let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}"));
                let words = format!(
                    "no warninglist in {} is called `{shown}`, by itself or by its file or folder, or that one is off by its other name{meant}",
                    self.path.display()
                );
                mistakes.add(&written.place, words);
            }
        }
    }

    /// Every list file in alphabetical order.
    fn files(&self) -> Result<Vec<ListFile>, String> {
        let entries = std::fs::read_dir(&self.path).map_err(|error| format!("cannot be read: {error}"))?;
        let mut files = Vec::new();
        for (count, entry) in entries.enumerate() {
            if count == FOLDER_ENTRIES_MAX || files.len() == FILES_MAX {
                return Err(format!(
                    "has more than {FILES_MAX} lists or {FOLDER_ENTRIES_MAX} entries; allowed: the folder `lists` \
                     of MISP's repository, or one like it"
                ));
            }
            let entry = entry.map_err(|error| format!("cannot be read: {error}"))?;
            files.extend(list_file(&entry.path()));
        }
        if files.is_empty() {
            return Err(
                "holds no list; allowed: NAME.json or NAME/list.json, as in the folder `lists` of MISP's \
                        repository"
                    .to_owned(),
            );
        }
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(files)
    }

    /// See `RuleFiles::paths`.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        let files = self.files().unwrap_or_default();
        let files = files.into_iter().map(|file| file.path);
        std::iter::once(self.path.clone()).chain(files).collect()
    }
}

/// Names that begin with a dot are those of files that are being written.
fn list_file(path: &Path) -> Option<ListFile> {
    let name = path.file_name()?.to_string_lossy();
    if name.starts_with('.') {
        return None;
    }
    if path.is_dir() {
        let inner = path.join("list.json");
        // What is there and cannot be looked at is a list that cannot be read, and not a folder without one.
        let is_missing = std::fs::symlink_metadata(&inner)
            .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
        return (!is_missing).then(|| ListFile {
            path: inner,
            short_name: escape_control(&name),
        });
    }
    let short_name = name.strip_suffix(".json")?;
    Some(ListFile {
        path: path.to_owned(),
        short_name: escape_control(short_name),
    })
}
