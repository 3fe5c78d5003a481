//! The master key and the index key are replaced while two processes go on.

use annals_tests::{Db, Lab, samples::*};
use domain::{Subject, UserId, aggregate::ClaimKind};
use secrecy::SecretBox;
use sqlx::Row;
use std::collections::HashSet;
use store::{
    AppendError, ClaimChange, IdempotencyKey, OtherKeys, ServerKeys, Store, StoreError, StoreOptions,
    Submission,
};
use uuid::Uuid;

const OLD: u8 = 1;
const NEW: u8 = 9;

fn key(byte: u8) -> SecretBox<[u8; 32]> {
    SecretBox::new(Box::new([byte; 32]))
}

/// A process with these index keys.
async fn store(db: &Db, present: u8, other: Option<u8>) -> Store {
    let others = OtherKeys { master: None, index: other.map(key) };
    let keys = ServerKeys { master: key(OLD), index: key(present), others };
    Store::connect(StoreOptions { keys, ..db.options() }).await.unwrap()
}

/// A process with these master keys.
async fn keeper(db: &Db, present: u8, other: Option<u8>) -> Store {
    let others = OtherKeys { master: other.map(key), index: None };
    let keys = ServerKeys { master: key(present), index: key(OLD), others };
    Store::connect(StoreOptions { keys, ..db.options() }).await.unwrap()
}

/// A registration that takes the name, as the use case makes it.
fn registration(user: UserId, name: &str) -> Submission {
    Submission {
        claims: vec![claim(user, name, true)],
        ..submission(user_stream(user), 0, vec![event(&registered(user, name, "x@example.com"))])
    }
}

fn claim(user: UserId, name: &str, take: bool) -> ClaimChange {
    ClaimChange { kind: ClaimKind::Username, value: name.into(), owner: user.uuid(), take }
}

fn release(user: UserId, name: &str) -> Submission {
    let changed = vec![event(&bio(user, name))];
    Submission { claims: vec![claim(user, name, false)], ..submission(profile_stream(user), 0, changed) }
}

async fn owner(store: &Store, name: &str) -> Option<Uuid> {
    store.claim_owner(ClaimKind::Username, name).await.unwrap()
}

async fn rekey(store: &Store) -> i64 {
    let mut moved = 0;
    loop {
        let done = store.rekey_claims().await.unwrap().unwrap();
        moved += done.moved;
        if done.position == done.head {
            return moved;
        }
    }
}

#[tokio::test]
async fn value_is_unique_through_every_stage_of_replacing_the_index_key() {
    let db = Lab::db().await;
    let before = store(&db, OLD, None).await;
    let (announced, swapped) = (store(&db, OLD, Some(NEW)).await, store(&db, NEW, Some(OLD)).await);
    let users: Vec<UserId> = (0..4).map(|_| new_user()).collect();
    before.submit(registration(users[0], "anna")).await.unwrap();
    announced.submit(registration(users[1], "ben")).await.unwrap();
    swapped.submit(registration(users[2], "cleo")).await.unwrap();

    for by in [&announced, &swapped] {
        for (name, holder) in [("anna", users[0]), ("ben", users[1]), ("cleo", users[2])] {
            let refused = by.submit(registration(users[3], name)).await;
            assert!(matches!(refused, Err(AppendError::Claimed(ClaimKind::Username))), "{name}: {refused:?}");
            assert_eq!(owner(by, name).await, Some(holder.uuid()));
        }
    }
    assert_eq!(rekey(&swapped).await, 2);
    assert_eq!(rekey(&swapped).await, 0);

    let after = store(&db, NEW, None).await;
    for (name, holder) in [("anna", users[0]), ("ben", users[1]), ("cleo", users[2])] {
        assert_eq!(owner(&after, name).await, Some(holder.uuid()), "{name}");
        assert!(after.submit(registration(users[3], name)).await.is_err(), "{name}");
    }
    swapped.submit(release(users[0], "anna")).await.unwrap();
    assert_eq!((owner(&after, "anna").await, owner(&before, "anna").await), (None, None));
    after.submit(registration(users[3], "anna")).await.unwrap();
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM es.claims").fetch_one(&db.pool().await).await.unwrap();
    assert_eq!(rows, 3);
}

#[tokio::test]
async fn what_is_given_back_before_it_is_moved_is_free_for_everybody() {
    let db = Lab::db().await;
    let (announced, swapped) = (store(&db, OLD, Some(NEW)).await, store(&db, NEW, Some(OLD)).await);
    let (jane, john) = (new_user(), new_user());
    announced.submit(registration(jane, "jane")).await.unwrap();

    swapped.submit(release(jane, "jane")).await.unwrap();

    rekey(&swapped).await;
    assert_eq!(owner(&announced, "jane").await, None);
    announced.submit(registration(john, "jane")).await.unwrap();
}

#[tokio::test]
async fn address_that_several_wait_for_finds_all_of_them_before_and_after_it_is_moved() {
    let db = Lab::db().await;
    let (announced, swapped) = (store(&db, OLD, Some(NEW)).await, store(&db, NEW, Some(OLD)).await);
    let waiting = |user: UserId, name: &str| {
        let kind = ClaimKind::AwaitedEmail;
        let claim = ClaimChange { kind, value: "x@example.com".into(), owner: user.uuid(), take: true };
        let mut submission = registration(user, name);
        submission.claims.push(claim);
        submission
    };
    let (jane, john) = (new_user(), new_user());
    announced.submit(waiting(jane, "jane")).await.unwrap();
    swapped.submit(waiting(john, "john")).await.unwrap();
    let found = async |store: &Store| {
        let mut found = store.claim_owners(ClaimKind::AwaitedEmail, "x@example.com", 8).await.unwrap();
        found.sort_unstable();
        found
    };
    let mut both = vec![jane.uuid(), john.uuid()];
    both.sort_unstable();
    assert_eq!((found(&announced).await, found(&swapped).await), (both.clone(), both.clone()));

    rekey(&swapped).await;

    assert_eq!(found(&store(&db, NEW, None).await).await, both);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_who_take_a_name_at_once_on_nodes_with_either_key_one_wins_two_hundred_times() {
    let db = Lab::db().await;
    let stores = [store(&db, OLD, Some(NEW)).await, store(&db, NEW, Some(OLD)).await];
    let mover = stores[1].clone();
    let moving = tokio::spawn(async move {
        for _ in 0..20 {
            rekey(&mover).await;
            tokio::task::yield_now().await;
        }
    });

    for round in 0..200 {
        let name = format!("name{round}");
        let users = [new_user(), new_user(), new_user()];
        let takes = users.iter().enumerate().map(|(n, user)| {
            let by = stores[(n + round) % 2].clone();
            let registration = registration(*user, &name);
            async move { by.submit(registration).await.is_ok() }
        });
        let won = futures::future::join_all(takes).await;
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "round {round}");
    }

    moving.await.unwrap();
    rekey(&stores[1]).await;
    let after = store(&db, NEW, None).await;
    for round in 0..200 {
        assert!(owner(&after, &format!("name{round}")).await.is_some(), "round {round}");
    }
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM es.claims").fetch_one(&db.pool().await).await.unwrap();
    assert_eq!(rows, 200);
}

#[tokio::test]
async fn request_that_is_repeated_on_a_node_with_the_other_key_is_recognised() {
    let db = Lab::db().await;
    let (announced, swapped) = (store(&db, OLD, Some(NEW)).await, store(&db, NEW, Some(OLD)).await);
    let keyed = || {
        let user = new_user();
        let key = IdempotencyKey {
            principal: "p".into(),
            key: "k".into(),
            fingerprint: [1; 32],
            receipt: format!("{{\"id\":\"{user}\"}}"),
        };
        let changed = vec![event(&profile_created(user))];
        Submission { idempotency: Some(key), ..submission(profile_stream(user), 0, changed) }
    };
    let first = announced.submit(keyed()).await.unwrap();

    let repeat = swapped.submit(keyed()).await.unwrap();

    assert_eq!((repeat.position, first.replayed), (first.position, None));
    assert!(repeat.replayed.is_some());
    let after = store(&db, NEW, None).await;
    assert_eq!(after.replay("p", "k", &[1; 32]).await.unwrap().unwrap().position, first.position);
}

/// Whether the person's data key can be had.
async fn opens(store: &Store, user: UserId) -> Result<bool, StoreError> {
    let subject = Subject::of(user);
    Ok(store.keys().find(&HashSet::from([subject])).await?.remove(&subject).is_some_and(|key| key.is_some()))
}

async fn rewrap(store: &Store, most: i64) {
    let mut last = Uuid::nil();
    while let Some(subject) = store.keys().rewrap(last, most).await.unwrap() {
        last = subject;
    }
}

#[tokio::test]
async fn data_keys_are_wrapped_anew_while_nodes_with_either_master_key_go_on() {
    let db = Lab::db().await;
    let before = keeper(&db, OLD, None).await;
    let users: Vec<UserId> = (0..5).map(|_| new_user()).collect();
    for (n, user) in users.iter().enumerate().take(3) {
        before.submit(registration(*user, &format!("jane{n}"))).await.unwrap();
    }
    // As a program of before this column wrote it.
    let keys = sqlx::PgPool::connect(&db.options().keys_url).await.unwrap();
    sqlx::query("UPDATE keys.subjects SET master = NULL").execute(&keys).await.unwrap();
    let (announced, swapped) = (keeper(&db, OLD, Some(NEW)).await, keeper(&db, NEW, Some(OLD)).await);
    announced.submit(registration(users[3], "jane3")).await.unwrap();
    swapped.submit(registration(users[4], "jane4")).await.unwrap();
    assert_eq!(swapped.keys().count_to_rewrap().await.unwrap(), 4);

    // Cut off after two, with one destroyed in the middle of it.
    swapped.keys().rewrap(Uuid::nil(), 2).await.unwrap();
    before.keys().destroy(Subject::of(users[0])).await.unwrap();
    rewrap(&keeper(&db, NEW, Some(OLD)).await, 2).await;

    assert_eq!(swapped.keys().count_to_rewrap().await.unwrap(), 0);
    let after = keeper(&db, NEW, None).await;
    for user in &users[1..] {
        for by in [&after, &keeper(&db, NEW, Some(OLD)).await, &keeper(&db, OLD, Some(NEW)).await] {
            assert!(opens(by, *user).await.unwrap());
        }
    }
    assert!(!opens(&after, users[0]).await.unwrap(), "what was destroyed stays destroyed");
    let alone = keeper(&db, OLD, None).await;
    assert!(opens(&alone, users[1]).await.is_err(), "the former key opens nothing any more");
    let named = sqlx::query("SELECT count(DISTINCT master) AS n FROM keys.subjects").fetch_one(&keys).await;
    assert_eq!(named.unwrap().get::<i64, _>("n"), 1);
}
