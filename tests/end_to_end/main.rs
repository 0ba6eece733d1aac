//! The whole, over real sockets: a simulated appliance, a server on a configuration written as a user would,
//! and calls over HTTP or through the binary. One file for each thing that is promised.

#![expect(
    unreachable_pub,
    reason = "a test binary has no public side; `pub` marks what the harness offers"
)]
#![expect(clippy::unwrap_used, reason = "in a test a failed step is a failed test")]

mod appliances;
mod audit;
mod caps;
mod command_line;
mod convergence;
mod documentation;
mod four_appliances;
mod guard;
mod guard_pinned;
mod guard_rules;
mod holds;
mod idempotency;
mod in_force;
mod limits;
mod lists;
mod lists_program;
mod lists_rights;
mod login;
mod manifests;
mod overrides;
mod overrides_plans;
mod overrides_refused;
mod plans;
mod plans_late;
mod plans_program;
mod plans_refused;
mod previews;
mod problems;
mod proxies;
mod proxy_process;
mod rights;
mod runs;
mod runs_cancelled;
mod runs_listed;
mod runs_program;
mod samples;
mod several;
mod store_trouble;
mod support;
mod tls;
mod trouble;
mod undo;
mod undo_again;
mod undo_histories;
mod why;
mod why_held;
mod why_program;
mod why_rights;
mod wire_forms;
mod writes;
mod writes_program;
mod writes_under_way;
