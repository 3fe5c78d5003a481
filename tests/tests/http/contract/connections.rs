//! How many clients are connected, and that nobody keeps the others out by it; what is the same for everybody.

use crate::client::{Api, PATIENT, answer};
use annals_tests::program::{Program, new_directory};
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const AT_MOST: Duration = Duration::from_secs(1);

async fn connect(program: &Program) -> TcpStream {
    TcpStream::connect(program.url("").trim_start_matches("http://")).await.unwrap()
}

/// On a connection of its own.
async fn is_alive(api: &Api, beside: usize) {
    let begun = Instant::now();
    let client = reqwest::Client::builder().timeout(AT_MOST * 10).build().unwrap();
    let status = client.get(api.url("/health/live")).send().await.map(|reply| reply.status().as_u16());
    let took = begun.elapsed();
    assert!(status.as_ref().is_ok_and(|status| *status == 200), "beside {beside}: {status:?}");
    assert!(took < AT_MOST, "beside {beside} it took {took:?}");
}

/// Connections without a word, with half a head, and with a body that does not come: at most 300 and 2,000 at once.
async fn holds_against_silence(api: &Api) {
    let mut silent = Vec::new();
    for count in [300, 2_000] {
        while silent.len() < count {
            let mut stream = connect(api).await;
            let said: &[u8] = match silent.len() % 3 {
                0 => b"",
                1 => b"GET /api/me HTTP/1.1\r\nhost: a\r\nx-half: ",
                _ => b"GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n",
            };
            // Where there is no place for it, it is closed.
            let _ = stream.write_all(said).await;
            silent.push(stream);
        }
        is_alive(api, count).await;
    }
}

#[tokio::test]
async fn silent_connections_do_not_stop_health() {
    annals::limits::raise_open_files();
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &[PATIENT]).await));

    holds_against_silence(&api).await;

    let countries = answer(api.request("GET", "/api/locations/countries")).await;
    assert_eq!(countries.status, 200, "the rest goes on, too");
    api.into_program().stop().await;
}

#[tokio::test]
async fn few_open_files_leave_enough_for_databases_and_health() {
    annals::limits::raise_open_files();
    let mut program = Program::begin_with_open_files(300).await;
    let mut from_the_first = Vec::new();
    for _ in 0..1_000 {
        from_the_first.push(connect(&program).await);
    }
    program.wait_until_ready().await;
    let api = Api::of(Arc::new(program));

    holds_against_silence(&api).await;

    let person = api.verified("normal").await;
    api.get("/api/me", &person.access).await.ok();
    let ready = answer(api.request("GET", "/health/ready")).await.ok();
    assert_eq!(ready["status"], "ok", "{ready}");
    // The listener would try again, but what runs out here runs out for the databases, too.
    assert!(!api.log().contains("a connection cannot be accepted"), "files ran out");
    api.into_program().stop().await;
}

#[tokio::test]
async fn network_that_is_all_at_work_is_told_so_and_asks_for_health() {
    let settings = [("ANNALS_CONNECTIONS_PER_NETWORK", "20")];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut stream = connect(&api).await;
        let head = "POST /api/auth/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(b"expect: 100-continue\r\n\r\n").await.unwrap();
        // Once it is told to go on, its request is being answered.
        stream.read_exact(&mut [0; 12]).await.unwrap();
        slow.push(stream);
    }

    is_alive(&api, slow.len()).await;
    let refused = answer(api.request("GET", "/api/locations/countries")).await;
    assert_eq!(refused.refusal(), (503, "busy".to_owned()));
    assert_eq!((refused.header("connection"), refused.header("retry-after")), (Some("close"), Some("1")));
    assert_eq!(answer(api.request("GET", "/health/ready")).await.status, 200);
    drop(slow);
    let begun = Instant::now();
    while answer(api.request("GET", "/api/locations/countries")).await.status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(30), "the places are free again");
    }
    api.into_program().stop().await;
}

#[tokio::test]
async fn metrics_are_at_an_address_of_their_own_and_in_no_spelling_at_the_apis() {
    let api = Api::shared().await;
    let own = api.status().await["metrics"].as_str().unwrap().to_owned();
    let metrics = reqwest::get(&own).await.unwrap();
    assert!(metrics.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    assert!(metrics.text().await.unwrap().contains("http_requests_total{"));

    for path in [
        "/metrics",
        "/metrics/",
        "//metrics",
        "//metrics/",
        "/metrics//",
        "/METRICS",
        "/Metrics/",
        "/api/metrics",
        "/api/v1/metrics",
        "/api/v1/metrics/",
        "/api/v1/../metrics",
        "/%6detrics",
        "/%6D%65trics",
        "/metrics?x=1",
        "/metrics;x",
        "/metrics%2f",
        "/metrics%00",
        "/./metrics",
        "/health/../metrics",
        "/docs/../metrics",
        "/docs/%2e%2e/metrics",
    ] {
        for method in ["GET", "HEAD", "POST"] {
            // As it stands, which no client of a URL would send.
            let mut stream = connect(&api).await;
            let request = format!("{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut reply = String::new();
            stream.read_to_string(&mut reply).await.unwrap();
            let status = reply.split(' ').nth(1).unwrap_or_default();
            assert!(["400", "404", "405"].contains(&status), "{method} {path}: {reply}");
            assert!(!reply.contains("http_requests_total"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn metrics_are_public_or_nowhere_as_the_operator_says() {
    let settings = [("ANNALS_METRICS_PUBLIC", "true"), ("ANNALS_METRICS_LISTEN", "off")];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));

    assert_eq!(api.status().await["metrics"], Value::Null);
    for path in ["/metrics", "/metrics/"] {
        let metrics = answer(api.request("GET", path)).await;
        assert!(metrics.status == 200 && metrics.body.contains("http_requests_total{"), "{path}");
    }
    api.into_program().stop().await;
}

#[tokio::test]
async fn documents_and_lists_are_sent_compressed_and_not_again() {
    let api = Api::shared().await;
    for path in [
        "/docs",
        "/docs/swagger-ui-bundle.js",
        "/docs/swagger-ui.css",
        "/api/openapi.json",
        "/api/asyncapi.json",
        "/api/badges/criteria-schema",
        "/api/locations/countries?page_size=100",
        "/api/locations/cities?country=DE&page_size=100",
    ] {
        let ask = async |header: (&str, &str)| {
            let request =
                api.request("GET", path).header("accept-encoding", "gzip").header(header.0, header.1);
            let reply = request.send().await.unwrap();
            (reply.status().as_u16(), reply.headers().clone(), reply.bytes().await.unwrap())
        };
        let plain = answer(api.request("GET", path)).await;
        let (status, headers, body) = ask(("x-nothing", "")).await;
        assert_eq!((status, plain.status), (200, 200), "{path}");
        assert!(plain.header("etag").is_some() && plain.header("content-encoding").is_none(), "{path}");
        if plain.body.len() >= 1_024 {
            assert_eq!(headers["content-encoding"], "gzip", "{path}");
            assert!(headers["vary"].to_str().unwrap().contains("accept-encoding"), "{path}");
            assert!(body.len() < plain.body.len() / 2, "{path}");
        }
        let tag = headers["etag"].to_str().unwrap();
        let (known, kept, nothing) = ask(("if-none-match", tag)).await;
        assert_eq!((known, kept["etag"].to_str().unwrap(), nothing.len()), (304, tag, 0), "{path}");
    }
}
