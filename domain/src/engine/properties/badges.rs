//! What holds for every sequence of commands to badges and awards.

use super::{
    arbitrary::{moment, patch},
    repeat, run,
};
use crate::{
    award::{
        Award, AwardBadge, AwardCommand, AwardEvent, AwardStatus, Awarder, LiftRevocation, NoteAward,
        RevokeBadge,
    },
    badge::{
        ActivateBadge, Badge, BadgeCommand, BadgePatch, DefineBadge, NewBadge, Offer, RetireBadge,
        ReviseBadge, criteria::Criterion,
    },
    fixtures::*,
    ids::BadgeId,
    values::{
        AwardNote, BadgeCategory, BadgeDescription, BadgeIcon, BadgeName, BadgeSlug, HexColor, Rarity,
        RevocationReason, Tier,
    },
};
use proptest::{option, prelude::*, sample};
use serde_json::json;

fn name() -> impl Strategy<Value = BadgeName> {
    sample::select(vec!["First Post", "FIRST  post", "日本"]).prop_map(|name| BadgeName::parse(name).unwrap())
}

fn criterion() -> impl Strategy<Value = Criterion> {
    (1u32..4).prop_map(|n| {
        Criterion::parse(&json!({"type": "counter", "field": "posts_count", "threshold": n})).unwrap()
    })
}

fn points() -> impl Strategy<Value = u32> {
    sample::select(vec![0, 10, 25, 26, 50, 100, 500])
}

fn new_badge() -> impl Strategy<Value = NewBadge> {
    let times = (option::of(moment()), option::of(moment()));
    let fields = (name(), points(), sample::select(&Rarity::ALL[..]), option::of(criterion()), times);
    fields.prop_map(|(name, points, rarity, criteria, (available_from, available_until))| NewBadge {
        name,
        category: BadgeCategory::parse("special").unwrap(),
        description: BadgeDescription::parse("For something").unwrap(),
        icon: BadgeIcon::parse("fas fa-star").unwrap(),
        color: HexColor::parse("#000000").unwrap(),
        points,
        rarity,
        image: None,
        criteria,
        tier: None,
        series: None,
        available_from,
        available_until,
    })
}

fn badge_patch() -> impl Strategy<Value = BadgePatch> {
    let criteria = prop_oneof![
        criterion().prop_map(crate::profile::Patch::Set),
        Just(crate::profile::Patch::Clear),
        Just(crate::profile::Patch::Keep)
    ];
    let rarity = option::of(sample::select(&Rarity::ALL[..]));
    (option::of(name()), option::of(points()), rarity, criteria, patch(Tier::Gold), patch(at(50))).prop_map(
        |(name, points, rarity, criteria, tier, available_until)| BadgePatch {
            name,
            points,
            rarity,
            criteria,
            tier,
            available_until,
            ..BadgePatch::default()
        },
    )
}

fn badge_command() -> impl Strategy<Value = BadgeCommand> {
    let badge = BadgeId::of_catalogue("first_post");
    prop_oneof![
        2 => (new_badge(), any::<bool>(), moment())
            .prop_map(move |(new, active, at)| DefineBadge { badge, new, others: 0, active, at }.into()),
        4 => (badge_patch(), option::of(any::<bool>()), moment())
            .prop_map(|(patch, active, at)| ReviseBadge { patch, active, at }.into()),
        1 => moment().prop_map(|at| ActivateBadge { at }.into()),
        1 => moment().prop_map(|at| RetireBadge { at }.into()),
    ]
}

fn award_command() -> impl Strategy<Value = AwardCommand> {
    let by = prop_oneof![
        Just(Awarder::System),
        Just(Awarder::Staff(john())),
        Just(Awarder::Service("shop".to_owned()))
    ];
    let note =
        || option::of(sample::select(vec!["once", "twice"]).prop_map(|text| AwardNote::parse(text).unwrap()));
    prop_oneof![
        3 => (by, points(), note(), any::<bool>(), moment()).prop_map(|(by, points, notes, over_revocation, at)| {
            let (badge, name) = (BadgeId::of_catalogue("first_post"), "First Post".to_owned());
            let offer = Offer { badge, version: 1, name, points, defined_at: at };
            AwardBadge { user: jane(), offer, by, completion: None, notes, over_revocation, at }.into()
        }),
        2 => moment().prop_map(|at| {
            let reason = RevocationReason::parse("Farmed").unwrap();
            RevokeBadge { by: john(), reason, at }.into()
        }),
        1 => moment().prop_map(|at| LiftRevocation { by: john(), at }.into()),
        1 => (note(), moment()).prop_map(|(notes, at)| NoteAward { by: john(), notes, at }.into()),
    ]
}

replays_to_the_same_state! {
    badge_replays_to_the_same_state: Badge, badge_command(), 20;
    award_replays_to_the_same_state: Award, award_command(), 20;
}

proptest! {
    #[test]
    fn repeated_badge_command_adds_no_event(
        commands in proptest::collection::vec(badge_command(), 0..20),
        last in badge_command(),
    ) {
        prop_assert_eq!(repeat::<Badge>(&commands, last).1, 0);
    }

    #[test]
    fn repeated_award_command_adds_no_event(
        commands in proptest::collection::vec(award_command(), 0..20),
        last in award_command(),
    ) {
        prop_assert_eq!(repeat::<Award>(&commands, last).1, 0);
    }

    /// Whatever was refused on the way.
    #[test]
    fn badge_always_keeps_to_its_band_and_its_slug(commands in proptest::collection::vec(badge_command(), 0..20)) {
        let (badge, log) = run::<Badge>(&commands);

        prop_assert!(badge.status.is_none() || badge.details.rarity.points().contains(&badge.details.points));
        prop_assert!(badge.status.is_none() || BadgeSlug::parse(&badge.slug).is_ok());
        let revised = log.iter().filter(|event| event.kind().event_type == "badge_revised").count();
        prop_assert!(badge.version as usize <= 1 + revised);
    }

    /// What was given less what was taken away is what the person has: one badge or none.
    #[test]
    fn points_given_and_taken_balance(commands in proptest::collection::vec(award_command(), 0..30)) {
        let (award, log) = run::<Award>(&commands);

        let (mut points, mut ordinal) = (0i64, 0);
        for event in &log {
            match event {
                AwardEvent::BadgeAwarded(e) => {
                    prop_assert_eq!((points, e.ordinal), (0, ordinal + 1));
                    (points, ordinal) = (i64::from(e.points), e.ordinal);
                }
                AwardEvent::BadgeRevoked(e) => {
                    prop_assert_eq!((points, e.ordinal), (i64::from(e.points), ordinal));
                    points = 0;
                }
                AwardEvent::RevocationLifted(_) | AwardEvent::AwardNoted(_) => {}
            }
        }
        let held = award.status == Some(AwardStatus::Held);
        prop_assert_eq!(points, if held { i64::from(award.points) } else { 0 });
    }

    #[test]
    fn no_text_makes_a_parser_of_badges_panic(text in ".{0,120}") {
        let _ = BadgeName::parse(&text);
        let _ = BadgeIcon::parse(&text);
        let _ = HexColor::parse(&text);
        if let Some(slug) = BadgeSlug::derived(&text) {
            prop_assert_eq!(BadgeSlug::parse(slug.as_str()), Ok(slug));
        }
    }
}
