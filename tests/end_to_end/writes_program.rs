//! Stopping writes from a terminal: `doorlist writes stop`, `start` and `status`, their words and exit codes.

use super::support::{ADD_SENDERS, Program, run};
use doorlist::simulator::{Settings, Simulator};

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_stops_writes_sees_who_did_and_starts_them_again() {
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n\
         [appliances.esa-1]\nurl = \"{}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
         [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n",
        simulator.url()
    );
    std::fs::write(directory.path().join("doorlist.toml"), text).unwrap();
    std::fs::write(directory.path().join("senders.json"), r#"["a.example"]"#).unwrap();
    let mut server = Program::start(directory.path(), &["serve"], &[]);
    let url = server.url();
    let doorlist = |arguments: &[&str]| {
        let environment = [("DOORLIST_SERVER_URL", url.as_str())];
        let output = run(directory.path(), arguments, &environment);
        let words = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(words).unwrap())
    };
    // (arguments, exit code, how its words begin, what is in them)
    let cases: [(&[&str], i32, &str, &str); 11] = [
        (&["writes", "status"], 0, "WRITES RUNNING: ", "nothing is stopped"),
        (&["writes", "stop"], 64, "error: ", "--reason"),
        (
            &["writes", "stop", "--reason", "a bad feed"],
            0,
            "WRITES STOPPED: additions are stopped since 20",
            "by local: a bad feed",
        ),
        (
            &["send", ADD_SENDERS, "senders.json"],
            1,
            "doorlist: the server refused the call (writes_stopped): additions are",
            "by local: a bad feed. Nothing of this call was listed",
        ),
        (
            &["send", ADD_SENDERS, "senders.json", "--dry-run"],
            0,
            "",
            "WRITES STOPPED: additions are stopped since 20",
        ),
        (
            &["health"],
            0,
            "ready; additions are stopped",
            "/v1/writes says by whom",
        ),
        (
            &["writes", "stop", "--all", "--reason", "all of it"],
            0,
            "WRITES STOPPED: additions and removals are stopped",
            "all of it",
        ),
        (
            &["writes", "status", "--json"],
            0,
            "{\"text\":\"WRITES STOPPED: ",
            "\"scope\":\"everything\"",
        ),
        (
            &["writes", "start", "--removals", "--reason", "undone first"],
            0,
            "WRITES STOPPED: additions are stopped",
            "a bad feed",
        ),
        (
            &["writes", "start", "--reason", "mended"],
            0,
            "WRITES RUNNING: ",
            "",
        ),
        (&["send", ADD_SENDERS, "senders.json"], 0, "", "a.example"),
    ];
    for (arguments, code, begin, inside) in cases {
        let (ended, words) = doorlist(arguments);
        assert_eq!(ended, Some(code), "{arguments:?}: {words}");
        assert!(
            words.starts_with(begin) && words.contains(inside),
            "{arguments:?}: {words}"
        );
    }
    assert_eq!(server.terminate().0, Some(0));
    simulator.stop().await;
}
