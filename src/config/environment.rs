//! Which environment variables may change which keys: how the server runs, and the credentials. What decides
//! what is listed where, and by whom, comes from the file alone, where it can be reviewed; so does the consent
//! to show tokens to the network. Takes the environment as a map; never looks at the process's own.

use super::document::Places;
use crate::manifest::{Mistakes, Place};
use std::collections::{BTreeMap, HashMap};

/// What all of our variables start with.
pub(super) const PREFIX: &str = "DOORLIST";
/// Between a table and its key. One `_` belongs to the key, or stands for `-` in an appliance's name.
pub(super) const SEPARATOR: &str = "__";

/// Read by the command line, not by this room.
const NAMES_OF_THE_COMMAND_LINE: [&str; 5] = [
    "DOORLIST_CRASH_AT",
    "DOORLIST_CONFIG",
    "DOORLIST_SERVER_URL",
    "DOORLIST_MANIFESTS",
    "DOORLIST_TOKEN_FILE",
];

const APPLIANCE_KEYS: [&str; 4] = ["username", "password", "password_file", "proxy"];

/// The variable that sets a key of an appliance, for messages.
pub(super) fn appliance_variable(appliance: &str, key: &str) -> String {
    let name = appliance.replace('-', "_").to_uppercase();
    format!(
        "{PREFIX}_APPLIANCES{SEPARATOR}{name}{SEPARATOR}{}",
        key.to_uppercase()
    )
}

/// Reads the variables that may override a key, notes their places, and hands them out in the form that the
/// `config` crate's environment source reads. An empty variable counts as not set, because container files
/// like to hand those down.
pub(super) fn overrides(
    environment: &BTreeMap<String, String>,
    places: &mut Places,
    mistakes: &mut Mistakes,
) -> HashMap<String, String> {
    let mut variables = HashMap::new();
    for (name, value) in environment {
        let Some(rest) = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix('_')) else {
            continue;
        };
        if value.is_empty() || NAMES_OF_THE_COMMAND_LINE.contains(&name.as_str()) {
            continue;
        }
        let place = Place::whole(format!("environment variable {name}"));
        match path_of(&rest.to_lowercase(), places) {
            Ok(Some(path)) => {
                let key = path.join(SEPARATOR);
                variables.insert(format!("{PREFIX}_{key}"), value.clone());
                places.override_with(path, place);
            }
            Ok(None) => {}
            Err(text) => mistakes.add(&place, text),
        }
    }
    variables
}

/// The path that a variable sets; none where it is not about a key at all.
fn path_of(rest: &str, places: &Places) -> Result<Option<Vec<String>>, String> {
    let segments: Vec<&str> = rest.split(SEPARATOR).collect();
    match segments.as_slice() {
        ["server", super::server::ALLOW_HTTP] => Err(format!(
            "not allowed: whether tokens may go over the wire in the clear is decided in {} alone; write \
             allow_http = true under [server] there",
            places.source()
        )),
        [single] => match slip_of_the_separator(single) {
            Some(meant) => Err(format!(
                "not a key; two underscores part a table and its key: {meant}"
            )),
            // Kubernetes sets DOORLIST_SERVICE_HOST and the like for a service of this name.
            None => Ok(None),
        },
        ["server", key] => {
            let is_replaced = places
                .spot(&["server".to_owned()])
                .is_some_and(|spot| !spot.is_table);
            // A [server] that is no table is told by its own line.
            Ok((!is_replaced).then(|| vec!["server".to_owned(), (*key).to_owned()]))
        }
        ["appliances", name, key] if APPLIANCE_KEYS.contains(key) => {
            let table = vec!["appliances".to_owned(), name.replace('_', "-")];
            if !places.spot(&table).is_some_and(|spot| spot.is_table) {
                let names: Vec<&str> = places.children(&table[..1]).map(|(name, _)| name).collect();
                let list = if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                };
                let text = format!("there is no [appliances.{}] in {}", table[1], places.source());
                return Err(format!("{text}; its appliances: {list}"));
            }
            Ok(Some([table, vec![(*key).to_owned()]].concat()))
        }
        _ => Err(format!(
            "not allowed: what decides what is listed where, and by whom, comes from {} alone; allowed: \
             {PREFIX}_SERVER__KEY, {}, {}, {}",
            places.source(),
            appliance_variable("NAME", "username"),
            appliance_variable("NAME", "password"),
            appliance_variable("NAME", "password_file"),
        )),
    }
}

/// `DOORLIST_SERVER_LISTEN`, meant as `DOORLIST_SERVER__LISTEN`, must not be ignored in silence.
fn slip_of_the_separator(rest: &str) -> Option<String> {
    if let Some(key) = rest.strip_prefix("server_")
        && super::server::KEYS.contains(&key)
    {
        return Some(format!("{PREFIX}_SERVER{SEPARATOR}{}", key.to_uppercase()));
    }
    let inner = rest.strip_prefix("appliances_")?;
    APPLIANCE_KEYS.iter().rev().find_map(|key| {
        let name = inner.strip_suffix(key)?.strip_suffix('_')?;
        Some(appliance_variable(name, key))
    })
}
