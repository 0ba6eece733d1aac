//! Overrides: a client with the right lets named entries pass named rules, says why, and is told of in report and audit.
//! `overrides_refused.rs` has who may not and what is a mistake, `overrides_plans.rs` pins, plans, a restart and the command
//! line.

use super::support::{ADD_RECIPIENTS, ADD_SENDERS, Answer, DELETE_SENDERS, Lab, answer, client};
use doorlist::simulator::Settings;
use serde_json::{Value, json};

pub(super) const OPERATOR: &str = "an-operators-token-of-at-least-32-characters";
pub(super) const WORKFLOW: &str = "a-workflows-token-of-at-least-32-characters";
const GUARD: &str = "own_domains = \"acme.example\"\npartner_domains = \"partner.example\"\n\
                     protected_addresses = \"bank.example\"\nprotected_networks = \"192.0.2.0/24\"\n\
                     protected_recipients = \"board@acme.example\"\n";

pub(super) async fn lab(stored_recipient: &str) -> Lab {
    let stored_recipient = stored_recipient.to_owned();
    Lab::start_config(Settings::default(), |url| {
        use sha2::{Digest as _, Sha256};
        let mut text = format!("[server]\nlisten = \"127.0.0.1:0\"\n[guard]\n{GUARD}");
        for (name, token, right) in [("operator", OPERATOR, "override"), ("workflow", WORKFLOW, "remove")] {
            let hash: String = Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            text.push_str(&format!(
                "[clients.{name}]\ntoken_sha256 = \"{hash}\"\naddresses = [\"127.0.0.0/8\"]\n\
                 rights = [\"audit\", \"undo\", \"{right}\"]\n\
                 configurations = [\"senders-blocklist\", \"senders-safelist\", \"recipients-blocklist\", \"recipients-safelist\", \"delete\"]\n"
            ));
        }
        text.push_str(&format!(
            "[appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             [configurations.delete]\naction = \"{DELETE_SENDERS}\"\nappliance = \"esa-1\"\n"
        ));
        for list in ["blocklist", "safelist"] {
            text.push_str(&format!(
                "[configurations.senders-{list}]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\n\
                 list_type = \"{list}\"\nrecipient_list = \"{stored_recipient}\"\n\
                 [configurations.recipients-{list}]\naction = \"{ADD_RECIPIENTS}\"\nappliance = \"esa-1\"\n\
                 list_type = \"{list}\"\nsender_list = \"mx.partner.example\"\n"
            ));
        }
        text
    })
    .await
}

/// A call of an action, as somebody, with a further query and a reason.
pub(super) async fn call(
    lab: &Lab,
    token: &str,
    configuration: &str,
    query: &str,
    reason: Option<&str>,
    body: &Value,
) -> Answer {
    let action = match configuration.split('-').next() {
        Some("senders") => ADD_SENDERS,
        Some("recipients") => ADD_RECIPIENTS,
        _ => DELETE_SENDERS,
    };
    let url = format!(
        "{}/v1/actions/{action}?configuration={configuration}{query}",
        lab.url
    );
    let mut request = client().post(url).bearer_auth(token).body(body.to_string());
    if let Some(reason) = reason {
        request = request.header("x-reason", reason);
    }
    answer(request).await
}

pub(super) async fn rows(lab: &Lab, event: &str) -> Vec<Value> {
    let request = client().get(format!("{}/v1/audit?event={event}", lab.url));
    let page = answer(request.bearer_auth(OPERATOR)).await;
    page.body["rows"].as_array().unwrap().clone()
}

pub(super) fn has(notes: &Value, wanted: &str) -> bool {
    notes.as_array().unwrap().iter().any(|note| note == wanted)
}

#[tokio::test]
async fn what_is_named_with_a_reason_passes_that_rule_and_its_neighbour_does_not() {
    let lab = lab("user1@acme.example").await;
    // (configuration, rule, the entry as it is named, as it is sent, as it is compared, what the same rule still refuses)
    for (configuration, rule, named, sent, key, neighbour) in [
        (
            "senders-blocklist",
            "own_domain",
            "MX.Acme.Example.",
            "mx.acme.example",
            "mx.acme.example",
            "ftp.acme.example",
        ),
        (
            "senders-safelist",
            "own_domain",
            "a@acme.example",
            "A@acme.example",
            "a@acme.example",
            "b@acme.example",
        ),
        (
            "senders-blocklist",
            "protected_address",
            "bank.example",
            "bank.example",
            "bank.example",
            "mx.bank.example",
        ),
        (
            "senders-blocklist",
            "protected_network",
            "192.0.2.7",
            "192.0.2.7",
            "192.0.2.7",
            "192.0.2.8",
        ),
        (
            "senders-blocklist",
            "public_suffix",
            "CO.uk",
            "co.uk",
            "co.uk",
            "github.io",
        ),
        (
            "senders-safelist",
            "freemail_domain",
            "gmail.com",
            "gmail.com",
            "gmail.com",
            "gmx.de",
        ),
        (
            "senders-safelist",
            "outside_partner_domains",
            "b%C3%BCcher.example",
            "xn--bcher-kva.example",
            "xn--bcher-kva.example",
            "other.example",
        ),
        (
            "recipients-blocklist",
            "foreign_recipient",
            "x@else.example",
            "x@else.example",
            "x@else.example",
            "y@else.example",
        ),
        (
            "recipients-safelist",
            "foreign_recipient",
            "x@else.example",
            "x@else.example",
            "x@else.example",
            "y@else.example",
        ),
        (
            "recipients-blocklist",
            "protected_recipient",
            "board@ACME.example",
            "board@acme.example",
            "board@acme.example",
            "x@else.example",
        ),
    ] {
        let context = format!("{configuration} {rule}:{named}");
        let body = json!([sent, neighbour]);
        let refused = call(&lab, OPERATOR, configuration, "", Some("why"), &body).await;
        assert_eq!(
            refused.outcomes(),
            ["refused_by_rule", "refused_by_rule"],
            "{context}"
        );
        // Where a second rule refuses it too, it is named as well.
        let second = match (configuration, rule) {
            ("senders-blocklist", "protected_network") => format!(",special_network:{named}"),
            ("senders-safelist", "freemail_domain" | "own_domain") => {
                format!(",outside_partner_domains:{named}")
            }
            _ => String::new(),
        };
        let query = format!("&override={rule}:{named}{second}");
        let preview = call(
            &lab,
            OPERATOR,
            configuration,
            &format!("{query}&dry_run=true"),
            None,
            &body,
        )
        .await;
        assert_eq!(
            preview.outcomes(),
            ["would_add", "refused_by_rule"],
            "{context}: {preview:?}"
        );
        let note = format!("passed {rule} by operator");
        assert!(
            has(&preview.body["results"][0]["notes"], &note),
            "{context}: {preview:?}"
        );

        let run = call(
            &lab,
            OPERATOR,
            configuration,
            &query,
            Some("agreed with them"),
            &body,
        )
        .await;
        assert_eq!(run.outcomes(), ["added", "refused_by_rule"], "{context}: {run:?}");
        let note = format!("passed {rule} by operator: agreed with them");
        assert!(has(&run.body["results"][0]["notes"], &note), "{context}: {run:?}");
        assert!(
            !has(&run.body["results"][1]["notes"], &note),
            "{context}: {run:?}"
        );
        let of_all = run.body["notes"][0].as_str().unwrap();
        assert!(
            of_all.starts_with("override by operator: agreed with them; let pass: ")
                && of_all.contains(&format!("{rule} for {key}")),
            "{context}: {of_all}"
        );
        let row = rows(&lab, "override").await.pop().unwrap();
        assert_eq!(
            (&row["run"], &row["client"], &row["reason"], &row["configuration"]),
            (
                &json!(run.run()),
                &json!("operator"),
                &json!("agreed with them"),
                &json!(configuration)
            ),
            "{context}"
        );
        assert!(
            row["detail"]
                .as_str()
                .unwrap()
                .contains(&format!("{rule} for {key}")),
            "{context}: {row}"
        );

        let undo = client().post(format!("{}/v1/runs/{}/undo", lab.url, run.run()));
        let undone = answer(undo.bearer_auth(WORKFLOW).header("x-reason", "a slip")).await;
        assert_eq!(undone.outcomes(), ["removed"], "{context}: {undone:?}");
        assert_eq!(
            lab.simulator.lists(),
            doorlist::simulator::Lists::default(),
            "{context}"
        );
        // It was for that call alone.
        let holds = answer(
            client()
                .get(format!("{}/v1/holds", lab.url))
                .bearer_auth(OPERATOR),
        )
        .await;
        assert_eq!(holds.status, 200);
        let refused = call(&lab, OPERATOR, configuration, "", Some("why"), &body).await;
        assert_eq!(
            refused.outcomes(),
            ["refused_by_rule", "refused_by_rule"],
            "{context}"
        );
    }
    let overrides = rows(&lab, "override").await;
    assert_eq!(overrides.len(), 10, "one for each run, and none for a preview");
    lab.stop().await;
}
