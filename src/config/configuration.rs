//! `[configurations.NAME]`: one stored set of parameter values for one action, as ThreatQ keeps one per
//! workflow node. Held against the action's manifest, which may default or fix a value. The lists of entries
//! are read in `counterpart.rs`.

use super::Surroundings;
use super::caps::{self, CapSettings};
use super::counterpart::{self, Counterpart};
use super::section::Section;
use super::setting::Setting;
use crate::manifest::{
    Action, Actions, Mistakes, OBJECTS_PER_RUN_MAX, ParameterKey, ParameterValue, Place, unknown,
};
use crate::model::{ListKind, Operation, escape_control};

/// `[configurations.NAME]`, ready to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// NAME of the table, and the value of `?configuration=`.
    pub name: String,
    /// The id of an action that exists.
    pub action: String,
    /// Names of appliances that exist, at least one, each once, in the order of the file.
    pub appliances: Vec<String>,
    /// Which list is changed. Default as in the manifest: blocklist.
    pub list: ListKind,
    /// Whom the indicators are paired with.
    pub counterpart: Counterpart,
    /// Where that was written, as `sender_list of [configurations.x], doorlist.toml:140`. Empty for none.
    pub counterpart_origin: String,
    /// Most indicators with a request of their own in one run, per appliance, 1 to 100,000. Default as in the
    /// manifest: 100.
    pub objects_per_run: u32,
    /// Statuses of indicators that are deployed; none for the rule of the list. Additions only.
    pub deploy_statuses: Option<Vec<String>>,
    /// What a deletion takes. Deletions only; default all.
    pub delete_scope: DeleteScope,
    /// How many pairs its runs may change, where that is another number than under `[guard]`.
    pub caps: CapSettings,
}

/// Whose pairs a deletion takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeleteScope {
    /// Every pair of the entry, whoever put it there, as ThreatQ's actions do.
    #[default]
    All,
    /// Only what stands because of doorlist.
    Ours,
}

/// The table as it was written.
struct Table {
    place: Place,
    action: Setting<String>,
    appliance: Setting<String>,
    appliances: Setting<Vec<(Place, String)>>,
    list_type: Setting<ListKind>,
    lists: counterpart::Written,
    objects_per_run: Setting<u32>,
    deploy_statuses: Setting<Vec<(Place, String)>>,
    delete_scope: Setting<DeleteScope>,
    caps: caps::Written,
}

impl Table {
    fn read(mut section: Section<'_>) -> Self {
        let table = Self {
            place: section.place(),
            action: section.text("action"),
            appliance: section.text("appliance"),
            appliances: section.texts("appliances"),
            list_type: section.choice("list_type", &ListKind::ALL.map(|list| (list.word(), list))),
            lists: counterpart::Written::read(&mut section),
            objects_per_run: section.number("objects_per_run", 1..=OBJECTS_PER_RUN_MAX),
            deploy_statuses: section.texts("deploy_statuses"),
            delete_scope: section.choice(
                "delete_scope",
                &[("all", DeleteScope::All), ("ours", DeleteScope::Ours)],
            ),
            caps: caps::Written::read(&mut section),
        };
        section.finish();
        table
    }
}

/// Reads one table. None where something that has no default is wrong or missing.
pub(super) fn read(
    name: &str,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Configuration> {
    let table = Table::read(surroundings.layers.section(&["configurations", name], mistakes));
    let header = format!("[configurations.{name}]");
    let appliances = read_appliances(&table, &header, &surroundings.appliance_names, mistakes);
    let missing = format!(
        "{header} lacks `action`; write the id of one: {}",
        ids(surroundings.actions).join(", ")
    );
    let action_place = table.action.place().unwrap_or(&table.place).clone();
    let id = table.action.required(&table.place, &missing, mistakes)?;
    let Some(action) = surroundings.actions.get(&id) else {
        let what = format!("action `{}` in {header}", escape_control(&id));
        mistakes.add(
            &action_place,
            unknown(&what, &id, "known actions", &ids(surroundings.actions)),
        );
        return None;
    };
    let stored = Stored {
        action,
        header: &header,
        place: &table.place,
    };
    let list = stored.settle(
        ParameterKey::ListType,
        table.list_type,
        mistakes,
        |value| match value {
            ParameterValue::ListType(list) => Some(*list),
            _ => None,
        },
    );
    let objects_per_run = stored.settle(
        ParameterKey::ObjectsPerRun,
        table.objects_per_run,
        mistakes,
        |value| match value {
            ParameterValue::Number(number) => Some(*number),
            _ => None,
        },
    );
    let with_origin = table
        .lists
        .into_counterpart(&stored, surroundings.base_dir, mistakes);
    let deploy_statuses = read_deploy_statuses(table.deploy_statuses, action, mistakes);
    let delete_scope = read_delete_scope(table.delete_scope, action, mistakes);
    let caps = table.caps.that_fit(action, mistakes);
    let (counterpart, counterpart_origin) = with_origin?;
    Some(Configuration {
        name: name.to_owned(),
        action: id,
        appliances: appliances?,
        list: list?,
        counterpart,
        counterpart_origin,
        objects_per_run: objects_per_run?,
        deploy_statuses,
        delete_scope,
        caps,
    })
}

/// One configuration's table and the action whose parameters it sets.
pub(super) struct Stored<'a> {
    pub(super) action: &'a Action,
    /// `[configurations.NAME]`, for messages.
    pub(super) header: &'a str,
    pub(super) place: &'a Place,
}

impl Stored<'_> {
    /// What holds for a parameter: what the manifest fixes, else what was written, else the default there.
    pub(super) fn settle<T>(
        &self,
        key: ParameterKey,
        written: Setting<T>,
        mistakes: &mut Mistakes,
        of_manifest: impl Fn(&ParameterValue) -> Option<T>,
    ) -> Option<T> {
        let parameter = self.action.parameter(key);
        if let Some(fixed) = parameter.and_then(|parameter| parameter.fixed.as_ref()) {
            if let Some(place) = written.place() {
                let text = format!(
                    "`{}` is fixed by the action `{}`; take this line out",
                    key.word(),
                    self.action.id
                );
                mistakes.add(place, text);
            }
            return of_manifest(fixed);
        }
        match written {
            Setting::Written(value, _) => Some(value),
            Setting::Wrong(_) => None,
            Setting::Absent => {
                let default = parameter
                    .and_then(|parameter| parameter.default.as_ref())
                    .and_then(of_manifest);
                if default.is_none() {
                    let text = format!(
                        "{} lacks `{}`, which the action `{}` needs",
                        self.header,
                        key.word(),
                        self.action.id
                    );
                    mistakes.add(self.place, text);
                }
                default
            }
        }
    }
}

/// `appliance` for one, `appliances` for several that get the same entries.
fn read_appliances(
    table: &Table,
    header: &str,
    known: &[String],
    mistakes: &mut Mistakes,
) -> Option<Vec<String>> {
    let written: Vec<(&Place, &str)> = match (&table.appliance, &table.appliances) {
        (Setting::Absent, Setting::Absent) => {
            let text =
                format!("{header} lacks `appliance`; write the name of one, or `appliances` with several");
            mistakes.add(&table.place, text);
            return None;
        }
        (Setting::Written(name, place), Setting::Absent) => vec![(place, name)],
        (Setting::Absent, Setting::Written(names, place)) if names.is_empty() => {
            mistakes.add(
                place,
                format!("`appliances` in {header} is empty; write at least one name"),
            );
            return None;
        }
        (Setting::Absent, Setting::Written(names, _)) => {
            names.iter().map(|(place, name)| (place, name.as_str())).collect()
        }
        (Setting::Wrong(_), Setting::Absent) | (Setting::Absent, Setting::Wrong(_)) => return None,
        (one, _) => {
            let text = format!("{header} has both `appliance` and `appliances`; take one of them out");
            mistakes.add(one.place().unwrap_or(&table.place), text);
            return None;
        }
    };
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let mut names: Vec<String> = Vec::new();
    for (place, name) in &written {
        if !known.contains(name) {
            let what = format!("appliance `{}` in {header}", escape_control(name));
            mistakes.add(place, unknown(&what, name, "known appliances", &known));
        } else if names.iter().any(|other| other == name) {
            mistakes.add(
                place,
                format!("the appliance `{name}` stands in {header} twice; take one out"),
            );
        } else {
            names.push((*name).to_owned());
        }
    }
    (names.len() == written.len()).then_some(names)
}

/// Removals ignore the status, so that a list of statuses there would promise what does not happen.
fn read_deploy_statuses(
    written: Setting<Vec<(Place, String)>>,
    action: &Action,
    mistakes: &mut Mistakes,
) -> Option<Vec<String>> {
    if let Some(place) = written.place()
        && action.operation == Operation::Delete
    {
        let text = format!(
            "`deploy_statuses` is for additions; the action `{}` deletes whatever the status",
            action.id
        );
        mistakes.add(place, format!("{text}; take this line out"));
        return None;
    }
    let statuses = written.checked(mistakes, |statuses| {
        let is_good = !statuses.is_empty() && statuses.iter().all(|(_, status)| !status.is_empty());
        let names = statuses.into_iter().map(|(_, status)| status).collect();
        if is_good {
            Ok(names)
        } else {
            Err("`deploy_statuses` must name at least one status, and no empty one".to_owned())
        }
    });
    statuses.value()
}

fn read_delete_scope(written: Setting<DeleteScope>, action: &Action, mistakes: &mut Mistakes) -> DeleteScope {
    if let Some(place) = written.place()
        && action.operation == Operation::Add
    {
        let text = format!(
            "`delete_scope` is for deletions; the action `{}` adds; take this line out",
            action.id
        );
        mistakes.add(place, text);
    }
    written.value().unwrap_or_default()
}

fn ids(actions: &Actions) -> Vec<&str> {
    actions.iter().map(|action| action.id.as_str()).collect()
}
