//! Follows, blocks and mutes of many people at once, through the executor: the aggregate and its read model are what
//! a plain reference says they are.

use crate::{
    social_model::{Act, Door, Model, Outcome},
    world::World,
};
use annals_tests::samples;
use commands::{Caller, Clock, CommandError, Done, Executor, FixedClock, Principal, Social, SystemMint};
use domain::{
    BlockId, FollowId, MuteId, SessionId, UserId,
    follow::Follow,
    profile::{Patch, ProfilePatch},
    values::{FollowPolicy, FollowStatus, Role},
};
use futures::{StreamExt, stream};
use projections::{
    Numbered, Queries, Viewer,
    social_graph::lists::{Direction, FollowFilter},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use std::{collections::BTreeMap, sync::Arc};

const EVERYTHING: Numbered = Numbered { number: 1, size: 1_000 };

type Deed = (usize, Act, usize);

struct People {
    social: Social,
    people: commands::People,
    ids: Vec<UserId>,
}

impl People {
    async fn new(world: &World, count: usize) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(samples::noon()));
        let executor = Executor::new(world.store.clone(), clock, Arc::new(SystemMint));
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.push(world.register().await.0);
        }
        Self { social: Social::new(executor.clone()), people: commands::People::new(executor), ids }
    }

    async fn door(&self, user: UserId, door: Door) {
        let follow_policy = Patch::Set(match door {
            Door::Open => FollowPolicy::Anyone,
            Door::Asks => FollowPolicy::Approve,
            Door::Shut => FollowPolicy::Nobody,
        });
        let patch = ProfilePatch { follow_policy, ..ProfilePatch::default() };
        self.people.update_profile(user, patch, None, &caller(user)).await.unwrap();
    }

    async fn act(&self, me: UserId, act: Act, other: UserId) -> Result<Done<Follow>, CommandError> {
        let (social, caller) = (&self.social, caller(me));
        match act {
            Act::Follow => social.follow(other, &caller).await,
            Act::Unfollow => social.unfollow(other, &caller).await,
            Act::RemoveFollower => social.remove_follower(other, &caller).await,
            Act::Accept => social.accept_follow(other, &caller).await,
            Act::Reject => social.reject_follow(other, &caller).await,
            Act::Block => social.block(other, None, &caller).await,
            Act::Unblock => social.unblock(other, &caller).await,
            Act::Mute => social.mute(other, &caller).await,
            Act::Unmute => social.unmute(other, &caller).await,
        }
    }
}

fn caller(id: UserId) -> Caller {
    let session = SessionId::from_uuid(uuid::Uuid::from_u128(7));
    Caller {
        principal: Principal::User { id, session, role: Role::Normal, verified: true },
        ..Caller::default()
    }
}

fn outcome(done: &Result<Done<Follow>, CommandError>) -> Outcome {
    match done {
        Ok(done) if done.events.is_empty() => Outcome::Same,
        Ok(_) => Outcome::Changed,
        Err(CommandError::Rejected(_)) => Outcome::Refused,
        Err(error) => panic!("{error}"),
    }
}

/// Follows, requests and their ends are more than the rest.
fn act() -> impl Strategy<Value = Act> {
    prop_oneof![3 => Just(Act::Follow), 1 => Just(Act::Accept), 2 => proptest::sample::select(&Act::ALL[..])]
}

/// Deeds of people by number, reproducible.
fn deeds(seed: u8, people: usize, count: usize) -> Vec<Deed> {
    let rng =
        proptest::test_runner::TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let deeds = proptest::collection::vec((0..people, act(), 0..people), count);
    deeds.new_tree(&mut runner).unwrap().current()
}

/// A third each asks, takes anyone, and takes nobody but at times.
fn door(n: usize) -> Door {
    match n % 5 {
        0 | 1 => Door::Asks,
        2 => Door::Shut,
        _ => Door::Open,
    }
}

/// Everybody looks at everybody at once, and at one who is not there: statements answer many of them, and each gets the
/// own answer (ADR 27).
async fn assert_persons(queries: &Queries, people: &[UserId], model: &Model) {
    let absent = samples::new_user();
    let pairs =
        people.iter().flat_map(|viewer| people.iter().chain([&absent]).map(|other| (*viewer, *other)));
    let looks =
        pairs.map(async |(viewer, other)| (viewer, other, queries.find_person(looking(viewer), other).await));
    for (viewer, other, person) in futures::future::join_all(looks).await {
        let person = person.unwrap();
        assert_eq!(person.is_none(), other == absent, "{other}");
        let Some(person) = person else { continue };
        let (to, from) = ((viewer, other), (other, viewer));
        let counts = (person.counts.follower_count, person.counts.following_count);
        let follows_viewer = model.follows.get(&from) == Some(&FollowStatus::Accepted);
        assert_eq!((person.page.user_id, counts), (other, model.counts(viewer, other)));
        // A few look at everybody's lists: whoever looks is told by the same statement.
        if people.iter().take(4).any(|few| *few == viewer) {
            assert_list_counts(queries, (viewer, other), counts).await;
        }
        assert_eq!(person.follow, model.follows.get(&to).copied(), "{viewer} follows {other}");
        assert_eq!(person.follows_viewer, follows_viewer, "{other} follows {viewer}");
        assert_eq!(person.is_muted, model.mutes.contains(&to), "{viewer} mutes {other}");
        let apart = model.blocks.contains(&to) || model.blocks.contains(&from);
        assert_eq!(person.apart, apart, "a block between {viewer} and {other}");
    }
}

fn looking(user: UserId) -> Viewer {
    Viewer { user, is_staff: false, now: samples::noon() }
}

/// Lists have as many rows for a viewer as the person's counts say.
async fn assert_list_counts(queries: &Queries, (viewer, user): (UserId, UserId), counts: (i64, i64)) {
    for (direction, count) in [(Direction::Followers, counts.0), (Direction::Following, counts.1)] {
        let (status, now) = (FollowStatus::Accepted, samples::noon());
        let filter = FollowFilter { user, direction, status, as_of: None, viewer, now };
        let page = queries.list_follows(&filter, EVERYTHING).await.unwrap();
        let listed = page.results.len() as i64;
        assert_eq!((page.count, listed), (Some(count), count), "{direction:?} of {user} for {viewer}");
    }
}

/// The read model says of every pair and of every person what the reference says.
async fn assert_equal(queries: &Queries, people: &[UserId], model: &Model) {
    assert_persons(queries, people, model).await;
    for one in people {
        let counts = queries.find_follow_counts(looking(*one), *one).await.unwrap();
        assert_eq!((counts.follower_count, counts.following_count), model.counts(*one, *one), "{one}");
        assert_lists(queries, *one, model).await;
        for other in people {
            let follow = queries.find_follow(FollowId::of(*one, *other)).await.unwrap();
            let status = follow.filter(|row| !row.is_deleted).map(|row| row.status);
            assert_eq!(status, model.follows.get(&(*one, *other)).copied(), "{one} follows {other}");
            let block = queries.find_block(BlockId::of(*one, *other)).await.unwrap();
            let stands = block.is_some_and(|row| row.ended_at.is_none());
            assert_eq!(stands, model.blocks.contains(&(*one, *other)), "{one} blocks {other}");
            let mute = queries.find_mute(MuteId::of(*one, *other)).await.unwrap();
            let stands = mute.is_some_and(|row| row.ended_at.is_none());
            assert_eq!(stands, model.mutes.contains(&(*one, *other)), "{one} mutes {other}");
        }
    }
}

async fn assert_lists(queries: &Queries, user: UserId, model: &Model) {
    for status in [FollowStatus::Pending, FollowStatus::Accepted, FollowStatus::Rejected] {
        for direction in [Direction::Followers, Direction::Following] {
            let filter =
                FollowFilter { user, direction, status, as_of: None, viewer: user, now: samples::noon() };
            let page = queries.list_follows(&filter, EVERYTHING).await.unwrap();
            let mut listed: Vec<_> = page.results.iter().map(|row| (row.follower, row.followed)).collect();
            listed.sort();
            let of = |(from, to): (UserId, UserId)| if direction == Direction::Followers { to } else { from };
            let known = model.follows.iter().filter(|(way, now)| **now == status && of(**way) == user);
            assert_eq!(
                listed,
                known.map(|(way, _)| *way).collect::<Vec<_>>(),
                "{status:?} {direction:?} of {user}"
            );
            assert_eq!(page.count, Some(listed.len() as i64));
        }
    }
}

#[tokio::test]
async fn random_deeds_one_by_one_come_out_as_the_reference_says() {
    let world = World::new().await;
    let people = People::new(&world, 6).await;
    let running = world.run();
    let mut model = Model::default();
    for (n, (me, act, other)) in deeds(1, 6, 400).into_iter().enumerate() {
        let (me, other) = (people.ids[me], people.ids[other]);
        if n % 20 == 0 {
            people.door(other, door(n / 20)).await;
            model.doors.insert(other, door(n / 20));
        }

        let done = people.act(me, act, other).await;

        assert_eq!(outcome(&done), model.act(me, act, other), "deed {n}: {me} {act:?} {other}");
    }
    world.caught_up().await;
    assert_equal(&world.queries(), &people.ids, &model).await;
    running.stop().await;
    world.assert_equal_to_a_replay().await;
}

#[tokio::test]
async fn thirty_people_at_once_come_out_as_the_reference_says_in_the_order_of_the_log() {
    let world = World::new().await;
    let people = People::new(&world, 30).await;
    let running = world.run();
    let mut model = Model::default();
    for (n, user) in people.ids.iter().enumerate() {
        people.door(*user, door(n)).await;
        model.doors.insert(*user, door(n));
    }
    // Half of the deeds are between five people, so that they meet on the same streams.
    let all = [deeds(2, 30, 1_000), deeds(3, 5, 1_000)].concat();

    let people = &people;
    let done: Vec<_> = stream::iter(all)
        .map(|(me, act, other)| async move {
            let (me, other) = (people.ids[me], people.ids[other]);
            (me, act, other, people.act(me, act, other).await)
        })
        .buffer_unordered(32)
        .collect()
        .await;

    // What changed something has a version of its own in its pair's stream: that is the order.
    let mut ordered = BTreeMap::new();
    for (me, act, other, done) in done {
        if outcome(&done) == Outcome::Changed {
            let receipt = done.unwrap().receipt;
            ordered.insert((receipt.id, receipt.version), (me, act, other));
        }
    }
    for ((pair, version), (me, act, other)) in &ordered {
        let expected = model.act(*me, *act, *other);
        assert_eq!(expected, Outcome::Changed, "{me} {act:?} {other} as version {version} of {pair}");
    }
    assert!(ordered.len() > 300, "too little happened: {}", ordered.len());
    world.caught_up().await;
    assert_equal(&world.queries(), &people.ids, &model).await;
    running.stop().await;
    world.assert_equal_to_a_replay().await;
}

#[tokio::test]
async fn lists_are_told_as_of_a_time() {
    let world = World::new().await;
    let people = People::new(&world, 3).await;
    let running = world.run();
    let [jane, john, joan] = people.ids[..] else { panic!("three people") };
    let recorded = async || {
        let sql = "SELECT max(recorded_at) FROM es.events";
        sqlx::query_scalar::<_, chrono::DateTime<chrono::Utc>>(sql).fetch_one(&world.pool).await.unwrap()
    };
    people.act(john, Act::Follow, jane).await.unwrap();
    let one = recorded().await;
    people.act(joan, Act::Follow, jane).await.unwrap();
    let two = recorded().await;
    people.act(john, Act::Unfollow, jane).await.unwrap();
    let three = recorded().await;
    people.act(john, Act::Follow, jane).await.unwrap();
    world.caught_up().await;
    let queries = world.queries();
    let followers = async |as_of| {
        let (direction, status) = (Direction::Followers, FollowStatus::Accepted);
        let filter =
            FollowFilter { user: jane, direction, status, as_of, viewer: jane, now: samples::noon() };
        let page = queries.list_follows(&filter, EVERYTHING).await.unwrap();
        let mut followers: Vec<_> = page.results.into_iter().map(|row| row.follower).collect();
        followers.sort();
        followers
    };
    let both = |mut people: Vec<UserId>| {
        people.sort();
        people
    };

    assert_eq!(followers(Some(one - chrono::TimeDelta::microseconds(1))).await, []);
    assert_eq!(followers(Some(one)).await, [john]);
    assert_eq!(followers(Some(two)).await, both(vec![john, joan]));
    assert_eq!(followers(Some(three)).await, [joan]);
    assert_eq!(followers(None).await, both(vec![john, joan]));
    running.stop().await;
}

#[tokio::test]
async fn nobody_follows_at_once_a_profile_that_asks_by_then() {
    let world = World::new().await;
    let people = People::new(&world, 12).await;
    let jane = people.ids[0];

    let following = people.ids[1..].iter().map(|id| people.act(*id, Act::Follow, jane));
    let closing = async {
        // Fewer than the times that a command is decided again: none is lost to the crowd.
        for n in 0..6 {
            people.door(jane, [Door::Open, Door::Asks][n % 2]).await;
        }
    };
    let (done, ()) = tokio::join!(futures::future::join_all(following), closing);

    done.iter().for_each(|done| assert_eq!(outcome(done), Outcome::Changed));
    // Every follow stands on the profile as it was at its position in the log.
    let crossed: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM es.events f WHERE f.event_type IN ('follow_requested', 'follow_accepted')
            AND (f.event_type = 'follow_accepted') IS DISTINCT FROM coalesce(
                (SELECT p.payload ->> 'follow_policy' = '{\"set\":\"anyone\"}' FROM es.events p
                  WHERE p.event_type = 'profile_updated' AND p.position < f.position
                  ORDER BY p.position DESC LIMIT 1), true)
            AND NOT EXISTS (SELECT FROM es.events a WHERE f.event_type = 'follow_requested'
                AND a.event_type = 'follow_accepted' AND a.aggregate_id = f.aggregate_id
                AND a.sequence = f.sequence + 1)",
    )
    .fetch_one(&world.pool)
    .await
    .unwrap();
    assert_eq!(crossed, 0);
}
