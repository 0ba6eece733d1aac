//! Answers the open questions about AsyncOS by trying them on one appliance, with a mailbox that nobody uses, and writes
//! the answers as a file that plays such an appliance. This file has a run from its beginning to its end.
//!
//! `learn/questions.rs` has the questions, `asker.rs` the conversation, `names.rs` what may be named at all, `cleaning.rs`
//! the end of every run, `print.rs` the file. Refuses to know who plays such a file: the names and values of the knobs are
//! text here, those of `docs/asyncos.md`, "What the simulator assumes".

mod asker;
mod cleaning;
mod finding;
mod ground;
mod judge;
mod look;
mod names;
mod print;
mod questions;
mod reading;
mod redaction;
mod seen;
mod stop;

pub use cleaning::{Left, LeftPair};
pub use stop::Stop;

use crate::config::ApplianceSettings;
use crate::model::{ListKind, Recipient, View};
use asker::Asker;
use finding::KNOBS;
use names::Names;
use questions::QUESTIONS;
use std::time::Duration;

/// When it is cancelled, no further question is asked, and the run cleans up.
pub type StopToken = tokio_util::sync::CancellationToken;
/// Takes one line for the operator at a time.
pub type Progress = Box<dyn Fn(&str) + Send + Sync>;

/// What a run sends, in words for the question whether to begin.
pub const COST: &str =
    "some 50 that ask or change something, some 40 pages, and both lists whole up to five times";

/// What a run brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// The file, in TOML.
    pub text: String,
    /// Knobs with a value in it.
    pub settled: usize,
    /// Knobs without one; each stands in a comment with the reason.
    pub unsettled: usize,
    /// Requests that asked or changed something.
    pub requests: usize,
    /// Pages that were read beside them.
    pub pages: usize,
    /// Why not all was asked.
    pub stopped: Option<Stop>,
    /// What of it is left on the lists.
    pub left: Left,
}

/// The waits before cleaning up is tried again, where the appliance was gone in between.
pub const CLEANING_PAUSES: [Duration; 4] = [
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(60),
];

/// Asks everything. Writes only what names the scratch recipient and senders of its own, and takes it off again.
///
/// # Errors
/// When nothing was written: the appliance cannot be reached, does not let us in, cannot be read, or the scratch recipient
/// has entries. What stops a run later stands in [`Learned`].
pub async fn learn(
    settings: &ApplianceSettings,
    scratch: &Recipient,
    stop: StopToken,
    progress: Progress,
    cleaning_pauses: &[Duration],
) -> Result<Learned, Stop> {
    let names = Names::new(scratch, &random_word()?);
    let mut asker = Asker::new(settings, names, stop, progress)?;
    see_that_it_is_unused(&mut asker).await?;
    let stopped = ask_all(&mut asker).await.err();
    asker.tell("cleaning up");
    let left = cleaning::clean(&mut asker, cleaning_pauses).await;
    Ok(print::learned(&asker, stopped, left))
}

/// Before the first change: both lists whole, in every spelling.
async fn see_that_it_is_unused(asker: &mut Asker) -> Result<(), Stop> {
    for list in ListKind::ALL {
        asker.tell(&format!("reading the {list}"));
        let rows = asker.view(list, View::Recipient, None).await?;
        let rows = rows.map_err(Stop::Unreadable)?;
        if let Some(row) = rows.iter().find(|row| asker.names.is_scratch(&row.key)) {
            let told = format!("{} has {} on the {list}", row.key, row.values.len());
            if row.values.iter().all(|sender| Names::is_of_any_run(sender)) {
                return Err(Stop::LeftBehind(told));
            }
            return Err(Stop::InUse(told));
        }
        let mut senders = rows.iter().flat_map(|row| &row.values);
        if let Some(sender) = senders.find(|sender| asker.names.is_invented(sender)) {
            return Err(Stop::InUse(format!("{sender} stands on the {list}")));
        }
    }
    Ok(())
}

async fn ask_all(asker: &mut Asker) -> Result<(), Stop> {
    for (number, question) in QUESTIONS.iter().enumerate() {
        asker.tell(&format!(
            "{:2} of {}: {}",
            number + 1,
            QUESTIONS.len(),
            question.about
        ));
        if let Err(stop) = (question.ask)(asker).await {
            for knob in question.knobs {
                let why = "the run ended at this question";
                asker.findings.record_if_nothing_is_known(knob, why);
            }
            return Err(stop);
        }
    }
    for knob in KNOBS {
        let why = "asked, and the answers tell nothing";
        asker.findings.record_if_nothing_is_known(knob, why);
    }
    Ok(())
}

/// A word that no other run has.
fn random_word() -> Result<String, Stop> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(|error| Stop::Client(format!("no random number: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
