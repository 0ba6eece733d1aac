//! The small files that `doorlist.toml` points to: a password, a list of entries. Knows how to read them and
//! how large they may be, and nothing of what they hold.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

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
}
