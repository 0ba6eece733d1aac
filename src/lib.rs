//! doorlist: an action server that makes the safelist and blocklist of Cisco Secure Email Gateway as a
//! workflow wishes them, and answers with one true outcome per indicator.
//!
//! The modules stand in the order in which a request passes them; `ARCHITECTURE.md` walks one request through
//! them from start to end. Imports go down this list, never up (`tests/tidy.rs` checks it).

pub mod cli;

pub mod http;
pub mod worker;

pub mod pipeline;

pub mod app;

pub mod store;

pub mod telemetry;

pub mod reconcile;

pub mod guard;

pub mod appliance;

pub mod intake;

pub mod config;

pub mod report;

pub mod manifest;

pub mod model;

pub mod simulator;
