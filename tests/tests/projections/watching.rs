//! Reading one's own writes: waiting is short, bounded and never wrong.

use crate::world::{PATIENCE, World};
use annals_tests::samples;
use projections::{ACCOUNTS, NAMES, PROFILE_PAGES, Watcher, watcher::Freshness};
use std::time::{Duration, Instant};

#[tokio::test]
async fn own_write_is_read_after_the_wait() {
    let world = World::new().await;
    let running = world.run();
    let queries = world.queries();
    let (user, _) = world.register().await;
    for n in 0..20 {
        let text = format!("words {n}");
        let position = world.profile_event(user, samples::bio(user, &text)).await;

        let fresh = queries.watcher().wait_for(&[PROFILE_PAGES], position, PATIENCE).await;

        assert_eq!(fresh, Freshness::Fresh);
        assert_eq!(queries.find_profile(user).await.unwrap().unwrap().bio, Some(text));
    }
    running.stop().await;
}

#[tokio::test]
async fn wait_ends_at_its_bound_when_nothing_runs() {
    let world = World::new().await;
    world.register().await;
    let begun = Instant::now();

    let late = world.watcher.wait_for(&[ACCOUNTS], 1, Duration::from_millis(60)).await;

    assert_eq!(late, Freshness::Late);
    assert!(begun.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn node_without_a_runner_sees_the_progress_of_others() {
    let world = World::new().await;
    let running = world.run();
    world.story().await;
    let head = world.watcher.head().await.unwrap();
    let elsewhere = Watcher::new(world.pool.clone());

    let many = (0..50).map(|_| elsewhere.wait_for(&NAMES, head, PATIENCE));

    assert!(futures::future::join_all(many).await.iter().all(|fresh| *fresh == Freshness::Fresh));
    assert_eq!(elsewhere.positions().await.unwrap()[&ACCOUNTS], head);
    assert!(elsewhere.lag().await.unwrap().values().all(|lag| *lag == 0));
    running.stop().await;
}

#[tokio::test]
async fn cursor_that_went_back_in_a_crash_is_believed() {
    let world = World::new().await;
    let running = world.run();
    world.story().await;
    let head = world.caught_up().await;
    running.stop().await;
    tokio::time::sleep(Duration::from_millis(150)).await;

    world.execute("UPDATE projections.cursors SET position = 1 WHERE projection = 'accounts'").await;

    let late = world.watcher.wait_for(&[ACCOUNTS], head, Duration::from_millis(60)).await;
    assert_eq!(late, Freshness::Late);
}
