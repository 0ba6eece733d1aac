//! The undo of a deletion: what a run took off a list comes back, judged by today's rules like anything that is to be
//! listed. Refuses to know which pairs these are; `take_back.rs` does.

use super::drive::Driver;
use super::merge::Merged;
use super::take_back::{TakenPair, read_back};
use super::task::{Task, Way};
use crate::app::Target;
use crate::guard::Rule;
use crate::model::{Outcome, PairKey};
use crate::reconcile::{Preview, Reconcile, Settled, Wish};
use std::collections::BTreeSet;

/// Lists them again, looks what that would do, or reads what an earlier attempt did. None where it was interrupted, or the
/// store cannot be asked.
pub(super) async fn put_back(
    task: &Task<'_>,
    way: Way,
    target: &Target,
    driver: &mut Driver<'_>,
    wished: &[TakenPair],
    merged: &mut Merged<'_>,
) -> Option<Settled> {
    let (guard, side, list) = (&task.guard, task.run.view, task.run.list);
    let (mut cleared, mut allowed, mut forbidden) = (Vec::new(), Vec::new(), Vec::new());
    for pair in wished {
        let mut passed = task.run.passed.clone();
        // It had its entry before, so that no collection was swapped.
        passed.insert(Rule::ForeignRecipient, pair.recipient.key().clone());
        let recipient = guard.clear_recipient(&pair.recipient, list, &passed);
        let sender = guard.clear_sender(&pair.sender, list, &passed);
        match recipient.and_then(|recipient| Ok((recipient, sender?))) {
            Ok(both) => {
                let mut notes = guard.notes(&pair.sender, list);
                notes.extend(guard.recipient_notes(&pair.recipient));
                for note in notes {
                    merged.note(&pair.item(side), note);
                }
                cleared.push(both);
                allowed.push(pair.clone());
            }
            Err(refused) if task.journal.names(&pair.key()) => {
                forbidden.push((pair.clone(), refused.to_string()));
            }
            Err(refused) => merged.keep(&pair.key(), Outcome::RefusedByRule, &refused.to_string()),
        }
    }
    let sent = read_forbidden(task, target, driver, forbidden, merged).await?;
    let recipients = allowed.iter().map(|pair| pair.recipient.key().clone()).collect();
    let senders = allowed.iter().map(|pair| pair.sender.key().clone()).collect();
    let held = task.keeper.held(task.run.list, recipients, senders).await?;
    let wish = Wish::present_pairs(task.run.list, side, &cleared).without(&held);
    let (limits, knowledge) = (task.limits().await?, target.knowledge());
    let mut settled = match way {
        Way::Write => {
            let mut machine = Reconcile::new(wish, limits, task.journal.clone(), knowledge);
            if let Some(why) = &task.stopped {
                machine.stop(why.clone());
            }
            driver.run(machine).await?
        }
        Way::Look => {
            let (_lane, resting) = task.lane_of_previews(target).await;
            driver
                .preview(Preview::new(wish, limits, knowledge), resting)
                .await
        }
        Way::ReadBack => read_back(task, target, driver, &allowed).await?,
    };
    settled.calls.reads += sent.calls.reads;
    settled.warnings.extend(sent.warnings);
    let standings = std::mem::take(&mut settled.items);
    if way == Way::ReadBack {
        for (pair, standing) in allowed.iter().zip(standings) {
            merged.add(pair.item(side), standing);
        }
        return Some(settled);
    }
    // One standing for each item, in the order in which they first appear.
    let proven = allowed.iter().filter(|pair| pair.is_proven);
    let proven: BTreeSet<PairKey> = proven.map(TakenPair::key).collect();
    let mut seen = BTreeSet::new();
    let items = allowed.iter().map(|pair| pair.item(side));
    let items = items.filter(|item| seen.insert(item.clone()));
    for (item, standing) in items.zip(standings) {
        let again = standing.already.iter().filter(|pair| proven.contains(pair));
        merged.found_listed(&item, again.count());
        merged.add(item, standing);
    }
    Some(settled)
}

/// What an earlier attempt sent and a rule forbids by now is not sent again: what stands of it is told, and kept as ours.
async fn read_forbidden(
    task: &Task<'_>,
    target: &Target,
    driver: &mut Driver<'_>,
    forbidden: Vec<(TakenPair, String)>,
    merged: &mut Merged<'_>,
) -> Option<Settled> {
    if forbidden.is_empty() {
        return Some(Settled::default());
    }
    let (pairs, whys): (Vec<TakenPair>, Vec<String>) = forbidden.into_iter().unzip();
    let mut settled = read_back(task, target, driver, &pairs).await?;
    target.learn(&settled.knowledge);
    let standings = std::mem::take(&mut settled.items);
    for ((pair, mut standing), why) in pairs.iter().zip(standings).zip(whys) {
        if standing.counts.not_tried > 0 {
            merged.keep(&pair.key(), Outcome::RefusedByRule, &why);
            continue;
        }
        standing
            .notes
            .push(format!("a rule forbids it since it was sent: {why}"));
        merged.add(pair.item(task.run.view), standing);
    }
    Some(settled)
}
