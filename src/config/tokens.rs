//! What a client proves itself by: tokens that nobody here knows. A token is known by its hash from here on;
//! one that is read from a file is hashed and forgotten, and no message repeats what stands where one may.

use super::files::read_secret;
use super::section::Section;
use super::setting::Setting;
use crate::manifest::{Mistakes, Place};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// One in use, and its successor while callers are moved over. A third would be a forgotten one.
const TOKENS_MAX: usize = 2;
/// 32 characters of base64 hold 192 bits; no token that is made at random is shorter.
const TOKEN_LENGTH_MIN: usize = 32;
/// How to come by a good token, for messages.
const MAKE_ONE: &str = "make one with `doorlist token new`";

/// SHA-256 of a token.
pub(super) type Hash = [u8; 32];

/// `9f86d081...`: enough to tell hashes apart, and of no use to whoever guesses tokens.
pub(super) fn fingerprint(hash: &Hash) -> String {
    let [first, second, third, fourth, ..] = hash;
    format!("{first:02x}{second:02x}{third:02x}{fourth:02x}...")
}

/// The two keys as they were written.
pub(super) struct Written {
    files: Setting<Vec<(Place, String)>>,
    hashes: Setting<Vec<(Place, String)>>,
}

impl Written {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Self {
            files: section.text_or_texts("token_file"),
            hashes: section.text_or_texts("token_sha256"),
        }
    }

    /// The tokens' hashes with their places, from exactly one of the keys. Where something is wrong, not all.
    pub(super) fn into_hashes(
        self,
        client: &str,
        table: &Place,
        base_dir: &Path,
        mistakes: &mut Mistakes,
    ) -> Vec<(Place, Hash)> {
        match (self.files, self.hashes) {
            (Setting::Absent, Setting::Absent) => {
                let text = format!(
                    "[clients.{client}] lacks a token; {MAKE_ONE}, and write token_file = \"PATH\" or \
                     token_sha256 = \"HASH\""
                );
                mistakes.add(table, text);
                vec![]
            }
            (files, Setting::Absent) => {
                let what = format!("the `token_file` of [clients.{client}]");
                read_each(&what, files, mistakes, |path| hash_file(&base_dir.join(path)))
            }
            (Setting::Absent, hashes) => {
                let what = format!("the `token_sha256` of [clients.{client}]");
                read_each(&what, hashes, mistakes, check_hash)
            }
            (files, _) => {
                let text = format!(
                    "[clients.{client}] has both `token_file` and `token_sha256`; take one of them out"
                );
                mistakes.add(files.place().unwrap_or(table), text);
                vec![]
            }
        }
    }
}

/// `read` tells what is wrong with one piece, as the end of a sentence about `what`.
fn read_each(
    what: &str,
    written: Setting<Vec<(Place, String)>>,
    mistakes: &mut Mistakes,
    read: impl Fn(&str) -> Result<Hash, String>,
) -> Vec<(Place, Hash)> {
    let written = written.checked(mistakes, |pieces| match pieces.len() {
        1..=TOKENS_MAX => Ok(pieces),
        count => Err(format!(
            "{what} names {count}; allowed: 1, or {TOKENS_MAX} while callers change from one token to the next"
        )),
    });
    let mut hashes = Vec::new();
    for (place, piece) in written.value().unwrap_or_default() {
        match read(&piece) {
            Ok(hash) => hashes.push((place, hash)),
            Err(reason) => mistakes.add(&place, format!("{what} {reason}")),
        }
    }
    hashes
}

fn hash_file(path: &Path) -> Result<Hash, String> {
    let token = read_secret(path, "token")?;
    let token = token.expose();
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!(
            "holds white space or letters beyond ASCII, which a header cannot carry; {MAKE_ONE}"
        ));
    }
    if token.len() < TOKEN_LENGTH_MIN {
        return Err(format!(
            "holds a token of fewer than {TOKEN_LENGTH_MIN} characters, which could be guessed; {MAKE_ONE}"
        ));
    }
    Ok(Sha256::digest(token).into())
}

fn check_hash(text: &str) -> Result<Hash, String> {
    let Some(hash) = parse_hash(text) else {
        return Err(
            "must be the SHA-256 of a token, 64 hexadecimal digits; `doorlist token new` prints it"
                .to_owned(),
        );
    };
    // A variable that was not set, piped into sha256sum: whoever sends an empty token would be let in.
    if hash == Hash::from(Sha256::digest("")) {
        return Err(
            "is the SHA-256 of an empty text; `doorlist token new` prints that of a token".to_owned(),
        );
    }
    Ok(hash)
}

fn parse_hash(text: &str) -> Option<Hash> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut hash = Hash::default();
    if text.len() != 2 * hash.len() {
        return None;
    }
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    for (byte, &[high, low]) in hash.iter_mut().zip(pairs) {
        *byte = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
    }
    Some(hash)
}

/// Whose each token is: one that two clients share does not tell who calls.
#[derive(Default)]
pub(super) struct Owners(BTreeMap<Hash, (String, Place)>);

impl Owners {
    pub(super) fn add(&mut self, client: &str, hashes: &[(Place, Hash)], mistakes: &mut Mistakes) {
        for (place, hash) in hashes {
            match self.0.get(hash) {
                Some((owner, first)) if owner == client => {
                    let text = format!(
                        "the token stands in [clients.{client}] twice, first at {first}; take one out"
                    );
                    mistakes.add(place, text);
                }
                Some((owner, first)) => {
                    let text = format!(
                        "the token of [clients.{client}] is that of [clients.{owner}] too, at {first}, and \
                         would not tell who calls; {MAKE_ONE}"
                    );
                    mistakes.add(place, text);
                }
                None => {
                    self.0.insert(*hash, (client.to_owned(), place.clone()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_from_digits_of_either_case_and_told_apart_by_its_first() {
        // FIPS 180-2, appendix B.1.
        let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let hash: Hash = Sha256::digest("abc").into();
        assert_eq!(check_hash(digits), Ok(hash));
        assert_eq!(check_hash(&digits.to_uppercase()), Ok(hash));
        assert_eq!(fingerprint(&hash), "ba7816bf...");
        for text in [
            "",
            &digits[1..],
            &digits.replace('b', "g"),
            &digits.replace("ba", "é"),
        ] {
            assert!(
                check_hash(text).unwrap_err().contains("64 hexadecimal digits"),
                "{text}"
            );
        }
        let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert!(check_hash(of_nothing).unwrap_err().contains("of an empty text"));
    }
}
