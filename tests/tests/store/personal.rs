//! Personal data in the log: sealed, openable, erasable, and harmless to readers without keys.

use annals_tests::{Lab, samples::*};
use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{Aggregate, EventStore};
use domain::{
    Personal, Subject,
    profile::{Change, Profile, ProfileChanges, ProfileEvent, ProfileUpdated},
    user::{User, UserEvent},
};
use postgres_es::PostgresEventRepository;
use store::{AppendError, Metadata, Store, StoreError, StoreOptions};

/// One event about two people.
fn two_subjects(one: domain::UserId, other: domain::UserId) -> ProfileEvent {
    let set = |user, text: &str| Some(Change::Set(Personal::new(Subject::of(user), text.to_owned())));
    let changes = ProfileChanges {
        full_name: set(one, "Jane Planted"),
        bio: set(other, "with John Planted"),
        ..Default::default()
    };
    ProfileUpdated { user: one, changes, updated_at: noon() }.into()
}

#[tokio::test]
async fn the_stock_repository_loads_sealed_events_without_keys() {
    let db = Lab::db().await;
    let (store, jane, john) = (db.store().await, new_user(), new_user());
    let metadata = Metadata {
        personal: Some((
            Subject::of(jane),
            vec![("ip", "192.0.2.1".into()), ("user_agent", "planted".into())],
        )),
        ..metadata()
    };
    let mut written = submission(
        profile_stream(jane),
        0,
        vec![event(&profile_created(jane)), event(&two_subjects(jane, john))],
    );
    written.metadata = metadata;
    store.submit(written).await.unwrap();

    let repository = PostgresEventRepository::new(db.pool().await).with_tables("es.events", "es.snapshots");
    let stock = PersistedEventStore::<_, Profile>::new_event_store(repository);
    let events = stock.load_events(&jane.to_string()).await.unwrap();

    assert_eq!(events.len(), 2);
    assert!(events[1].metadata["ip"].starts_with("~p:"));
    let ProfileEvent::ProfileUpdated(updated) = &events[1].payload else { panic!("{events:?}") };
    let Some(Change::Set(name)) = &updated.changes.full_name else { panic!("{updated:?}") };
    assert_eq!((name.subject(), name.known()), (Subject::of(jane), None));
    let mut folded = Profile::default();
    events.into_iter().for_each(|e| folded.apply(e.payload));
}

#[tokio::test]
async fn what_is_planted_is_nowhere_in_clear() {
    let db = Lab::db().await;
    let (store, jane) = (db.store().await, new_user());
    let mut written = submission(
        user_stream(jane),
        0,
        vec![event(&registered(jane, "planted-name", "planted@example.com"))],
    );
    written.metadata.personal = Some((Subject::of(jane), vec![("ip", "planted-ip".into())]));
    store.submit(written).await.unwrap();

    let rows: Vec<String> =
        sqlx::query_scalar("SELECT e::text FROM es.events e UNION ALL SELECT c::text FROM es.claims c")
            .fetch_all(&db.pool().await)
            .await
            .unwrap();

    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| !row.contains("planted")), "{rows:?}");
    let read = store.reader().after(0, 10).await.unwrap().remove(0);
    assert!(store.opener().open(&read).await.unwrap().contains("planted@example.com"));
    let ip = &read.metadata()["ip"];
    assert_eq!(store.opener().open_entry(&read, ip).await.unwrap().as_deref(), Some("planted-ip"));
}

#[tokio::test]
async fn a_ciphertext_moved_to_another_event_does_not_open() {
    let (store, jane) = (Lab::db().await.store().await, new_user());
    store
        .submit(submission(user_stream(jane), 0, vec![event(&registered(jane, "jane", "j@example.com"))]))
        .await
        .unwrap();
    let mut moved = store.reader().after(0, 1).await.unwrap().remove(0);
    moved.sequence = 2;

    assert!(matches!(store.opener().open(&moved).await, Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn with_the_key_destroyed_everything_still_replays_and_nothing_more_is_recorded() {
    let db = Lab::db().await;
    let (store, jane) = (db.store().await, new_user());
    store
        .submit(submission(user_stream(jane), 0, vec![event(&registered(jane, "jane", "j@example.com"))]))
        .await
        .unwrap();

    store.keys().destroy(Subject::of(jane)).await.unwrap();

    let elsewhere = db.store().await;
    assert_eq!(elsewhere.load::<User>(jane).await.unwrap().version, 1);
    let read = elsewhere.reader().after(0, 1).await.unwrap().remove(0);
    let opened: UserEvent = serde_json::from_str(&elsewhere.opener().open(&read).await.unwrap()).unwrap();
    let UserEvent::UserRegistered(registered) = opened else { panic!("{opened:?}") };
    assert_eq!(registered.email, Personal::Erased { subject: Subject::of(jane) });
    let more = store.submit(submission(profile_stream(jane), 0, vec![event(&bio(jane, "again"))])).await;
    assert!(matches!(more, Err(AppendError::Store(StoreError::Erased(_)))), "{more:?}");
}

#[tokio::test]
async fn old_backup_of_the_log_beside_the_present_key_store_leaves_the_erased_erased() {
    let (db, restored) = (Lab::db().await, Lab::db().await);
    let (store, jane, john) = (db.store().await, new_user(), new_user());
    for (user, name) in [(jane, "jane"), (john, "john")] {
        let registered = event(&registered(user, name, &format!("{name}@example.com")));
        store.submit(submission(user_stream(user), 0, vec![registered])).await.unwrap();
    }
    let backup: String = sqlx::query_scalar("SELECT json_agg(e ORDER BY e.position)::text FROM es.events e")
        .fetch_one(&db.pool().await)
        .await
        .unwrap();
    store.keys().destroy(Subject::of(jane)).await.unwrap();

    sqlx::query("INSERT INTO es.events SELECT * FROM json_populate_recordset(NULL::es.events, $1::json)")
        .bind(backup)
        .execute(&restored.pool().await)
        .await
        .unwrap();
    let old = StoreOptions { keys_url: db.options().keys_url, ..restored.options() };
    let old = Store::connect(old).await.unwrap();

    let email = async |user| old.load::<User>(user).await.unwrap().state.email.unwrap();
    assert_eq!(email(jane).await, Personal::Erased { subject: Subject::of(jane) });
    assert_eq!(email(john).await.known().map(String::as_str), Some("john@example.com"));
}
