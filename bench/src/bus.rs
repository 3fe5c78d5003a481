//! From the acknowledged commit to a plain NATS client.

use crate::{
    commands::{executor, owner, system, toggle},
    report::{Floor, Latencies, Report},
};
use annals::embedded::User;
use annals_tests::{
    Lab,
    samples::{new_user, noon},
};
use bus::{Bus, Names, Options, Relay, RelayOptions};
use domain::profile::{CreateProfile, Profile};
use futures::StreamExt;
use secrecy::SecretBox;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

const RATE: u64 = 2_000;
const SECONDS: u64 = 10;
/// The floor.
const LATE: Duration = Duration::from_millis(2);
/// Late events that are nearer than this were held up by the same thing.
const APART: Duration = Duration::from_millis(10);

pub async fn commit_to_client(report: &mut Report) {
    let lab = Lab::get().await;
    let db = Lab::db().await;
    let executor = executor(&db).await;
    let store = db.store().await;
    drop(store);
    let names = Names { stream: format!("BENCH_{}", db.name), prefix: format!("{}.events", db.name) };
    let stop = CancellationToken::new();
    let relay_bus = Bus::connect(Options {
        url: lab.nats_url(User::Relay),
        names: names.clone(),
        cluster_key: SecretBox::new(Box::new([3; 32])),
        log: executor_store(&executor).log_id(),
    })
    .await
    .unwrap();
    let relay = tokio::spawn(
        Relay::new(executor_store(&executor).clone(), relay_bus, RelayOptions::default()).run(stop.clone()),
    );
    let client = lab.plain_nats(User::ReadOnly).await;
    let mut messages = client.subscribe(names.all()).await.unwrap();
    let received: Arc<Mutex<HashMap<i64, Instant>>> = Arc::default();
    let receiving = tokio::spawn({
        let received = Arc::clone(&received);
        async move {
            while let Some(message) = messages.next().await {
                let now = Instant::now();
                let position =
                    message.headers.as_ref().and_then(|h| h.get("annals-position")?.as_str().parse().ok());
                received.lock().unwrap().entry(position.unwrap()).or_insert(now);
            }
        }
    });
    let users: Vec<_> = (0..200).map(|_| new_user()).collect();
    for user in &users {
        executor.run::<Profile>(*user, CreateProfile { user: *user, at: noon() }, &system()).await.unwrap();
    }
    let mut acknowledged = Vec::new();
    let begin = Instant::now();
    for n in 0..RATE * SECONDS {
        tokio::time::sleep_until((begin + Duration::from_micros(n * 1_000_000 / RATE)).into()).await;
        let (executor, user) = (executor.clone(), users[n as usize % users.len()]);
        acknowledged.push(tokio::spawn(async move {
            let done = executor.run::<Profile>(user, toggle(user, n / 200), &owner(user)).await.unwrap();
            (done.receipt.position, Instant::now())
        }));
    }
    let (mut latencies, mut late) = (Latencies::default(), Vec::new());
    let acknowledged: Vec<(i64, Instant)> =
        futures::future::join_all(acknowledged).await.into_iter().map(Result::unwrap).collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    for (position, at) in &acknowledged[acknowledged.len() / 10..] {
        let seen = received.lock().unwrap().get(position).copied();
        let took = seen.expect("every position arrives").saturating_duration_since(*at);
        latencies.add(took);
        if took > LATE {
            late.push(*at);
        }
    }
    stop.cancel();
    relay.await.unwrap();
    receiving.abort();
    late.sort_unstable();
    let stalls = late.chunk_by(|one, next| *next - *one < APART).count();
    let detail = format!(
        "{}; {} events over {} ms in {stalls} stalls; {}",
        latencies.summary(),
        late.len(),
        LATE.as_millis(),
        client.server_info().version
    );
    report.row(
        "commit → NATS client at 2,000 events/s, p99",
        latencies.quantile(0.99),
        "ms",
        Floor::AtMost(LATE.as_secs_f64() * 1_000.0),
        &detail,
    );
}

fn executor_store(executor: &commands::Executor) -> &store::Store {
    executor.store()
}
