//! Judgements of the full list, as tables.

use super::super::super::finding::Value;
use super::*;
use crate::appliance::learn::look::Look;
use crate::appliance::verdict::{Answer, Ending};
use crate::model::Row;

fn page(total_count: Option<usize>, rows: usize) -> Page {
    let row = |number: usize| Row {
        key: format!("s{number}.example"),
        values: vec!["test@example.com".into()],
    };
    Page {
        total_count,
        rows: (0..rows).map(row).collect(),
    }
}

#[test]
fn a_page_that_is_shorter_than_asked_and_than_the_list_has_a_limit() {
    for (total, rows, expected) in [
        (Some(501), 501, Some(Value::Word("none"))),
        (Some(501), 100, Some(Value::Number(100))),
        (Some(5000), 1000, Some(Value::Word("none"))),
        (Some(5000), 999, Some(Value::Number(999))),
        (Some(501), 0, None),
        (None, 100, Some(Value::Word("none"))),
        (Some(0), 0, Some(Value::Word("none"))),
    ] {
        let (judged, _) = judge_page(&page(total, rows));
        assert_eq!(judged.ok(), expected, "{total:?} {rows}");
    }
}

#[test]
fn values_are_in_order_when_every_reading_is() {
    let sorted: Vec<usize> = (0..9).collect();
    let mut swapped = sorted.clone();
    swapped.swap(3, 7);
    for (readings, expected) in [
        (vec![sorted.clone(), sorted.clone()], Some("stored")),
        (vec![sorted.clone(), swapped], Some("scrambled")),
        (vec![vec![0, 1], vec![0, 1]], None),
        (vec![sorted, vec![]], None),
        (vec![], None),
    ] {
        let (judged, evidence) = judge_order(&readings);
        assert_eq!(judged.ok(), expected.map(Value::Word), "{evidence}");
    }
}

#[test]
fn a_count_is_of_rows_or_of_pairs() {
    for (status, body, pairs, is_gone, expected) in [
        (200, r#"{"data":{"totalCount":1}}"#, 100, true, Some("rows")),
        (200, r#"{"data":{"totalCount":"100"}}"#, 100, true, Some("pairs")),
        (200, r#"{"data":{"totalCount":2}}"#, 100, true, None),
        (200, r#"{"data":{"totalCount":1}}"#, 1, true, None),
        (200, r#"{"data":{"totalCount":1}}"#, 100, false, None),
        (200, "{}", 100, true, None),
        (404, "{}", 100, true, None),
    ] {
        let look = Look {
            answer: Answer::Answered {
                status,
                reason: None,
                location: None,
                body: body.as_bytes().to_vec(),
                ending: Ending::Whole,
            },
            content_type: None,
            has_length: true,
            date: None,
            was_reset: false,
        };
        let (judged, _) = judge_count(&Seen::of(look, false), pairs, is_gone);
        assert_eq!(judged.ok(), expected.map(Value::Word), "{status} {body} {pairs}");
    }
}
