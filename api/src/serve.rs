//! Answers requests until told to stop, and then finishes those that it has accepted.
//!
//! HTTP/1.1 over plain TCP: HTTP/2 and TLS are a proxy's. A client that does not get its request's head across in time
//! is cut off (OWASP, slow HTTP attacks); the body's time is bounded by [`crate::edge`].

use crate::{App, MetricsText, endpoints::health, normalize::Normalized, routes, unread::Attended};
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::header,
    routing::get,
    serve::Listener,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service;

/// The whole service: path rewriting in front of the router.
pub fn service(app: App) -> Normalized<Router> {
    Normalized(routes::router(app))
}

/// How long a connection may take.
#[derive(Clone, Copy)]
struct Bounds {
    /// Until a request's head has arrived, from the connection's beginning or the end of the reply before.
    head: Duration,
    /// Until a body that nobody reads has arrived, from the end of its head.
    unread: Duration,
    /// For what was accepted, once the shutdown has begun.
    drain: Duration,
}

/// Serves until `shutdown`; then accepts nothing more, and waits for what was accepted, bounded by
/// [`HttpOptions::drain_within`](crate::HttpOptions).
pub async fn serve(listener: TcpListener, app: App, shutdown: CancellationToken) -> io::Result<()> {
    let options = app.options();
    let bounds =
        Bounds { head: options.head_timeout, unread: options.body_timeout, drain: options.drain_within };
    answer(listener, service(app), bounds, shutdown).await
}

/// Serves `/metrics` alone, for an address that only operators reach.
pub async fn serve_metrics(
    listener: TcpListener,
    metrics: MetricsText,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let router = Router::new().route("/metrics", get(async move || health::prometheus(metrics())));
    let bounds =
        Bounds { head: Duration::from_secs(30), unread: Duration::ZERO, drain: Duration::from_secs(1) };
    answer(listener, Normalized(router), bounds, shutdown).await
}

/// What all connections share.
struct Serving {
    http: http1::Builder,
    service: Normalized<Router>,
    /// As in [`Bounds`].
    unread: Duration,
    shutdown: CancellationToken,
}

async fn answer(
    mut listener: TcpListener,
    service: Normalized<Router>,
    bounds: Bounds,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, "listening");
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(bounds.head);
    let serving = Arc::new(Serving { http, service, unread: bounds.unread, shutdown });
    let connections = TaskTracker::new();
    // Ends what is left when this function does.
    let cut = CancellationToken::new();
    let _guard = cut.clone().drop_guard();
    while let Some((stream, peer)) =
        serving.shutdown.run_until_cancelled(Listener::accept(&mut listener)).await
    {
        let connection = connection(stream, peer, Arc::clone(&serving));
        // Boxed, because each future around it would be as large again, for as long as an event stream lasts.
        connections.spawn(cut.clone().run_until_cancelled_owned(Box::pin(connection)));
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(bounds.drain, connections.wait()).await.is_err() {
        tracing::warn!(bound = ?bounds.drain, "requests were still running at the end of the shutdown");
    }
    Ok(())
}

/// Until the client closes it, is too slow, or the shutdown finds it without a request.
async fn connection(stream: TcpStream, peer: SocketAddr, serving: Arc<Serving>) {
    // Small replies would wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection without TCP_NODELAY");
    }
    let answering = Arc::clone(&serving);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        // Who expects to be told to go on is not sending.
        let mut request: Request = match request.headers().contains_key(header::EXPECT) {
            true => request.map(Body::new),
            false => request.map(|body| Body::new(Attended::new(body, answering.unread))),
        };
        request.extensions_mut().insert(ConnectInfo(peer));
        // Boxed, because a connection keeps room for it while a reply lasts, and for an event stream that is long.
        Box::pin(answering.service.clone().call(request))
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::Notify,
        task::JoinHandle,
    };

    const ASK: &[u8] = b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n";
    const PATIENCE: Duration = Duration::from_secs(20);

    struct Server {
        address: SocketAddr,
        shutdown: CancellationToken,
        /// A request has arrived.
        begun: Arc<Notify>,
        /// Lets it be answered.
        answer: Arc<Notify>,
        task: JoinHandle<io::Result<()>>,
    }

    async fn server(head: Duration, drain: Duration) -> Server {
        server_within(Bounds { head, unread: PATIENCE, drain }).await
    }

    async fn server_within(bounds: Bounds) -> Server {
        let (begun, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (tell, wait) = (Arc::clone(&begun), Arc::clone(&answer));
        let slow = async move || {
            tell.notify_one();
            wait.notified().await;
            "done"
        };
        let router = Router::new().route("/slow", get(slow)).route("/fast", get(async || "fast"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), CancellationToken::new());
        let serving = super::answer(listener, Normalized(router), bounds, shutdown.clone());
        Server { address, shutdown, begun, answer, task: tokio::spawn(serving) }
    }

    /// All that comes until the server closes.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        // A reset is an end, too.
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("it is closed");
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn connection_that_does_not_get_its_head_across_is_closed() {
        let server = server(Duration::from_millis(100), PATIENCE).await;
        for sent in [&b""[..], b"GET /fast HT", b"GET /fast HTTP/1.1\r\nhost: a\r\nx-drip: 1\r\n"] {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(sent).await.unwrap();
            assert!(!rest(&mut stream).await.contains("200 OK"), "{sent:?}");
        }
    }

    #[tokio::test]
    async fn body_that_nobody_reads_neither_cuts_the_reply_off_nor_ends_the_connection() {
        let server = server(PATIENCE, PATIENCE).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        for length in [1, 100_000, 1_000_000] {
            let head = format!("POST /fast HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            // The reply is there before the body is.
            let mut status = [0; 12];
            stream.read_exact(&mut status).await.unwrap();
            assert_eq!(&status, b"HTTP/1.1 405");
            tokio::time::sleep(Duration::from_millis(20)).await;
            stream.write_all(&vec![b'x'; length]).await.unwrap();
            // The rest of the reply, before the next one.
            let mut reply = Vec::new();
            while !reply.ends_with(b"\r\n\r\n") {
                reply.push(stream.read_u8().await.unwrap());
            }
        }
        stream.write_all(b"GET /fast HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();

        assert!(rest(&mut stream).await.ends_with("fast"));
    }

    #[tokio::test]
    async fn body_that_nobody_reads_is_waited_for_no_longer_than_its_time() {
        let bounds = Bounds { head: PATIENCE * 2, unread: Duration::from_millis(100), drain: PATIENCE };
        let server = server_within(bounds).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"POST /fast HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nx").await.unwrap();

        assert!(rest(&mut stream).await.starts_with("HTTP/1.1 405"));
    }

    #[tokio::test]
    async fn silence_after_a_reply_closes_and_a_long_answer_does_not() {
        let server = server(Duration::from_millis(100), PATIENCE).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(ASK).await.unwrap();
        server.begun.notified().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.answer.notify_one();

        let said = rest(&mut stream).await;

        assert!(said.contains("200 OK") && said.ends_with("done"), "{said}");
    }

    #[tokio::test]
    async fn shutdown_finishes_what_was_accepted_and_waits_for_no_idle_connection() {
        let server = server(PATIENCE, PATIENCE).await;
        let (mut idle, mut busy) = (
            TcpStream::connect(server.address).await.unwrap(),
            TcpStream::connect(server.address).await.unwrap(),
        );
        idle.write_all(b"GET /fast HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        idle.read_exact(&mut [0; 15]).await.unwrap();
        busy.write_all(ASK).await.unwrap();
        server.begun.notified().await;

        server.shutdown.cancel();
        assert!(rest(&mut idle).await.ends_with("fast"));
        server.answer.notify_one();

        assert!(rest(&mut busy).await.ends_with("done"));
        tokio::time::timeout(PATIENCE, server.task).await.unwrap().unwrap().unwrap();
        assert!(TcpStream::connect(server.address).await.is_err(), "nothing listens any more");
    }

    #[tokio::test]
    async fn shutdown_is_bounded_and_cuts_what_is_left() {
        let server = server(PATIENCE, Duration::from_millis(100)).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(ASK).await.unwrap();
        server.begun.notified().await;

        server.shutdown.cancel();

        assert_eq!(rest(&mut stream).await, "");
        tokio::time::timeout(PATIENCE, server.task).await.unwrap().unwrap().unwrap();
    }
}
