//! The parameters of ThreatQ's actions: a closed set of keys, each with its type and with where its value is
//! set. A manifest can label, explain, default or fix them, and cannot invent one: behind every key stands
//! code that obeys it. `read_parameter.rs` reads them out of a file.

use crate::model::{ListKind, Operation, Recipient, Sender, View};
use serde::{Serialize, Serializer};

/// Most `objects_per_run` that can be asked for. The largest collection that one call takes is about this
/// long (8 MiB of indicators of 80 bytes), so that a larger number could not mean anything.
pub const OBJECTS_PER_RUN_MAX: u32 = 100_000;

/// Which parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterKey {
    /// Where the appliance's API listens.
    Url,
    /// Whose account is used there.
    Username,
    /// That account's password.
    Password,
    /// Blocklist or safelist.
    ListType,
    /// For whom an action on senders adds them.
    RecipientList,
    /// Whom an action on recipients adds for them.
    SenderList,
    /// Whether the appliance's certificate is checked.
    VerifyTls,
    /// Whether the environment's proxy settings are ignored.
    DisableProxies,
    /// How many indicators are sent to the appliance in one run.
    ObjectsPerRun,
}

impl ParameterKey {
    /// All of them, in the order of ThreatQ's form.
    pub const ALL: [Self; 9] = [
        Self::Url,
        Self::Username,
        Self::Password,
        Self::ListType,
        Self::RecipientList,
        Self::SenderList,
        Self::VerifyTls,
        Self::DisableProxies,
        Self::ObjectsPerRun,
    ];

    /// The key in manifests, and in the configuration's tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Username => "username",
            Self::Password => "password",
            Self::ListType => "list_type",
            Self::RecipientList => "recipient_list",
            Self::SenderList => "sender_list",
            Self::VerifyTls => "verify_tls",
            Self::DisableProxies => "disable_proxies",
            Self::ObjectsPerRun => "objects_per_run",
        }
    }

    /// What a value of it looks like.
    #[must_use]
    pub fn kind(self) -> ParameterKind {
        match self {
            Self::Url => ParameterKind::Url,
            Self::Username | Self::Password => ParameterKind::Text,
            Self::ListType => ParameterKind::ListType,
            Self::RecipientList | Self::SenderList => ParameterKind::List,
            Self::VerifyTls | Self::DisableProxies => ParameterKind::Boolean,
            Self::ObjectsPerRun => ParameterKind::Number,
        }
    }

    /// Where its value is set.
    #[must_use]
    pub fn belongs_to(self) -> BelongsTo {
        match self {
            Self::Url | Self::Username | Self::Password | Self::VerifyTls | Self::DisableProxies => {
                BelongsTo::Appliance
            }
            Self::ListType | Self::RecipientList | Self::SenderList | Self::ObjectsPerRun => {
                BelongsTo::Configuration
            }
        }
    }

    /// The one list whose entries are paired with the indicators. A deletion takes all pairs and needs none.
    #[must_use]
    pub fn counterpart(operation: Operation, view: View) -> Option<Self> {
        match (operation, view) {
            (Operation::Add, View::Sender) => Some(Self::RecipientList),
            (Operation::Add, View::Recipient) => Some(Self::SenderList),
            (Operation::Delete, _) => None,
        }
    }

    /// The parameters of such an action: each is needed, and no other would do anything.
    pub(super) fn of_action(operation: Operation, view: View) -> Vec<Self> {
        let counterpart = Self::counterpart(operation, view);
        Self::ALL
            .into_iter()
            .filter(|key| key.kind() != ParameterKind::List || Some(*key) == counterpart)
            .collect()
    }
}

/// What a value of a parameter looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    /// `https://host:port`
    Url,
    /// Any text.
    Text,
    /// Blocklist or Safelist.
    ListType,
    /// Entries of a list, as an array or as text with commas.
    List,
    /// true or false.
    Boolean,
    /// A whole number.
    Number,
}

impl ParameterKind {
    /// The word in manifests.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Text => "text",
            Self::ListType => "list_type",
            Self::List => "list",
            Self::Boolean => "boolean",
            Self::Number => "number",
        }
    }
}

/// Whose setting a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BelongsTo {
    /// Set once in `[appliances.NAME]`, for every action on that appliance.
    Appliance,
    /// Set in `[configurations.NAME]`.
    Configuration,
}

impl BelongsTo {
    /// The word in manifests.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Appliance => "appliance",
            Self::Configuration => "configuration",
        }
    }
}

/// A default or fixed value, already read into what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterValue {
    /// Of a [`ParameterKind::Boolean`].
    Boolean(bool),
    /// Of a [`ParameterKind::Number`].
    Number(u32),
    /// Of a [`ParameterKind::ListType`].
    ListType(ListKind),
    /// Of [`ParameterKey::RecipientList`].
    Recipients(Vec<Recipient>),
    /// Of [`ParameterKey::SenderList`].
    Senders(Vec<Sender>),
}

impl Serialize for ParameterValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Number(value) => serializer.serialize_u32(*value),
            Self::ListType(list) => list.serialize(serializer),
            Self::Recipients(recipients) => serializer.collect_seq(recipients.iter().map(Recipient::as_str)),
            Self::Senders(senders) => serializer.collect_seq(senders.iter().map(Sender::as_str)),
        }
    }
}

/// One parameter of one action, as its manifest describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Which one.
    pub key: ParameterKey,
    /// ThreatQ's label of the form field.
    pub label: String,
    /// What a value looks like.
    #[serde(rename = "type")]
    pub kind: ParameterKind,
    /// What holds where nothing is set; none for a required parameter.
    pub default: Option<ParameterValue>,
    /// Whether something must be set.
    pub required: bool,
    /// Whether a form must hide it.
    pub secret: bool,
    /// One sentence for the person who fills in the form.
    pub help: String,
    /// Whose setting it is.
    pub belongs_to: BelongsTo,
    /// The only value that this action takes; no configuration may set another. Left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<ParameterValue>,
}
