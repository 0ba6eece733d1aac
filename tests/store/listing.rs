//! Pages of runs, filters, and the run before.

use crate::place::Place;
use crate::samples::{accept, author, done, end, run};
use doorlist::store::{NewRun, RunFilter, RunState, Store, StoredRun, TaskEnd};

on_each_store!(
    pages_have_every_run_once_newest_first,
    filters_find_what_they_say_and_hidden_runs_are_counted,
    the_previous_run_is_of_the_same_configuration_and_client,
);

/// All pages, and how many runs they hide together.
async fn every_page(store: &Store, filter: &RunFilter) -> (Vec<StoredRun>, i64) {
    let (mut runs, mut hidden, mut filter) = (Vec::new(), 0, filter.clone());
    loop {
        let page = store.runs(&filter).await.unwrap();
        assert!(i64::try_from(page.runs.len()).unwrap() <= filter.limit);
        runs.extend(page.runs);
        hidden += page.hidden;
        match page.next {
            Some(next) => filter.before = Some(next),
            None => return (runs, hidden),
        }
    }
}

async fn pages_have_every_run_once_newest_first(place: &Place) {
    let store = place.open().await;
    let mut accepted = Vec::new();
    for number in 0..250 {
        let lane = format!("esa-{number}/blocklist");
        accepted.push(accept(&store, &[&[&lane]]).await);
    }
    accepted.reverse();
    for limit in [1, 49, 50, 249, 250, 251] {
        let filter = RunFilter {
            limit,
            ..RunFilter::default()
        };
        let (runs, hidden) = every_page(&store, &filter).await;
        let ids: Vec<_> = runs.iter().map(|run| run.id.clone()).collect();
        assert_eq!((ids == accepted, hidden), (true, 0), "pages of {limit}");
        for (number, run) in (0..250).rev().zip(&runs) {
            let appliances: Vec<_> = run.tasks.iter().map(|task| task.appliance.clone()).collect();
            assert_eq!(appliances, [format!("esa-{number}")], "each with its own tasks");
        }
    }
    let newest = store.runs(&RunFilter::default()).await.unwrap().runs;
    assert_eq!(newest.len(), 1, "a limit below one is one");
    assert_eq!((&newest[0].document, &newest[0].report), (&String::new(), &None));
    store.close().await;
}

/// A run on an appliance of its own, by configuration and action.
fn sample(lane: &str, configuration: &str, action: &str) -> NewRun {
    NewRun {
        configuration: configuration.to_owned(),
        action: action.to_owned(),
        ..run(&[&[lane]])
    }
}

fn outcome(outcome: &str) -> TaskEnd {
    TaskEnd {
        outcomes: vec![(outcome.to_owned(), 2)],
        ..end(&[])
    }
}

async fn filters_find_what_they_say_and_hidden_runs_are_counted(place: &Place) {
    let store = place.open().await;
    let sent = |lane, configuration, action| sample(lane, configuration, action);
    let changed = done(
        &store,
        sent("esa-1/blocklist", "one", "add"),
        end(&["mallory@example.com"]),
        "in_place",
    )
    .await;
    let quiet = done(
        &store,
        sent("esa-1/blocklist", "two", "add"),
        outcome("already_present"),
        "in_place",
    )
    .await;
    let trouble = done(
        &store,
        sent("esa-2/blocklist", "one", "delete"),
        outcome("unreachable"),
        "trouble",
    )
    .await;
    let quiet_too = done(
        &store,
        sent("esa-2/blocklist", "three", "add"),
        outcome("already_present"),
        "skipped",
    )
    .await;
    let open = sent("esa-3/safelist", "two", "delete");
    let open_id = open.id.clone();
    store.accept(open).await.unwrap();
    // The times that the filters are about: 1,000 s after each other.
    for (number, id) in (1..).zip([&changed, &quiet, &trouble, &quiet_too, &open_id]) {
        place
            .execute(&format!(
                "UPDATE runs SET created_ms = {number}000000 WHERE id = '{id}'"
            ))
            .await;
    }
    let text = |text: &str| Some(text.to_owned());
    let nothing = RunFilter {
        limit: 2,
        ..RunFilter::default()
    };
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    // (filter, runs oldest first, hidden)
    let cases: Vec<(RunFilter, Vec<&String>, i64)> = vec![
        (
            nothing.clone(),
            vec![&changed, &quiet, &trouble, &quiet_too, &open_id],
            0,
        ),
        (
            RunFilter {
                state: Some(RunState::Open),
                ..nothing.clone()
            },
            vec![&open_id],
            0,
        ),
        (
            RunFilter {
                state: Some(RunState::Done),
                ..nothing.clone()
            },
            vec![&changed, &quiet, &trouble, &quiet_too],
            0,
        ),
        (
            RunFilter {
                class: text("in_place"),
                ..nothing.clone()
            },
            vec![&changed, &quiet],
            0,
        ),
        (
            RunFilter {
                outcome: text("already_present"),
                ..nothing.clone()
            },
            vec![&quiet, &quiet_too],
            0,
        ),
        (
            RunFilter {
                outcome: text("deleted"),
                ..nothing.clone()
            },
            vec![],
            0,
        ),
        (
            RunFilter {
                action: text("delete"),
                ..nothing.clone()
            },
            vec![&trouble, &open_id],
            0,
        ),
        (
            RunFilter {
                configurations: names(&["two", "three"]),
                ..nothing.clone()
            },
            vec![&quiet, &quiet_too, &open_id],
            0,
        ),
        (
            RunFilter {
                configurations: names(&[]),
                ..nothing.clone()
            },
            vec![],
            0,
        ),
        (
            RunFilter {
                appliance: text("esa-1"),
                ..nothing.clone()
            },
            vec![&changed, &quiet],
            0,
        ),
        (
            RunFilter {
                from_ms: Some(2_000_000),
                to_ms: Some(4_000_000),
                ..nothing.clone()
            },
            vec![&quiet, &trouble],
            0,
        ),
        (
            RunFilter {
                only_notable: true,
                ..nothing.clone()
            },
            vec![&changed, &trouble, &open_id],
            2,
        ),
        (
            RunFilter {
                only_notable: true,
                action: text("add"),
                ..nothing.clone()
            },
            vec![&changed],
            2,
        ),
        (
            RunFilter {
                only_notable: true,
                class: text("skipped"),
                ..nothing.clone()
            },
            vec![],
            1,
        ),
        (
            RunFilter {
                only_notable: true,
                configurations: names(&["one"]),
                state: Some(RunState::Done),
                ..nothing
            },
            vec![&changed, &trouble],
            0,
        ),
    ];
    for (filter, mut expected, hidden) in cases {
        expected.reverse();
        let (runs, hidden_runs) = every_page(&store, &filter).await;
        let ids: Vec<_> = runs.iter().map(|run| &run.id).collect();
        assert_eq!((ids, hidden_runs), (expected, hidden), "{filter:?}");
    }
    store.close().await;
}

async fn the_previous_run_is_of_the_same_configuration_and_client(place: &Place) {
    let store = place.open().await;
    let mut ids = Vec::new();
    for (number, (configuration, client)) in [
        ("one", "a"),
        ("one", "b"),
        ("two", "a"),
        ("one", "a"),
        ("one", "a"),
    ]
    .into_iter()
    .enumerate()
    {
        let lane = format!("esa-{number}/blocklist");
        let new = NewRun {
            author: author(client),
            ..sample(&lane, configuration, "add")
        };
        ids.push(new.id.clone());
        store.accept(new).await.unwrap();
    }
    // (configuration, client, before, which)
    for (configuration, client, before, expected) in [
        ("one", "a", 4, Some(3)),
        ("one", "a", 3, Some(0)),
        ("one", "a", 0, None),
        ("one", "b", 4, Some(1)),
        ("two", "b", 4, None),
    ] {
        let found = store.previous(configuration, client, &ids[before]).await.unwrap();
        let found = found.map(|run| (run.id, run.tasks.len()));
        assert_eq!(
            found,
            expected.map(|which: usize| (ids[which].clone(), 1)),
            "{configuration} {client} {before}"
        );
    }
    store.close().await;
}
