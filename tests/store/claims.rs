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
