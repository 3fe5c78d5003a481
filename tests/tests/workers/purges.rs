//! What an erasure takes off the disks, and what it says where it may not or cannot.

use crate::rig::{Rig, at, until};
use annals::disk::{Disk, Mails, Maintenance};
use domain::{
    UserId,
    user::{Place, User},
};
use projections::{RebuildOptions, Rebuilt, Watcher, in_clear, rebuild, rewrite};
use sqlx::{Connection, PgConnection};
use std::{sync::Arc, time::Duration};
use store::{Maintainer, Step};
use workers::Disk as _;

const DAY: i64 = 86_400;

async fn is_certified(rig: &Rig, user: UserId) -> bool {
    let erased = rig.store.load_fresh::<User>(user).await.unwrap().state.erased;
    erased.is_some_and(|erased| erased.is_certified)
}

#[tokio::test]
async fn what_the_roles_of_an_operator_may_not_purge_stands_in_the_certificate() {
    let rig = Rig::new().await;
    let jane = rig.registers("jane@example.com").await.id;
    rig.asks_for_deletion(jane).await.unwrap();
    rig.clock.set(at(15 * DAY));
    let _projections = rig.projections();
    let _workers = rig.workers(&rig.no_mail()).await;

    until("she is erased", async || is_certified(&rig, jane).await).await;

    let disk: String =
        sqlx::query_scalar("SELECT payload->'disk' FROM es.events WHERE event_type = 'erasure_certified'")
            .fetch_one(&rig.pool)
            .await
            .map(|disk: serde_json::Value| disk.to_string())
            .unwrap();
    let disk: domain::user::DiskPurge = serde_json::from_str(&disk).unwrap();
    assert_eq!(disk.clean, [Place::ReadModels, Place::KeyStore].into());
    for place in [
        Place::Statistics,
        Place::WriteAheadLog,
        Place::Backups,
        Place::FileSystem,
        Place::MailServers,
        // Of other nodes, and from before mails were sent.
        Place::Outbox,
        Place::RefusedDeeds,
    ] {
        assert!(disk.remaining.contains(&place), "{place:?}: {disk:?}");
    }
}

#[tokio::test]
async fn those_who_ask_during_a_purge_share_the_next_one() {
    let rig = Rig::new().await;
    rig.registers("jane@example.com").await;
    let _projections = rig.projections();
    let disk = Arc::new(rig.disk());
    let position = rig.store.reader().head().await.unwrap();

    let purges = futures::future::join_all((0..6).map(|_| disk.purge(position))).await;

    assert!(purges.iter().all(Result::is_ok), "{purges:?}");
    let generation: i32 =
        sqlx::query_scalar("SELECT generation FROM projections.cursors WHERE projection = 'accounts'")
            .fetch_one(&rig.pool)
            .await
            .unwrap();
    assert_eq!(generation, 3, "one for the first, one for all who came meanwhile");
}

#[tokio::test]
async fn rewritten_read_model_is_the_same_and_none_of_its_files_is() {
    let rig = Rig::new().await;
    for name in ["jane", "john"] {
        rig.registers(&format!("{name}@example.com")).await;
    }
    let _projections = rig.projections();
    let head = rig.store.reader().head().await.unwrap();
    let watcher = Watcher::new(rig.pool.clone());
    watcher.wait_for(&projections::NAMES, head, Duration::from_secs(20)).await;
    let files = async || -> Vec<i64> {
        let sql = "SELECT c.relfilenode::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'i')";
        let schemas: Vec<String> = in_clear().iter().map(|name| format!("p_{name}")).collect();
        sqlx::query_scalar(sql).bind(schemas).fetch_all(&rig.pool).await.unwrap()
    };
    let before = files().await;

    for name in in_clear() {
        rewrite(&rig.store, name).await.unwrap();
    }

    let after = files().await;
    assert_eq!(before.len(), after.len());
    assert!(before.iter().all(|file| !after.contains(file)), "a file is still in use");
    for name in in_clear() {
        let options = RebuildOptions { check: true, ..RebuildOptions::default() };
        let checked = rebuild(&rig.store, name.as_str(), options, |_| {}).await.unwrap();
        assert!(matches!(checked, Rebuilt::Same { .. }), "{name}: {checked:?}");
    }
}

#[tokio::test]
async fn transaction_that_stands_open_holds_the_statistics_up() {
    let rig = Rig::new().await;
    let mut old = PgConnection::connect(&rig.db.url).await.unwrap();
    sqlx::raw_sql("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").execute(&mut old).await.unwrap();
    let mut maintainer = Maintainer::connect(&rig.db.url).await.unwrap();

    // Something is deleted that the old transaction could still see.
    sqlx::raw_sql("CREATE TABLE gone (n int); DROP TABLE gone").execute(&rig.pool).await.unwrap();

    assert_eq!(maintainer.rewrite_statistics(Duration::ZERO).await.unwrap(), Step::Held);
    old.close().await.unwrap();
    assert_eq!(maintainer.rewrite_statistics(Duration::from_secs(20)).await.unwrap(), Step::Done);
}

#[tokio::test]
async fn files_that_a_slot_keeps_are_not_taken_for_gone() {
    let rig = Rig::new().await;
    let mut maintainer = Maintainer::connect(&rig.db.url).await.unwrap();
    let slot = format!("kept_{}", rig.db.name);
    sqlx::query("SELECT pg_create_physical_replication_slot($1, true)")
        .bind(&slot)
        .execute(&rig.pool)
        .await
        .unwrap();

    let held = maintainer.empty_wal().await.unwrap();
    sqlx::query("SELECT pg_drop_replication_slot($1)").bind(&slot).execute(&rig.pool).await.unwrap();

    assert_eq!(held, Step::Held);
    assert_eq!(maintainer.empty_wal().await.unwrap(), Step::Done);
}

#[tokio::test]
async fn session_of_the_supervisor_purges_statistics_as_well() {
    let rig = Rig::new().await;
    rig.registers("jane@example.com").await;
    let _projections = rig.projections();
    let supervisor = Maintenance::by(rig.db.url.clone(), rig.db.keys_url.clone());
    let watcher = Watcher::new(rig.pool.clone());
    let disk = Disk::new(rig.store.clone(), watcher, supervisor, Mails::Sent, Arc::new(rig.clock.clone()));

    let purge = disk.purge(rig.store.reader().head().await.unwrap()).await.unwrap();

    for place in [Place::ReadModels, Place::KeyStore, Place::Statistics] {
        assert!(purge.clean.contains(&place), "{place:?}: {purge:?}");
    }
}
