//! A generation is replaced under readers and writers, and nobody sees it.

use crate::world::World;
use annals_tests::samples;
use projections::{NAMES, Numbered, RebuildError, RebuildOptions, Rebuilt, Stretch, audit_log::AuditFilter};
use sqlx::{Connection, PgConnection};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn rebuild_yields_the_same_rows_as_live_and_raises_the_generation() {
    let world = World::new().await;
    let running = world.run();
    world.story().await;
    let head = world.caught_up().await;

    for name in NAMES {
        assert_eq!(world.rebuild(name.as_str(), false).await, Rebuilt::Swapped { position: head });
    }

    world.assert_equal_to_a_replay().await;
    let second = 2 * i64::try_from(NAMES.len()).unwrap();
    assert_eq!(world.count("SELECT sum(generation) FROM projections.cursors").await, second);
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname ~ '^p_.*(next|old)$'";
    assert_eq!(world.count(schemas).await, 0);
    world.story().await;
    world.caught_up().await;
    running.stop().await;
}

#[tokio::test]
async fn check_finds_rows_that_the_log_does_not_make() {
    let world = World::new().await;
    let running = world.run();
    world.story().await;
    let position = world.caught_up().await;
    world.execute("UPDATE p_accounts.accounts SET role = 'owner'").await;

    let rebuilt = world.rebuild("accounts", true).await;

    assert_eq!(rebuilt, Rebuilt::Different { position, tables: vec!["accounts".into()] });
    assert_eq!(world.rebuild("accounts", false).await, Rebuilt::Swapped { position });
    assert_eq!(world.rebuild("accounts", true).await, Rebuilt::Same { position });
    running.stop().await;
}

#[tokio::test]
async fn stopped_rebuild_is_continued_or_begun_anew() {
    let world = World::new().await;
    world.story().await;
    let head = world.watcher.head().await.unwrap();
    let options = RebuildOptions { batch: 4, ..RebuildOptions::default() };
    let begin = async || {
        let (stop, stopped) = tokio::sync::mpsc::channel::<()>(1);
        let mut steps = 0;
        let progress = move |_| {
            steps += 1;
            if steps == 2 {
                stop.try_send(()).unwrap();
            }
        };
        stop_at(projections::rebuild(&world.store, "audit_log", options, progress), stopped).await;
    };

    begin().await;
    let mut first = None;
    let resume = RebuildOptions { resume: true, ..options };
    let resumed = projections::rebuild(&world.store, "audit_log", resume, |progress| {
        first.get_or_insert(progress.position);
    })
    .await;

    assert_eq!(resumed.unwrap(), Rebuilt::Swapped { position: head });
    assert!(first.unwrap() > 8, "went on after what was left: {first:?}");
    begin().await;
    assert_eq!(world.rebuild("audit_log", false).await, Rebuilt::Swapped { position: head });
    assert_eq!(world.rebuild("audit_log", true).await, Rebuilt::Same { position: head });
}

/// Drops the future at the first word.
async fn stop_at(rebuild: impl Future, mut stopped: tokio::sync::mpsc::Receiver<()>) {
    tokio::select! {
        biased;
        word = stopped.recv() => word.unwrap(),
        _ = rebuild => panic!("it was not stopped"),
    }
}

#[tokio::test]
async fn projection_that_is_not_there_is_refused() {
    let world = World::new().await;

    let refused = projections::rebuild(&world.store, "horoscope", RebuildOptions::default(), |_| {}).await;

    assert!(matches!(refused, Err(RebuildError::Unknown(_))));
}

#[tokio::test]
async fn second_rebuild_of_the_same_projection_is_refused() {
    let world = World::new().await;
    for _ in 0..5 {
        world.story().await;
    }
    let options = RebuildOptions { batch: 1, ..RebuildOptions::default() };
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let first = projections::rebuild(&world.store, "sessions", options, |_| begun.send(()).unwrap());
    let second = async {
        begins.recv().await.unwrap();
        projections::rebuild(&world.store, "sessions", options, |_| {}).await
    };

    let (first, second) = tokio::join!(first, second);

    assert!(first.is_ok());
    assert!(matches!(second, Err(RebuildError::Busy(_))), "{second:?}");
}

#[tokio::test]
async fn rebuild_that_waits_for_a_batch_keeps_no_reader_waiting() {
    let world = World::new().await;
    let running = world.run();
    world.story().await;
    let position = world.caught_up().await;
    let impatient = world.pool.connect_options().as_ref().clone().options([("lock_timeout", "25ms")]);
    let mut reader = PgConnection::connect_with(&impatient).await.unwrap();
    let begun = Notify::new();
    let options = RebuildOptions { batch: 1, ..RebuildOptions::default() };
    let rebuild = projections::rebuild(&world.store, "accounts", options, |_| begun.notify_one());

    let (rebuilt, ()) = tokio::join!(rebuild, async {
        begun.notified().await;
        let mut batch = world.pool.begin().await.unwrap();
        let move_cursor = "UPDATE projections.cursors SET updated_at = now() WHERE projection = 'accounts'";
        sqlx::query(move_cursor).execute(&mut *batch).await.unwrap();
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            sqlx::query("SELECT count(*) FROM p_accounts.accounts").execute(&mut reader).await.unwrap();
        }
        batch.commit().await.unwrap();
    });

    assert_eq!(rebuilt.unwrap(), Rebuilt::Swapped { position });
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_and_the_runner_never_notice_a_rebuild() {
    let world = Arc::new(World::new().await);
    let running = world.run();
    let story = world.story().await;
    world.caught_up().await;
    let stop = CancellationToken::new();
    let queries = world.queries();
    let mut crew = Vec::new();
    for _ in 0..3 {
        let (queries, stop, user) = (queries.clone(), stop.clone(), story.user);
        crew.push(tokio::spawn(async move {
            let mut reads = 0;
            while !stop.is_cancelled() {
                assert!(queries.find_account(user).await.unwrap().is_some());
                assert!(queries.find_profile(user).await.unwrap().is_some());
                let sessions = queries.list_sessions(user, Numbered { number: 1, size: 10 }).await.unwrap();
                assert_eq!(sessions.results.len(), 4);
                let stretch = Stretch { order: Default::default(), seek: None, limit: 5 };
                assert_eq!(
                    queries.list_audit(&AuditFilter::default(), stretch).await.unwrap().results.len(),
                    5
                );
                reads += 1;
            }
            reads
        }));
    }
    let writer = tokio::spawn({
        let (world, stop) = (Arc::clone(&world), stop.clone());
        async move {
            while !stop.is_cancelled() {
                let (user, _) = world.register().await;
                world.profile_event(user, samples::bio(user, "words")).await;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
    });

    for _ in 0..3 {
        for name in NAMES {
            assert!(matches!(world.rebuild(name.as_str(), false).await, Rebuilt::Swapped { .. }));
        }
    }

    stop.cancel();
    writer.await.unwrap();
    for reader in crew {
        assert!(reader.await.unwrap() > 0);
    }
    world.caught_up().await;
    world.assert_equal_to_a_replay().await;
    running.stop().await;
}
