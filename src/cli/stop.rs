//! Waiting for the operator to stop a process: Ctrl-C, or SIGTERM as service managers and containers send it.

/// Resolves when a stop was asked for. A second Ctrl-C ends the process at once.
pub(super) async fn asked() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        match terminated {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be caught; Ctrl-C still stops the process");
                let _ = interrupted.await;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            tracing::warn!("stopped at once; what was under way may or may not be on the lists");
            std::process::exit(130);
        }
    });
}
