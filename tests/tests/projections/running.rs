//! The runner: every event once, whoever runs.

use crate::world::World;
use domain::catalogue::CATALOGUE;
use projections::{RunnerOptions, RunnerState};
use std::collections::BTreeSet;

#[tokio::test]
async fn every_kind_of_event_reaches_every_projection() {
    let world = World::new().await;
    world.story().await;

    let running = world.run();
    world.caught_up().await;

    let told: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT event_type FROM es.events").fetch_all(&world.pool).await.unwrap();
    let known: BTreeSet<&str> =
        CATALOGUE.iter().flat_map(|kinds| kinds.iter()).map(|kind| kind.event_type).collect();
    assert_eq!(told.iter().map(String::as_str).collect::<BTreeSet<_>>(), known);
    assert_eq!(world.count("SELECT count(*) FROM projections.cursors WHERE failed IS NOT NULL").await, 0);
    world.assert_equal_to_a_replay().await;
    running.stop().await;
}

#[tokio::test]
async fn small_batches_and_restarts_give_the_rows_of_a_replay() {
    let world = World::new().await;
    for batch in [1, 2, 7, 1_000] {
        world.story().await;
        let running = world.run_with(RunnerOptions { batch, ..RunnerOptions::default() });
        world.caught_up().await;
        running.stop().await;
    }

    world.assert_equal_to_a_replay().await;
}

#[tokio::test]
async fn two_runners_at_once_apply_each_event_once() {
    let world = World::new().await;
    let options = RunnerOptions { batch: 3, exclusive: false };
    let rivals = [world.run_with(options), world.run_with(options), world.run_with(options)];

    for _ in 0..8 {
        world.story().await;
    }
    let head = world.caught_up().await;

    assert_eq!(world.count("SELECT count(*) FROM p_audit_log.audit_log").await, head);
    world.assert_equal_to_a_replay().await;
    for rival in rivals {
        rival.stop().await;
    }
}

#[tokio::test]
async fn events_below_the_cursor_are_ignored() {
    let world = World::new().await;
    world.story().await;
    let running = world.run();
    let head = world.caught_up().await;
    running.stop().await;

    let again = world.run();
    world.story().await;
    world.caught_up().await;

    let rows = world.count("SELECT count(*) FROM p_audit_log.audit_log").await;
    assert_eq!(rows, 2 * head);
    again.stop().await;
}

#[tokio::test]
async fn only_one_runner_works_and_the_next_takes_over() {
    let world = World::new().await;
    let first = world.run();
    world.story().await;
    world.caught_up().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let second = projections::Runner::new(
        &world.store,
        world.feed.clone(),
        world.watcher.clone(),
        RunnerOptions::default(),
    );
    let mut state = second.state();
    let task = tokio::spawn(second.run(stop.clone()));
    state.wait_for(|state| *state == RunnerState::Standby).await.unwrap();

    first.stop().await;

    state.wait_for(|state| *state == RunnerState::Running).await.unwrap();
    world.story().await;
    world.caught_up().await;
    stop.cancel();
    task.await.unwrap().unwrap();
}
