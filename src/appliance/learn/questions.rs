//! Every question, in the order in which they are asked: first those that change nothing, then those that need a mailbox
//! without a row, then the full list, then the rest. Each is a function that sends and one that judges; the second is
//! pure. Refuses to know how a run begins and ends; that is `learn.rs`.
//!
//! A question lays its own ground (`ground.rs`), so that none depends on what an earlier one left; the three that look at
//! the full list are the exception, and leave their knob open where it is not full.

mod additions;
mod deletions;
mod full_list;
mod login;
mod missing_row;
mod notes;
mod other_list;
mod paths;
mod refusals;
mod searches;
mod spellings;
mod views;

use super::asker::Asker;
use super::stop::Stop;
use std::pin::Pin;

/// A question on its way.
pub(super) type Asking<'a> = Pin<Box<dyn Future<Output = Result<(), Stop>> + Send + 'a>>;

/// One question.
pub(super) struct Question {
    /// In words, for the operator who watches.
    pub(super) about: &'static str,
    /// Which knobs it may settle; none where what is seen is only noted.
    pub(super) knobs: &'static [&'static str],
    pub(super) ask: for<'a> fn(&'a mut Asker) -> Asking<'a>,
}

/// All of them.
pub(super) const QUESTIONS: [Question; 23] = [
    Question {
        about: "how an error comes: a path that does not exist",
        knobs: &["error_framing", "error_code"],
        ask: paths::unknown_path,
    },
    Question {
        about: "which root there is: a list below the other one",
        knobs: &["roots"],
        ask: paths::other_root,
    },
    Question {
        about: "an unknown name in the query of a view",
        knobs: &["unknown_query_on_get"],
        ask: views::unknown_name,
    },
    Question {
        about: "a login: how long its token lives, and for which user agent",
        knobs: &["token_idle_seconds", "token_binding"],
        ask: login::token,
    },
    Question {
        about: "an edit where no row stands",
        knobs: &["edit_on_missing_row"],
        ask: missing_row::edit,
    },
    Question {
        about: "an append where no row stands",
        knobs: &["append_on_missing_row"],
        ask: missing_row::append,
    },
    Question {
        about: "how many senders one recipient can have: up to 501 are put in",
        knobs: &["list_limit", "over_limit"],
        ask: full_list::fill,
    },
    Question {
        about: "how many rows a page can have",
        knobs: &["page_rows_max"],
        ask: full_list::page,
    },
    Question {
        about: "how many rows come when nobody says how many",
        knobs: &[],
        ask: notes::default_page,
    },
    Question {
        about: "in which order the values of a row come",
        knobs: &["value_order"],
        ask: full_list::order,
    },
    Question {
        about: "what a deletion counts: the full row goes",
        knobs: &["delete_count"],
        ask: full_list::delete,
    },
    Question {
        about: "an append of a pair that stands",
        knobs: &["append_of_existing_pair"],
        ask: additions::append_of_existing_pair,
    },
    Question {
        about: "an add where a row stands, and of a pair that stands",
        knobs: &["add_on_existing"],
        ask: additions::add_on_existing,
    },
    Question {
        about: "a bad entry, alone and beside a good one",
        knobs: &["bad_entry", "batch_with_conflict"],
        ask: refusals::bad_entry,
    },
    Question {
        about: "a pair that stands beside a new one",
        knobs: &["batch_with_conflict"],
        ask: refusals::conflict,
    },
    Question {
        about: "a name in the query of a change",
        knobs: &["unknown_query_on_post"],
        ask: additions::query,
    },
    Question {
        about: "a pair that stands on the other list",
        knobs: &["other_list"],
        ask: other_list::pair,
    },
    Question {
        about: "one of two parameters that go together",
        knobs: &["lone_page_parameter"],
        ask: views::lone_parameter,
    },
    Question {
        about: "where a search looks, and whether it minds the case of letters",
        knobs: &["search_finds", "search_case"],
        ask: searches::search,
    },
    Question {
        about: "two spellings of a sender, and of a mailbox",
        knobs: &["spelling"],
        ask: spellings::spelling,
    },
    Question {
        about: "the answer to an append by sender",
        knobs: &["append_by_sender_echo", "append_on_missing_row"],
        ask: spellings::append_by_sender,
    },
    Question {
        about: "a deletion of what is not there",
        knobs: &["delete_of_absent"],
        ask: deletions::absent,
    },
    Question {
        about: "edits of a sender's row, and to nothing",
        knobs: &[],
        ask: notes::edits,
    },
];

#[cfg(test)]
mod tests {
    use super::super::finding::KNOBS;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_knob_has_a_question() {
        let asked: BTreeSet<&str> = QUESTIONS
            .iter()
            .flat_map(|question| question.knobs.iter().copied())
            .collect();
        assert_eq!(asked, BTreeSet::from(KNOBS));
        assert!(QUESTIONS.iter().all(|question| !question.about.is_empty()));
    }
}
