//! From an answer to a knob's value, where several questions are judged alike. Pure. A value is only told where the
//! answer says it and the list does not contradict.

use super::finding::{Judged, Value, unsettled, word};
use super::seen::Reply;

/// The answer was no, with a status that the knob has no word for.
pub(super) fn no_such_word(status: u16) -> Judged {
    unsettled(format!("refused with {status}, for which there is no value"))
}

/// For a request that is either taken, or refused with the one status that the knob knows. `stands` is what the list
/// shows of it afterwards, where it was meant to change something.
pub(super) fn taken_or_refused(
    reply: Reply,
    stands: Option<bool>,
    taken: &'static str,
    refused: &'static str,
) -> Judged {
    match (reply, stands) {
        (Reply::Yes, Some(false)) => unsettled("accepted, and it does not stand"),
        (Reply::No { .. }, Some(true)) => unsettled("refused, and it stands all the same"),
        (Reply::Yes, _) | (Reply::Unclear, Some(true)) => word(taken),
        (Reply::Unclear, _) => unsettled("no clear answer"),
        (Reply::No { status: None }, _) => word(refused),
        (Reply::No { status: Some(status) }, _) if refused == status.to_string() => word(refused),
        (Reply::No { status: Some(status) }, _) => no_such_word(status),
    }
}

/// For a knob that is the status of a refusal: which of its words came.
pub(super) fn status_of_refusal(reply: Reply, words: &[&'static str]) -> Judged {
    match reply {
        Reply::Yes => unsettled("it was taken"),
        Reply::Unclear => unsettled("no clear answer"),
        Reply::No { status: None } => unsettled("refused by a reset, which tells no status"),
        Reply::No { status: Some(status) } => {
            let said = words.iter().find(|word| **word == status.to_string());
            said.map_or_else(|| no_such_word(status), |said| word(said))
        }
    }
}

/// A number as a value.
pub(super) fn number(number: usize) -> Judged {
    u64::try_from(number)
        .map(Value::Number)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_taken_or_refused_as_answer_and_list_agree() {
        let no = |status| Reply::No { status };
        for (reply, stands, expected) in [
            (Reply::Yes, None, Ok("create")),
            (Reply::Yes, Some(true), Ok("create")),
            (Reply::Yes, Some(false), Err("accepted, and it does not stand")),
            (Reply::Unclear, Some(true), Ok("create")),
            (Reply::Unclear, Some(false), Err("no clear answer")),
            (Reply::Unclear, None, Err("no clear answer")),
            (no(Some(404)), Some(false), Ok("404")),
            (no(None), Some(false), Ok("404")),
            (no(None), None, Ok("404")),
            (
                no(Some(404)),
                Some(true),
                Err("refused, and it stands all the same"),
            ),
            (
                no(Some(400)),
                None,
                Err("refused with 400, for which there is no value"),
            ),
        ] {
            let judged = taken_or_refused(reply, stands, "create", "404");
            let expected = expected.map(Value::Word).map_err(str::to_owned);
            assert_eq!(judged, expected, "{reply:?} {stands:?}");
        }
    }

    #[test]
    fn the_status_of_a_refusal_is_one_of_the_words_or_none() {
        let no = |status| Reply::No { status };
        for (reply, expected) in [
            (no(Some(413)), Ok("413")),
            (
                no(Some(403)),
                Err("refused with 403, for which there is no value"),
            ),
            (no(None), Err("refused by a reset, which tells no status")),
            (Reply::Yes, Err("it was taken")),
            (Reply::Unclear, Err("no clear answer")),
        ] {
            let judged = status_of_refusal(reply, &["400", "409", "413"]);
            assert_eq!(
                judged,
                expected.map(Value::Word).map_err(str::to_owned),
                "{reply:?}"
            );
        }
    }
}
