//! Answers requests until told to stop, and then finishes those that it has accepted.
//!
//! HTTP/1.1 over plain TCP: HTTP/2 and TLS are a proxy's. A client that does not get its request's head across in time
//! is cut off (OWASP, slow HTTP attacks), and so is one that does not take its reply; the body's time is bounded by
//! [`crate::edge`], how many there are by [`crate::connections`].

use crate::{
    App, MetricsText,
    connections::{Busy, ConnectionLimits, Connections, Held, Network},
    edge::{Crowded, HEAD_BYTES, front::TrustedProxies},
    normalize::Normalized,
    operations::health,
    routes,
    unread::Attended,
};
use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{ConnectInfo, Request},
    http::{HeaderValue, header},
    response::Response,
    routing::get,
};
use hyper::{
    body::{Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service;

/// Between two tries to accept, where the system has no room.
const NO_ROOM: Duration = Duration::from_millis(20);

/// The whole service: path rewriting in front of the router.
pub fn service(app: App) -> Normalized<Router> {
    Normalized(routes::router(app))
}

/// What connections may take.
#[derive(Clone)]
struct Bounds {
    /// Until a request's head has arrived, from the connection's beginning or the end of the reply before.
    head: Duration,
    /// Until a body that nobody reads has arrived, from the end of its head.
    unread: Duration,
    /// Without the client taking any of what it is sent.
    untaken: Duration,
    /// For what was accepted, once the shutdown has begun.
    drain: Duration,
    connections: ConnectionLimits,
    proxies: TrustedProxies,
}

/// Serves until `shutdown`; then accepts nothing more, and waits for what was accepted, bounded by
/// [`HttpOptions::drain_within`](crate::HttpOptions).
pub async fn serve(listener: TcpListener, app: App, shutdown: CancellationToken) -> io::Result<()> {
    let options = app.options();
    let bounds = Bounds {
        head: options.head_timeout,
        unread: options.body_timeout,
        untaken: options.reply_timeout,
        drain: options.drain_within,
        connections: options.connections,
        proxies: options.front.proxies.clone(),
    };
    answer(listener, service(app), bounds, shutdown).await
}

/// Serves `/metrics` alone, for an address that only operators reach.
pub async fn serve_metrics(
    listener: TcpListener,
    metrics: MetricsText,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let router = Router::new().route("/metrics", get(async move || health::prometheus(metrics())));
    let bounds = Bounds {
        head: Duration::from_secs(30),
        unread: Duration::ZERO,
        untaken: Duration::from_secs(30),
        drain: Duration::from_secs(1),
        connections: ConnectionLimits { all: 32, per_network: None, spare: 1 },
        proxies: TrustedProxies::default(),
    };
    answer(listener, Normalized(router), bounds, shutdown).await
}

/// What all connections share.
struct Serving {
    http: http1::Builder,
    service: Normalized<Router>,
    bounds: Bounds,
    shutdown: CancellationToken,
}

async fn answer(
    listener: TcpListener,
    service: Normalized<Router>,
    bounds: Bounds,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, "listening");
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(bounds.head).max_buf_size(HEAD_BYTES);
    let places = Connections::new(bounds.connections);
    let serving = Arc::new(Serving { http, service, bounds, shutdown });
    let connections = TaskTracker::new();
    // Ends what is left when this function does.
    let cut = CancellationToken::new();
    let _guard = cut.clone().drop_guard();
    while let Some((stream, peer)) = serving.shutdown.run_until_cancelled(accept(&listener, &places)).await {
        let proxy = serving.bounds.proxies.trusts(peer.ip());
        let network = if proxy { Network::Proxy } else { Network::of(peer.ip()) };
        // Where there is no place at all, the stream is dropped, which closes it.
        let Some(held) = places.admit(network) else { continue };
        let place = held.place();
        let connection = connection(stream, peer, held, Arc::clone(&serving));
        // Boxed, because each future around it would be as large again, for as long as an event stream lasts.
        let connection = cut.clone().run_until_cancelled_owned(Box::pin(connection));
        Held::is_run_by(&place, connections.spawn(connection).abort_handle());
    }
    drop(listener);
    connections.close();
    let drain = serving.bounds.drain;
    if tokio::time::timeout(drain, connections.wait()).await.is_err() {
        tracing::warn!(bound = ?drain, "requests were still running at the end of the shutdown");
    }
    Ok(())
}

/// The next connection. Out of descriptors, who has waited longest makes room: the listener itself would wait for that.
async fn accept(listener: &TcpListener, places: &Connections) -> (TcpStream, SocketAddr) {
    loop {
        places.settled().await;
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The client has gone already.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                places.make_room();
                tokio::time::sleep(NO_ROOM).await;
            }
        }
    }
}

/// Until the client closes it, is too slow, the shutdown finds it without a request, or another needs its place.
async fn connection(stream: TcpStream, peer: SocketAddr, held: Held, serving: Arc<Serving>) {
    tune(&stream, serving.bounds.untaken);
    let answering = Arc::clone(&serving);
    let held = &held;
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        // Who expects to be told to go on is not sending.
        let mut request: Request = match request.headers().contains_key(header::EXPECT) {
            true => request.map(Body::new),
            false => request.map(|body| Body::new(Attended::new(body, answering.bounds.unread))),
        };
        request.extensions_mut().insert(ConnectInfo(peer));
        let (busy, spare) = (held.begin(), held.is_spare());
        if spare {
            request.extensions_mut().insert(Crowded);
        }
        let mut service = answering.service.clone();
        // Boxed, because a connection keeps room for it while a reply lasts, and for an event stream that is long.
        Box::pin(async move {
            // The place is another's already, and this task about to end.
            let Some(busy) = busy else { return std::future::pending().await };
            let mut response: Response = service.call(request).await?;
            if spare {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response.map(|body| Sent { body, _busy: busy }))
        })
    });
    let mut connection = pin!(serving.http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = serving.shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

fn tune(stream: &TcpStream, untaken: Duration) {
    // Small replies would wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection without TCP_NODELAY");
    }
    // Who takes nothing of a reply, or has gone without a word, would keep it for ever.
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(untaken)) {
        tracing::debug!(%error, "a connection without TCP_USER_TIMEOUT");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = untaken;
}

/// A reply's body: when it has gone out, the connection waits again.
struct Sent {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
