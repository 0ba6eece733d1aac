//! Plays a story in memory: the loop, our own requests and verdicts, and the simulator without a socket. Time is
//! virtual: it passes with every call and with every wait that the loop asks for.

use super::claim::{Claim, Played};
use super::story::{Action, Story};
use super::trace::Trace;
use base64::Engine as _;
use doorlist::appliance::verdict::{self, Answer};
use doorlist::appliance::wire::{self, Request};
use doorlist::config::Root;
use doorlist::model::Verb;
use doorlist::reconcile::{Event, Extraction, Journal, Knowledge, Machine, Reconcile, Settled, Step};
use doorlist::simulator::{Delivery, Ending, InMemory, Loss};
use http::{HeaderMap, HeaderValue};
use std::time::Duration;

/// Steps of the loop beyond which it does not end: a livelock is a failure of its own.
const STEPS_MAX: usize = 100_000;
/// What a call takes on an appliance that is well.
const CALL_TIME: Duration = Duration::from_millis(5);
/// How long a caller waits for an answer that does not come.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

pub fn play(story: &Story) -> Played {
    let mut line = Line {
        appliance: InMemory::new(story.settings()),
        headers: headers(),
    };
    let mut knowledge = Knowledge::default();
    if story.earlier_items > 0 {
        knowledge = drive(story, story.earlier(), knowledge, &mut line, None).knowledge;
    }
    let initial = line.appliance.lists().clone();
    let first_sequence = line
        .appliance
        .requests()
        .last()
        .map_or(0, |request| request.sequence);
    let first_change = line.appliance.history().len();
    let settled = drive(story, &story.items, knowledge, &mut line, story.stop_after_steps);
    let appliance = line.appliance;
    let trace = Trace::new(
        story.list,
        &initial,
        first_sequence,
        &appliance.requests(),
        &appliance.history()[first_change..],
    );
    Played {
        warnings: settled.warnings,
        claims: settled.items.into_iter().map(Claim::of_standing).collect(),
        trace,
    }
}

fn drive(
    story: &Story,
    items: &[String],
    knowledge: Knowledge,
    line: &mut Line,
    stop_after_steps: Option<usize>,
) -> Settled {
    let (limits, journal) = (story.limits.clone(), Journal::default());
    if story.action == Action::RemovePairs {
        let machine = Extraction::new(story.absent_pairs(items), limits, journal, knowledge);
        drive_to_its_end(machine, line, stop_after_steps, &is_put_back)
    } else {
        let machine = Reconcile::new(story.wish(items), limits, journal, knowledge);
        drive_to_its_end(machine, line, stop_after_steps, &|_| false)
    }
}

/// `may_follow` tells which changes may come after a stop.
fn drive_to_its_end(
    mut machine: impl Machine,
    line: &mut Line,
    stop_after_steps: Option<usize>,
    may_follow: &dyn Fn(&Step) -> bool,
) -> Settled {
    for step in 0..STEPS_MAX {
        if stop_after_steps == Some(step) {
            machine.stop("its time is up".to_owned());
        }
        let next = machine.next();
        let is_stopped = stop_after_steps.is_some_and(|last| step >= last);
        assert!(
            !is_stopped || !matches!(next, Step::Write(_) | Step::Journal(_)) || may_follow(&next),
            "a change after the stop: {next:?}"
        );
        match line.follow(next) {
            Some(event) => machine.feed(event),
            None => return machine.settled(),
        }
    }
    panic!("the loop does not end");
}

/// What is owed to a row goes back also when the time is up.
fn is_put_back(step: &Step) -> bool {
    match step {
        Step::Write(write) => matches!(write.verb, Verb::Add | Verb::Append),
        Step::Read(_) | Step::Journal(_) | Step::Done => true,
    }
}

/// The wire that is none.
struct Line {
    appliance: InMemory,
    headers: HeaderMap,
}

impl Line {
    /// Does what a machine says; nothing is left to do at its end.
    fn follow(&mut self, step: Step) -> Option<Event> {
        Some(match step {
            Step::Read(read) => {
                self.appliance.advance(Duration::from_millis(read.delay_ms));
                let answer = self.send(&wire::request_of_read(Root::Esa, &read));
                Event::Read(verdict::of_read(&answer, read.view))
            }
            Step::Journal(pairs) => {
                assert!(!pairs.is_empty(), "a round without pairs");
                Event::Journaled
            }
            Step::Write(write) => {
                let answer = self.send(&wire::request_of_write(Root::Esa, &write));
                Event::Written(verdict::of_write(&answer))
            }
            Step::Done => return None,
        })
    }

    fn send(&mut self, request: &Request) -> Answer {
        self.appliance.advance(CALL_TIME);
        let body = request.body.as_deref().unwrap_or_default();
        let delivery = self
            .appliance
            .answer(&request.method, &request.target, &self.headers, body);
        let words = |loss: Loss| format!("{loss:?}");
        match delivery {
            Delivery::NotConnected => Answer::NotConnected("connection refused".to_owned()),
            Delivery::NoReply { how } => {
                self.wait_for(how);
                Answer::Lost(words(how))
            }
            Delivery::Reply {
                status, body, ending, ..
            } => Answer::Answered {
                status,
                reason: None,
                location: None,
                body,
                ending: match ending {
                    Ending::Whole => verdict::Ending::Whole,
                    Ending::Cut(loss) => {
                        self.wait_for(loss);
                        verdict::Ending::Cut(words(loss))
                    }
                },
            },
        }
    }

    fn wait_for(&mut self, loss: Loss) {
        if loss == Loss::TimedOut {
            self.appliance.advance(REQUEST_TIMEOUT);
        }
    }
}

fn headers() -> HeaderMap {
    let credentials = base64::engine::general_purpose::STANDARD.encode("admin:ironport");
    let basic = HeaderValue::try_from(format!("Basic {credentials}")).expect("a header value");
    HeaderMap::from_iter([(http::header::AUTHORIZATION, basic)])
}
