//! Waiting for the operator to stop a process: Ctrl-C, or SIGTERM as service managers and containers send it.

/// Resolves when a stop was asked for. Asking a second time ends the process at once.
pub(super) async fn asked() {
    at_once_the_second_time(signalled()).await;
}

/// The same, also when the terminal goes away: for what must not be left half-done, and is not meant to outlive who
/// began it.
pub(super) async fn asked_or_hung_up() {
    let either = async {
        tokio::select! {
            () = signalled() => {}
            () = hung_up() => {}
        }
    };
    at_once_the_second_time(either).await;
}

async fn at_once_the_second_time(first: impl Future<Output = ()>) {
    first.await;
    tokio::spawn(async {
        signalled().await;
        tracing::warn!("stopped at once; what was under way may or may not be on the lists");
        std::process::exit(130);
    });
}

#[cfg(unix)]
async fn hung_up() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) {
        Ok(mut hung_up) => {
            hung_up.recv().await;
        }
        Err(error) => {
            tracing::warn!(%error, "SIGHUP cannot be caught");
            std::future::pending().await
        }
    }
}

#[cfg(not(unix))]
async fn hung_up() {
    std::future::pending().await
}

#[cfg(unix)]
async fn signalled() {
    let interrupted = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
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
async fn signalled() {
    let _ = tokio::signal::ctrl_c().await;
}
