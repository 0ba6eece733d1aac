//! What the tests put into a store: runs, tasks, pairs and ends, each with one value that matters and the rest alike.

use doorlist::store::{
    AbsentEntries, Accepted, Author, Claim, NewKey, NewRun, NewTask, Store, StoreError, StoredChange,
    StoredPair, TaskEnd,
};
use std::time::Duration;

pub const HOUR: Duration = Duration::from_secs(3600);

/// A run with one task for each of these groups of lanes.
pub fn run(tasks: &[&[&str]]) -> NewRun {
    let task = |lanes: &&[&str]| NewTask {
        appliance: lanes[0].split('/').next().unwrap().to_owned(),
        list: lanes[0].split('/').next_back().unwrap().to_owned(),
        lanes: lanes.iter().map(|lane| (*lane).to_owned()).collect(),
    };
    NewRun {
        id: uuid::Uuid::now_v7().to_string(),
        author: author("threatq"),
        action: "add-senders".to_owned(),
        configuration: "block-senders".to_owned(),
        document: r#"{"senders":["mallory@example.com"]}"#.to_owned(),
        tasks: tasks.iter().map(task).collect(),
        writes: None,
        undo_of: None,
        is_remove: false,
        end_holds_of: None,
        overridden: None,
        plan: None,
        idempotency: None,
        keep_key_for: HOUR,
        audit: "accepted by a test".to_owned(),
    }
}

/// A caller that says nothing of why.
pub fn author(client: &str) -> Author {
    Author {
        client: client.to_owned(),
        request_id: "request-1".to_owned(),
        ticket: None,
        reason: None,
    }
}

/// One that does.
pub fn author_with_reason(client: &str, ticket: &str, reason: &str) -> Author {
    Author {
        ticket: Some(ticket.to_owned()),
        reason: Some(reason.to_owned()),
        ..author(client)
    }
}

/// A run of a client with a key.
pub fn keyed(client: &str, key: &str, fingerprint: &str, keep_key_for: Duration) -> NewRun {
    NewRun {
        author: author(client),
        idempotency: Some(NewKey {
            key: key.to_owned(),
            fingerprint: fingerprint.to_owned(),
        }),
        keep_key_for,
        ..run(&[&["esa-1/blocklist"]])
    }
}

/// Accepts a run with these tasks, and tells its id.
pub async fn accept(store: &Store, tasks: &[&[&str]]) -> String {
    let run = run(tasks);
    let id = run.id.clone();
    assert_eq!(store.accept(run).await, Ok(Accepted::New));
    id
}

/// Takes what is next, for an hour.
pub async fn claim(store: &Store, owner: &str) -> Option<Claim> {
    store.claim(owner, HOUR).await.unwrap()
}

/// Takes what is next, and is late at once.
pub async fn claim_and_be_late(store: &Store, owner: &str) -> Claim {
    store.claim(owner, Duration::ZERO).await.unwrap().unwrap()
}

pub fn pair(sender: &str) -> StoredPair {
    StoredPair {
        recipient: "alice@example.org".to_owned(),
        sender: sender.to_owned(),
    }
}

/// An end that changed these senders' pairs.
pub fn end(changed: &[&str]) -> TaskEnd {
    let change = |sender: &&str| StoredChange {
        pair: pair(sender),
        change: "added",
        sole: false,
    };
    TaskEnd {
        result: r#"{"as":"wished"}"#.to_owned(),
        changed: changed.iter().map(change).collect(),
        gone: Vec::new(),
        absent: AbsentEntries::default(),
        already: Vec::new(),
        holds: Vec::new(),
        outcomes: vec![("added".to_owned(), i64::try_from(changed.len()).unwrap())],
        audit: "finished by a test".to_owned(),
    }
}

/// Accepts a run of one task and brings it to its end.
pub async fn done(store: &Store, run: NewRun, end: TaskEnd, class: &str) -> String {
    let id = run.id.clone();
    assert_eq!(store.accept(run).await, Ok(Accepted::New));
    let claim = claim(store, "worker").await.unwrap();
    assert_eq!(claim.run, id);
    assert_eq!(store.finish(&claim, end).await, Ok(true));
    store.keep_report(&id, "{}", "Done.", class).await.unwrap();
    id
}

/// What the writing side says to whoever lost the lane.
pub const FENCED: Result<(), StoreError> = Err(StoreError::Fenced);
