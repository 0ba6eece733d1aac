//! A run that another version of doorlist wrote, or somebody changed by hand: it waits with its list, until somebody
//! cancels it.

use super::bench::{Bench, Post, no_limit};
use super::place;
use doorlist::simulator::Behaviour;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_run_that_cannot_be_read_holds_up_its_list_until_it_is_cancelled() {
    let mut bench = Bench::start(Duration::ZERO).await;
    bench.simulator.set_behaviour(Behaviour {
        faults: vec!["hang:times=always".parse().unwrap()],
        knobs: no_limit(),
        ..Behaviour::default()
    });
    bench.start_server(None).await;
    for key in ["odd", "next"] {
        let post = Post {
            configuration: "add",
            senders: vec![format!("{key}.example")],
            run: None,
        };
        bench.posts.insert(key.to_owned(), post);
        assert!(bench.post(key, "0s").await);
    }
    bench.kill();
    let odd = bench.posts["odd"].run.clone().unwrap();
    let edit = format!(
        "UPDATE runs SET document = REPLACE(document, '\"operation\"', '\"opera\"') WHERE id = '{odd}'"
    );
    place::execute(&bench.store_url, &edit).await;
    bench.simulator.set_behaviour(Behaviour {
        knobs: no_limit(),
        ..Behaviour::default()
    });
    bench.start_server(None).await;
    // It is taken again, and left.
    while bench.get(&format!("/v1/runs/{odd}")).await.1["tasks"][0]["attempt"] != 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let next = bench.posts["next"].run.clone().unwrap();
    let (_, waits) = bench.get(&format!("/v1/runs/{next}")).await;
    assert_eq!(waits["state"], "open");
    bench.cancel(&odd).await;
    let report = bench.report(&next).await;
    assert_eq!(report["results"][0]["outcome"], "added");
    let (status, problem) = bench.get(&format!("/v1/runs/{odd}")).await;
    assert_eq!(
        (status, &problem["code"]),
        (500, &"run_unreadable".into()),
        "{problem}"
    );
    let (_, trouble) = bench.get("/v1/runs?class=trouble").await;
    let text = trouble["runs"][0]["text"].as_str().unwrap();
    assert!(
        text.starts_with("UNREADABLE: ") && text.contains(&odd),
        "{trouble}"
    );
}
