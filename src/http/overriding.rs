//! `override=RULE:ENTRY,RULE:ENTRY` of a call that runs an action: a right, and not without a reason where something may be
//! written. Refuses to know whether the entries are in the call; `pipeline/overriding.rs` does.

use super::auth::Caller;
use super::author;
use super::problem::Problem;
use crate::config::Right;
use crate::guard::Rule;
use crate::model::excerpt;
use crate::pipeline::{Override, PassedBy, Run};
use crate::store::Author;

/// Each is one that somebody thought of; more of them are a rule that is to be set otherwise.
const OVERRIDES_MAX: usize = 100;
/// Longest part of a call that a message repeats.
const EXCERPT_CHARACTERS_MAX: usize = 120;

/// What a call names, where its caller may.
pub(super) fn read(
    written: Option<&str>,
    caller: &Caller,
    author: &Author,
    dry_run: bool,
) -> Result<Option<Override>, Problem> {
    let Some(written) = written else {
        return Ok(None);
    };
    caller.require(Right::Override)?;
    if !dry_run {
        author::require_reason(author)?;
    }
    let parts: Vec<&str> = written.split(',').collect();
    if parts.len() > OVERRIDES_MAX {
        let wrong = format!("names {} entries, and {OVERRIDES_MAX} are allowed", parts.len());
        return Err(invalid(&wrong));
    }
    let named = parts.into_iter().map(read_one).collect::<Result<_, _>>()?;
    let by = passed_by(author);
    Ok(Some(Override { named, by }))
}

/// The run of a plan with an override is that of whoever applies it, who may not be the one who previewed it.
pub(super) fn of_plan(run: Run, caller: &Caller, author: &Author) -> Result<Run, Problem> {
    if run.passed.is_empty() {
        return Ok(run);
    }
    caller.require(Right::Override)?;
    author::require_reason(author)?;
    Ok(Run {
        passed_by: Some(passed_by(author)),
        ..run
    })
}

fn passed_by(author: &Author) -> PassedBy {
    PassedBy {
        client: author.client.clone(),
        reason: author.reason.clone(),
    }
}

fn read_one(part: &str) -> Result<(Rule, String), Problem> {
    let shown = excerpt(part, EXCERPT_CHARACTERS_MAX);
    let (rule, entry) = part
        .split_once(':')
        .map(|(rule, entry)| (rule.trim(), entry.trim()))
        .filter(|(_, entry)| !entry.is_empty())
        .ok_or_else(|| invalid(&format!("has `{shown}`, which is no rule with an entry")))?;
    let known = Rule::of_code(rule);
    let rule = known.ok_or_else(|| invalid(&format!("has `{shown}`, and there is no such rule")))?;
    Ok((rule, entry.to_owned()))
}

fn invalid(wrong: &str) -> Problem {
    let rules = Rule::ALL.map(Rule::code);
    let detail = format!(
        "`override` {wrong}; it is RULE:ENTRY, or several of them with commas, and the rules are {}. Nothing was done",
        rules.join(", ")
    );
    Problem::bad_request("invalid_override", detail).with("allowed", rules.to_vec())
}
