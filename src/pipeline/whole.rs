//! One list of one appliance, read to its end. A look, and nothing that writes; whose the pairs are is the store's to tell.

use super::drive::{Driver, Keeper, RunTime};
use crate::app::App;
use crate::appliance::WireLog;
use crate::model::{ListKind, Pair, View};
use crate::reconcile::{Unread, Whole};
use tokio::sync::MutexGuard;

/// A list that was read, and the lane in which nobody else looks as long as this is kept: so much memory for each
/// appliance, and not for each caller.
#[derive(Debug)]
pub struct WholeList<'a> {
    /// Every pair, as the appliance spells it.
    pub pairs: Vec<Pair>,
    /// Of an appliance that is in the configuration and was waited for in time.
    pub lane: Option<MutexGuard<'a, ()>>,
}

/// Reads a list, by the view that is shorter as far as anybody knows.
///
/// # Errors
/// It could not be read whole.
///
/// # Panics
/// There is no such appliance; whoever asks has looked.
pub async fn read_whole<'a>(
    app: &'a App,
    appliance: &str,
    list: ListKind,
    home: View,
    keeper: &dyn Keeper,
) -> Result<WholeList<'a>, Unread> {
    let Some(target) = app.target(appliance) else {
        unreachable!("{appliance} was found in the configuration")
    };
    // Told at once, before others are waited for.
    if let Some(resting) = target.appliance.resting() {
        return Err(Unread::Failed(resting));
    }
    let time = RunTime::begin(app.config.server.run_timeout);
    let lane = time.wait_for(target.lane_of_previews()).await;
    let log = WireLog::off();
    let whole = Whole::new(list, home, target.knowledge());
    let read = Driver::new(&target.appliance, time, &log, keeper)
        .read_whole(whole)
        .await;
    target.learn(&read.knowledge);
    Ok(WholeList {
        pairs: read.pairs?,
        lane,
    })
}
