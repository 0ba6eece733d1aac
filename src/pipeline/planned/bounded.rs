//! A machine that is held to a plan, and to the pins: what it is about to send is of the plan and not pinned, or it stops.
//! The look before the first write finds what moved until then; this finds what somebody else moves after it, in the loop's
//! own readings. Knows nothing of rows and rectangles: it looks at what goes into the journal, without which nothing is
//! sent.

use super::PairTexts;
use crate::model::{Operation, Pair};
use crate::pipeline::task::Task;
use crate::reconcile::{Event, Machine, Settled, Step};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// A machine, and all that it may send; none is anything.
pub(in crate::pipeline) struct Bounded<'a, M> {
    task: &'a Task<'a>,
    machine: M,
    allowed: Option<BTreeSet<PairTexts>>,
    /// What it stopped at.
    beside: &'a OnceLock<String>,
}

/// Holds the machine to the plan of the run, where it has one. What it stops at, if so, is `beside`.
pub(in crate::pipeline) fn bounded<'a, M: Machine>(
    task: &'a Task<'a>,
    machine: M,
    beside: &'a OnceLock<String>,
) -> Bounded<'a, M> {
    let planned = task.run.plan.as_ref();
    let picture = planned.and_then(|planned| planned.pictures.get(task.place));
    let mut bounded = Bounded {
        task,
        machine,
        allowed: picture.map(|picture| picture.would.clone()),
        beside,
    };
    bounded.stop_where_it_must_not_go();
    bounded
}

impl<M: Machine> Bounded<'_, M> {
    fn stop_where_it_must_not_go(&mut self) {
        let is_deletion = self.task.run.operation == Operation::Delete;
        if self.allowed.is_none() && !is_deletion {
            return;
        }
        let Step::Journal(pairs) = self.machine.next() else {
            return;
        };
        if let Some(allowed) = &self.allowed {
            let found = pairs.iter().map(|pair| super::texts(&pair.key()));
            let found = found.into_iter().find(|key| !allowed.contains(key));
            if let Some((recipient, sender)) = found {
                let words = format!("{recipient} / {sender} would be changed too, which is not in the plan");
                self.machine.stop(format!(
                    "nothing more was written, because {words}: it moved at this moment"
                ));
                self.beside.get_or_init(|| words);
                return;
            }
        }
        let pinned = pairs.iter().filter(|_| is_deletion);
        let pinned = pinned.map(Pair::key).find_map(|pair| self.task.pinned(&pair));
        if let Some(refused) = pinned {
            self.machine.stop(format!(
                "nothing more was written, because somebody listed at this moment what is not to be removed: {refused}"
            ));
        }
    }
}

impl<M: Machine> Machine for Bounded<'_, M> {
    fn next(&self) -> Step {
        self.machine.next()
    }

    fn feed(&mut self, event: Event) {
        self.machine.feed(event);
        self.stop_where_it_must_not_go();
    }

    fn stop(&mut self, why: String) {
        self.machine.stop(why);
    }

    fn may_have_written(&self) -> bool {
        self.machine.may_have_written()
    }

    fn may_be_left(&self) -> bool {
        self.machine.may_be_left()
    }

    fn settled(self) -> Settled {
        self.machine.settled()
    }
}
