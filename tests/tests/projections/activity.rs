//! Activity of sessions: counted in memory, written in batches, shared between nodes (MW-01, MW-04, C-42).

use crate::{story::new_session, world::World};
use annals_tests::samples;
use chrono::{DateTime, TimeDelta, Utc};
use domain::SessionId;
use projections::{Activity, SessionActivity};

const LIMIT: TimeDelta = TimeDelta::minutes(30);

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600 + minute * 60, 0).unwrap()
}

fn node(world: &World) -> SessionActivity {
    SessionActivity::new(&world.store, Some(LIMIT))
}

async fn of(node: &SessionActivity, session: SessionId) -> Option<Activity> {
    node.of(&[session]).await.unwrap().remove(&session)
}

#[tokio::test]
async fn requests_of_several_nodes_are_added_up_in_one_row() {
    let world = World::new().await;
    let (one, other) = (node(&world), node(&world));
    let (user, session) = (samples::new_user(), new_session());
    one.visit(session, user, at(1));
    one.visit(session, user, at(3));
    other.visit(session, user, at(2));

    assert_eq!(of(&other, session).await, Some(Activity { last_active: at(2), pages_visited: 1 }));
    assert_eq!((one.write().await.unwrap(), other.write().await.unwrap()), (1, 1));

    let whole = Some(Activity { last_active: at(3), pages_visited: 3 });
    assert_eq!((of(&one, session).await, of(&other, session).await), (whole, whole));
    assert_eq!(one.write().await.unwrap(), 0, "nothing new to write");
    assert_eq!(world.count("SELECT count(*) FROM telemetry.session_activity").await, 1);
    assert_eq!(of(&one, new_session()).await, None);
}

#[tokio::test]
async fn many_sessions_are_one_write() {
    let world = World::new().await;
    let node = node(&world);
    let user = samples::new_user();
    for _ in 0..6_000 {
        node.visit(new_session(), user, at(0));
    }

    assert_eq!(node.write().await.unwrap(), 6_000);

    assert_eq!(world.count("SELECT count(*) FROM telemetry.session_activity").await, 6_000);
}

#[tokio::test]
async fn session_is_idle_after_the_limit_and_any_sign_of_life_moves_it() {
    let world = World::new().await;
    let node = node(&world);
    let (user, session) = (samples::new_user(), new_session());
    let idle = async |minute| node.is_idle(session, at(0), at(minute)).await.unwrap();

    assert!(!idle(29).await, "its token is young");
    assert!(idle(30).await);
    node.visit(session, user, at(29));
    assert!(!idle(58).await);
    assert!(idle(59).await);
}

#[tokio::test]
async fn what_another_node_saw_counts_and_a_minute_longer() {
    let world = World::new().await;
    let (here, there) = (node(&world), node(&world));
    let (user, session) = (samples::new_user(), new_session());
    there.visit(session, user, at(29));
    there.write().await.unwrap();

    let idle = async |minute| here.is_idle(session, at(0), at(minute)).await.unwrap();

    assert!(!idle(59).await);
    assert!(idle(60).await);
}

#[tokio::test]
async fn without_a_limit_silence_ends_nothing_and_what_cannot_be_told_is_refused() {
    let world = World::new().await;
    let (limited, unlimited) = (node(&world), SessionActivity::new(&world.store, None));
    let session = new_session();
    assert!(!unlimited.is_idle(session, at(0), at(1_000_000)).await.unwrap());

    limited.visit(session, samples::new_user(), at(0));
    world.store.pool().close().await;

    assert!(limited.is_idle(session, at(0), at(40)).await.is_err());
    assert!(limited.write().await.is_err());
    assert!(!limited.is_idle(session, at(20), at(40)).await.unwrap(), "a young token needs no table");
}
