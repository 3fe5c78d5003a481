//! Registrations that a kill interrupts: an account, its claim and its profile come together or not at all.

use crate::{
    checks::Log,
    dice::Dice,
    ledger::Ledger,
    world::{Addresses, World, client},
};
use domain::{AnyEvent, ClaimKind, profile::ProfileEvent, user::UserEvent};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

const NAMES: usize = 120;
const AT_ONCE: usize = 12;
const KILLS: usize = 4;

/// Registers every so-many-th name; returns the id that each was told.
async fn register(first: usize, addresses: Addresses, ledger: Arc<Ledger>) -> Vec<(String, Uuid)> {
    let client = client(Duration::from_secs(3));
    let mut told = Vec::new();
    for n in (first..NAMES).step_by(AT_ONCE) {
        let name = format!("newcomer{n}");
        let form = json!({
            "username": name, "email": format!("{name}@example.com"), "password": "correct horse battery",
        });
        let begun = Instant::now();
        loop {
            let url = format!("{}/api/auth/register", addresses.get(0));
            let request = client.post(url).header("Idempotency-Key", format!("key-{n}")).json(&form);
            match request.send().await {
                Ok(reply) if reply.status() == StatusCode::CREATED => {
                    let view: Value = reply.json().await.unwrap_or_default();
                    if let Some(id) = view["id"].as_str() {
                        told.push((name, id.parse().unwrap()));
                        break;
                    }
                }
                Ok(reply) if reply.status() == StatusCode::SERVICE_UNAVAILABLE => ledger.answer("503"),
                Ok(reply) => {
                    let (status, text) = (reply.status(), reply.text().await.unwrap_or_default());
                    ledger.wrong(format!("{name} got {status}: {text}"));
                    ledger.answer(status.as_str());
                }
                Err(_) => ledger.answer("connection lost"),
            }
            if begun.elapsed() > Duration::from_secs(60) {
                ledger.wrong(format!("{name} was not registered in a minute"));
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_leaves_no_claim_without_its_account_and_no_account_without_its_claim() {
    let mut dice = Dice::from_environment();
    let world = World::new().await;
    let mut program = world.program().await;
    let addresses = Addresses::of(std::slice::from_ref(&program));
    let ledger = Arc::<Ledger>::default();
    let mut clients = JoinSet::new();
    for first in 0..AT_ONCE {
        clients.spawn(register(first, addresses.clone(), Arc::clone(&ledger)));
    }

    for _ in 0..KILLS {
        sleep(dice.millis(300, 1200)).await;
        program.kill().await;
        program = program.restart().await;
        addresses.moved(0, &program);
    }
    let told = timeout(Duration::from_secs(120), clients.join_all()).await.unwrap();
    let told: BTreeMap<String, Uuid> = told.into_iter().flatten().collect();

    let log = Log::read(&world).await;
    println!("{} registered, {} events, {:?}", told.len(), log.head(), ledger.pages().answers);
    let claims: Vec<(Uuid, String)> =
        sqlx::query_as("SELECT owner, kind FROM es.claims WHERE kind IN ('username', 'email', 'phone')")
            .fetch_all(&world.db.pool().await)
            .await
            .unwrap();
    let owners: BTreeSet<Uuid> = claims.iter().map(|(owner, _)| *owner).collect();
    let stream = |event: &store::Recorded| event.aggregate_id.parse::<Uuid>().unwrap();
    let of =
        |kind: &str| log.events.iter().filter(|e| e.event_type == kind).map(stream).collect::<BTreeSet<_>>();
    assert!(ledger.pages().wrongs.is_empty(), "{:#?}", ledger.pages().wrongs);
    assert_eq!(told.len(), NAMES, "everybody is registered in the end");
    assert_eq!(claims.len(), owners.len(), "one claim each: {claims:?}");
    assert_eq!(of("user_registered"), owners, "accounts and claims");
    assert_eq!(of("profile_created"), owners, "profiles and claims");
    assert_eq!(log.count(|e| matches!(e, AnyEvent::User(UserEvent::UserRegistered(_)))), NAMES);
    assert_eq!(log.count(|e| matches!(e, AnyEvent::Profile(ProfileEvent::ProfileCreated(_)))), NAMES);
    for (name, id) in &told {
        assert_eq!(world.store.claim_owner(ClaimKind::Username, name).await.unwrap(), Some(*id), "{name}");
    }
}
