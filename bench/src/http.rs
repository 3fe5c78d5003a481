//! The whole pipeline: `annals serve` as a process of its own, driven over HTTP.

use crate::report::{Floor, Latencies, Report};
use annals_tests::program::Program;
use reqwest::{Client, header::HeaderMap};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

const ACCOUNTS: usize = 32;
const RATE: u64 = 500;
const SECONDS: u64 = 10;
const PASSWORD: &str = "a long walk at dusk";

pub async fn run(report: &mut Report) {
    let program = Program::start().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let memory = program.resident_mebibytes();
    report.row(
        "resident memory of `annals serve`, idle, without the servers",
        memory,
        "MiB",
        Floor::AtMost(50.0),
        "",
    );
    let tokens = Arc::new(accounts(&program).await);
    let client = Client::new();
    paced(report, &program, &client, &tokens).await;
    for (name, prefer) in [("waiting", None), ("respond-async", Some("respond-async"))] {
        closed_loop(report, &program, &client, &tokens, name, prefer).await;
    }
    program.stop().await;
}

async fn accounts(program: &Program) -> Vec<String> {
    let mut tokens = Vec::new();
    for n in 0..ACCOUNTS {
        program.create_user(&format!("bench{n}"), &format!("bench{n}@example.com"), "normal", PASSWORD).await;
        let body = json!({ "username": format!("bench{n}"), "password": PASSWORD });
        let login: Value = Client::new()
            .post(program.url("/api/auth/login"))
            .json(&body)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        tokens.push(login["access_token"].as_str().expect("a token").to_owned());
    }
    tokens
}

async fn change(
    client: &Client,
    program_url: &str,
    token: &str,
    n: u64,
    prefer: Option<&'static str>,
) -> HeaderMap {
    let mut request =
        client.patch(program_url).bearer_auth(token).json(&json!({ "bio": format!("walk number {n}") }));
    if let Some(prefer) = prefer {
        request = request.header("prefer", prefer);
    }
    let reply = request.send().await.unwrap();
    assert!(reply.status().is_success(), "{}", reply.status());
    let headers = reply.headers().clone();
    reply.bytes().await.unwrap();
    headers
}

/// 500 commands a second, whatever the replies take.
async fn paced(report: &mut Report, program: &Program, client: &Client, tokens: &Arc<Vec<String>>) {
    let url = program.url("/api/users/profile");
    let begin = Instant::now();
    let mut requests = Vec::new();
    for n in 0..RATE * SECONDS {
        let due = begin + Duration::from_micros(n * 1_000_000 / RATE);
        tokio::time::sleep_until(due.into()).await;
        let (client, url, tokens) = (client.clone(), url.clone(), Arc::clone(tokens));
        requests.push(tokio::spawn(async move {
            let begin = Instant::now();
            let headers = change(&client, &url, &tokens[n as usize % ACCOUNTS], n, None).await;
            (begin.elapsed(), headers.get("annals-fresh").is_none_or(|fresh| fresh != "false"))
        }));
    }
    let mut latencies = Latencies::default();
    let mut stale = 0;
    for (n, request) in requests.into_iter().enumerate() {
        let (latency, fresh) = request.await.unwrap();
        if n > 500 {
            latencies.add(latency);
        }
        stale += u32::from(!fresh);
    }
    let detail = format!("{}; {stale} replies past the bound", latencies.summary());
    report.row(
        "fresh command reply over HTTP at 500 commands/s, p99",
        latencies.quantile(0.99),
        "ms",
        Floor::AtMost(10.0),
        &detail,
    );
}

async fn closed_loop(
    report: &mut Report,
    program: &Program,
    client: &Client,
    tokens: &Arc<Vec<String>>,
    name: &str,
    prefer: Option<&'static str>,
) {
    let url = program.url("/api/users/profile");
    let counter = Arc::new(AtomicU64::new(0));
    let (begin, cpu) = (Instant::now(), program.cpu_seconds());
    let loops = (0..ACCOUNTS).map(|n| {
        let (client, url, tokens, counter) =
            (client.clone(), url.clone(), Arc::clone(tokens), Arc::clone(&counter));
        tokio::spawn(async move {
            while begin.elapsed() < Duration::from_secs(8) {
                change(&client, &url, &tokens[n], counter.fetch_add(1, Ordering::Relaxed), prefer).await;
            }
        })
    });
    futures::future::join_all(loops.collect::<Vec<_>>()).await;
    let requests = counter.load(Ordering::Relaxed) as f64;
    let per_second = requests / begin.elapsed().as_secs_f64();
    let cpu = (program.cpu_seconds() - cpu) * 1e6 / requests;
    let detail = format!("{cpu:.0} µs CPU of the program per request, without the servers");
    report.row(
        &format!("profile change with JWT, 32 clients, {name}"),
        per_second,
        "/s",
        Floor::Shown,
        &detail,
    );
}
