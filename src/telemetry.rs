//! Logs: human by default, JSON by option, always to standard error, so that standard output stays data.
//! Field names are the same everywhere: `run.id`, `request.id`, `appliance.name`, `list.kind`, `duration_ms`.

use crate::config::LogFormat;
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Starts logging for the whole process; a second call changes nothing.
///
/// # Errors
/// When `level` is no directive such as `info` or `doorlist=debug`.
pub fn start(format: LogFormat, level: &str) -> Result<(), tracing_subscriber::filter::ParseError> {
    // The TLS library tells each refused certificate a second time.
    let filter = EnvFilter::builder().parse(format!("{level},rustls_platform_verifier=off"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // It would be told to standard error, which panics where nobody reads that any more, and ends whatever was logged.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    // Only the first caller sets the process's logger.
    let _ = match format {
        LogFormat::Human => builder
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    Ok(())
}
