//! Answers requests until told to stop, and then finishes those that it has accepted.

use crate::{App, MetricsText, endpoints::health, normalize::Normalized, routes};
use axum::{
    Router, ServiceExt,
    extract::Request,
    routing::get,
    serve::{Listener, ListenerExt},
};
use std::{io, net::SocketAddr, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The whole service: path rewriting in front of the router.
pub fn service(app: App) -> Normalized<Router> {
    Normalized(routes::router(app))
}

/// Serves until `shutdown`; then accepts nothing more, and waits for what was accepted, bounded by
/// [`HttpOptions::drain_within`](crate::HttpOptions).
pub async fn serve(listener: TcpListener, app: App, shutdown: CancellationToken) -> io::Result<()> {
    let bound = app.options().drain_within;
    answer(listener, service(app), bound, shutdown).await
}

/// Serves `/metrics` alone, for an address that only operators reach.
pub async fn serve_metrics(
    listener: TcpListener,
    metrics: MetricsText,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let router = Router::new().route("/metrics", get(async move || health::prometheus(metrics())));
    answer(listener, Normalized(router), Duration::from_secs(1), shutdown).await
}

async fn answer(
    listener: TcpListener,
    service: Normalized<Router>,
    bound: Duration,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let address = Listener::local_addr(&listener)?;
    // Small replies would wait for the acknowledgement of the one before.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection without TCP_NODELAY");
        }
    });
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
    let serving = axum::serve(listener, service).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    tracing::info!(%address, "listening");
    let drained = async {
        shutdown.cancelled().await;
        tokio::time::sleep(bound).await;
    };
    tokio::select! {
        served = serving => served,
        () = drained => {
            tracing::warn!(?bound, "requests were still running at the end of the shutdown");
            Ok(())
        }
    }
}
