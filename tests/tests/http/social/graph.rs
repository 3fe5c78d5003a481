//! Random histories of thirty people, against a reference model: after each round the API says of every pair, to every
//! viewer, what the model says (SOC-07).

use crate::{
    client::{Answer, Api, Person, answer},
    social::graph_model::{Command, Model, Pair, Policy, Status},
};
use annals_tests::dice::Dice;
use domain::{BlockId, FollowId, MuteId, UserId};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: usize = 30;
const ROUNDS: usize = 6;
/// One after another, of each round.
const IN_TURN: usize = 50;
/// At once, of each round.
const AT_ONCE: usize = 40;
/// Requests of one check at a time.
const READERS: usize = 8;

struct World {
    api: Api,
    people: Vec<Person>,
    by_id: BTreeMap<String, usize>,
}

impl World {
    async fn new() -> Self {
        let api = Api::alone().await;
        let made = stream::iter(0..PEOPLE).map(|_| api.verified("normal")).buffered(4);
        let people: Vec<Person> = made.collect().await;
        let by_id = people.iter().enumerate().map(|(n, person)| (person.id.clone(), n)).collect();
        Self { api, people, by_id }
    }

    fn id(&self, person: usize) -> UserId {
        self.people[person].id.parse().unwrap()
    }

    async fn send(&self, command: Command) -> Answer {
        let post = async |path, (one, other): Pair| {
            let body = json!({ "user_id": self.people[other].id });
            self.api.send("POST", path, &self.people[one].access, body).await
        };
        let act = async |method, path: String, by: usize| self.api.act(method, &path, &self.people[by]).await;
        let set = async |person: usize, change: Value| {
            self.api.send("PATCH", "/api/users/profile", &self.people[person].access, change).await
        };
        let follow =
            |(one, other): Pair| format!("/api/follows/{}", FollowId::of(self.id(one), self.id(other)));
        match command {
            Command::Follow(pair) => post("/api/follows", pair).await,
            Command::Approve(pair) => act("POST", follow(pair) + "/approve", pair.1).await,
            Command::Reject(pair) => act("POST", follow(pair) + "/reject", pair.1).await,
            Command::Unfollow(pair) => act("DELETE", follow(pair), pair.0).await,
            Command::Remove(pair) => act("DELETE", follow(pair), pair.1).await,
            Command::Block(pair) => post("/api/blocks", pair).await,
            Command::Unblock(pair) => {
                let block = BlockId::of(self.id(pair.0), self.id(pair.1));
                act("DELETE", format!("/api/blocks/{block}"), pair.0).await
            }
            Command::Mute(pair) => post("/api/mutes", pair).await,
            Command::Unmute(pair) => {
                let mute = MuteId::of(self.id(pair.0), self.id(pair.1));
                act("DELETE", format!("/api/mutes/{mute}"), pair.0).await
            }
            Command::SetPrivate(person, is_private) => set(person, json!({ "is_private": is_private })).await,
            Command::SetPolicy(person, policy) => {
                set(person, json!({ "follow_policy": policy.map(Policy::name) })).await
            }
        }
    }

    /// Done, and its answer is the model's. What opens a profile is over once those who waited are accepted.
    async fn does(&self, model: &mut Model, command: Command) {
        let expected = model.apply(command);
        self.answers(command, expected).await;
        if let Command::SetPrivate(person, _) | Command::SetPolicy(person, _) = command {
            self.settles(person, model.followers(person, Status::Pending).len()).await;
        }
    }

    /// The reply has this status, and reads show what it did: also where it took longer than a reply waits.
    async fn answers(&self, command: Command, expected: u16) {
        let reply = self.send(command).await;
        assert_eq!(reply.status, expected, "{command:?}: {}", reply.body);
        let mut fresh = reply.header("annals-fresh") != Some("false");
        for _ in 0..100 {
            if fresh {
                return;
            }
            let read =
                self.api.request("GET", "/api/profiles?page_size=1").bearer_auth(&self.people[0].access);
            let read = answer(read.header("annals-min-position", reply.position())).await;
            fresh = read.header("annals-fresh") != Some("false");
        }
        panic!("{command:?} is not shown");
    }

    /// Waits for the reactor, bounded by far more than it takes.
    async fn settles(&self, person: usize, waiting: usize) {
        for _ in 0..1_000 {
            let list = self.list(person, "/api/follows?direction=requests").await;
            if list["count"] == waiting {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{person} still has other requests than {waiting}");
    }

    async fn list(&self, viewer: usize, path: &str) -> Value {
        self.api.get(path, &self.people[viewer].access).await.ok()
    }

    fn numbers(&self, list: &Value, member: &str) -> BTreeSet<usize> {
        let rows = list["results"].as_array().unwrap();
        let numbers: BTreeSet<usize> =
            rows.iter().map(|row| self.by_id[row[member].as_str().unwrap()]).collect();
        assert_eq!((numbers.len(), &list["count"]), (rows.len(), &json!(rows.len())), "{list}");
        numbers
    }

    /// Everything that everybody may ask.
    async fn agrees(&self, model: &Model, dice: &mut Dice) {
        let viewers: Vec<(usize, Vec<usize>)> =
            (0..PEOPLE).map(|viewer| (viewer, vec![dice.below(PEOPLE), dice.below(PEOPLE)])).collect();
        stream::iter(viewers)
            .for_each_concurrent(READERS, |(viewer, others)| async move {
                self.sees_everybody(model, viewer).await;
                self.lists_its_own(model, viewer).await;
                for other in others {
                    self.lists_of(model, viewer, other).await;
                }
            })
            .await;
    }

    async fn sees_everybody(&self, model: &Model, viewer: usize) {
        let list = self.list(viewer, "/api/profiles?page_size=100").await;
        let there: BTreeSet<usize> = (0..PEOPLE).filter(|person| !model.apart((viewer, *person))).collect();
        assert_eq!(self.numbers(&list, "id"), there, "who is there for {viewer}");
        for row in list["results"].as_array().unwrap() {
            let person = self.by_id[row["id"].as_str().unwrap()];
            let said = (&row["follow_status"], &row["follows_you"], &row["is_muted"]);
            let status = json!(model.status((viewer, person)).map(Status::name));
            let (follows, muted) =
                (json!(model.follows((person, viewer))), json!(model.mutes((viewer, person))));
            assert_eq!(said, (&status, &follows, &muted), "{viewer} to {person}");
            let counts = (&row["follower_count"], &row["following_count"]);
            // As long as the lists that this viewer would be shown.
            let shown = |people: Vec<usize>| {
                json!(people.into_iter().filter(|other| !model.apart((viewer, *other))).count())
            };
            let followers = shown(model.followers(person, Status::Accepted).into_iter().collect());
            let following = shown(model.following(person, Status::Accepted).into_iter().collect());
            assert_eq!(counts, (&followers, &following), "counts of {person}");
            assert_eq!(row["is_private"], model.is_private(person));
            assert_eq!(row["bio"].is_string(), model.sees_whole(viewer, person), "{viewer} sees {person}");
        }
    }

    async fn lists_its_own(&self, model: &Model, own: usize) {
        for status in [Status::Pending, Status::Accepted, Status::Rejected] {
            let path = |direction| {
                format!("/api/follows?direction={direction}&status={}&page_size=100", status.name())
            };
            let followers = self.list(own, &path("followers")).await;
            assert_eq!(
                self.numbers(&followers, "follower"),
                model.followers(own, status),
                "{status:?} to {own}"
            );
            let following = self.list(own, &path("following")).await;
            assert_eq!(
                self.numbers(&following, "followed"),
                model.following(own, status),
                "{status:?} by {own}"
            );
        }
        let blocks = self.list(own, "/api/blocks?page_size=100").await;
        assert_eq!(self.numbers(&blocks, "blocked"), model.blocks_of(own), "blocks of {own}");
        let mutes = self.list(own, "/api/mutes?page_size=100").await;
        assert_eq!(self.numbers(&mutes, "muted"), model.mutes_of(own), "mutes of {own}");
    }

    async fn lists_of(&self, model: &Model, viewer: usize, person: usize) {
        let access = &self.people[viewer].access;
        let one = self.api.get(&format!("/api/profiles/{}", self.people[person].id), access).await;
        assert_eq!(one.status == 404, model.apart((viewer, person)), "{viewer} asks for {person}");
        let shown = |people: BTreeSet<usize>| -> BTreeSet<usize> {
            people.into_iter().filter(|other| !model.apart((viewer, *other))).collect()
        };
        let accepted = Status::Accepted;
        for (direction, member, expected) in [
            ("followers", "follower", shown(model.followers(person, accepted))),
            ("following", "followed", shown(model.following(person, accepted))),
        ] {
            let of = &self.people[person].id;
            let path = format!("/api/follows?direction={direction}&user={of}&page_size=100");
            let reply = self.api.get(&path, access).await;
            if model.apart((viewer, person)) {
                assert_eq!(reply.status, 404, "{viewer} lists {direction} of {person}");
            } else if model.sees_whole(viewer, person) {
                assert_eq!(
                    self.numbers(&reply.ok(), member),
                    expected,
                    "{viewer} lists {direction} of {person}"
                );
            } else {
                assert_eq!(reply.status, 403, "{viewer} lists {direction} of {person}");
            }
        }
    }
}

/// A few people meet again and again, so that much happens between them.
fn pair(dice: &mut Dice) -> Pair {
    let bound = *dice.pick(&[6, 6, PEOPLE]);
    let one = dice.below(bound);
    (one, (one + 1 + dice.below(bound - 1)) % bound)
}

fn between(dice: &mut Dice, pair: Pair) -> Command {
    match dice.below(14) {
        0..=3 => Command::Follow(pair),
        4 | 5 => Command::Approve(pair),
        6 => Command::Reject(pair),
        7 => Command::Unfollow(pair),
        8 => Command::Remove(pair),
        9 => Command::Block(pair),
        10 | 11 => Command::Unblock(pair),
        12 => Command::Mute(pair),
        _ => Command::Unmute(pair),
    }
}

fn any(dice: &mut Dice) -> Command {
    let person = dice.below(8);
    match dice.below(10) {
        0 => Command::SetPrivate(person, dice.below(2) == 0),
        1 => {
            let policies = [None, Some(Policy::Anyone), Some(Policy::Approve), Some(Policy::Nobody)];
            Command::SetPolicy(person, *dice.pick(&policies))
        }
        _ => {
            let pair = pair(dice);
            between(dice, pair)
        }
    }
}

/// Between distinct pairs nothing depends on the order.
fn burst(dice: &mut Dice) -> Vec<Command> {
    let mut met = BTreeSet::new();
    let mut commands = Vec::new();
    for _ in 0..AT_ONCE {
        let (one, other) = pair(dice);
        if met.insert((one.min(other), one.max(other))) {
            commands.push(between(dice, (one, other)));
        }
    }
    commands
}

#[tokio::test]
async fn histories_of_thirty_people_are_told_as_a_plain_model_tells_them() {
    let mut dice = Dice::from_environment();
    let world = World::new().await;
    let mut model = Model::new(PEOPLE);
    for person in &world.people {
        world.api.set(person, json!({ "bio": "walks" })).await;
    }
    for _ in 0..ROUNDS {
        for _ in 0..IN_TURN {
            let command = any(&mut dice);
            world.does(&mut model, command).await;
        }
        let replies = burst(&mut dice).into_iter().map(|command| {
            let expected = model.apply(command);
            world.answers(command, expected)
        });
        futures::future::join_all(replies).await;
        world.agrees(&model, &mut dice).await;
    }
    world.api.into_program().stop().await;
}

/// What two want of each other at the same moment: whichever was first, the end is one that an order explains.
#[tokio::test]
async fn commands_of_one_pair_at_once_end_as_if_one_had_come_after_the_other() {
    let api = Api::shared().await;
    for round in 0..6 {
        let [jane, john] = api.people().await;

        let (one, other) = tokio::join!(api.follow(&jane, &john.id), api.follow(&john, &jane.id));
        assert_eq!((one.status, other.status), (201, 201), "opposite follows, round {round}");
        let (one, other) = tokio::join!(api.follow(&jane, &john.id), api.follow(&jane, &john.id));
        assert_eq!((one.status, other.status), (200, 200));
        assert_eq!(counts(&api, &jane).await, (1, 1));

        let follow = format!("/api/follows/{}", one.json()["id"].as_str().unwrap());
        api.act("DELETE", &follow, &jane).await.ok();
        let (follow, block) = tokio::join!(api.follow(&jane, &john.id), api.block(&john, &jane.id));
        assert!([201, 404].contains(&follow.status), "{follow:?}");
        block.is(201);
        assert_eq!((counts(&api, &jane).await, counts(&api, &john).await), ((0, 0), (0, 0)));
        assert_eq!(api.profile_of(&john, &jane).await.status, 404);

        let [jack, joan] = api.people().await;
        let (one, other) = tokio::join!(api.block(&jack, &joan.id), api.block(&joan, &jack.id));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 404], "of two opposite blocks the first stands");
    }
}

async fn counts(api: &Api, person: &Person) -> (u64, u64) {
    let profile = api.profile_of(person, person).await.ok();
    (profile["follower_count"].as_u64().unwrap(), profile["following_count"].as_u64().unwrap())
}
