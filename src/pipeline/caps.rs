//! The caps of a task, ready for the loop: what is stored with the run, and what runs before it used of the hour.
//! Refuses to compare them; `reconcile/caps.rs` does.

use super::task::Task;
use crate::config::RunCaps;
use crate::reconcile::{Caps, HourCap, ShareCap};

/// None where the store cannot be asked.
///
/// Who asks when a task begins hears all there is: tasks of one list run one after the other, in its lane, and one that
/// was begun stays first there until its end is stored, with what it changed. So nobody else's pairs are under way
/// meanwhile. The task's own are not in the store before its end, so that one which is taken up again hears what it
/// heard at first, or less; what its journal names counts in the loop, as what it has sent already.
pub(super) async fn of(task: &Task<'_>) -> Option<Caps> {
    let Some(caps) = &task.run.caps else {
        return Some(Caps::default());
    };
    let hour = match &caps.per_hour {
        None => None,
        Some(cap) => {
            let (run, appliance) = (task.run, &task.run.appliances[task.place]);
            let asked = task
                .keeper
                .used_within_the_hour(&appliance.name, run.list, run.operation);
            Some(HourCap {
                pairs_max: cap.max,
                table: cap.table.clone(),
                uses: asked.await?,
            })
        }
    };
    Some(Caps {
        run_table: caps.per_run.table.clone(),
        hour,
        share: share(caps),
        ..Caps::default()
    })
}

fn share(caps: &RunCaps) -> Option<ShareCap> {
    let share = caps.share.as_ref()?;
    Some(ShareCap {
        percent_max: share.percent.max,
        percent_table: share.percent.table.clone(),
        floor_pairs: share.floor_pairs.max,
        floor_table: share.floor_pairs.table.clone(),
    })
}
