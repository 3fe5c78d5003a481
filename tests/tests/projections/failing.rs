//! What cannot be applied: it stops nobody else, it is seen, and it goes on once mended.

use crate::{
    story::{new_session, session_started},
    world::{PATIENCE, World, until},
};
use projections::{ACCOUNTS, AUDIT_LOG, PROFILE_PAGES, Rebuilt, RunnerOptions, SESSIONS, watcher::Freshness};
use std::time::Duration;

#[tokio::test]
async fn failing_projection_parts_from_the_others_and_recovers() {
    let world = World::new().await;
    let running = world.run();
    let story = world.story().await;
    world.caught_up().await;
    world.execute("ALTER TABLE p_sessions.sessions ADD CONSTRAINT broken CHECK (epoch <> 7)").await;

    let before = world.session_event(story.user, new_session(), session_started(story.user, 1, 70)).await;
    world.session_event(story.user, new_session(), session_started(story.user, 7, 71)).await;
    let head = world.session_event(story.user, new_session(), session_started(story.user, 1, 72)).await;

    let others = world.watcher.wait_for(&[ACCOUNTS, PROFILE_PAGES, AUDIT_LOG], head, PATIENCE).await;
    assert_eq!(others, Freshness::Fresh);
    until("the event at fault is named", async || {
        let failure = world.failure("sessions").await.unwrap_or_default();
        failure.contains(&format!("session_started at position {}", before + 1)) && failure.contains("broken")
    })
    .await;
    assert_eq!(world.watcher.wait_for(&[SESSIONS], before, PATIENCE).await, Freshness::Fresh);
    let late = world.watcher.wait_for(&[SESSIONS], before + 1, Duration::from_millis(50)).await;
    assert_eq!(late, Freshness::Late);

    world.execute("ALTER TABLE p_sessions.sessions DROP CONSTRAINT broken").await;

    world.caught_up().await;
    assert_eq!(world.failure("sessions").await, None);
    world.assert_equal_to_a_replay().await;
    running.stop().await;
}

#[tokio::test]
async fn failure_survives_a_restart_and_the_others_go_on() {
    let world = World::new().await;
    let running = world.run();
    let story = world.story().await;
    world.caught_up().await;
    world
        .execute("ALTER TABLE p_profile_pages.profile_pages ADD CONSTRAINT broken CHECK (bio <> 'no')")
        .await;
    world.profile_event(story.user, annals_tests::samples::bio(story.user, "no")).await;
    until("it fails", async || world.failure("profile_pages").await.is_some()).await;
    running.stop().await;

    let running = world.run();
    let (_, _) = world.register().await;
    let head = world.watcher.head().await.unwrap();

    let others = world.watcher.wait_for(&[ACCOUNTS, SESSIONS, AUDIT_LOG], head, PATIENCE).await;
    assert_eq!(others, Freshness::Fresh);
    world.execute("ALTER TABLE p_profile_pages.profile_pages DROP CONSTRAINT broken").await;
    world.caught_up().await;
    running.stop().await;
}

#[tokio::test]
async fn locked_table_of_one_projection_does_not_stop_the_others() {
    let world = World::new().await;
    let running = world.run();
    world.story().await;
    world.caught_up().await;
    let mut holder = world.pool.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE p_accounts.accounts IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *holder)
        .await
        .unwrap();

    world.story().await;

    let head = world.watcher.head().await.unwrap();
    let others = world.watcher.wait_for(&[SESSIONS, PROFILE_PAGES, AUDIT_LOG], head, PATIENCE).await;
    assert_eq!(others, Freshness::Fresh);
    holder.rollback().await.unwrap();
    world.caught_up().await;
    running.stop().await;
}

#[tokio::test]
async fn event_of_a_newer_program_stops_the_runner_and_is_never_skipped() {
    let world = World::new().await;
    let head = {
        world.story().await;
        world.watcher.head().await.unwrap()
    };
    world
        .execute(
            "INSERT INTO es.events SELECT (SELECT max(position) + 1 FROM es.events), gen_random_uuid(), aggregate_type, aggregate_id, sequence + 1,
                'user_teleported', '1', '{\"type\":\"user_teleported\"}', '{}', recorded_at
               FROM es.events WHERE aggregate_type = 'user' ORDER BY position DESC LIMIT 1",
        )
        .await;

    let running = world.run_with(RunnerOptions { batch: 1, ..RunnerOptions::default() });
    let error = running.gave_up().await;

    assert!(error.to_string().contains("user_teleported"), "{error}");
    assert_eq!(world.count("SELECT min(position) FROM projections.cursors").await, head);
    assert_eq!(world.count("SELECT max(position) FROM projections.cursors").await, head);
}

#[tokio::test]
async fn tables_of_another_shape_are_left_alone_until_rebuilt() {
    let world = World::new().await;
    let running = world.run();
    world.story().await;
    let former = world.caught_up().await;
    running.stop().await;
    world.execute("UPDATE projections.cursors SET shape = 'older' WHERE projection = 'accounts'").await;

    let running = world.run();
    world.story().await;
    let head = world.watcher.head().await.unwrap();
    let others = world.watcher.wait_for(&[SESSIONS, PROFILE_PAGES, AUDIT_LOG], head, PATIENCE).await;
    assert_eq!(others, Freshness::Fresh);
    assert!(world.failure("accounts").await.unwrap().contains("rebuild"));
    let at = world.count("SELECT position FROM projections.cursors WHERE projection = 'accounts'").await;
    assert_eq!(at, former);

    assert_eq!(world.rebuild("accounts", false).await, Rebuilt::Swapped { position: head });

    world.story().await;
    world.caught_up().await;
    running.stop().await;
}
