//! Where the password of an appliance comes from: `password`, `password_file`, or a variable for either.

use super::super::environment::appliance_variable;
use super::super::files::read_secret;
use super::super::layers::Layers;
use super::super::secret::Secret;
use super::super::setting::Setting;
use crate::manifest::{Mistakes, Place};
use std::path::Path;

/// Where the password of one appliance comes from: exactly one source, and a variable before the file.
pub(super) struct PasswordSource<'a> {
    pub(super) name: &'a str,
    pub(super) layers: &'a Layers,
    pub(super) base_dir: &'a Path,
    pub(super) table: &'a Place,
}

impl PasswordSource<'_> {
    pub(super) fn read(
        &self,
        password: Setting<Secret>,
        password_file: Setting<String>,
        mistakes: &mut Mistakes,
        warnings: &mut Vec<String>,
    ) -> Option<Secret> {
        let name = self.name;
        match (&password, &password_file) {
            (Setting::Absent, Setting::Absent) => {
                let text = format!(
                    "[appliances.{name}] lacks a password; write password_file = \"PATH\", or set {}",
                    appliance_variable(name, "password")
                );
                mistakes.add(self.table, text);
                None
            }
            (Setting::Absent, _) => self.read_file(password_file, mistakes),
            (_, Setting::Absent) => self.read_here(password, warnings),
            _ => match (
                self.is_from_environment("password"),
                self.is_from_environment("password_file"),
            ) {
                (true, false) => self.read_here(password, warnings),
                (false, true) => self.read_file(password_file, mistakes),
                _ => {
                    let place = password.place().unwrap_or(self.table);
                    let text = format!(
                        "[appliances.{name}] has both `password` and `password_file`; take `password` out"
                    );
                    mistakes.add(place, text);
                    None
                }
            },
        }
    }

    fn read_here(&self, password: Setting<Secret>, warnings: &mut Vec<String>) -> Option<Secret> {
        if let Some(place) = password.place()
            && !self.is_from_environment("password")
        {
            warnings.push(format!(
                "{place}: the password of [appliances.{}] can be read by everybody who can read this file; \
                 put it into a file of its own with mode 0600 and write password_file = \"PATH\"",
                self.name
            ));
        }
        password.value()
    }

    /// The path is not repeated either: people do write the password itself there.
    fn read_file(&self, password_file: Setting<String>, mistakes: &mut Mistakes) -> Option<Secret> {
        let secret = password_file.checked(mistakes, |path| {
            read_secret(&self.base_dir.join(path), "password")
                .map_err(|reason| format!("the `password_file` of [appliances.{}] {reason}", self.name))
        });
        secret.value()
    }

    fn is_from_environment(&self, key: &str) -> bool {
        self.layers.is_from_environment(&["appliances", self.name, key])
    }
}
