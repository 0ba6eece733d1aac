//! The files under `[guard]` that may change while a server runs, and how to read them anew: `own_domains_file` and the
//! folder `warninglists`. Knows where they are and what is wrong in them; nothing here is read before somebody asks, and
//! what was read is handed on. Refuses to know when to read. The folder: `warninglists.rs`.

use super::ConfigError;
use super::counterpart::without_comment;
use super::files::{LargeText, read_large_text};
use super::guard::OwnDomain;
use super::section::Section;
use super::warninglists::{WarninglistFolder, WarninglistTaker};
use crate::manifest::{Mistakes, Place};
use crate::model::{excerpt, parse_domain};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Twice what a large company has, each with a comment of its own.
const OWN_DOMAINS_LINES_MAX: usize = 200_000;
/// As long as every line may be.
const OWN_DOMAINS_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Behind as many mistakes lies the wrong file, and not one mistake more.
pub(super) const MISTAKES_MAX: usize = 20;
/// Longest part of a refused domain that a message repeats.
const EXCERPT_CHARACTERS_MAX: usize = 80;

/// Which files there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleFiles {
    own_domains: Option<PathBuf>,
    warninglists: Option<WarninglistFolder>,
}

impl RuleFiles {
    /// Reads the keys of `[guard]` that name them. Relative paths start at `base_dir`.
    pub(super) fn read(section: &mut Section<'_>, base_dir: &Path) -> Self {
        Self {
            own_domains: section
                .text("own_domains_file")
                .value()
                .map(|path| base_dir.join(path)),
            warninglists: WarninglistFolder::read(section, base_dir),
        }
    }

    /// Whether own domains come from a file as well.
    #[must_use]
    pub fn has_own_domains(&self) -> bool {
        self.own_domains.is_some()
    }

    /// Where more own domains stand, as `own_domains_file, own.txt`.
    #[must_use]
    pub(super) fn own_domains_origin(&self) -> Option<String> {
        let path = self.own_domains.as_ref()?;
        Some(format!("own_domains_file, {}", path.display()))
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.own_domains.is_none() && self.warninglists.is_none()
    }

    /// Reads `own_domains_file`, in its order. None where there is no such file to read.
    ///
    /// # Errors
    /// The first mistakes, each with its line.
    pub fn own_domains(&self) -> Result<Vec<OwnDomain>, ConfigError> {
        let Some(path) = &self.own_domains else {
            return Ok(Vec::new());
        };
        let mut mistakes = Mistakes::new();
        let domains = read_own_domains(path, &mut mistakes);
        if mistakes.is_empty() {
            Ok(domains)
        } else {
            Err(ConfigError(mistakes.sorted()))
        }
    }

    /// Reads the lists of the folder `warninglists` that are not off, and hands them on, one element after the other.
    ///
    /// # Errors
    /// The first mistakes, each with its line; those that `taker` found among them.
    pub fn warninglists(&self, taker: &mut dyn WarninglistTaker) -> Result<(), ConfigError> {
        let mut mistakes = Mistakes::new();
        if let Some(folder) = &self.warninglists {
            folder.hand_on(taker, &mut mistakes);
        }
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(ConfigError(mistakes.sorted()))
        }
    }

    /// Every file that would be read now, and the folders that would be looked through; what cannot be found is left out.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self.own_domains.iter().cloned().collect();
        if let Some(folder) = &self.warninglists {
            paths.extend(folder.paths());
        }
        paths
    }
}

/// One domain per line; a comment as in every list of entries.
fn read_own_domains(path: &Path, mistakes: &mut Mistakes) -> Vec<OwnDomain> {
    let file = path.display().to_string();
    let LargeText(text) = match read_large_text(path, OWN_DOMAINS_BYTES_MAX, &file) {
        Ok(text) => text,
        Err((place, words)) => {
            mistakes.add(&place, words);
            return Vec::new();
        }
    };
    let mut domains: Vec<OwnDomain> = Vec::new();
    let mut lines: HashMap<String, usize> = HashMap::new();
    let mut mistake_count = 0;
    for (line, written) in (1..).zip(text.lines()) {
        if line > OWN_DOMAINS_LINES_MAX || mistake_count == MISTAKES_MAX {
            let why = if mistake_count == MISTAKES_MAX {
                format!("there are {MISTAKES_MAX} mistakes before it")
            } else {
                format!("allowed: {OWN_DOMAINS_LINES_MAX} lines")
            };
            let words = format!("nothing from this line on was read; {why}");
            mistakes.add(&Place::at(&file, line, 1), words);
            return domains;
        }
        let domain = without_comment(written);
        if domain.trim().is_empty() {
            continue;
        }
        let indent = domain
            .chars()
            .take_while(|character| character.is_whitespace())
            .count();
        match own_domain(domain.trim(), line, &lines, &file) {
            Ok(domain) => {
                lines.insert(domain.clone(), line);
                let origin = format!("own_domains_file, {file}:{line}");
                domains.push(OwnDomain {
                    domain,
                    origin,
                    is_of_recipient: false,
                });
            }
            Err(words) => {
                mistake_count += 1;
                mistakes.add(&Place::at(&file, line, indent + 1), words);
            }
        }
    }
    if domains.is_empty() && mistake_count == 0 {
        mistakes.add(&Place::whole(&file), "holds no domain; allowed: one on each line");
    }
    domains
}

fn own_domain(
    written: &str,
    line: usize,
    lines: &HashMap<String, usize>,
    file: &str,
) -> Result<String, String> {
    let shown = excerpt(written, EXCERPT_CHARACTERS_MAX);
    let domain = parse_domain(written).map_err(|refusal| {
        format!(
            "`{shown}` cannot be an own domain; allowed: a name such as \"example.com\", which stands for its \
             subdomains too; {refusal}"
        )
    })?;
    match lines.get(&domain) {
        Some(first) if *first != line => Err(format!(
            "`{shown}` stands in the file twice, first at {file}:{first}; take one out"
        )),
        _ => Ok(domain),
    }
}
