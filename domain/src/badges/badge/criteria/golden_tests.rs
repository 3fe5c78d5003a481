//! The examples of the requirements, word for word (BDG-13).

use super::*;
use crate::{badge::Availability, fixtures::at, ids::ObjectId};
use serde_json::{Value, json};

fn counter() -> Value {
    json!({
        "type": "counter",
        "field": "posts_count",
        "threshold": 10,
        "description": "Create 10  posts"
    })
}

fn streak() -> Value {
    json!({
        "type": "consecutive_days",
        "action": "login",
        "days": 30,
        "description": "Login for 30 consecutive days"
    })
}

fn several() -> Value {
    json!({
        "type": "multi_criteria",
        "requirements": [
            {"field": "follower_count", "operator": ">=", "value": 100},
            {"field": "posts_count", "operator": ">=", "value": 50},
            {"field": "engagement_score", "operator": ">=", "value": 80}
        ],
        "logic": "AND",
        "description": "Be an influential community member"
    })
}

fn reviews() -> Value {
    json!({
        "type": "event_based",
        "event_type": "review",
        "count": 10,
        "quality_threshold": 4.0,
        "description": "Write 10 high-quality reviews"
    })
}

fn social() -> Value {
    json!({
        "type": "social_interaction",
        "interactions": ["like", "comment", "share"],
        "min_count": 500,
        "timeframe": "all_time",
        "description": "Engage actively with community content"
    })
}

fn read(value: &Value) -> Criterion {
    Criterion::parse(value).unwrap()
}

const fn did(action: Action) -> FactKind {
    FactKind::Did { action, quality: None, undone: false }
}

fn rated(action: Action, tenths: u8) -> FactKind {
    FactKind::Did { action, quality: Quality::of_tenths(tenths), undone: false }
}

/// A life: what happened on which day, at positions from 1.
fn life(events: impl IntoIterator<Item = (i64, FactKind)>) -> Vec<Fact> {
    let facts = events.into_iter().zip(1..);
    facts
        .map(|((day, what), position)| {
            let at = at(day * 86_400);
            Fact { position, at, day: at.date_naive(), what }
        })
        .collect()
}

fn tally(facts: &[Fact]) -> Tally {
    facts.iter().fold(Tally::default(), |mut tally, fact| {
        tally.apply(fact);
        tally
    })
}

fn days(range: std::ops::Range<i64>, what: FactKind) -> impl Iterator<Item = (i64, FactKind)> {
    range.map(move |day| (day, what))
}

#[test]
fn every_example_is_read_and_written_as_it_was() {
    for example in [counter(), streak(), several(), reviews(), social()] {
        let criterion = read(&example);

        let stored = serde_json::to_value(&criterion).unwrap();

        assert_eq!(stored, example);
        assert_eq!(serde_json::from_value::<Criterion>(stored).unwrap(), criterion);
    }
}

#[test]
fn ten_posts() {
    let facts = life(days(0..12, did(Action::PostCreate)));
    let criterion = read(&counter());

    let progress = criterion.progress(&tally(&facts[..7]));
    let earned = criterion.first_earned(facts).unwrap();

    assert_eq!((progress.percent, progress.met, progress.total), (70, 0, 1));
    assert_eq!(progress.next_milestone.as_deref(), Some("Need 3 more posts"));
    assert_eq!((earned.position, earned.at), (10, at(9 * 86_400)));
    assert_eq!(earned.evidence, (1..=10).collect::<Vec<_>>());
    assert_eq!((earned.as_it_was.percent, earned.as_it_was.next_milestone), (100, None));
}

#[test]
fn deed_that_is_told_late_dates_no_award_before_what_completes_it() {
    let posts = life(days(5..14, did(Action::PostCreate)));
    let late = Fact { position: 99, at: at(0), day: at(0).date_naive(), ..posts[0] };
    let criterion = read(&counter());
    let told = || posts.iter().copied().chain([late]);

    let earned = criterion.first_earned(told()).unwrap();

    assert_eq!((earned.position, earned.at), (99, at(13 * 86_400)), "the latest of the ten");
    let until = |day: i64| Availability { from: None, until: Some(at(day * 86_400)) };
    assert_eq!(criterion.first_earned_within(told(), until(13)), None, "it was over by then");
    assert_eq!(
        criterion.first_earned_within(told(), until(14)).map(|earned| earned.at),
        Some(at(13 * 86_400))
    );
}

#[test]
fn thirty_days_in_a_row() {
    let gap = life(days(0..29, did(Action::Login)).chain(days(30..45, did(Action::Login))));
    let criterion = read(&streak());

    let progress = criterion.progress(&tally(&gap));

    assert_eq!(criterion.first_earned(gap.clone()), None);
    assert_eq!(progress.percent, 50, "15 of 30: the first run is over");
    assert_eq!(progress.next_milestone.as_deref(), Some("Need 15 more active days in a row"));
    let late = Fact { position: 99, ..gap[28] };
    let late = Fact { day: late.day.succ_opt().unwrap(), ..late };
    let earned = criterion.first_earned(gap.into_iter().chain([late])).unwrap();
    assert_eq!((earned.position, earned.evidence_total), (99, 45), "the day between was told late");
}

#[test]
fn followers_posts_and_engagement_together() {
    let criterion = read(&several());
    let followers = (0..100).map(|_| (0, FactKind::Followers { gained: true }));
    let posts = (0..50).map(|_| (1, did(Action::PostCreate)));
    let likes = (0..100).map(|_| (1, did(Action::Like)));
    let facts = life(followers.chain(posts).chain(likes).chain(days(0..15, did(Action::Login))));

    let progress = criterion.progress(&tally(&facts[..facts.len() - 1]));
    let earned = criterion.first_earned(facts).unwrap();

    assert_eq!((progress.percent, progress.met, progress.total), (97, 2, 3), "78 of 80");
    assert_eq!(progress.next_milestone.as_deref(), Some("Need 2 more points of engagement"));
    assert_eq!((earned.position, earned.evidence_total), (265, 265));
}

#[test]
fn ten_reviews_rated_four_or_better() {
    let criterion = read(&reviews());
    let good = || days(0..9, rated(Action::Review, 40));
    let worse = || (9..40).flat_map(|day| [(day, rated(Action::Review, 39)), (day, did(Action::Review))]);

    let facts = life(good().chain(worse()));
    let progress = criterion.progress(&tally(&facts));
    let earned = criterion.first_earned(life(good().chain(worse()).chain([(50, rated(Action::Review, 50))])));

    assert_eq!((criterion.first_earned(facts), progress.percent), (None, 90));
    assert_eq!(progress.next_milestone.as_deref(), Some("Need 1 more review rated 4.0 or better"));
    let earned = earned.unwrap();
    assert_eq!((earned.position, earned.evidence.len()), (72, 10));
    assert_eq!(earned.evidence.last(), Some(&72));
}

#[test]
fn five_hundred_interactions() {
    let criterion = read(&social());
    let kinds = [Action::Like, Action::Comment, Action::Share, Action::Review];
    let facts = life((0..800).map(|n| (n / 2, did(kinds[usize::try_from(n % 4).unwrap()]))));

    let progress = criterion.progress(&tally(&facts[..400]));
    let earned = criterion.first_earned(facts).unwrap();

    assert_eq!(progress.percent, 60);
    assert_eq!(progress.next_milestone.as_deref(), Some("Need 200 more likes, comments or shares"));
    assert_eq!((earned.position, earned.evidence_total), (666, 500), "reviews are no interactions here");
}

/// "3 of 4, 75 %, Need 25 more posts" is what the requirements show (BDG-03).
#[test]
fn progress_is_told_as_in_the_example() {
    let at_least = |field: &str, value| json!({"field": field, "operator": ">=", "value": value});
    let criterion = read(&json!({"type": "multi_criteria", "requirements": [
        at_least("comments_count", 1), at_least("likes_given", 1), at_least("is_verified", 1),
        at_least("posts_count", 100),
    ]}));
    let rest = [(0, did(Action::Comment)), (0, did(Action::Like)), (0, FactKind::Verified(true))];

    let progress = criterion.progress(&tally(&life(days(0..75, did(Action::PostCreate)).chain(rest))));

    assert_eq!((progress.percent, progress.met, progress.total), (75, 3, 4));
    assert_eq!(progress.next_milestone.as_deref(), Some("Need 25 more posts"));
}

#[test]
fn one_of_several_is_enough_and_tells_what_made_it_so() {
    let criterion = read(&json!({"type": "multi_criteria", "logic": "OR", "requirements": [
        {"field": "posts_count", "operator": ">=", "value": 10},
        {"field": "is_moderator", "operator": "==", "value": 1},
    ]}));
    let facts = life([(0, did(Action::PostCreate)), (1, FactKind::Moderates(true))]);

    let before = criterion.progress(&tally(&facts[..1]));
    let earned = criterion.first_earned(facts).unwrap();

    assert_eq!((before.percent, before.met, before.total), (10, 0, 1));
    assert_eq!((earned.position, earned.evidence), (2, vec![2]));
    assert_eq!((earned.as_it_was.met, earned.as_it_was.next_milestone), (1, None));
}

#[test]
fn nothing_is_earned_by_doing_nothing() {
    let few = json!({"field": "posts_count", "operator": "<=", "value": 5});
    let criterion = read(&json!({"type": "multi_criteria", "requirements": [few]}));
    let early = json!({"field": "registration_ordinal", "operator": "<=", "value": 1000});
    let adopter = read(&json!({"type": "multi_criteria", "requirements": [early]}));
    let quiet = life(days(0..40, did(Action::Login)));
    let late = life([(0, FactKind::Registered { ordinal: 1_001 })]);

    assert_eq!(criterion.first_earned(quiet.clone()), None);
    assert_eq!(criterion.first_earned(life([(0, did(Action::PostCreate))])).unwrap().position, 1);
    assert!(!adopter.holds(&tally(&quiet)), "who never registered is not among the first");
    assert_eq!(
        adopter.progress(&tally(&late)).next_milestone.as_deref(),
        Some("Need to be among the first 1000 to register")
    );
    assert!(adopter.holds(&tally(&life([(0, FactKind::Registered { ordinal: 1_000 })]))));
}

#[test]
fn what_is_taken_back_does_not_count_and_is_no_evidence() {
    let undone = FactKind::Did { action: Action::PostCreate, quality: None, undone: true };
    let nine = days(0..9, did(Action::PostCreate));
    let facts = life(nine.chain([(4, undone), (9, did(Action::PostCreate)), (9, did(Action::PostCreate))]));

    let earned = read(&counter()).first_earned(facts).unwrap();

    assert_eq!(earned.position, 12);
    assert_eq!(earned.evidence, [1, 2, 3, 4, 6, 7, 8, 9, 11, 12]);
}

#[test]
fn window_counts_only_its_own_days() {
    let criterion = read(&json!({
        "type": "social_interaction", "interactions": ["like"], "min_count": 3, "timeframe": "7d"
    }));
    let facts = life([0, 1, 7, 6].map(|day| (day, did(Action::Like))));

    let progress = criterion.progress(&tally(&facts[..3]));
    let earned = criterion.first_earned(facts).unwrap();

    assert_eq!(
        progress.next_milestone.as_deref(),
        Some("Need 1 more like within 7 days"),
        "day 0 is the eighth"
    );
    assert_eq!(
        (earned.position, earned.evidence),
        (4, vec![2, 3, 4]),
        "a day told late counts where it lies"
    );
}

#[test]
fn evidence_is_bounded_and_says_how_much_there_was() {
    let criterion = read(&json!({"type": "counter", "field": "likes_received_max", "threshold": 2000}));
    let like = |object: u128| FactKind::Received {
        action: Action::Like,
        object: ObjectId::from_uuid(uuid::Uuid::from_u128(object)),
        undone: false,
    };
    let facts = life((0..6_000).map(|n| (0, like(u128::from(n % 3 == 0)))));

    let earned = criterion.first_earned(facts).unwrap();

    assert_eq!((earned.evidence_total, earned.evidence.len()), (2_000, MAX_EVIDENCE));
    assert_eq!(earned.evidence.last(), Some(&earned.position));
}
