//! Unique values.

use annals_tests::{Lab, samples::*};
use domain::{SecretId, Subject, UserId, aggregate::ClaimKind};
use store::{AppendError, ClaimChange, SecretChange, Submission};

fn with_claim(user: UserId, version: i64, name: &str, take: bool) -> Submission {
    let changed = if version == 0 { event(&profile_created(user)) } else { event(&bio(user, name)) };
    Submission {
        claims: vec![ClaimChange { kind: ClaimKind::Username, value: name.into(), owner: user.uuid(), take }],
        ..submission(profile_stream(user), version, vec![changed])
    }
}

#[tokio::test]
async fn a_taken_value_is_refused_until_it_is_given_back() {
    let store = Lab::db().await.store().await;
    let (jane, john) = (new_user(), new_user());
    store.submit(with_claim(jane, 0, "jane", true)).await.unwrap();

    let refused = store.submit(with_claim(john, 0, "jane", true)).await;

    assert!(matches!(refused, Err(AppendError::Claimed(ClaimKind::Username))));
    assert_eq!(store.claim_owner(ClaimKind::Username, "jane").await.unwrap(), Some(jane.uuid()));
    store.submit(with_claim(jane, 1, "jane", false)).await.unwrap();
    assert_eq!(store.claim_owner(ClaimKind::Username, "jane").await.unwrap(), None);
    store.submit(with_claim(john, 0, "jane", true)).await.unwrap();
}

#[tokio::test]
async fn nobody_gives_back_what_another_holds() {
    let store = Lab::db().await.store().await;
    let (jane, john) = (new_user(), new_user());
    store.submit(with_claim(jane, 0, "jane", true)).await.unwrap();

    store.submit(with_claim(john, 0, "jane", false)).await.unwrap();

    assert_eq!(store.claim_owner(ClaimKind::Username, "jane").await.unwrap(), Some(jane.uuid()));
}

#[tokio::test]
async fn of_many_concurrent_claims_of_two_processes_exactly_one_wins_and_losers_leave_nothing() {
    let db = Lab::db().await;
    let stores = [db.store().await, db.store().await];
    let users: Vec<UserId> = (0..200).map(|_| new_user()).collect();

    let outcomes = futures::future::join_all(
        users.iter().enumerate().map(|(n, user)| stores[n % 2].submit(with_claim(*user, 0, "jane", true))),
    )
    .await;

    assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 1);
    assert_eq!(stores[0].reader().head().await.unwrap(), 1);
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM es.claims").fetch_one(&db.pool().await).await.unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn shared_value_is_held_by_many_and_found_from_both_ends_until_each_gives_it_back() {
    let db = Lab::db().await;
    let store = db.store().await;
    let users: Vec<UserId> =
        (0..5_i64).map(|n| UserId::mint(noon() + chrono::TimeDelta::milliseconds(n), random())).collect();
    let waiting = |user: UserId, version, value: &str, take| {
        let kind = ClaimKind::AwaitedEmail;
        let change = ClaimChange { kind, value: value.into(), owner: user.uuid(), take };
        Submission { claims: vec![change], ..with_claim(user, version, "x", take) }
    };
    futures::future::join_all(users.iter().map(|user| store.submit(waiting(*user, 0, "a", true))))
        .await
        .into_iter()
        .for_each(|done| drop(done.unwrap()));
    store.submit(waiting(users[0], 1, "b", true)).await.unwrap();
    let found = async |value, limit| store.claim_owners(ClaimKind::AwaitedEmail, value, limit).await.unwrap();

    let newest: Vec<_> = users.iter().rev().map(|user| user.uuid()).collect();

    assert_eq!(found("a", 9).await, newest);
    assert_eq!(found("a", 1).await, [newest[0], newest[4]]);
    assert_eq!(found("a", 3).await, newest);
    store.submit(waiting(users[4], 1, "a", false)).await.unwrap();
    assert_eq!(found("a", 9).await, newest[1..]);
    assert_eq!(found("b", 9).await, [users[0].uuid()]);
    assert!(found("c", 9).await.is_empty());
}

#[tokio::test]
async fn secrets_come_and_go_with_the_append_that_justifies_them() {
    let db = Lab::db().await;
    let store = db.store().await;
    let user = new_user();
    let secret = |n| SecretId::mint(noon(), [n; 10]);
    let put =
        |n| SecretChange::Put { id: secret(n), owner: Subject::of(user), bytes: b"$argon2id$planted".into() };
    let change = |version, secrets| Submission {
        secrets,
        ..submission(profile_stream(user), version, vec![event(&bio(user, "x"))])
    };

    store.submit(change(0, vec![put(1)])).await.unwrap();
    assert!(store.submit(change(0, vec![put(2)])).await.is_err());

    assert_eq!(store.secret(secret(1)).await.unwrap().as_deref(), Some(&b"$argon2id$planted"[..]));
    assert_eq!(store.secret(secret(2)).await.unwrap(), None);
    store.submit(change(1, vec![put(3), SecretChange::Delete(secret(1))])).await.unwrap();
    assert_eq!(store.secret(secret(1)).await.unwrap(), None);
    let stored: Vec<u8> =
        sqlx::query_scalar("SELECT sealed FROM es.secrets").fetch_one(&db.pool().await).await.unwrap();
    assert!(!String::from_utf8_lossy(&stored).contains("planted"));
}
