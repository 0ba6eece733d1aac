//! How rules are written and read, and what cannot be written.

use super::super::lists::pair;
use super::*;

#[test]
fn a_rule_is_the_same_from_text_from_json_and_from_toml() {
    for (text, json, toml) in [
        ("hang", r#"{"fault":"hang","applied":false}"#, "fault = 'hang'"),
        (
            "cut_reply:after_bytes=20,by=reset,method=POST,times=always",
            r#"{"after_bytes":20,"by":"reset","fault":"cut_reply","method":"POST","times":"always"}"#,
            "fault = 'cut_reply'\nafter_bytes = 20\nby = 'reset'\nmethod = 'POST'\ntimes = 'always'",
        ),
        (
            "status:status=503,retry_after_seconds=2,applied=true,chance=0.5,skip=3",
            r#"{"applied":true,"chance":0.5,"fault":"status","retry_after_seconds":2,"skip":3,"status":503}"#,
            "fault = 'status'\nstatus = 503\nretry_after_seconds = 2\napplied = true\nchance = 0.5\nskip = 3",
        ),
        (
            "other_writer:when=before,list=safelist,request_list=blocklist,add=a@x.com:s.com,add=b:[ipv6:::1]",
            r#"{"add":[{"recipient":"a@x.com","sender":"s.com"},{"recipient":"b","sender":"[ipv6:::1]"}],"fault":"other_writer","list":"safelist","remove":[],"request_list":"blocklist","when":"before"}"#,
            "fault = 'other_writer'\nwhen = 'before'\nlist = 'safelist'\nrequest_list = 'blocklist'\nadd = [{recipient = 'a@x.com', sender = 's.com'}, {recipient = 'b', sender = '[ipv6:::1]'}]",
        ),
    ] {
        let rule: FaultRule = text.parse().expect(text);
        let written: serde_json::Value = serde_json::from_str(json).expect(json);
        assert_eq!(serde_json::to_value(&rule).ok(), Some(written), "{text}");
        assert_eq!(
            serde_json::from_str::<FaultRule>(json).ok().as_ref(),
            Some(&rule),
            "{json}"
        );
        assert_eq!(
            toml::from_str::<FaultRule>(toml).ok().as_ref(),
            Some(&rule),
            "{toml}"
        );
    }
}

#[test]
fn a_rule_says_what_happens_and_when() {
    let rule: FaultRule = "other_writer:when=after,list=safelist,remove=a@x.com:s.com,page=later,times=2"
        .parse()
        .expect("a rule");
    let fault = Fault::OtherWriter {
        when: Moment::After,
        list: ListName::Safelist,
        add: vec![],
        remove: vec![pair("a@x.com", "s.com")],
    };
    let when = When {
        page: Some(Page::Later),
        times: Times::AtMost(2),
        ..When::default()
    };
    assert_eq!((rule.fault(), rule.when()), (&fault, &when));
    assert_eq!(
        fault.to_string(),
        "other_writer add=0 list=safelist remove=1 when=after"
    );
    assert_eq!(FaultRule::new(fault, when), Ok(rule));
}

#[test]
fn what_cannot_happen_is_refused_with_what_can() {
    for (text, reason) in [
        (
            "hangs",
            "unknown variant `hangs`, expected one of `refuse_connections`, `accept_and_close`, ",
        ),
        ("cut_reply", "missing field `after_bytes`"),
        (
            "cut_reply:after_bytes=x",
            "invalid type: string \"x\", expected usize",
        ),
        (
            "cut_reply:after_bytes=1,by=axe",
            "`axe` is none of `close`, `reset`",
        ),
        ("hang:bytes=1", "unknown field `bytes`, expected `applied`"),
        (
            "unauthorized:bytes=1",
            "`unauthorized` takes no `bytes`; its keys are: fault, method, list, page, skip, times, chance",
        ),
        ("hang:method=PUT", "`PUT` is none of `GET`, `POST`, `DELETE`"),
        (
            "hang:times=often",
            "expected `times` as a number from 1, or `always`",
        ),
        ("hang:times=0", "`times` is to be a number from 1, or `always`"),
        ("hang:chance=2", "`chance` is to be a number from 0 to 1"),
        (
            "hang:applied",
            "`applied` has not the form key=value, as in cut_reply:after_bytes=20,by=reset,method=POST",
        ),
        ("hang:skip=1,skip=2", "`skip` stands there twice"),
        ("html:status=99", "`status` is to be a number from 200 to 599"),
        ("slow_drip:bytes=0,every_ms=1", "`bytes` is to be a number from 1"),
        (
            "accept_and_close:method=GET",
            "`accept_and_close` counts connections, before anything is asked: no `method`, `list` or `page`",
        ),
        ("refuse_connections:for_ms=1,page=first", "counts connections"),
        ("says_yes_does_nothing:method=GET", "is about writes"),
        (
            "hang:method=POST,page=later",
            "cannot have a `page` with a `method` other than GET",
        ),
        (
            "other_writer:when=before,list=blocklist,add=a",
            "`a` is no pair of the form RECIPIENT:SENDER",
        ),
    ] {
        let error = text.parse::<FaultRule>().expect_err(text).to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
    let nameless = serde_json::from_str::<FaultRule>(r#"{"times": 1}"#).expect_err("no fault");
    assert!(
        nameless.to_string().contains("missing field `fault`"),
        "{nameless}"
    );
}
