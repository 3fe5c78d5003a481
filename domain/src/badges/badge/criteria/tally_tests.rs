//! What a tally keeps, and what it says.

use super::*;
use crate::{badge::criteria::KEPT_DAYS, fixtures::at};
use uuid::Uuid;

fn fact(position: u64, day: i64, what: FactKind) -> Fact {
    let at = at(day * 86_400);
    Fact { position, at, day: at.date_naive(), what }
}

fn like(position: u64, object: u128) -> Fact {
    let object = ObjectId::from_uuid(Uuid::from_u128(object));
    fact(position, 0, FactKind::Received { action: Action::Like, object, undone: false })
}

fn fold(facts: impl IntoIterator<Item = Fact>) -> Tally {
    facts.into_iter().fold(Tally::default(), |mut tally, fact| {
        tally.apply(&fact);
        tally
    })
}

#[test]
fn json_gives_the_same_tally_again() {
    let did = |action, day| {
        let what = FactKind::Did { action, quality: Quality::of_tenths(45), undone: false };
        fact(1, day, what)
    };
    let tally = fold([did(Action::Review, 3), did(Action::Login, 9), like(3, 7)]);

    let text = serde_json::to_string(&tally).unwrap();

    assert_eq!(serde_json::from_str::<Tally>(&text).unwrap(), tally, "{text}");
    assert_eq!(serde_json::from_str::<Tally>("{}").unwrap(), Tally::default());
}

#[test]
fn year_of_everything_stays_small() {
    let facts = (0..4_000i64).flat_map(|day| {
        Action::ALL
            .iter()
            .map(move |action| fact(1, day, FactKind::Did { action: *action, quality: None, undone: false }))
    });

    let text = serde_json::to_string(&fold(facts)).unwrap();

    assert!(text.len() < 2 * usize::from(KEPT_DAYS) * Action::ALL.len() + 1_000, "{} bytes", text.len());
}

#[test]
fn most_liked_object_and_a_new_one_are_never_given_up() {
    let most = (0..3).map(|n| like(n, 0));
    let others = (1..=2 * MAX_OBJECTS as u128).flat_map(|object| [like(10, object), like(10, object)]);
    let newest = (0..4).map(|n| like(20 + n, u128::MAX));

    let tally = fold(most.clone().chain(others.clone()));
    assert_eq!((tally.liked.len(), tally.value(Field::LikesReceivedMax)), (MAX_OBJECTS, Some(3)));

    let tally = fold(most.chain(others).chain(newest));
    assert_eq!((tally.liked.len(), tally.value(Field::LikesReceivedMax)), (MAX_OBJECTS, Some(4)));
}

/// Section 7 of the capabilities: each term by itself, capped, and all together.
#[test]
fn engagement_is_scored_over_thirty_days() {
    let did = |action, n: i64, day: i64| {
        (0..n).map(move |_| fact(1, day, FactKind::Did { action, quality: None, undone: false }))
    };
    let followers = |n: i64| (0..n).map(|_| fact(1, 29, FactKind::Followers { gained: true }));
    let days = |n: i64| (0..n).flat_map(move |day| did(Action::Login, 1, day));
    let score = |tally: Tally| tally.value(Field::EngagementScore).unwrap();

    assert_eq!(score(fold(days(30))), 40);
    assert_eq!(score(fold(days(15))), 20);
    assert_eq!(score(fold(did(Action::Like, 250, 0))), 30);
    assert_eq!(score(fold(did(Action::PostCreate, 19, 0))), 19);
    assert_eq!(score(fold(followers(40))), 10);
    let all = || {
        let deeds = did(Action::Share, 100, 29).chain(did(Action::PostCreate, 20, 29));
        days(30).chain(deeds).chain(followers(20))
    };
    assert_eq!(score(fold(all())), 100);
    let later = at(30 * 86_400).date_naive();
    assert_eq!(score(fold(all()).on(later)), 98, "one active day has left the window: 98.67");
    assert_eq!(fold(all()).value(Field::InteractionFrequency), Some(3));
}

#[test]
fn score_forgets_followers_who_left_on_the_day_they_came() {
    let left = fact(2, 29, FactKind::Followers { gained: false });
    let tally = fold([fact(1, 29, FactKind::Followers { gained: true }), left]);

    assert_eq!((tally.value(Field::EngagementScore), tally.value(Field::FollowerCount)), (Some(0), Some(0)));
}

#[test]
fn nobody_has_an_ordinal_before_registering() {
    assert_eq!(Tally::default().value(Field::RegistrationOrdinal), None);
    let tally = fold([fact(1, 0, FactKind::Registered { ordinal: 7 })]);
    assert_eq!(tally.value(Field::RegistrationOrdinal), Some(7));
}
