//! One run of `learn` against a simulator with lists of other people, and what has to hold after every run.

use super::unseen::expected;
use doorlist::appliance::learn::{Learned, Left, Stop, StopToken, learn};
use doorlist::config::{ApplianceSettings, ProxySettings, Root, Secret, TlsSettings, Trust};
use doorlist::model::Recipient;
use doorlist::simulator::{Behaviour, Handle, Knobs, Lists, LoggedRequest, Pair, Settings, Simulator};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// With letters before the `@`, so that there are two spellings of it.
pub const SCRATCH: &str = "scratch.one@example.com";

/// Rows of the sender view of their blocklist.
const OTHER_SENDERS: u64 = 3;

/// A simulator, and how to reach it.
pub struct Bench {
    pub simulator: Arc<Handle>,
    pub settings: ApplianceSettings,
    pub knobs: Knobs,
    pub scratch: &'static str,
    pub cleaning_pauses: &'static [Duration],
    before: Lists,
}

/// What came of a run, and what it ran against.
pub struct Run {
    pub result: Result<Learned, Stop>,
    pub knobs: Knobs,
    pub scratch: &'static str,
    pub before: Lists,
    pub after: Lists,
    pub requests: Vec<LoggedRequest>,
}

/// Mailboxes that a careless search or deletion would meet.
pub fn lists_of_others() -> Lists {
    let pair = |recipient: &str, sender: &str| Pair {
        recipient: recipient.to_owned(),
        sender: sender.to_owned(),
    };
    Lists {
        blocklist: vec![
            pair("my.scratch.one@example.com", "bad.example"),
            pair("scratch.one@example.com.example", "worse.example"),
            pair("user@example.com", "bad.example"),
            pair("user@example.com", "example.com"),
        ],
        safelist: vec![pair("user@example.com", "good.example")],
    }
}

impl Bench {
    pub async fn of(knobs: Knobs) -> Self {
        Self::start(Settings {
            knobs,
            lists: lists_of_others(),
            ..Settings::default()
        })
        .await
    }

    pub async fn start(settings: Settings) -> Self {
        let (knobs, before) = (settings.knobs.clone(), settings.lists.clone());
        let simulator = Arc::new(Simulator::start(settings).await.unwrap());
        let root = match serde_json::to_value(knobs.roots).unwrap() {
            Value::String(word) if word == "sma" => Root::Sma,
            _ => Root::Esa,
        };
        let url = simulator.url().parse().unwrap();
        let settings = ApplianceSettings {
            root,
            // Else every client reads the certificates of the system, for nothing.
            tls: TlsSettings {
                trust: Trust::Nothing,
                legacy: false,
            },
            proxy: ProxySettings::Disabled,
            ..ApplianceSettings::new("esa-1", url, "admin", Secret::new("ironport".into()))
        };
        Self {
            simulator,
            settings,
            knobs,
            scratch: SCRATCH,
            cleaning_pauses: &[],
            before,
        }
    }

    /// Cleaning up is tried again so often.
    pub fn with_cleaning_pauses(self, cleaning_pauses: &'static [Duration]) -> Self {
        Self {
            cleaning_pauses,
            ..self
        }
    }

    pub async fn learn(self) -> Run {
        self.learn_until(StopToken::new(), |_| {}).await
    }

    /// `watch` is given each line for the operator.
    pub async fn learn_until(self, stop: StopToken, watch: impl Fn(&str) + Send + Sync + 'static) -> Run {
        let scratch = Recipient::parse(self.scratch).unwrap().entry;
        let result = Box::pin(learn(
            &self.settings,
            &scratch,
            stop,
            Box::new(watch),
            self.cleaning_pauses,
        ))
        .await;
        let run = Run {
            result,
            knobs: self.knobs,
            scratch: self.scratch,
            before: self.before,
            after: self.simulator.lists(),
            requests: self.simulator.requests(),
        };
        run.writes_name_only_what_they_may();
        run
    }
}

impl Run {
    pub fn learned(&self) -> &Learned {
        self.result
            .as_ref()
            .unwrap_or_else(|stop| panic!("{stop}\n{:?}", self.knobs))
    }

    /// The requests that changed something or tried to.
    pub fn writes(&self) -> Vec<&LoggedRequest> {
        let changes = |request: &&LoggedRequest| {
            !matches!(request.method.as_str(), "GET" | "") && !request.path.ends_with("/login")
        };
        self.requests.iter().filter(changes).collect()
    }

    fn writes_name_only_what_they_may(&self) {
        for write in self.writes() {
            let is_recipient = |name: &str| name.eq_ignore_ascii_case(self.scratch);
            let is_sender = |name: &str| {
                let name = name.to_lowercase();
                name.contains("doorlist-learn-") && name.ends_with(".example")
            };
            let named = |key: &str, is_ours: &dyn Fn(&str) -> bool| {
                let names = write.body[key].as_array().cloned().unwrap_or_default();
                names.iter().all(|name| is_ours(name.as_str().unwrap()))
            };
            let all_ours = ["recipientAddresses", "recipientList"]
                .iter()
                .all(|key| named(key, &is_recipient))
                && ["senderAddresses", "senderList"]
                    .iter()
                    .all(|key| named(key, &is_sender));
            assert!(all_ours, "{write:?}");
        }
    }
}

/// The file has exactly the knobs that can be seen, and the lists are as they were.
pub fn compare(run: &Run) {
    let learned = run.learned();
    let told = || format!("{}\n{}", serde_json::to_string(&run.knobs).unwrap(), learned.text);
    let printed: toml::Table = learned
        .text
        .parse()
        .unwrap_or_else(|error| panic!("{error}\n{}", told()));
    let printed = serde_json::to_value(&printed["knobs"]).unwrap();
    let expected = expected(&run.knobs, OTHER_SENDERS);
    assert_eq!(printed.as_object().unwrap(), &expected, "{}", told());
    assert_eq!(
        (learned.settled, learned.settled + learned.unsettled),
        (expected.len(), 25),
        "{}",
        told()
    );

    // It is a behaviour, and plays what it says.
    let behaviour = Behaviour::from_toml(&learned.text).unwrap_or_else(|error| panic!("{error}\n{}", told()));
    let mut played = serde_json::to_value(&behaviour.knobs).unwrap();
    played
        .as_object_mut()
        .unwrap()
        .retain(|knob, _| expected.contains_key(knob));
    assert_eq!(played.as_object().unwrap(), &expected, "{}", told());

    assert_eq!(learned.stopped, None, "{}", told());
    assert_eq!(learned.left, Left::Nothing, "{}", told());
    assert_eq!(run.after, run.before, "{}", told());
    assert!(
        learned.requests <= 60,
        "{} requests\n{}",
        learned.requests,
        told()
    );
    for private in [
        "ironport",
        "admin",
        "scratch.one@",
        "doorlist-learn-",
        "127.0.0.1",
    ] {
        assert!(!learned.text.contains(private), "{private} in\n{}", told());
    }
}
