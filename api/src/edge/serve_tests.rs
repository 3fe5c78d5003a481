//! Connections that are slow, silent, many, or there when the program stops.

use super::*;
use axum::Extension;
use std::time::Instant;
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
    server_within(Bounds { head, drain, ..bounds() }).await
}

fn bounds() -> Bounds {
    Bounds {
        head: PATIENCE,
        unread: PATIENCE,
        untaken: PATIENCE,
        drain: PATIENCE,
        connections: ConnectionLimits::default(),
        proxies: TrustedProxies::default(),
    }
}

async fn server_within(bounds: Bounds) -> Server {
    let (begun, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (Arc::clone(&begun), Arc::clone(&answer));
    let slow = async move || {
        tell.notify_one();
        wait.notified().await;
        "done"
    };
    let large = async || vec![b'x'; 32 << 20];
    let live = async |crowded: Option<Extension<Crowded>>| if crowded.is_some() { "spare" } else { "live" };
    let router = Router::new()
        .route("/slow", get(slow))
        .route("/fast", get(async || "fast"))
        .route("/large", get(large))
        .route("/health/live", get(live));
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
    let bounds = Bounds { head: PATIENCE * 2, unread: Duration::from_millis(100), ..bounds() };
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

/// Asks for health on a connection of its own, and says what it was told and how long that took.
async fn health(address: SocketAddr) -> (String, Duration) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let said = rest(&mut stream).await;
    (said.rsplit("\r\n").next().unwrap_or_default().to_owned(), begun.elapsed())
}

#[tokio::test]
async fn silent_connections_keep_nobody_out() {
    let connections = ConnectionLimits { all: 200, per_network: Some(100), spare: 4 };
    let server = server_within(Bounds { connections, ..bounds() }).await;
    let mut silent = Vec::new();
    for count in [300, 2_000] {
        while silent.len() < count {
            silent.push(TcpStream::connect(server.address).await.unwrap());
        }
        let (said, took) = health(server.address).await;
        assert!(said == "live" && took < Duration::from_secs(1), "{count}: {said} in {took:?}");
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /fast HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        assert!(rest(&mut stream).await.ends_with("fast"));
    }
    // The first of them made room long ago; the last is still there.
    assert_eq!(rest(&mut silent[0]).await, "");
    let last = silent.last_mut().unwrap();
    last.write_all(b"GET /fast HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(rest(last).await.ends_with("fast"));
}

#[tokio::test]
async fn who_is_answered_is_never_cut_and_health_has_a_place_beside() {
    let connections = ConnectionLimits { all: 3, per_network: None, spare: 2 };
    let server = server_within(Bounds { connections, ..bounds() }).await;
    let mut busy = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(ASK).await.unwrap();
        server.begun.notified().await;
        busy.push(stream);
    }

    let (said, took) = health(server.address).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    let beside_silence = health(server.address).await;

    assert_eq!((said.as_str(), beside_silence.0.as_str()), ("spare", "spare"));
    assert!(took < Duration::from_secs(1) && beside_silence.1 < Duration::from_secs(1));
    for mut stream in busy {
        server.answer.notify_one();
        let mut reply = vec![0; 15];
        stream.read_exact(&mut reply).await.unwrap();
        assert_eq!(reply, b"HTTP/1.1 200 OK");
    }
}

#[tokio::test]
async fn head_beyond_its_bound_is_refused() {
    let server = server(PATIENCE, PATIENCE).await;
    let ask = async |bytes: usize| {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head =
            format!("GET /fast HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx: {}\r\n\r\n", "x".repeat(bytes));
        // It may be refused before all of it is written.
        let _ = stream.write_all(head.as_bytes()).await;
        rest(&mut stream).await
    };

    assert!(ask(30_000).await.ends_with("fast"));
    // What is read ahead may be a little more; the layer before all handlers counts exactly.
    let refused = ask(100_000).await;
    assert!(refused.is_empty() || refused.starts_with("HTTP/1.1 431"), "{refused}");
}

#[tokio::test]
async fn reply_that_nobody_takes_ends_with_its_connection() {
    let server = server_within(Bounds { untaken: Duration::from_millis(500), ..bounds() }).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    stream.read_exact(&mut [0; 15]).await.unwrap();

    // The end is seen when the server waits for no connection any more.
    server.shutdown.cancel();

    tokio::time::timeout(PATIENCE / 2, server.task).await.unwrap().unwrap().unwrap();
    assert!(rest(&mut stream).await.len() < 32 << 20);
}
