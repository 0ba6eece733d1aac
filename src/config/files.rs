//! The small files that `doorlist.toml` points to: a password, a token, a list of entries, a certificate.
//! Knows how to read them and how large they may be, and nothing of what they hold.

use super::secret::Secret;
use crate::manifest::Place;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Longer than any password or token, short enough to have picked the wrong file.
const SECRET_FILE_BYTES_MAX: u64 = 4096;

/// Reads a file of at most `bytes_max` bytes. The error is the end of a sentence about the file, and names
/// neither it nor anything that is in it.
pub(super) fn read_text(path: &Path, bytes_max: u64) -> Result<String, String> {
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is just full from one that is too long, and a device ends.
    File::open(path)
        .and_then(|file| file.take(bytes_max + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > bytes_max {
        return Err(format!("is longer than {bytes_max} bytes"));
    }
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// A text that may have millions of lines.
pub(super) struct LargeText(pub(super) String);

/// Reads a regular file of at most `bytes_max` bytes, which `name` stands for. A file that only claims to be large, or is
/// no file at all, is refused before a byte of it is read. The error has a place, and the end of a sentence about it.
pub(super) fn read_large_text(path: &Path, bytes_max: u64, name: &str) -> Result<LargeText, (Place, String)> {
    let whole = |words: String| (Place::whole(name), words);
    let unreadable = |error: std::io::Error| whole(format!("cannot be read: {error}"));
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(whole("is not a file".to_owned()));
    }
    let too_long = || whole(format!("is longer than {bytes_max} bytes"));
    if metadata.len() > bytes_max {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
    // It may have grown since.
    File::open(path)
        .and_then(|file| file.take(bytes_max + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > bytes_max {
        return Err(too_long());
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map(LargeText).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line_start = good
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |index| index + 1);
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = String::from_utf8_lossy(&good[line_start..]).chars().count() + 1;
        (Place::at(name, line, column), "is not UTF-8 text".to_owned())
    })
}

/// Reads a secret that stands alone on the only line of a file; `noun` says what it is. The error is made as
/// that of [`read_text`].
pub(super) fn read_secret(path: &Path, noun: &str) -> Result<Secret, String> {
    let text = read_text(path, SECRET_FILE_BYTES_MAX)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(format!("is empty; allowed: the {noun} on one line"));
    }
    if line.contains('\n') {
        return Err(format!("has more than one line; allowed: the {noun} on one line"));
    }
    Ok(Secret::new(line.to_owned()))
}

/// Whether there is something to read, for a file whose content is somebody else's business. The error is
/// made as that of [`read_text`].
pub(super) fn check_readable(path: &Path) -> Result<(), String> {
    let count = File::open(path)
        .and_then(|mut file| file.read(&mut [0]))
        .map_err(|error| format!("cannot be read: {error}"))?;
    if count == 0 {
        return Err("is empty".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit_and_only_as_text() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        for (bytes, expected) in [
            (b"four".as_slice(), Ok("four")),
            (b"five5".as_slice(), Err("is longer than 4 bytes")),
            (b"\xef\xbb\xbfa".as_slice(), Ok("a")),
            (b"\xff".as_slice(), Err("is not UTF-8 text")),
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(read_text(&path, 4).as_deref().map_err(String::as_str), expected);
        }
        assert!(
            read_text(&directory.path().join("missing"), 4)
                .unwrap_err()
                .starts_with("cannot be read: ")
        );
    }

    #[test]
    fn a_large_file_that_cannot_be_used_is_told_with_its_line_before_memory_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let read = |bytes_max| {
            read_large_text(&path, bytes_max, "lists")
                .map(|LargeText(text)| text)
                .map_err(|(place, words)| format!("{place}: {words}"))
        };
        for (bytes, expected) in [
            (b"four".as_slice(), Ok("four")),
            (b"five5".as_slice(), Err("lists: is longer than 4 bytes")),
            (b"\n\xc3\xbc\xff".as_slice(), Err("lists:2:2: is not UTF-8 text")),
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(read(4).as_deref().map_err(String::as_str), expected);
        }
        // Claims a terabyte, and has none of it.
        std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(
            read(1 << 30).unwrap_err(),
            "lists: is longer than 1073741824 bytes"
        );
        std::fs::write(&path, b"\xef\xbb\xbfa").unwrap();
        assert_eq!(read(4).unwrap(), "a");
        std::fs::remove_file(&path).unwrap();
        assert!(read(4).unwrap_err().starts_with("lists: cannot be read: "));
        std::fs::create_dir(&path).unwrap();
        assert_eq!(read(4).unwrap_err(), "lists: is not a file");
    }

    #[test]
    fn a_file_for_others_is_checked_by_opening_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, "").unwrap();
        assert_eq!(check_readable(&path), Err("is empty".to_owned()));
        std::fs::write(&path, "\u{0}").unwrap();
        assert_eq!(check_readable(&path), Ok(()));
        for path in [directory.path(), &directory.path().join("missing")] {
            assert!(check_readable(path).unwrap_err().starts_with("cannot be read: "));
        }
    }
}
