//! `[clients.NAME]`: who may call, with which configurations and from which addresses; nothing by default. A
//! token is known by its hash from here on: one that is read from a file is hashed and forgotten. Refuses to
//! know requests; whoever takes them compares.

use super::Surroundings;
use super::addresses::{parse_network, spell};
use super::files::read_secret;
use super::section::Section;
use super::setting::Setting;
use crate::manifest::{Mistakes, Place, unknown};
use crate::model::escape_control;
use ipnet::IpNet;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;

/// One in use, and its successor while callers are moved over. A third would be a forgotten one.
const TOKENS_MAX: usize = 2;
/// 32 characters of base64 hold 192 bits; no token that is made at random is shorter.
const TOKEN_LENGTH_MIN: usize = 32;
/// What makes a good token, for messages.
const MAKE_ONE: &str = "make one with `doorlist token new`";

type Hash = [u8; 32];
/// The pieces of a list, as they were written.
type Texts = Vec<(Place, String)>;

/// `[clients.NAME]`, ready to use.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// NAME of the table.
    pub name: String,
    /// SHA-256 of the tokens that are its: one, or two while it changes from one to the other. No other client
    /// has any of them.
    pub token_sha256: Vec<[u8; 32]>,
    /// Names of the configurations that it may use, all of which exist; each once. Empty by default.
    pub configurations: Vec<String>,
    /// Where it may call from; each network once. Empty by default, which is from nowhere. An IPv4 address is
    /// always written as one, so that a caller's has to be brought to that form (`to_canonical`).
    pub addresses: Vec<IpNet>,
}

/// Tells hashes apart and shows none, for a log should be of no use to whoever guesses tokens.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fingerprints: Vec<String> = self.token_sha256.iter().map(fingerprint).collect();
        f.debug_struct("Client")
            .field("name", &self.name)
            .field("token_sha256", &fingerprints)
            .field("configurations", &self.configurations)
            .field("addresses", &self.addresses)
            .finish()
    }
}

/// `9f86d081...`
fn fingerprint(hash: &Hash) -> String {
    let [first, second, third, fourth, ..] = hash;
    format!("{first:02x}{second:02x}{third:02x}{fourth:02x}...")
}

/// The table as it was written.
struct Table {
    place: Place,
    token_file: Setting<Texts>,
    token_sha256: Setting<Texts>,
    configurations: Setting<Texts>,
    addresses: Setting<Texts>,
}

impl Table {
    fn read(mut section: Section<'_>) -> Self {
        let table = Self {
            place: section.place(),
            token_file: section.text_or_texts("token_file"),
            token_sha256: section.text_or_texts("token_sha256"),
            configurations: section.texts("configurations"),
            addresses: section.texts("addresses"),
        };
        section.finish();
        table
    }
}

/// Reads all of the tables. Where anything is wrong, what is handed out is not complete.
pub(super) fn read(
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
    warnings: &mut Vec<String>,
) -> BTreeMap<String, Client> {
    let mut clients = BTreeMap::new();
    let mut owners = Owners::default();
    for name in &surroundings.client_names {
        let table = Table::read(surroundings.layers.section(&["clients", name], mistakes));
        let reader = Reader {
            name,
            surroundings,
            table: &table.place,
        };
        reader.warn_of_nothing(&table, warnings);
        let tokens = reader.read_tokens(table.token_file, table.token_sha256, mistakes);
        owners.add(name, &tokens, mistakes);
        let client = Client {
            name: name.clone(),
            token_sha256: tokens.into_iter().map(|(_, hash)| hash).collect(),
            configurations: reader.read_configurations(table.configurations, mistakes),
            addresses: read_addresses(name, table.addresses, mistakes),
        };
        clients.insert(name.clone(), client);
    }
    clients
}

/// One client's table.
struct Reader<'a> {
    name: &'a str,
    surroundings: &'a Surroundings<'a>,
    table: &'a Place,
}

impl Reader<'_> {
    /// Exactly one source of tokens.
    fn read_tokens(
        &self,
        files: Setting<Texts>,
        hashes: Setting<Texts>,
        mistakes: &mut Mistakes,
    ) -> Vec<(Place, Hash)> {
        let name = self.name;
        match (files, hashes) {
            (Setting::Absent, Setting::Absent) => {
                let text = format!(
                    "[clients.{name}] lacks a token; {MAKE_ONE}, and write token_file = \"PATH\" or \
                     token_sha256 = \"HASH\""
                );
                mistakes.add(self.table, text);
                vec![]
            }
            (files, Setting::Absent) => {
                self.read_each("token_file", files, mistakes, |path| self.hash_file(path))
            }
            (Setting::Absent, hashes) => self.read_each("token_sha256", hashes, mistakes, |text| {
                check_hash(text).map_err(|reason| format!("the `token_sha256` of [clients.{name}] {reason}"))
            }),
            (files, _) => {
                let text = format!(
                    "[clients.{name}] has both `token_file` and `token_sha256`; take one of them out"
                );
                mistakes.add(files.place().unwrap_or(self.table), text);
                vec![]
            }
        }
    }

    fn read_each(
        &self,
        key: &str,
        written: Setting<Texts>,
        mistakes: &mut Mistakes,
        read: impl Fn(&str) -> Result<Hash, String>,
    ) -> Vec<(Place, Hash)> {
        let counted = written.checked(mistakes, |texts| match texts.len() {
            1..=TOKENS_MAX => Ok(texts),
            count => Err(format!(
                "`{key}` of [clients.{}] has {count}; allowed: one, or {TOKENS_MAX} while callers change from \
                 one token to the next",
                self.name
            )),
        });
        let mut tokens = Vec::new();
        for (place, text) in counted.value().unwrap_or_default() {
            let hash = Setting::Written(text, place.clone()).checked(mistakes, |text| read(&text));
            tokens.extend(hash.value().map(|hash| (place, hash)));
        }
        tokens
    }

    /// The path is not repeated: people do write the token itself there.
    fn hash_file(&self, path: &str) -> Result<Hash, String> {
        let told = |reason: &str| format!("the `token_file` of [clients.{}] {reason}", self.name);
        let token =
            read_secret(&self.surroundings.base_dir.join(path), "token").map_err(|reason| told(&reason))?;
        let token = token.expose();
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(told(&format!(
                "holds white space or letters beyond ASCII, which a header cannot carry; {MAKE_ONE}"
            )));
        }
        if token.len() < TOKEN_LENGTH_MIN {
            return Err(told(&format!(
                "holds a token of fewer than {TOKEN_LENGTH_MIN} characters, which could be guessed; {MAKE_ONE}"
            )));
        }
        Ok(Sha256::digest(token).into())
    }

    fn read_configurations(&self, written: Setting<Texts>, mistakes: &mut Mistakes) -> Vec<String> {
        let known = &self.surroundings.configuration_names;
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let mut names = Vec::new();
        for (place, name) in written.value().unwrap_or_default() {
            let shown = escape_control(&name);
            if !known.contains(&name.as_str()) {
                let what = format!("configuration `{shown}` in [clients.{}]", self.name);
                mistakes.add(&place, unknown(&what, &name, "known configurations", &known));
            } else if names.contains(&name) {
                let text = format!(
                    "the configuration `{shown}` stands in [clients.{}] twice; take one out",
                    self.name
                );
                mistakes.add(&place, text);
            } else {
                names.push(name);
            }
        }
        names
    }

    /// A client that can do nothing is safe, and hardly what was meant.
    fn warn_of_nothing(&self, table: &Table, warnings: &mut Vec<String>) {
        let client = format!("client `{}`", self.name);
        for (written, lacks) in [
            (
                &table.configurations,
                "may use no configuration, so that all of its calls are refused; write configurations = [\"NAME\"]",
            ),
            (
                &table.addresses,
                "may call from no address, so that all of its calls are refused; write addresses = [\"192.0.2.7\"]",
            ),
        ] {
            match written {
                Setting::Absent => warnings.push(format!("{}: {client} {lacks}", self.table)),
                Setting::Written(texts, place) if texts.is_empty() => {
                    warnings.push(format!("{place}: {client} {lacks}"));
                }
                Setting::Written(..) | Setting::Wrong(_) => {}
            }
        }
    }
}

fn check_hash(text: &str) -> Result<Hash, &'static str> {
    let Some(hash) = parse_hash(text) else {
        return Err("must be the SHA-256 of a token, 64 hexadecimal digits; `doorlist token new` prints it");
    };
    // A variable that was not set, piped into sha256sum: everybody who sends no token would be let in.
    if hash == Hash::from(Sha256::digest("")) {
        return Err("is the SHA-256 of nothing; `doorlist token new` prints that of a token");
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

fn read_addresses(client: &str, written: Setting<Texts>, mistakes: &mut Mistakes) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for (place, text) in written.value().unwrap_or_default() {
        match parse_network(&text) {
            Ok(network) if networks.contains(&network) => {
                let text = format!(
                    "the address {} stands in [clients.{client}] twice; take one out",
                    spell(&network)
                );
                mistakes.add(&place, text);
            }
            Ok(network) => networks.push(network),
            Err(reason) => mistakes.add(&place, format!("in `addresses` of [clients.{client}]: {reason}")),
        }
    }
    networks
}

/// Whose each token is, because a token that two clients share says nothing of who calls.
#[derive(Default)]
struct Owners(BTreeMap<Hash, (String, Place)>);

impl Owners {
    fn add(&mut self, name: &str, tokens: &[(Place, Hash)], mistakes: &mut Mistakes) {
        for (place, hash) in tokens {
            match self.0.get(hash) {
                Some((owner, first)) if owner == name => {
                    let text =
                        format!("the token stands in [clients.{name}] twice, first at {first}; take one out");
                    mistakes.add(place, text);
                }
                Some((owner, first)) => {
                    let text = format!(
                        "the token of [clients.{name}] is that of [clients.{owner}] too, at {first}, so that \
                         they could not be told apart; {MAKE_ONE}"
                    );
                    mistakes.add(place, text);
                }
                None => {
                    self.0.insert(*hash, (name.to_owned(), place.clone()));
                }
            }
        }
    }
}
