//! The session gate: what ended is refused at once, on every node, and never on stale knowledge.

use crate::{
    story::{invalidated, new_session, session_ended, session_started},
    world::{PATIENCE, World, until},
};
use annals_tests::samples;
use bus::Feed;
use domain::{SessionId, UserId};
use projections::{GateOptions, SESSION_GATE, SessionGate, Verdict, watcher::Freshness};
use std::time::Duration;

/// Trusts its memory however old, so that an answer is its memory's own.
const MEMORY_ONLY: GateOptions =
    GateOptions { access_token_lifetime: Duration::from_secs(3_600), trust: Duration::from_secs(86_400) };
/// Never trusts that silence means life.
const LOG_ONLY: GateOptions =
    GateOptions { access_token_lifetime: Duration::from_secs(3_600), trust: Duration::ZERO };

async fn started(world: &World, user: UserId, epoch: u32) -> SessionId {
    let session = new_session();
    world.session_event(user, session, session_started(user, epoch, 0)).await;
    session
}

async fn verdict(gate: &SessionGate, session: SessionId, user: UserId, epoch: u32) -> Verdict {
    gate.check(session, user, epoch).await.unwrap()
}

#[tokio::test]
async fn ended_session_is_refused_once_the_gate_has_passed_its_position() {
    let world = World::new().await;
    let running = world.run();
    let gate = world.gate(MEMORY_ONLY);
    let user = samples::new_user();
    let (ended, other) = (started(&world, user, 0).await, started(&world, user, 0).await);

    let position = world.session_event(user, ended, session_ended(user, 1)).await;

    assert_eq!(world.watcher.wait_for(&[SESSION_GATE], position, PATIENCE).await, Freshness::Fresh);
    assert!(gate.position() >= position);
    assert_eq!(verdict(&gate, ended, user, 0).await, Verdict::Ended);
    assert_eq!(verdict(&gate, other, user, 0).await, Verdict::Live);
    running.stop().await;
}

#[tokio::test]
async fn invalidation_refuses_older_epochs_but_the_kept_session() {
    let world = World::new().await;
    let running = world.run();
    let gate = world.gate(MEMORY_ONLY);
    let (user, _) = world.register().await;
    let (kept, swept) = (started(&world, user, 0).await, started(&world, user, 0).await);

    let position = world.user_event(user, invalidated(1, Some(kept), 1)).await;
    let newer = started(&world, user, 1).await;

    assert_eq!(world.watcher.wait_for(&[SESSION_GATE], position, PATIENCE).await, Freshness::Fresh);
    assert_eq!(verdict(&gate, kept, user, 0).await, Verdict::Live);
    assert_eq!(verdict(&gate, swept, user, 0).await, Verdict::Ended);
    assert_eq!(verdict(&gate, newer, user, 1).await, Verdict::Live);
    running.stop().await;
}

#[tokio::test]
async fn new_gate_knows_what_ended_before_it_was_there() {
    let world = World::new().await;
    let running = world.run();
    let (user, _) = world.register().await;
    let (ended, kept, swept) =
        (started(&world, user, 0).await, started(&world, user, 0).await, started(&world, user, 0).await);
    world.session_event(user, ended, session_ended(user, 1)).await;
    world.user_event(user, invalidated(1, Some(kept), 1)).await;
    let head = world.caught_up().await;
    running.stop().await;
    // Only the read model can tell: the feed begins behind it all.
    let gate = world.gate(MEMORY_ONLY);

    assert_eq!(world.watcher.wait_for(&[SESSION_GATE], head, PATIENCE).await, Freshness::Fresh);
    until("it trusts its feed", async || {
        verdict(&gate, kept, user, 0).await == Verdict::Live && gate.position() == head
    })
    .await;
    assert_eq!(verdict(&gate, ended, user, 0).await, Verdict::Ended);
    assert_eq!(verdict(&gate, swept, user, 0).await, Verdict::Ended);
}

#[tokio::test]
async fn stale_feed_asks_the_log_and_never_accepts_an_ended_session() {
    let world = World::new().await;
    let gate = world.gate(LOG_ONLY);
    let (user, _) = world.register().await;
    let (ended, kept, swept) =
        (started(&world, user, 0).await, started(&world, user, 0).await, started(&world, user, 0).await);
    assert_eq!(verdict(&gate, ended, user, 0).await, Verdict::Live);

    // No runner: neither a read model nor the gate's feed has anything of this.
    world.session_event(user, ended, session_ended(user, 1)).await;
    world.user_event(user, invalidated(1, Some(kept), 1)).await;

    assert_eq!(verdict(&gate, ended, user, 0).await, Verdict::Ended);
    assert_eq!(verdict(&gate, kept, user, 0).await, Verdict::Live);
    assert_eq!(verdict(&gate, swept, user, 0).await, Verdict::Ended);
    assert_eq!(verdict(&gate, new_session(), user, 1).await, Verdict::Ended, "it never began");
}

#[tokio::test]
async fn end_that_is_forgotten_still_ends_what_outlives_access_tokens() {
    /// Forgets at once.
    const FORGETFUL: GateOptions =
        GateOptions { access_token_lifetime: Duration::ZERO, trust: Duration::from_secs(86_400) };
    let world = World::new().await;
    let running = world.run();
    let (user, _) = world.register().await;
    let (ended, kept, swept) =
        (started(&world, user, 0).await, started(&world, user, 0).await, started(&world, user, 0).await);
    world.session_event(user, ended, session_ended(user, 1)).await;
    let position = world.user_event(user, invalidated(1, Some(kept), 1)).await;
    world.caught_up().await;

    let gate = world.gate(FORGETFUL);

    assert_eq!(world.watcher.wait_for(&[SESSION_GATE], position, PATIENCE).await, Freshness::Fresh);
    let lasting = async |session| gate.check_lasting(session, user, 0).await.unwrap();
    assert_eq!(lasting(ended).await, Verdict::Ended);
    assert_eq!(lasting(swept).await, Verdict::Ended);
    assert_eq!(lasting(kept).await, Verdict::Live);
    running.stop().await;
}

#[tokio::test]
async fn session_that_the_log_vouched_for_is_refused_as_soon_as_it_ends() {
    let world = World::new().await;
    let running = world.run();
    let gate = world.gate(MEMORY_ONLY);
    let (user, _) = world.register().await;
    let session = started(&world, user, 0).await;
    assert_eq!(gate.check_lasting(session, user, 0).await.unwrap(), Verdict::Live);

    let position = world.session_event(user, session, session_ended(user, 1)).await;

    assert_eq!(world.watcher.wait_for(&[SESSION_GATE], position, PATIENCE).await, Freshness::Fresh);
    assert_eq!(gate.check_lasting(session, user, 0).await.unwrap(), Verdict::Ended);
    running.stop().await;
}

#[tokio::test]
async fn unreachable_log_refuses_rather_than_guesses() {
    let world = World::new().await;
    let (user, _) = world.register().await;
    let session = started(&world, user, 0).await;
    let gate = SessionGate::start(
        &world.store,
        Feed::new(world.store.reader(), None),
        world.watcher.clone(),
        LOG_ONLY,
    );
    world.store.pool().close().await;

    assert!(gate.check(session, user, 0).await.is_err());
}

#[tokio::test]
async fn check_through_the_queries_is_the_gates() {
    let world = World::new().await;
    let (user, _) = world.register().await;
    let session = started(&world, user, 0).await;
    let queries = world.queries();

    assert_eq!(queries.check_session(session, user, 0).await.unwrap(), Verdict::Live);
    assert_eq!(queries.gate().position(), 0);
}
