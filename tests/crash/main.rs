//! A run that was accepted is finished, whatever dies: the real binary is killed at random moments and at every named
//! point between accept and finish, started again, and held to what it acknowledged and to what the appliance's own
//! history says. Writes that were stopped stay so through it. How often is `DOORLIST_CRASH_KILLS`; which moments, `DOORLIST_CRASH_SEED`. It keeps its runs in a file,
//! or in the PostgreSQL that `DOORLIST_TEST_POSTGRES_URL` names. Where libfaketime is installed, its clock jumps.

#![expect(
    unreachable_pub,
    reason = "a test binary has no public side; `pub` marks what the bench offers"
)]
#![expect(clippy::unwrap_used, reason = "in a test a failed step is a failed test")]

mod bench;
mod judge;
mod place;
mod points;
mod random;
mod stopped;
mod unreadable;
