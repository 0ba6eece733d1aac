//! Runs that are refused before the first change, and runs that do not reach their end: what is said, and what is left.

use super::bench::{Bench, Run, SCRATCH, compare, lists_of_others};
use doorlist::appliance::learn::{Left, LeftPair, Stop, StopToken};
use doorlist::config::Secret;
use doorlist::model::{ListKind, Pair as OurPair};
use doorlist::simulator::{Behaviour, Knobs, Lists, Pair, Settings};
use std::sync::Arc;
use std::time::Duration;

/// A line for the operator at which most stands on the lists.
const FULL: &str = "in which order the values";
/// One at which a handful stands.
const HALFWAY: &str = "an add where a row stands";

fn pair(recipient: &str, sender: &str) -> Pair {
    Pair {
        recipient: recipient.to_owned(),
        sender: sender.to_owned(),
    }
}

/// A run in which these faults begin when this line is told.
async fn with_faults(line: &'static str, faults: &[&str]) -> Run {
    with_faults_and_pauses(line, faults, &[]).await
}

/// The same, and cleaning up is tried again after these.
async fn with_faults_and_pauses(
    line: &'static str,
    faults: &[&str],
    cleaning_pauses: &'static [Duration],
) -> Run {
    let bench = Bench::of(Knobs::default())
        .await
        .with_cleaning_pauses(cleaning_pauses);
    let simulator = Arc::clone(&bench.simulator);
    let behaviour = Behaviour {
        faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        ..Behaviour::default()
    };
    let watch = move |told: &str| {
        if told.contains(line) {
            simulator.set_behaviour(behaviour.clone());
        }
    };
    bench.learn_until(StopToken::new(), watch).await
}

/// What stands after a run and did not before, in the form in which a run names it.
fn really_left(run: &Run) -> Vec<LeftPair> {
    let lists = [
        (ListKind::Blocklist, &run.before.blocklist, &run.after.blocklist),
        (ListKind::Safelist, &run.before.safelist, &run.after.safelist),
    ];
    let mut left = Vec::new();
    for (list, before, after) in lists {
        assert!(
            before.iter().all(|pair| after.contains(pair)),
            "somebody's entry is gone"
        );
        for Pair { recipient, sender } in after.iter().filter(|pair| !before.contains(pair)).cloned() {
            let pair = OurPair { recipient, sender };
            left.push(LeftPair { list, pair });
        }
    }
    left.sort();
    left
}

#[tokio::test]
async fn a_recipient_with_entries_is_refused_in_any_spelling_and_on_either_list() {
    for (list, recipient) in [("blocklist", SCRATCH), ("safelist", "Scratch.One@EXAMPLE.com")] {
        let mut lists = lists_of_others();
        let its = pair(recipient, "friend.example");
        match list {
            "blocklist" => lists.blocklist.push(its),
            _ => lists.safelist.push(its),
        }
        let settings = Settings {
            lists,
            ..Settings::default()
        };
        let run = Bench::start(settings).await.learn().await;
        let stop = run.result.as_ref().unwrap_err();
        assert!(matches!(stop, Stop::InUse(_)), "{stop:?}");
        assert_eq!(
            stop.to_string(),
            format!("the scratch recipient has entries already: {recipient} has 1 on the {list}")
        );
        assert!(run.requests.iter().all(|request| request.method == "GET"));
        assert_eq!(run.after, run.before);
    }
}

#[tokio::test]
async fn what_a_killed_run_left_is_told_as_that_and_not_touched() {
    let mut lists = lists_of_others();
    for sender in [
        "s011.doorlist-learn-1438cefa.example",
        "S048.Doorlist-Learn-1438cefa.example",
    ] {
        lists.blocklist.push(pair(SCRATCH, sender));
    }
    let settings = Settings {
        lists,
        ..Settings::default()
    };
    let run = Bench::start(settings).await.learn().await;
    let stop = run.result.as_ref().unwrap_err();
    assert!(matches!(stop, Stop::LeftBehind(_)), "{stop:?}");
    assert!(
        stop.to_string()
            .contains("has 2 on the blocklist, all of them invented by an earlier run that was killed"),
        "{stop}"
    );
    assert!(run.requests.iter().all(|request| request.method == "GET"));
    assert_eq!(run.after, run.before);
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    for framing in ["length", "rst"] {
        let mut knobs = Knobs::default();
        knobs.set("error_framing", framing).unwrap();
        let mut bench = Bench::of(knobs).await;
        bench.settings.password = Secret::new("wrong".into());
        let run = bench.learn().await;
        let stop = run.result.as_ref().unwrap_err();
        match framing {
            "length" => assert!(matches!(stop, Stop::Denied(_)), "{stop:?}"),
            _ => assert!(matches!(stop, Stop::Unreadable(_)), "{stop:?}"),
        }
        assert_eq!(run.requests.len(), 1, "{framing}");
    }
}

#[tokio::test]
async fn an_appliance_that_is_not_there_is_told_so() {
    let mut bench = Bench::of(Knobs::default()).await;
    // Whoever listened there does not any more.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    bench.settings.url = url.parse().unwrap();
    let run = bench.learn().await;
    assert!(
        matches!(run.result, Err(Stop::Unreachable(_))),
        "{:?}",
        run.result
    );
}

#[tokio::test]
async fn a_connection_that_is_lost_for_good_leaves_what_it_names() {
    for line in [HALFWAY, FULL] {
        let run = with_faults(line, &["reset_before_apply:times=always"]).await;
        let learned = run.learned();
        let left = really_left(&run);
        assert!(
            matches!(learned.stopped, Some(Stop::Unreadable(_))),
            "{:?}",
            learned.stopped
        );
        let Left::Unknown { pairs, .. } = &learned.left else {
            panic!("{:?}", learned.left);
        };
        assert!(!left.is_empty());
        // The full list was seen to be gone by then.
        assert!(line == FULL || pairs.len() < 10, "{}", pairs.len());
        assert!(
            left.iter().all(|pair| pairs.contains(pair)),
            "{left:?}\n{pairs:?}"
        );
        assert!(learned.text.contains("# Not all was asked: "), "{}", learned.text);
        assert!(Behaviour::from_toml(&learned.text).is_ok(), "{}", learned.text);
    }
}

#[tokio::test]
async fn one_lost_answer_settles_nothing_and_harms_nothing() {
    for fault in [
        "reset_after_apply:method=POST",
        "close_before_apply:method=POST",
        "cut_reply:after_bytes=20,method=POST",
        "html:status=502,method=POST",
        "status:status=503,method=POST",
        "reset_before_apply:method=GET",
        "close_after_apply:method=DELETE",
    ] {
        let run = with_faults(HALFWAY, &[fault]).await;
        let learned = run.learned();
        assert_eq!(
            (&learned.stopped, &learned.left),
            (&None, &Left::Nothing),
            "{fault}"
        );
        assert_eq!(run.after, run.before, "{fault}");
        // Whatever is printed is true.
        let behaviour = Behaviour::from_toml(&learned.text).unwrap();
        let told = format!("{fault}\n{}", learned.text);
        assert_eq!(behaviour.knobs, Knobs::default(), "{told}");
        assert!(learned.settled >= 23, "{told}");
    }
}

#[tokio::test]
async fn what_cannot_be_deleted_is_named_exactly() {
    for line in [HALFWAY, FULL] {
        let run = with_faults(line, &["status:status=503,method=DELETE,times=always"]).await;
        let learned = run.learned();
        let Left::Pairs(pairs) = &learned.left else {
            panic!("{:?}", learned.left);
        };
        let mut pairs = pairs.clone();
        pairs.sort();
        assert_eq!(pairs, really_left(&run));
        assert!(!pairs.is_empty());
    }
}

#[tokio::test]
async fn whoever_is_not_let_in_any_more_stops_and_cleans_up() {
    let run = with_faults(HALFWAY, &["unauthorized"]).await;
    let learned = run.learned();
    assert!(
        matches!(learned.stopped, Some(Stop::Denied(_))),
        "{:?}",
        learned.stopped
    );
    assert_eq!((&learned.left, &run.after), (&Left::Nothing, &run.before));
}

#[tokio::test]
async fn a_stop_ends_the_questions_and_cleans_up() {
    for line in [
        "reading the safelist",
        "how many rows",
        FULL,
        HALFWAY,
        "cleaning up",
    ] {
        let stop = StopToken::new();
        let asked = stop.clone();
        let watch = move |told: &str| {
            if told.contains(line) {
                asked.cancel();
            }
        };
        let run = Bench::of(Knobs::default()).await.learn_until(stop, watch).await;
        assert_eq!(run.after, run.before, "{line}");
        match (&run.result, line) {
            (Err(Stop::Asked), "reading the safelist") => assert!(run.writes().is_empty()),
            (Ok(learned), "cleaning up") => assert_eq!(learned.stopped, None),
            (Ok(learned), _) => assert_eq!(
                (&learned.stopped, &learned.left),
                (&Some(Stop::Asked), &Left::Nothing)
            ),
            (other, _) => panic!("{line}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn somebody_elses_entry_for_the_scratch_recipient_ends_the_run_and_stays() {
    let bench = Bench::of(Knobs::default()).await;
    let simulator = Arc::clone(&bench.simulator);
    let theirs = pair(SCRATCH, "friend.example");
    let put = theirs.clone();
    let watch = move |told: &str| {
        if told.contains(HALFWAY) {
            let mut lists = simulator.lists();
            lists.blocklist.push(put.clone());
            simulator.set_lists(lists);
        }
    };
    let run = bench.learn_until(StopToken::new(), watch).await;
    let learned = run.learned();
    assert_eq!(learned.stopped, Some(Stop::NotAlone("blocklist")));
    assert_eq!(learned.left, Left::Nothing);
    let mut expected = run.before.clone();
    expected.blocklist.push(theirs);
    assert_eq!(run.after, expected);
}

#[tokio::test]
async fn odd_mailboxes_and_long_lists_are_no_hindrance() {
    for scratch in ["1@example.com", "O'Brien+test@Example.COM"] {
        let mut bench = Bench::of(Knobs::default()).await;
        bench.scratch = scratch;
        compare(&bench.learn().await);
    }
    let mut lists = lists_of_others();
    for number in 0..1_500 {
        lists
            .blocklist
            .push(pair(&format!("user{number}@example.com"), "bad.example"));
    }
    let settings = Settings {
        lists,
        ..Settings::default()
    };
    let run = Bench::start(settings).await.learn().await;
    compare(&run);
    // Three times whole, 16 pages and one for the safelist, and a page wherever one row is looked at.
    assert!(run.learned().pages < 3 * 17 + 80, "{}", run.learned().pages);
}

#[tokio::test]
async fn empty_lists_are_no_hindrance() {
    let settings = Settings {
        lists: Lists::default(),
        ..Settings::default()
    };
    let run = Bench::start(settings).await.learn().await;
    assert_eq!((run.learned().settled, &run.after), (25, &run.before));
}

#[tokio::test]
async fn an_appliance_that_is_gone_while_it_is_cleaned_up_is_waited_for() {
    const PAUSES: [Duration; 4] = [Duration::from_millis(400); 4];
    for (pauses, is_left) in [(&[][..], true), (&PAUSES[..], false)] {
        // Nobody listens for a while, in the middle of the questions.
        let run = with_faults_and_pauses(HALFWAY, &["refuse_connections:for_ms=700"], pauses).await;
        let learned = run.learned();
        assert!(learned.stopped.is_some());
        assert_eq!(
            matches!(learned.left, Left::Unknown { .. }),
            is_left,
            "{:?}",
            learned.left
        );
        assert_eq!(run.after != run.before, is_left);
    }
}
