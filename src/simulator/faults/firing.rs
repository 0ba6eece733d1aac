//! Which rules fire: counted and drawn, one request or connection after the other.
//!
//! A rule looks at every occasion of its kind. It lets the first `skip` of them pass; after that it fires
//! unless an earlier rule has taken the same part of the request, or it has fired often enough, or chance says
//! no. This file refuses to know what the faults do.

use http::Method;

use super::super::lists::ListName;
use super::super::seed::Dice;
use super::{Fault, FaultRule, Page, RequestMethod, Times, When};

/// What rules may ask of a request.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Facts<'a> {
    pub(in super::super) method: &'a Method,
    /// `None` for a login and for what does not exist.
    pub(in super::super) list: Option<ListName>,
    pub(in super::super) page: Page,
}

/// The rules with what has become of them.
#[derive(Debug)]
pub(in super::super) struct FaultState {
    rules: Vec<CountedRule>,
    dice: Dice,
}

#[derive(Debug)]
struct CountedRule {
    rule: FaultRule,
    passed: u64,
    fired: u64,
}

/// What of a request a fault takes hold of: only one can, except beside it.
#[derive(Debug, Default)]
struct Taken {
    effect: bool,
    reply: bool,
}

impl FaultState {
    pub(in super::super) fn new(rules: &[FaultRule], seed: u64) -> Self {
        let counted = |rule: &FaultRule| CountedRule {
            rule: rule.clone(),
            passed: 0,
            fired: 0,
        };
        Self {
            rules: rules.iter().map(counted).collect(),
            dice: Dice::new(seed),
        }
    }

    /// Every fault of this request, in the order of the rules.
    pub(in super::super) fn on_request(&mut self, facts: &Facts<'_>) -> Vec<Fault> {
        let mut taken = Taken::default();
        let mut fired = Vec::new();
        for counted in &mut self.rules {
            let rule = &counted.rule;
            if rule.fault.is_of_connections() || !is_meant(rule, facts) || counted.passes() {
                continue;
            }
            if taken.is_free_for(&counted.rule.fault) && counted.fires(&mut self.dice) {
                taken.take(&counted.rule.fault);
                fired.push(counted.rule.fault.clone());
            }
        }
        fired
    }

    /// Whether nobody is to listen before the next connection, and for how long.
    pub(in super::super) fn before_connection(&mut self) -> Option<Fault> {
        self.first_of_connections(|fault| matches!(fault, Fault::RefuseConnections { .. }))
    }

    /// What happens to a connection that was just accepted.
    pub(in super::super) fn on_connection(&mut self) -> Option<Fault> {
        self.first_of_connections(|fault| matches!(fault, Fault::AcceptAndClose))
    }

    fn first_of_connections(&mut self, is_meant: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut fired = None;
        for counted in self
            .rules
            .iter_mut()
            .filter(|counted| is_meant(&counted.rule.fault))
        {
            if !counted.passes() && fired.is_none() && counted.fires(&mut self.dice) {
                fired = Some(counted.rule.fault.clone());
            }
        }
        fired
    }
}

impl CountedRule {
    /// Lets an occasion pass, as long as some are to be skipped.
    fn passes(&mut self) -> bool {
        let passes = self.passed < self.rule.when.skip;
        self.passed += u64::from(passes);
        passes
    }

    fn fires(&mut self, dice: &mut Dice) -> bool {
        let is_left = match self.rule.when.times {
            Times::Always => true,
            Times::AtMost(times) => self.fired < times,
        };
        let fires = is_left && dice.happens(self.rule.when.chance.get());
        self.fired += u64::from(fires);
        fires
    }
}

impl Taken {
    fn is_free_for(&self, fault: &Fault) -> bool {
        let (effect, reply) = hold(fault);
        !(effect && self.effect || reply && self.reply)
    }

    fn take(&mut self, fault: &Fault) {
        let (effect, reply) = hold(fault);
        self.effect |= effect;
        self.reply |= reply;
    }
}

/// Whether a fault decides what becomes of the effect, and of the reply.
fn hold(fault: &Fault) -> (bool, bool) {
    match fault {
        Fault::RefuseConnections { .. }
        | Fault::AcceptAndClose
        | Fault::KillTokens
        | Fault::OtherWriter { .. } => (false, false),
        Fault::SaysYesDoesNothing | Fault::AppliedLate { .. } => (true, false),
        Fault::ResetAfterApply
        | Fault::CloseAfterApply
        | Fault::CutReply { .. }
        | Fault::BodyToEof
        | Fault::SlowDrip { .. } => (false, true),
        Fault::Html { applied, .. } | Fault::Status { applied, .. } | Fault::Hang { applied } => {
            (!applied, true)
        }
        Fault::ResetBeforeApply | Fault::CloseBeforeApply | Fault::Unauthorized => (true, true),
    }
}

fn is_meant(rule: &FaultRule, facts: &Facts<'_>) -> bool {
    let When {
        method, list, page, ..
    } = &rule.when;
    let is_get = facts.method == Method::GET;
    let is_method = match method {
        None => true,
        Some(RequestMethod::Get) => is_get,
        Some(RequestMethod::Post) => facts.method == Method::POST,
        Some(RequestMethod::Delete) => facts.method == Method::DELETE,
    };
    let is_write = facts.list.is_some() && [Method::POST, Method::DELETE].contains(facts.method);
    is_method
        && list.is_none_or(|list| facts.list == Some(list))
        && page.is_none_or(|page| is_get && facts.list.is_some() && facts.page == page)
        && (is_write || !rule.fault.is_of_writes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCKLIST: Option<ListName> = Some(ListName::Blocklist);

    fn state(rules: &[&str]) -> FaultState {
        let rules = rules.iter().map(|rule| rule.parse().expect("a rule"));
        FaultState::new(&rules.collect::<Vec<FaultRule>>(), 1)
    }

    /// The names of what fires on each of these requests.
    fn fired(rules: &[&str], requests: &[(Method, Option<ListName>, Page)]) -> Vec<String> {
        let mut state = state(rules);
        let mut names = |(method, list, page): &(Method, Option<ListName>, Page)| {
            let (list, page) = (*list, *page);
            let facts = Facts { method, list, page };
            let fired = state.on_request(&facts);
            fired.iter().map(Fault::name).collect::<Vec<String>>().join("+")
        };
        requests.iter().map(&mut names).collect()
    }

    #[test]
    fn a_rule_fires_on_the_requests_that_it_means() {
        let requests = [
            (Method::GET, BLOCKLIST, Page::First),
            (Method::GET, BLOCKLIST, Page::Later),
            (Method::POST, BLOCKLIST, Page::First),
            (Method::DELETE, Some(ListName::Safelist), Page::First),
            (Method::POST, None, Page::First),
        ];
        for (rule, expected) in [
            ("unauthorized:times=always", ["x", "x", "x", "x", "x"]),
            ("unauthorized", ["x", "", "", "", ""]),
            ("unauthorized:times=2,skip=1", ["", "x", "x", "", ""]),
            ("unauthorized:method=POST,times=always", ["", "", "x", "", "x"]),
            ("unauthorized:method=POST,skip=1", ["", "", "", "", "x"]),
            ("unauthorized:list=safelist", ["", "", "", "x", ""]),
            ("unauthorized:page=first,times=always", ["x", "", "", "", ""]),
            ("unauthorized:page=later,times=always", ["", "x", "", "", ""]),
            ("unauthorized:chance=0,times=always", ["", "", "", "", ""]),
            ("says_yes_does_nothing:times=always", ["", "", "x", "x", ""]),
            ("accept_and_close:times=always", ["", "", "", "", ""]),
        ] {
            let fired = fired(&[rule], &requests);
            let shown: Vec<&str> = fired
                .iter()
                .map(|name| if name.is_empty() { "" } else { "x" })
                .collect();
            assert_eq!(shown, expected, "{rule}");
        }
    }

    #[test]
    fn several_rules_fire_together_unless_they_want_the_same_part() {
        let writer = "other_writer:when=before,list=blocklist";
        for (rules, expected) in [
            (
                vec![writer, "reset_after_apply", "kill_tokens"],
                "other_writer+reset_after_apply+kill_tokens",
            ),
            (
                vec!["reset_after_apply", "cut_reply:after_bytes=3"],
                "reset_after_apply",
            ),
            (
                vec!["applied_late:after_requests=1", "cut_reply:after_bytes=3"],
                "applied_late+cut_reply",
            ),
            (vec!["hang", "applied_late:after_requests=1"], "hang"),
            (
                vec!["hang:applied=true", "says_yes_does_nothing"],
                "hang+says_yes_does_nothing",
            ),
            (vec!["unauthorized", "status:status=503"], "unauthorized"),
        ] {
            let request = (Method::POST, BLOCKLIST, Page::First);
            assert_eq!(fired(&rules, &[request]), [expected], "{rules:?}");
        }
        // The one that found no place keeps its turn.
        let request = (Method::POST, BLOCKLIST, Page::First);
        assert_eq!(
            fired(&["hang", "unauthorized"], &[request.clone(), request]),
            ["hang", "unauthorized"]
        );
    }

    #[test]
    fn faults_of_connections_count_connections() {
        let mut state = state(&[
            "refuse_connections:for_ms=5,skip=1",
            "accept_and_close:skip=1,times=2",
        ]);
        let asked: Vec<(bool, bool)> = (0..4)
            .map(|_| {
                (
                    state.before_connection().is_some(),
                    state.on_connection().is_some(),
                )
            })
            .collect();
        assert_eq!(
            asked,
            [(false, false), (true, true), (false, true), (false, false)]
        );
    }
}
