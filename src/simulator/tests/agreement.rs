//! The appliance in memory and the one behind a socket are one: the same request and the same fault give the
//! same reply, the same lists, the same log and the same history.

use std::time::Duration;

use super::super::{Delivery, InMemory, Simulator};
use super::cases::{CASES, names, patience, settings};
use super::raw::Asked::{Append, AppendOld, View};
use super::raw::{Asked, PATIENCE, told};

#[tokio::test]
async fn in_memory_and_over_sockets_every_fault_is_the_same() {
    for (rules, asked, _, left, status) in CASES {
        let handle = Simulator::start(settings(rules)).await.expect("a free port");
        let mut appliance = InMemory::new(settings(rules));
        for (asked, patience) in [(*asked, patience(rules)), (View, PATIENCE)] {
            let seen = asked.send(handle.address(), patience).await;
            let delivery = asked.ask(&mut appliance);
            assert_eq!(seen.delivery(), told(&delivery), "{rules} {asked:?}");
            assert_headers_agree(&seen.text(), &delivery);
        }
        assert_eq!(appliance.lists(), &handle.lists(), "{rules}");
        assert_eq!(appliance.requests(), handle.requests(), "{rules}");
        assert_eq!(appliance.history(), handle.history(), "{rules}");
        let is_late = rules.starts_with("applied_late");
        assert!(is_late || &names(appliance.lists()) == left, "{rules}");
        assert!(
            appliance.requests().iter().any(|logged| logged.status == *status),
            "{rules}"
        );
        handle.stop().await;
    }
}

#[tokio::test]
async fn in_memory_and_over_sockets_every_framing_is_the_same() {
    for framing in ["length", "eof", "rst", "reason", "html"] {
        let mut settings = settings("");
        settings.knobs.set("error_framing", framing).expect("a framing");
        let handle = Simulator::start(settings.clone()).await.expect("a free port");
        let mut appliance = InMemory::new(settings);
        let seen = AppendOld.send(handle.address(), PATIENCE).await;
        assert_eq!(seen.delivery(), told(&AppendOld.ask(&mut appliance)), "{framing}");
        handle.stop().await;
    }
}

/// Those that a client may look at.
fn assert_headers_agree(text: &str, delivery: &Delivery) {
    let Delivery::Reply { headers, .. } = delivery else {
        return;
    };
    for name in [
        "content-type",
        "content-length",
        "access-control-allow-origin",
        "x-simulator",
    ] {
        let seen = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")));
        let told = headers.get(name).and_then(|value| value.to_str().ok());
        assert_eq!(seen, told, "{name} in {text}");
    }
}

/// How one request after the other is answered.
fn told_endings(appliance: &mut InMemory, asked: &[Asked]) -> Vec<String> {
    let ending = |asked: &Asked| told(&asked.ask(appliance)).2;
    asked.iter().map(ending).collect()
}

#[test]
fn time_in_memory_passes_only_when_it_is_told_to() {
    let mut appliance = InMemory::new(settings("refuse_connections:for_ms=1000,skip=1"));
    assert_eq!(
        told_endings(&mut appliance, &[View, View, View]),
        ["Whole", "NotConnected", "NotConnected"]
    );
    appliance.advance(Duration::from_millis(999));
    assert_eq!(told_endings(&mut appliance, &[View]), ["NotConnected"]);
    appliance.advance(Duration::from_millis(1));
    assert_eq!(told_endings(&mut appliance, &[Append, View]), ["Whole", "Whole"]);
}

#[test]
fn a_drip_that_takes_longer_than_the_caller_waits_is_cut() {
    for (every_ms, patience_ms, ending) in [
        (1, 1000, "Whole"),
        (100, 100, "TimedOut"),
        (100, 400, "Cut(TimedOut)"),
    ] {
        let rules = format!("slow_drip:bytes=64,every_ms={every_ms}");
        let mut appliance = InMemory::new(settings(&rules));
        appliance.set_patience(Duration::from_millis(patience_ms));
        assert_eq!(
            told_endings(&mut appliance, &[View]),
            [ending],
            "{every_ms} {patience_ms}"
        );
    }
}
