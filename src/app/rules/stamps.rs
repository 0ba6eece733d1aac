//! How files looked when they were last read: enough to see that one has changed without reading it. Refuses to know what
//! is in them.

use crate::config::RuleFiles;
use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// A file system may keep times no finer than this, so that a second change within it looks like the first.
const TIME_GRAIN: Duration = Duration::from_secs(2);

/// All files, and the folders that they are in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamps {
    of_paths: BTreeMap<PathBuf, Option<Stamp>>,
    /// A file was changed so shortly before that another change may not be seen.
    is_fresh: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Whoever may read it is another one.
    permissions: Option<u32>,
    /// Of another file under the same name, which is how files are replaced, it is another one.
    identity: (u64, u64),
}

impl Stamps {
    pub(super) fn of(files: &RuleFiles) -> Self {
        let now = SystemTime::now();
        let mut is_fresh = false;
        let mut of_paths = BTreeMap::new();
        for path in files.paths() {
            let stamp = std::fs::metadata(&path).ok().map(|metadata| Stamp::of(&metadata));
            let modified = stamp.as_ref().and_then(|stamp| stamp.modified);
            is_fresh |= modified.is_some_and(|modified| is_close(modified, now));
            of_paths.insert(path, stamp);
        }
        Self { of_paths, is_fresh }
    }

    /// Whether these have to be read where `before` was read last.
    pub(super) fn differ_from(&self, before: &Self) -> bool {
        before.is_fresh || self.of_paths != before.of_paths
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            permissions: permissions(metadata),
            identity: identity(metadata),
        }
    }
}

/// In either direction: the clock of a network drive is another one.
fn is_close(modified: SystemTime, now: SystemTime) -> bool {
    let apart = now
        .duration_since(modified)
        .unwrap_or_else(|error| error.duration());
    apart <= TIME_GRAIN
}

#[cfg(unix)]
fn permissions(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    Some(metadata.mode())
}

#[cfg(not(unix))]
fn permissions(_: &Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}
