//! Ends the process, or the task, at a named point, so that a test sees what survives. Only in a debug build, and only
//! where the environment names the point; in a release build there is nothing here.

/// The variable that names the point at which the process ends, without a word to anybody.
#[cfg(debug_assertions)]
const CRASH: &str = "DOORLIST_CRASH_AT";
/// The variable that names the point at which whoever gets there panics.
#[cfg(debug_assertions)]
const PANIC: &str = "DOORLIST_PANIC_AT";

/// Whoever is here may get no further.
#[cfg(debug_assertions)]
pub(super) fn reached(point: &'static str) {
    let names = |variable: &str| std::env::var(variable).is_ok_and(|wanted| wanted == point);
    if names(CRASH) {
        std::process::abort();
    }
    assert!(!names(PANIC), "{PANIC} names {point}");
}

/// Nothing.
#[cfg(not(debug_assertions))]
pub(super) fn reached(_: &'static str) {}
