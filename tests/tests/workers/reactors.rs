//! Event → job: each event calls for its work once, and history calls nobody.

use crate::{rig::Rig, smtp::SmtpServer};
use bus::Feed;
use domain::AnyEvent;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use store::Recorded;
use tokio::{sync::Notify, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use workers::{
    SendEmail,
    jobs::{NewJob, Queue},
    reactors::{Reactor, ReactorError, Runner},
};

fn run(rig: &Rig, reactor: impl Reactor, stop: &CancellationToken) -> JoinHandle<Result<(), ReactorError>> {
    let feed = Feed::new(rig.store.reader(), None);
    let runner = Runner::new(reactor, feed, Queue::new(&rig.pool), Arc::new(Notify::new()));
    tokio::spawn(runner.run(stop.clone()))
}

/// Wants something done about every event.
struct Eager;

impl Reactor for Eager {
    const NAME: &'static str = "be_eager";

    fn jobs(&self, _event: &AnyEvent, recorded: &Recorded) -> Vec<NewJob> {
        vec![NewJob {
            kind: "test",
            target: recorded.aggregate_id.clone(),
            payload: json!({}),
            not_before: None,
        }]
    }
}

#[tokio::test]
async fn redelivered_events_queue_nothing_twice() {
    let rig = Rig::new().await;
    let stop = CancellationToken::new();
    let mut jane = rig.registers("jane@example.com").await;
    for _ in 0..5 {
        rig.asks_for_a_code(&mut jane).await;
    }
    let first = run(&rig, SendEmail, &stop);
    rig.reaches_the_head("send_email").await;
    stop.cancel();
    first.await.unwrap().unwrap();

    sqlx::query("UPDATE workers.reactors SET position = 0").execute(&rig.pool).await.unwrap();
    let stop = CancellationToken::new();
    let again = run(&rig, SendEmail, &stop);
    rig.reaches_the_head("send_email").await;

    stop.cancel();
    again.await.unwrap().unwrap();
    assert_eq!(
        rig.rows().await.len(),
        5 + 4,
        "five codes; each but the first may be of a change of the address"
    );
}

#[tokio::test]
async fn new_reactor_starts_at_the_head() {
    let rig = Rig::new().await;
    let mut jane = rig.registers("jane@example.com").await;
    rig.asks_for_a_code(&mut jane).await;
    let stop = CancellationToken::new();
    let runner = run(&rig, Eager, &stop);
    rig.reaches_the_head("be_eager").await;
    assert_eq!(rig.rows().await.len(), 0);

    rig.registers("joe@example.com").await;

    rig.reaches_the_head("be_eager").await;
    assert_eq!(rig.rows().await.len(), 1);
    stop.cancel();
    runner.await.unwrap().unwrap();
}

/// The whole role over a log full of codes that were asked for before it was there.
#[tokio::test]
async fn history_sends_no_mail() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let mut jane = rig.registers("jane@example.com").await;
    rig.asks_for_a_code(&mut jane).await;
    sqlx::query("DELETE FROM workers.reactors").execute(&rig.pool).await.unwrap();

    let _workers = rig.workers(&server.mailer()).await;

    rig.reaches_the_head("send_email").await;
    let mut joe = rig.registers("joe@example.com").await;
    rig.asks_for_a_code(&mut joe).await;
    assert_eq!(server.receives(1).await[0].header("To"), "joe@example.com");
    assert_eq!(rig.settles(1).await.len(), 1);
}

/// Between the migration and the first start somebody may register.
#[tokio::test]
async fn code_asked_for_before_the_first_start_is_sent() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let mut jane = rig.registers("jane@example.com").await;
    rig.asks_for_a_code(&mut jane).await;

    let _workers = rig.workers(&server.mailer()).await;

    assert_eq!(server.receives(1).await[0].header("To"), "jane@example.com");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reactors_of_two_nodes_queue_each_job_once() {
    let rig = Rig::new().await;
    let stop = CancellationToken::new();
    let mut jane = rig.registers("jane@example.com").await;
    let nodes = [run(&rig, SendEmail, &stop), run(&rig, SendEmail, &stop)];

    for _ in 0..60 {
        rig.asks_for_a_code(&mut jane).await;
    }

    rig.reaches_the_head("send_email").await;
    assert_eq!(rig.rows().await.len(), 60 + 59, "each code but the first may be of a change of the address");
    stop.cancel();
    for node in nodes {
        node.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn event_of_a_newer_binary_ends_the_role_and_is_not_passed() {
    let rig = Rig::new().await;
    let mut jane = rig.registers("jane@example.com").await;
    rig.asks_for_a_code(&mut jane).await;
    let head = rig.store.reader().head().await.unwrap();
    sqlx::query(
        "INSERT INTO es.events SELECT position + 1, gen_random_uuid(), 'user', gen_random_uuid()::text, 1,
                event_type, '99', payload, metadata, recorded_at FROM es.events ORDER BY position DESC LIMIT 1",
    )
    .execute(&rig.pool)
    .await
    .unwrap();
    let stop = CancellationToken::new();

    let ended = timeout(Duration::from_secs(20), run(&rig, SendEmail, &stop)).await.unwrap().unwrap();

    assert!(
        matches!(ended, Err(ReactorError::Unreadable { position, .. }) if position == head + 1),
        "{ended:?}"
    );
    assert_eq!(rig.position("send_email").await, Some(head));
    assert_eq!(rig.rows().await.len(), 1, "what came before it is queued");
}
