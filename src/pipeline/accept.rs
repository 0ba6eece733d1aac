//! The first half: a request body becomes a run. Every item of the body gets a place in the wish or a fate that
//! says why not; nothing is asked of an appliance here, and nothing is lost.

use super::clear::clear;
use super::overriding::{self, Override, OverrideOfNothing, PassedBy};
use super::planned::Planned;
use super::take_back::TakingBack;
use crate::app::App;
use crate::config::{Configuration, Counterpart, DeleteScope, RunCaps};
use crate::guard::Passed;
use crate::intake::{self, ITEMS_MAX, IntakeError};
use crate::manifest::Action;
use crate::model::{
    EntryKey, GivenStatus, GivenType, Indicator, IndicatorType, ListKind, Operation, Outcome, Parsed,
    Received, Recipient, Refusal, Sender, View,
};
use crate::report::Mode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What was called, with which configuration, and what was sent.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The run's id, made at the door.
    pub run_id: &'a str,
    /// The action.
    pub action: &'a Action,
    /// The stored configuration.
    pub configuration: &'a Configuration,
    /// Only look: report what would be done, and write nothing.
    pub dry_run: bool,
    /// Rules that are to let entries pass, where somebody named some.
    pub overriding: Option<&'a Override>,
    /// As received.
    pub body: &'a [u8],
    /// As received.
    pub content_type: Option<&'a str>,
    /// Today's rules, and the appliances.
    pub app: &'a App,
}

/// Why a call as a whole is not accepted. The caller's fault, and nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The body cannot be read.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// Too many items at once.
    #[error("the body has {0} items, and one call may have {ITEMS_MAX}; send them in several calls")]
    TooManyItems(usize),
    /// Somebody lets an entry pass that is not there.
    #[error(transparent)]
    OverrideOfNothing(#[from] OverrideOfNothing),
}

/// One accepted call, with everything that executing it needs but credentials, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// Id of the action.
    pub action: String,
    /// Name of the configuration.
    pub configuration: String,
    /// Add or delete.
    pub operation: Operation,
    /// Which side the items are.
    pub view: View,
    /// Which list.
    pub list: ListKind,
    /// What every item is paired with.
    pub counterpart: Counterpart,
    /// Where that was written, for people.
    pub counterpart_origin: String,
    /// The appliances, and how each was to be treated when the call was accepted.
    pub appliances: Vec<RunAppliance>,
    /// Most pairs that may be changed on each.
    pub changed_pairs_max: usize,
    /// Where that is set, and what else holds for their number. None where nothing does.
    #[serde(default)]
    pub caps: Option<RunCaps>,
    /// Most items for which anything is sent.
    pub objects_per_run: usize,
    /// Only look.
    pub dry_run: bool,
    /// Format of the body.
    pub format: String,
    /// Sentences about the body.
    pub notes: Vec<String>,
    /// Where it is not about all pairs of its items: which.
    #[serde(default)]
    pub taking_back: Option<TakingBack>,
    /// How long what it takes out is not to be added again, where somebody wants that.
    #[serde(default)]
    pub hold_for: Option<Duration>,
    /// What somebody with the right to do so lets pass a rule, now and when it is executed.
    #[serde(default)]
    pub passed: Passed,
    /// Who that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_by: Option<PassedBy>,
    /// The plan that it applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Planned>,
    /// One for each item of the body, in its order.
    pub items: Vec<Item>,
}

impl Run {
    /// How many pairs an item that is to be listed stands for; 0 where nobody can say beforehand.
    #[must_use]
    pub fn counterpart_count(&self) -> usize {
        match &self.counterpart {
            Counterpart::None => 0,
            Counterpart::Recipients(recipients) => recipients.len(),
            Counterpart::Senders(senders) => senders.len(),
        }
    }

    /// The entries that every item is paired with.
    #[must_use]
    pub fn counterpart_keys(&self) -> Vec<EntryKey> {
        match &self.counterpart {
            Counterpart::None => Vec::new(),
            Counterpart::Recipients(recipients) => recipients
                .iter()
                .map(|recipient| recipient.key().clone())
                .collect(),
            Counterpart::Senders(senders) => senders.iter().map(|sender| sender.key().clone()).collect(),
        }
    }
}

/// An appliance of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunAppliance {
    /// Name in the configuration.
    pub name: String,
    /// May anything be written there?
    pub mode: Mode,
    /// Most entries on either side of one request.
    pub items_per_call: usize,
    /// Most senders of one recipient, where the operator told.
    pub list_limit: Option<usize>,
    /// Minutes until a change is in force, where the operator told.
    pub list_sync_minutes: Option<u32>,
}

/// One item of the call.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    /// The caller's id of it.
    pub id: Option<String>,
    /// ThreatQ's name of its type, or the type as given.
    pub indicator_type: Option<String>,
    /// As sent.
    pub value: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Sentences that change nothing.
    pub notes: Vec<String>,
}

impl Item {
    /// The entry of an item that has a wish.
    #[must_use]
    pub fn wished(&self) -> Option<&EntryKey> {
        match &self.fate {
            Fate::Sender(sender) => Some(sender.key()),
            Fate::Recipient(recipient) => Some(recipient.key()),
            Fate::Repeated { .. } | Fate::Settled(..) => None,
        }
    }
}

/// What is decided about an item before any appliance is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// To be listed, or to be gone.
    Sender(Sender),
    /// The same, for the recipient actions.
    Recipient(Recipient),
    /// The same entry stands earlier in the call.
    Repeated {
        /// Its index.
        of: usize,
        /// The spelling that would have been sent.
        entry: String,
    },
    /// Decided here, with the reason.
    Settled(Outcome, String),
}

/// Reads the body and decides what is wished of each item.
///
/// # Errors
/// When the body as a whole cannot be read. A single bad item is never an error; what is named to pass
/// a rule, and is none of them, is.
pub fn accept(call: &Call<'_>) -> Result<Run, AcceptError> {
    let intake = intake::read(call.body, call.content_type, &call.app.config.type_ids)?;
    if intake.items.len() > ITEMS_MAX {
        return Err(AcceptError::TooManyItems(intake.items.len()));
    }
    let mut items: Vec<Item> = intake
        .items
        .into_iter()
        .map(|received| judge(call, received))
        .collect();
    mark_repeated(&mut items);
    let caps = caps_of(call.app, call.configuration, call.action.operation);
    let mut run = Run {
        id: call.run_id.to_owned(),
        action: call.action.id.clone(),
        configuration: call.configuration.name.clone(),
        operation: call.action.operation,
        view: call.action.view,
        list: call.configuration.list,
        counterpart: call.configuration.counterpart.clone(),
        counterpart_origin: call.configuration.counterpart_origin.clone(),
        appliances: appliances(call.app, call.configuration),
        changed_pairs_max: caps.per_run.max,
        caps: Some(caps),
        objects_per_run: call.configuration.objects_per_run as usize,
        dry_run: call.dry_run,
        format: intake.format.word().to_owned(),
        notes: intake.notes,
        taking_back: ours_alone(call),
        hold_for: None,
        passed: Passed::default(),
        passed_by: None,
        plan: None,
        items,
    };
    let guard = call.app.guard();
    let let_pass = overriding::let_pass(&guard, &mut run, call.overriding)?;
    // What is forbidden gets its fate here already; the wish is made anew when the run is executed.
    clear(&guard, &mut run);
    overriding::note_refused(&mut run, &let_pass);
    Ok(run)
}

/// The caps of a configuration today.
#[must_use]
pub fn caps_of(app: &App, configuration: &Configuration, operation: Operation) -> RunCaps {
    let guard = &app.config.guard.caps;
    RunCaps::of(&configuration.name, &configuration.caps, guard, operation)
}

fn appliances(app: &App, configuration: &Configuration) -> Vec<RunAppliance> {
    let of = |name: &String| {
        run_appliance(app, name).expect("a checked configuration names appliances that exist")
    };
    configuration.appliances.iter().map(of).collect()
}

/// A deletion that takes only what stands because of us.
fn ours_alone(call: &Call<'_>) -> Option<TakingBack> {
    let is_ours =
        call.action.operation == Operation::Delete && call.configuration.delete_scope == DeleteScope::Ours;
    is_ours.then_some(TakingBack::Ours { recipient: None })
}

/// How an appliance is treated today. None where the configuration has none of that name.
pub(super) fn run_appliance(app: &App, name: &str) -> Option<RunAppliance> {
    let target = app.target(name)?;
    Some(RunAppliance {
        name: name.to_owned(),
        mode: target.mode,
        items_per_call: target.items_per_call,
        list_limit: target.list_limit,
        list_sync_minutes: target.list_sync_minutes,
    })
}

fn judge(call: &Call<'_>, received: Received) -> Item {
    let indicator = match received {
        Received::Indicator(indicator) => indicator,
        Received::Unreadable(unreadable) => {
            return Item {
                id: unreadable.id,
                indicator_type: None,
                value: unreadable.excerpt,
                fate: Fate::Settled(Outcome::Invalid, unreadable.reason),
                notes: Vec::new(),
            };
        }
    };
    let (indicator_type, fate, notes) = judge_indicator(call, &indicator);
    Item {
        id: indicator.id,
        indicator_type: Some(indicator_type),
        value: indicator.value,
        fate,
        notes,
    }
}

/// Type, then status, then the value itself: the first that does not fit is what the caller is told.
fn judge_indicator(call: &Call<'_>, indicator: &Indicator) -> (String, Fate, Vec<String>) {
    let mut notes = Vec::new();
    let indicator_type = match &indicator.given_type {
        GivenType::Known(known) => *known,
        GivenType::Missing => {
            let detected = IndicatorType::detect(&indicator.value);
            notes.push(format!("no type was given; taken for {detected}"));
            detected
        }
        GivenType::Unknown(name) => return (name.clone(), unsupported(call.action), notes),
    };
    let type_name = indicator_type.name().to_owned();
    if !call.action.accepts(indicator_type) {
        return (type_name, unsupported(call.action), notes);
    }
    if let Some(reason) = withheld_by_status(call, &indicator.status) {
        return (type_name, Fate::Settled(Outcome::InactiveStatus, reason), notes);
    }
    let fate = match call.action.view {
        View::Sender => entry(
            Sender::parse(&indicator.value, indicator_type),
            Fate::Sender,
            &mut notes,
        ),
        View::Recipient => entry(Recipient::parse(&indicator.value), Fate::Recipient, &mut notes),
    };
    (type_name, fate, notes)
}

fn entry<T>(parsed: Result<Parsed<T>, Refusal>, wish: fn(T) -> Fate, notes: &mut Vec<String>) -> Fate {
    match parsed {
        Ok(parsed) => {
            notes.extend(parsed.notes);
            wish(parsed.entry)
        }
        Err(refusal) => Fate::Settled(Outcome::Invalid, refusal.to_string()),
    }
}

fn unsupported(action: &Action) -> Fate {
    let names: Vec<_> = action
        .accepted_types
        .iter()
        .map(|accepted| accepted.name())
        .collect();
    Fate::Settled(
        Outcome::UnsupportedType,
        format!("this action takes {}", names.join(", ")),
    )
}

/// Status gates additions only: what is no longer a threat may always be taken off.
fn withheld_by_status(call: &Call<'_>, status: &GivenStatus) -> Option<String> {
    let GivenStatus::Named(name) = status else {
        return None;
    };
    if call.action.operation == Operation::Delete {
        return None;
    }
    let allowed: Vec<&str> = match &call.configuration.deploy_statuses {
        Some(statuses) => statuses.iter().map(String::as_str).collect(),
        None => super::default_deploy_statuses(call.configuration.list).to_vec(),
    };
    let name = name.trim();
    if allowed
        .iter()
        .any(|allowed| allowed.trim().eq_ignore_ascii_case(name))
    {
        return None;
    }
    Some(format!(
        "status {name}; listed are indicators with status {}, or none",
        allowed.join(", ")
    ))
}

fn mark_repeated(items: &mut [Item]) {
    let mut first: BTreeMap<EntryKey, usize> = BTreeMap::new();
    for (index, item) in items.iter_mut().enumerate() {
        let (key, entry) = match &item.fate {
            Fate::Sender(sender) => (sender.key(), sender.as_str()),
            Fate::Recipient(recipient) => (recipient.key(), recipient.as_str()),
            Fate::Repeated { .. } | Fate::Settled(..) => continue,
        };
        match first.get(key) {
            Some(&of) => {
                item.fate = Fate::Repeated {
                    of,
                    entry: entry.to_owned(),
                }
            }
            None => {
                first.insert(key.clone(), index);
            }
        }
    }
}
