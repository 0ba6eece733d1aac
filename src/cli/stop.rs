//! Waiting for the operator to stop a process: Ctrl-C, or SIGTERM as service managers and containers send it.

/// Resolves when a stop was asked for, from this call on and not from when somebody waits. Asking a second time ends the
/// process at once.
pub(super) fn asked() -> impl Future<Output = ()> + Send + 'static {
    at_once_the_second_time(signalled())
}

/// The same, also when the terminal goes away: for what must not be left half-done, and is not meant to outlive who
/// began it.
pub(super) fn asked_or_hung_up() -> impl Future<Output = ()> + Send + 'static {
    let (signalled, hung_up) = (signalled(), hung_up());
    at_once_the_second_time(async move {
        tokio::select! {
            () = signalled => {}
            () = hung_up => {}
        }
    })
}

async fn at_once_the_second_time(first: impl Future<Output = ()>) {
    first.await;
    let second = signalled();
    tokio::spawn(async move {
        second.await;
        tracing::warn!("stopped at once; what was under way may or may not be on the lists");
        std::process::exit(130);
    });
}

#[cfg(unix)]
fn hung_up() -> impl Future<Output = ()> + Send + 'static {
    let hung_up = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
    async move {
        match hung_up {
            Ok(mut hung_up) => drop(hung_up.recv().await),
            Err(error) => {
                tracing::warn!(%error, "SIGHUP cannot be caught");
                std::future::pending().await
            }
        }
    }
}

#[cfg(not(unix))]
async fn hung_up() {
    std::future::pending().await
}

#[cfg(unix)]
fn signalled() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    let listen = |kind: SignalKind, name: &str| {
        signal(kind)
            .inspect_err(
                |error| tracing::warn!(%error, "{name} cannot be caught; it ends the process at once"),
            )
            .ok()
    };
    let interrupted = listen(SignalKind::interrupt(), "SIGINT");
    let terminated = listen(SignalKind::terminate(), "SIGTERM");
    async move {
        let come = |signal: Option<Signal>| async move {
            match signal {
                Some(mut signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = come(interrupted) => {}
            () = come(terminated) => {}
        }
    }
}

#[cfg(not(unix))]
async fn signalled() {
    let _ = tokio::signal::ctrl_c().await;
}
