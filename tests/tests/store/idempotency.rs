//! Repeated requests.

use annals_tests::{Lab, samples::*};
use commands::{Caller, CommandError, Executor, SystemClock, SystemMint};
use domain::{
    UserId,
    profile::{CreateProfile, Profile},
    user::User,
};
use std::sync::Arc;
use store::{AppendError, IdempotencyKey, Submission};

fn keyed(user: UserId, key: &str, fingerprint: u8) -> Submission {
    Submission {
        idempotency: Some(IdempotencyKey {
            principal: "user:1".into(),
            key: key.into(),
            fingerprint: [fingerprint; 32],
            receipt: format!("{{\"id\":\"{user}\"}}"),
        }),
        ..submission(profile_stream(user), 0, vec![event(&profile_created(user))])
    }
}

#[tokio::test]
async fn a_repeat_gets_the_first_receipt_and_adds_nothing() {
    let store = Lab::db().await.store().await;
    let (first, second) = (new_user(), new_user());
    let done = store.submit(keyed(first, "k", 1)).await.unwrap();

    let repeat = store.submit(keyed(second, "k", 1)).await.unwrap();

    assert_eq!(repeat.position, done.position);
    assert_eq!(repeat.replayed, Some(format!("{{\"id\":\"{first}\"}}")));
    assert_eq!(store.replay("user:1", "k", &[1; 32]).await.unwrap().unwrap().position, done.position);
    assert_eq!(store.reader().head().await.unwrap(), 1);
}

#[tokio::test]
async fn a_key_used_with_another_request_is_refused() {
    let store = Lab::db().await.store().await;
    store.submit(keyed(new_user(), "k", 1)).await.unwrap();

    let other = store.submit(keyed(new_user(), "k", 2)).await;

    assert!(matches!(other, Err(AppendError::KeyReused)), "{other:?}");
    assert!(matches!(store.replay("user:1", "k", &[2; 32]).await, Err(AppendError::KeyReused)));
    assert!(store.replay("user:2", "k", &[2; 32]).await.unwrap().is_none());
}

/// A request with a key, as the executor gets it.
fn request(key: &str, fingerprint: u8) -> Caller {
    let (key, route) = (key.into(), "PATCH /profile".into());
    let idempotency = Some(commands::IdempotencyKey { key, route, fingerprint: [fingerprint; 32] });
    Caller { idempotency, ..Caller::system("test") }
}

#[tokio::test]
async fn earlier_request_is_found_by_its_key_with_what_it_did_and_nothing_is_decided() {
    let store = Lab::db().await.store().await;
    let executor = Executor::new(store.clone(), Arc::new(SystemClock), Arc::new(SystemMint));
    let (user, at) = (new_user(), noon());
    assert_eq!(executor.earlier::<Profile>(&request("k", 1)).await.unwrap(), None);
    let done = executor.run::<Profile>(user, CreateProfile { user, at }, &request("k", 1)).await.unwrap();

    let earlier = executor.earlier::<Profile>(&request("k", 1)).await.unwrap().unwrap();

    assert!(earlier.replayed);
    assert_eq!((earlier.id, earlier.version, earlier.position), (user.uuid(), 1, done.receipt.position));
    assert_eq!(executor.earlier::<User>(&request("k", 1)).await.unwrap(), None, "it changed no account");
    assert_eq!(executor.earlier::<Profile>(&Caller::system("test")).await.unwrap(), None, "it has no key");
    let other = executor.earlier::<Profile>(&request("k", 2)).await;
    assert!(matches!(other, Err(CommandError::IdempotencyMismatch)), "{other:?}");
    assert_eq!(store.reader().head().await.unwrap(), 1);
}

#[tokio::test]
async fn of_many_concurrent_repeats_one_is_done_and_all_are_answered_alike() {
    let db = Lab::db().await;
    let stores = [db.store().await, db.store().await];

    let outcomes =
        futures::future::join_all((0..100).map(|n| stores[n % 2].submit(keyed(new_user(), "k", 1)))).await;

    assert!(outcomes.iter().all(|o| o.as_ref().is_ok_and(|a| a.position == 1)));
    assert_eq!(outcomes.iter().filter(|o| o.as_ref().unwrap().replayed.is_none()).count(), 1);
}

#[tokio::test]
async fn keys_are_forgotten_after_seven_days() {
    let db = Lab::db().await;
    let store = db.store().await;
    store.submit(keyed(new_user(), "k", 1)).await.unwrap();
    sqlx::query("UPDATE es.idempotency SET created_at = now() - interval '8 days'")
        .execute(&db.pool().await)
        .await
        .unwrap();

    assert_eq!(store.submit(keyed(new_user(), "k", 2)).await.unwrap().position, 2);
    assert_eq!(store.forget_old_idempotency_keys().await.unwrap(), 0);
}
