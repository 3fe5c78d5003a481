//! The log against what writers, readers and a NATS client were told.

use crate::{
    ledger::{Command, Deed, Pages, Sight},
    listener::Seen,
    world::World,
};
use annals_tests::program::Program;
use chrono::{DateTime, Utc};
use domain::{AnyEvent, UserId};
use projections::NAMES;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use store::Recorded;
use uuid::Uuid;

/// The whole log, read once and found sound, with its biographies opened.
pub struct Log {
    pub events: Vec<Recorded>,
    /// Token to the positions at which it stands, and on whose profile.
    tokens: HashMap<String, Vec<(i64, UserId)>>,
    /// The last biography and the number of events of each profile.
    profiles: BTreeMap<UserId, (Option<String>, i64)>,
}

impl Log {
    /// Reads it, and asserts that positions are dense, streams contiguous, times monotone, ids unique.
    pub async fn read(world: &World) -> Self {
        let mut log = Self { events: Vec::new(), tokens: HashMap::new(), profiles: BTreeMap::new() };
        loop {
            let more = world.store.reader().after(log.events.len() as i64, 5_000).await.unwrap();
            if more.is_empty() {
                break;
            }
            log.events.extend(more);
        }
        log.assert_sound();
        let opener = world.store.opener();
        for event in log.events.iter().filter(|event| event.aggregate_type == "profile") {
            let payload: Value = serde_json::from_str(&opener.open(event).await.unwrap()).unwrap();
            let user = UserId::from_uuid(event.aggregate_id.parse().unwrap());
            let profile = log.profiles.entry(user).or_default();
            profile.1 += 1;
            let token = match event.event_type.as_str() {
                "profile_created" => user.to_string(),
                _ => payload["bio"]["set"]["value"].as_str().unwrap().to_owned(),
            };
            if event.event_type == "profile_updated" {
                profile.0 = Some(token.clone());
            }
            log.tokens.entry(token).or_default().push((event.position, user));
        }
        log
    }

    pub fn head(&self) -> i64 {
        self.events.len() as i64
    }

    fn assert_sound(&self) {
        let mut streams: HashMap<(&str, &str), i64> = HashMap::new();
        let mut ids = HashSet::new();
        let mut last = DateTime::<Utc>::MIN_UTC;
        for (position, event) in (1..).zip(&self.events) {
            assert_eq!(event.position, position, "positions are dense");
            let sequence = streams.entry((&event.aggregate_type, &event.aggregate_id)).or_default();
            *sequence += 1;
            assert_eq!(event.sequence, *sequence, "streams are contiguous, at {position}");
            assert!(event.recorded_at >= last, "time runs backwards at {position}");
            assert!(ids.insert(event.event_id), "an event id stands twice, at {position}");
            last = event.recorded_at;
        }
    }

    /// Every acknowledged command once and where it was said to be, every other one at most once, and nothing else.
    pub fn hold_against(&self, pages: &Pages, wrongs: &mut Vec<String>) {
        for command in &pages.commands {
            wrongs.extend(self.wrong_of(command));
        }
        let known: HashSet<_> = pages.commands.iter().map(|command| command.token.as_str()).collect();
        let strangers =
            self.tokens.keys().filter(|token| token.contains("-w") && !known.contains(token.as_str()));
        wrongs.extend(strangers.map(|token| format!("{token} is in the log, and nobody sent it")));
        wrongs.extend(pages.sights.iter().filter_map(|sight| self.wrong_of_sight(sight)));
    }

    fn wrong_of(&self, command: &Command) -> Option<String> {
        let found = self.tokens.get(&command.token).map_or(&[][..], Vec::as_slice);
        let right = match (command.acknowledged, found) {
            (Some(position), [(at, user)]) => position == *at && *user == command.user,
            (None, []) => true,
            (None, [(_, user)]) => *user == command.user,
            _ => false,
        };
        (!right).then(|| format!("{command:?} is in the log at {found:?}"))
    }

    /// A read that asked for a position shows that state or a later one.
    fn wrong_of_sight(&self, sight: &Sight) -> Option<String> {
        let at = self.tokens.get(&sight.bio).and_then(|found| found.first());
        let right = at.is_some_and(|(at, user)| *at >= sight.at_least && *user == sight.user);
        (!right).then(|| format!("{sight:?} shows what stands at {at:?}"))
    }

    /// A plain client has seen every event, each as it stands in the log.
    pub fn hold_against_client(&self, seen: &Seen, wrongs: &mut Vec<String>) {
        for event in &self.events {
            let id = seen.positions.get(&event.position);
            if id.is_none_or(|id| *id != event.event_id.to_string()) {
                wrongs.push(format!("the NATS client saw {id:?} at {}", event.position));
            }
        }
        if let Some((last, _)) = seen.positions.last_key_value().filter(|(last, _)| **last > self.head()) {
            wrongs.push(format!("the NATS client saw {last}, which is past the head"));
        }
        wrongs.extend(seen.contradictions.iter().map(|n| format!("the NATS client saw two events at {n}")));
    }

    /// The page of every account's profile against the fold; a profile without an account has none.
    pub async fn hold_against_pages(&self, world: &World, wrongs: &mut Vec<String>) {
        let sql = "SELECT user_id, bio, version FROM p_profile_pages.profile_pages WHERE version > 0";
        let rows: Vec<(Uuid, Option<String>, i64)> =
            sqlx::query_as(sql).fetch_all(&world.db.pool().await).await.unwrap();
        let pages: BTreeMap<_, _> =
            rows.into_iter().map(|(user, bio, version)| (UserId::from_uuid(user), (bio, version))).collect();
        let registered = self.events.iter().filter(|event| event.event_type == "user_registered");
        let accounts = registered.map(|event| UserId::from_uuid(event.aggregate_id.parse().unwrap()));
        let folded: BTreeMap<_, _> = accounts.map(|user| (user, self.profiles[&user].clone())).collect();
        if pages != folded {
            wrongs.push(format!("the profiles' pages are {pages:?}, the fold is {folded:?}"));
        }
    }

    pub fn last_bio(&self, user: UserId) -> Option<&str> {
        self.profiles.get(&user)?.0.as_deref()
    }

    pub fn count(&self, of: impl Fn(&AnyEvent) -> bool) -> usize {
        self.events.iter().filter(|event| of(&event.decode().unwrap())).count()
    }
}

/// Every read model against a new build of it from the log.
pub async fn rebuild_and_compare(program: &Program, wrongs: &mut Vec<String>) {
    for name in NAMES {
        let output = program.command(&["rebuild", name.as_str(), "--check"]).output().await.unwrap();
        if !output.status.success() {
            wrongs.push(format!("rebuild {name} --check: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }
}

/// Commands acknowledged, by what they did.
pub fn acknowledged(pages: &Pages, deed: Deed) -> usize {
    pages.commands.iter().filter(|command| command.deed == deed && command.acknowledged.is_some()).count()
}
