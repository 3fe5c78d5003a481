//! Random histories and criteria: awards are those of a naive reading of everything, whatever is killed, comes twice, is
//! made anew, or is defined and changed on the way (BDG-15, BDG-16).

use crate::rig::{Rig, at, until};
use annals_tests::{
    dice::Dice,
    samples::{event, metadata, recorded},
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use commands::{Clock, SystemClock};
use domain::{
    ActivityId, AwardId, BadgeId, DeedId, ObjectId, UserId,
    activity::{ActiveDayRecorded, ActivityEvent, ActivityKind, ActivityReversed, Deed},
    award::AwardEvent,
    badge::{
        BadgePatch, NewBadge,
        catalogue::catalogue,
        criteria::{Action, Criterion, Fact, FactKind, Quality, Tally},
    },
    profile::Patch,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{StreamRef, StreamWrite, Submission};

/// When, and by the event at which position, an award was completed.
type Earned = (DateTime<Utc>, u64);
type Awards = BTreeMap<(UserId, BadgeId), Earned>;

const FIELDS: [&str; 7] = [
    "posts_count",
    "comments_count",
    "likes_given",
    "shares_count",
    "reviews_count",
    "likes_received",
    "active_days",
];

fn criterion(dice: &mut Dice) -> Criterion {
    let few = |dice: &mut Dice| 1 + dice.below(6);
    let requirement = |dice: &mut Dice| {
        let (operator, value) = (*dice.pick(&[">=", ">=", "<="]), few(dice));
        json!({ "field": dice.pick(&FIELDS), "operator": operator, "value": value })
    };
    let value: Value = match dice.below(6) {
        0 => json!({ "type": "counter", "field": dice.pick(&FIELDS), "threshold": few(dice) }),
        1 => json!({ "type": "counter", "field": "engagement_score", "threshold": 1 + dice.below(8) }),
        2 => json!({ "type": "consecutive_days", "action": "login", "days": 1 + dice.below(4) }),
        3 => json!({ "type": "event_based", "event_type": "review", "count": 1 + dice.below(3),
            "quality_threshold": dice.pick(&[3.9, 4.0]) }),
        4 => json!({ "type": "social_interaction", "interactions": ["like", "comment", "share"],
            "min_count": few(dice), "timeframe": dice.pick(&["1d", "7d", "30d", "all_time"]) }),
        _ => json!({ "type": "multi_criteria", "logic": dice.pick(&["AND", "OR"]),
            "requirements": [requirement(dice), { "field": "engagement_score", "operator": ">=", "value": 2 }] }),
    };
    Criterion::parse(&value).unwrap_or_else(|faults| panic!("{value}: {faults:?}"))
}

/// All that has happened, as the test knows it: nothing of it is read from Annals.
struct History {
    rig: Rig,
    dice: Dice,
    people: Vec<UserId>,
    facts: BTreeMap<UserId, Vec<Fact>>,
    versions: BTreeMap<ActivityId, i64>,
    deeds: Vec<Deed>,
    here: BTreeSet<(UserId, NaiveDate)>,
    /// No day of a deed is before it: whoever registers has had the day on which the log says so.
    first: NaiveDate,
    expected: Awards,
}

impl History {
    async fn of(people: usize) -> Self {
        let rig = Rig::new().await;
        let mut joined = Vec::new();
        for n in 0..people {
            joined.push(rig.registers(&format!("person{n}@example.com")).await.id);
        }
        let (facts, versions, deeds) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let (here, expected) = (BTreeSet::new(), Awards::new());
        let (dice, first) = (Dice::from_environment(), SystemClock.now().date_naive());
        Self { rig, dice, people: joined, facts, versions, deeds, here, first, expected }
    }

    async fn append(&mut self, user: UserId, day: NaiveDate, what: ActivityEvent) -> u64 {
        let id = ActivityId::of(user, day);
        let version = self.versions.entry(id).or_default();
        let stream = StreamRef { aggregate_type: "activity", id: id.uuid() };
        let writes = vec![StreamWrite::new(stream, *version, vec![event(&what)])];
        *version += 1;
        let submission = Submission { writes, metadata: metadata(), ..Submission::default() };
        u64::try_from(self.rig.store.submit(submission).await.unwrap().position).unwrap()
    }

    /// Something happens at the nth second, on a day that is mostly later than the one before.
    async fn happens(&mut self, n: usize) {
        let day = self.first + Days::new((n / 6 + self.dice.below(3)) as u64);
        let at = at(i64::try_from(n).unwrap());
        let user = *self.dice.pick(&self.people);
        if self.dice.below(4) == 0 {
            if self.here.insert((user, day)) {
                let seen = ActiveDayRecorded { user, day, recorded_at: at };
                let position = self.append(user, day, seen.into()).await;
                let what = FactKind::Did { action: Action::Login, quality: None, undone: false };
                self.facts.entry(user).or_default().push(Fact { position, at, day, what });
            }
            return;
        }
        if self.dice.below(8) == 0 && !self.deeds.is_empty() {
            let taken = self.deeds.swap_remove(self.dice.below(self.deeds.len()));
            let reversed = ActivityReversed { deed: taken.clone(), reversed_at: at };
            let position = self.append(taken.user, taken.day, reversed.into()).await;
            return self.tells(&taken, position, at, true);
        }
        use ActivityKind::{Comment, Like, PostCreate, Review, Share};
        let kind = *self.dice.pick(&[PostCreate, PostCreate, Comment, Like, Like, Share, Review]);
        let other = self.people.iter().copied().find(|other| *other != user);
        let target = other.filter(|_| kind == Like);
        let tenths = 38 + u8::try_from(self.dice.below(4)).unwrap();
        let deed = Deed {
            id: DeedId::of("service:content", &n.to_string()),
            user,
            kind,
            day,
            object: target.map(|_| ObjectId::of("service:content", &self.dice.below(3).to_string())),
            target,
            quality: Quality::of_tenths(tenths).filter(|_| kind == Review),
            counted: self.dice.below(10) > 0,
        };
        let position = self.append(user, day, recorded(deed.clone(), at).into()).await;
        self.tells(&deed, position, at, false);
        self.deeds.push(deed);
    }

    fn tells(&mut self, deed: &Deed, position: u64, at: DateTime<Utc>, undone: bool) {
        if !deed.counted {
            return;
        }
        let (action, day) = (deed.kind.action().unwrap(), deed.day);
        let mut tell = |user, what| {
            self.facts.entry(user).or_default().push(Fact { position, at, day, what });
        };
        tell(deed.user, FactKind::Did { action, quality: deed.quality, undone });
        if let (Some(target), Some(object)) = (deed.target, deed.object) {
            tell(target, FactKind::Received { action, object, undone });
        }
    }

    /// After each fact that may move the criterion, all facts until then are read again.
    fn naively(&self, user: UserId, criterion: &Criterion) -> Option<Earned> {
        let facts = self.facts.get(&user)?;
        (0..facts.len()).filter(|n| criterion.moved_by(&facts[*n].what)).find_map(|n| {
            let mut tally = Tally::default();
            facts[..=n].iter().for_each(|fact| tally.apply(fact));
            criterion.holds(&tally).then(|| (facts[n].at, facts[n].position))
        })
    }

    /// Whoever has the badge keeps it as it was earned; everybody else may have earned it by this criterion.
    fn expect(&mut self, badges: &[(BadgeId, Criterion)]) {
        for (badge, criterion) in badges {
            for user in self.people.clone() {
                if let Some(earned) = self.naively(user, criterion) {
                    self.expected.entry((user, *badge)).or_insert(earned);
                }
            }
        }
    }

    /// What the log says; nobody is given a badge twice.
    async fn awards(&self, badges: &[(BadgeId, Criterion)]) -> Awards {
        let mut awards = Awards::new();
        for ((badge, _), user) in
            badges.iter().flat_map(|badge| self.people.iter().map(move |user| (badge, *user)))
        {
            let id = AwardId::of(user, *badge).to_string();
            let events = self.rig.store.reader().stream("award", &id, 0, 10).await.unwrap();
            assert!(events.len() <= 1, "{events:?}");
            for event in events {
                let AwardEvent::BadgeAwarded(e) = serde_json::from_str(event.payload.get()).unwrap() else {
                    panic!("{event:?}")
                };
                awards.insert((user, *badge), (e.earned_at, e.completed_by.unwrap()));
            }
        }
        awards
    }

    /// Everything is awarded that is expected, and, once a sweep has found nothing, nothing else.
    async fn is_as_expected(&self, badges: &[(BadgeId, Criterion)], run: i64) {
        until("what was earned is awarded", async || {
            self.awards(badges).await.len() >= self.expected.len() && self.is_quiet().await
        })
        .await;
        assert_eq!(self.rig.asks_for("evaluate-user-badges", run).await, "equal");
        assert_eq!(self.awards(badges).await, self.expected);
    }

    async fn is_quiet(&self) -> bool {
        self.rig.rows().await.iter().all(|row| row.state == "done")
    }

    /// Things happen, while what keeps the read models and what awards are killed now and then.
    async fn go_on(&mut self, from: usize, to: usize) {
        let mut running = None;
        for n in from..to {
            if n % 40 == 0 || self.dice.below(30) == 0 {
                drop(running.take());
                running = Some((self.rig.projections(), self.rig.workers(&self.rig.no_mail()).await));
            }
            self.happens(n).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn awards_of_random_histories_are_those_of_a_naive_reading() {
    let mut history = History::of(5).await;
    let staff = history.rig.staff().await;
    let mut badges = Vec::new();
    for n in 0..8 {
        badges.push(defines(&mut history, n, &staff).await);
    }
    history.go_on(0, 160).await;
    history.expect(&badges);
    let running = (history.rig.projections(), history.rig.workers(&history.rig.no_mail()).await);
    history.is_as_expected(&badges, 1).await;

    // Some are changed, and some are new: both are asked about all that was.
    for (badge, known) in &mut badges[..4] {
        *known = criterion(&mut history.dice);
        let patch = BadgePatch { criteria: Patch::Set(known.clone()), ..BadgePatch::default() };
        history.rig.badges().revise(*badge, patch, None, None, &staff).await.unwrap();
    }
    for n in 8..12 {
        badges.push(defines(&mut history, n, &staff).await);
    }
    history.expect(&badges);
    history.is_as_expected(&badges, 2).await;
    drop(running);
    history.go_on(160, 320).await;
    history.expect(&badges);
    let running = (history.rig.projections(), history.rig.workers(&history.rig.no_mail()).await);
    history.is_as_expected(&badges, 3).await;
    drop(running);

    // Everything is asked for once more, of a read model that is made anew.
    for sql in [
        "DELETE FROM workers.jobs",
        "UPDATE workers.reactors SET position = 0 WHERE name IN ('award_badges', 'evaluate_badges')",
    ] {
        sqlx::query(sql).execute(&history.rig.pool).await.unwrap();
    }
    let options = projections::RebuildOptions::default();
    projections::rebuild(&history.rig.store, "badge_progress", options, |_| {}).await.unwrap();
    let _running = (history.rig.projections(), history.rig.workers(&history.rig.no_mail()).await);
    until("it is asked for again", async || !history.rig.rows().await.is_empty()).await;
    history.is_as_expected(&badges, 4).await;
}

async fn defines(history: &mut History, n: usize, staff: &commands::Caller) -> (BadgeId, Criterion) {
    let known = criterion(&mut history.dice);
    let new = catalogue(at(0)).unwrap().remove(0).new;
    let new = NewBadge { name: format!("Badge {n}").parse().unwrap(), criteria: Some(known.clone()), ..new };
    let done = history.rig.badges().define(new, true, staff).await.unwrap();
    (BadgeId::from_uuid(done.receipt.id), known)
}
