//! What was found about each knob: a value with its evidence, or why there is none. Two answers that contradict each
//! other settle nothing. Refuses to know how an answer was had; that is in `questions/`, and how it is written in
//! `print.rs`.

use std::collections::BTreeMap;
use std::fmt;

/// Every knob that can be seen from outside, in the order of `docs/asyncos.md`, "What the simulator assumes". Which
/// entries an appliance refuses although their form is good cannot be found out by trying.
pub(super) const KNOBS: [&str; 25] = [
    "add_on_existing",
    "append_of_existing_pair",
    "append_on_missing_row",
    "edit_on_missing_row",
    "batch_with_conflict",
    "delete_of_absent",
    "delete_count",
    "other_list",
    "over_limit",
    "list_limit",
    "bad_entry",
    "unknown_query_on_get",
    "unknown_query_on_post",
    "lone_page_parameter",
    "page_rows_max",
    "error_framing",
    "error_code",
    "token_binding",
    "token_idle_seconds",
    "append_by_sender_echo",
    "value_order",
    "search_finds",
    "search_case",
    "spelling",
    "roots",
];

/// What a knob is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Word(&'static str),
    Number(u64),
}

/// As TOML has it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(f, "\"{word}\""),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// A value, or why the answers do not tell one.
pub(super) type Judged = Result<Value, String>;

/// A value in words.
pub(super) fn word(word: &'static str) -> Judged {
    Ok(Value::Word(word))
}

/// No value, and why.
pub(super) fn unsettled(why: impl Into<String>) -> Judged {
    Err(why.into())
}

/// What there is to say about one knob in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Conclusion {
    Settled { value: Value, evidence: String },
    Unsettled { why: String },
}

#[derive(Debug, Clone)]
struct Finding {
    judged: Judged,
    evidence: String,
}

/// All that was found so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Findings {
    by_knob: BTreeMap<&'static str, Vec<Finding>>,
}

impl Findings {
    /// Keeps one answer. The same answer is kept once.
    pub(super) fn record(&mut self, knob: &'static str, judged: Judged, evidence: impl Into<String>) {
        let found = self.by_knob.entry(knob).or_default();
        if found.iter().all(|other| other.judged != judged) {
            let evidence = evidence.into();
            found.push(Finding { judged, evidence });
        }
    }

    /// Says why a knob has no finding at all.
    pub(super) fn record_if_nothing_is_known(&mut self, knob: &'static str, why: &str) {
        if !self.by_knob.contains_key(knob) {
            self.record(knob, unsettled(why), "");
        }
    }

    /// The value, where all answers agree.
    pub(super) fn value(&self, knob: &str) -> Option<Value> {
        match self.conclude(knob) {
            Conclusion::Settled { value, .. } => Some(value),
            Conclusion::Unsettled { .. } => None,
        }
    }

    /// Whether the knob is known to be set to this word.
    pub(super) fn is(&self, knob: &str, word: &'static str) -> bool {
        self.value(knob) == Some(Value::Word(word))
    }

    pub(super) fn conclude(&self, knob: &str) -> Conclusion {
        let found = self.by_knob.get(knob).map(Vec::as_slice).unwrap_or_default();
        let settled: Vec<(&Value, &str)> = found
            .iter()
            .filter_map(|finding| Some((finding.judged.as_ref().ok()?, finding.evidence.as_str())))
            .collect();
        match settled.as_slice() {
            [] => Conclusion::Unsettled { why: why_not(found) },
            [(value, evidence)] => Conclusion::Settled {
                value: **value,
                evidence: (*evidence).to_owned(),
            },
            several => {
                let told: Vec<String> = several
                    .iter()
                    .map(|(value, evidence)| format!("{value} ({evidence})"))
                    .collect();
                Conclusion::Unsettled {
                    why: format!("the answers contradict each other: {}", told.join("; ")),
                }
            }
        }
    }
}

fn why_not(found: &[Finding]) -> String {
    let told: Vec<String> = found
        .iter()
        .filter_map(|finding| {
            let why = finding.judged.as_ref().err()?;
            let evidence = &finding.evidence;
            Some(if evidence.is_empty() {
                why.clone()
            } else {
                format!("{why} ({evidence})")
            })
        })
        .collect();
    if told.is_empty() {
        "not asked".to_owned()
    } else {
        told.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_agree_settle_a_knob_and_answers_that_contradict_do_not() {
        let mut findings = Findings::default();
        let unsettled_by = |findings: &Findings| match findings.conclude("roots") {
            Conclusion::Unsettled { why } => why,
            settled @ Conclusion::Settled { .. } => panic!("{settled:?}"),
        };
        assert_eq!(unsettled_by(&findings), "not asked");
        findings.record("roots", unsettled("no clear answer"), "503");
        assert_eq!(unsettled_by(&findings), "no clear answer (503)");
        findings.record("roots", word("both"), "a page");
        findings.record("roots", word("both"), "another page");
        let settled = Conclusion::Settled {
            value: Value::Word("both"),
            evidence: "a page".into(),
        };
        assert_eq!(findings.conclude("roots"), settled);
        assert!(findings.is("roots", "both") && !findings.is("roots", "esa"));
        findings.record("roots", word("esa"), "404");
        let why = unsettled_by(&findings);
        let expected = "the answers contradict each other: \"both\" (a page); \"esa\" (404)";
        assert_eq!(why, expected);
        assert_eq!(findings.value("roots"), None);
    }
}
