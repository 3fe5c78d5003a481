//! Facts taken in one by one give what a slow reading of the whole history gives, each time anew.

use super::{slow::Slow, *};
use crate::{fixtures::at, ids::ObjectId};
use proptest::prelude::*;
use proptest::{collection, sample};
use std::collections::BTreeSet;

fn did() -> impl Strategy<Value = FactKind> {
    let action = sample::select(Action::ALL);
    let quality = proptest::option::of((38u8..43).prop_map(|tenths| Quality::of_tenths(tenths).unwrap()));
    (action, quality).prop_map(|(action, quality)| FactKind::Did { action, quality, undone: false })
}

fn what() -> impl Strategy<Value = FactKind> {
    let action = prop_oneof![Just(Action::Like), Just(Action::HelpfulVote), Just(Action::Review)];
    let received = (action, 0u128..3).prop_map(|(action, object)| {
        let object = ObjectId::from_uuid(uuid::Uuid::from_u128(object));
        FactKind::Received { action, object, undone: false }
    });
    prop_oneof![
        8 => did(),
        2 => received,
        2 => Just(FactKind::Followers { gained: true }),
        1 => (1u64..9).prop_map(|ordinal| FactKind::Registered { ordinal }),
        1 => any::<bool>().prop_map(FactKind::Moderates),
        1 => any::<bool>().prop_map(FactKind::Verified),
        1 => any::<bool>().prop_map(FactKind::ProfileComplete),
    ]
}

const fn taken_back(what: FactKind) -> Option<FactKind> {
    match what {
        FactKind::Did { action, quality, .. } => Some(FactKind::Did { action, quality, undone: true }),
        FactKind::Received { action, object, .. } => {
            Some(FactKind::Received { action, object, undone: true })
        }
        FactKind::Followers { .. } => Some(FactKind::Followers { gained: false }),
        _ => None,
    }
}

/// Days go on, go back where something is told late, and leap once in a while; each thing is taken back once at most.
fn history() -> impl Strategy<Value = Vec<Fact>> {
    let step =
        prop_oneof![10 => 0i64..2, 3 => -5i64..5, 1 => 20i64..40, 1 => Just(370i64), 1 => Just(-370i64)];
    let taken = proptest::option::weighted(0.2, any::<sample::Index>());
    collection::vec((what(), step, taken), 1..70).prop_map(|events| {
        let (mut day, mut facts, mut gone) = (2_000, Vec::<Fact>::new(), BTreeSet::new());
        for ((what, step, taken), position) in events.into_iter().zip(1..) {
            day += step;
            let new = Fact { position, at: at(86_400 * day), day: at(86_400 * day).date_naive(), what };
            let earlier = taken.filter(|_| !facts.is_empty()).map(|index| *index.get(&facts));
            let undone = earlier.filter(|fact| gone.insert(fact.position)).and_then(|fact| {
                let undoes = !matches!(
                    fact.what,
                    FactKind::Did { undone: true, .. }
                        | FactKind::Received { undone: true, .. }
                        | FactKind::Followers { gained: false }
                );
                Some(Fact { day: fact.day, what: taken_back(fact.what).filter(|_| undoes)?, ..new })
            });
            facts.push(undone.unwrap_or(new));
        }
        facts
    })
}

fn target(field: Field) -> impl Strategy<Value = i64> {
    0..=field.greatest().min(6)
}

fn requirement() -> impl Strategy<Value = Requirement> {
    (sample::select(Field::ALL), sample::select(Operator::ALL)).prop_flat_map(|(field, operator)| {
        target(field).prop_map(move |value| Requirement { field, operator, value })
    })
}

fn criterion() -> impl Strategy<Value = Criterion> {
    let action = || sample::select(Action::ALL);
    let counter = sample::select(Field::ALL).prop_flat_map(|field| {
        target(field).prop_map(move |threshold| Rule::Counter { field, threshold: threshold.max(1) })
    });
    let quality = proptest::option::of((39u8..42).prop_map(|tenths| Quality::of_tenths(tenths).unwrap()));
    let several = (collection::vec(requirement(), 1..4), sample::select(Logic::ALL))
        .prop_map(|(requirements, logic)| Rule::MultiCriteria { requirements, logic });
    let social = (sample::subsequence(Action::SOCIAL, 1..4), 1i64..6, sample::select(Timeframe::ALL))
        .prop_map(|(interactions, min_count, timeframe)| Rule::SocialInteraction {
            interactions,
            min_count,
            timeframe,
        });
    let rule = prop_oneof![
        counter,
        (action(), 1i64..5).prop_map(|(action, days)| Rule::ConsecutiveDays { action, days }),
        several,
        (action(), 1i64..4, quality).prop_map(|(event_type, count, quality_threshold)| {
            Rule::EventBased { event_type, count, quality_threshold }
        }),
        social,
    ];
    rule.prop_map(|rule| Criterion { rule, description: None })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_fact_at_a_time_gives_what_the_whole_history_gives(
        facts in history(),
        criteria in collection::vec(criterion(), 6),
    ) {
        let mut tally = Tally::default();
        for (n, fact) in facts.iter().enumerate() {
            tally.apply(fact);
            for criterion in &criteria {
                let (holds, progress) = (criterion.holds(&tally), criterion.progress(&tally));
                prop_assert_eq!(holds, Slow(&facts[..=n]).holds(criterion), "{:?}", criterion);
                prop_assert_eq!(holds, progress.percent == 100 && progress.met == progress.total, "{:?}", progress);
                prop_assert_eq!(holds, progress.next_milestone.is_none(), "{:?}", progress);
            }
        }
        for criterion in &criteria {
            let earned = criterion.first_earned(facts.iter().copied());
            prop_assert_eq!(earned.map(|earned| earned.position), Slow::earned(&facts, criterion));
        }
        let stored = serde_json::to_string(&tally).unwrap();
        prop_assert_eq!(serde_json::from_str::<Tally>(&stored).unwrap(), tally);
    }

    /// Where evidence is what was counted, there is as much of it as was counted.
    #[test]
    fn evidence_is_what_was_counted(facts in history(), criteria in collection::vec(criterion(), 12)) {
        for criterion in &criteria {
            let Some(earned) = criterion.first_earned(facts.iter().copied()) else { continue };
            let total = i64::try_from(earned.evidence_total).unwrap();
            prop_assert!(earned.evidence.iter().all(|position| *position <= earned.position));
            let counted = match &criterion.rule {
                Rule::Counter { field, .. } => {
                    field.greatest() == Limits::COUNT
                        && !matches!(field, Field::RegistrationOrdinal | Field::InteractionFrequency)
                }
                Rule::MultiCriteria { .. } => false,
                Rule::ConsecutiveDays { .. } | Rule::EventBased { .. } | Rule::SocialInteraction { .. } => true,
            };
            prop_assert!(!counted || total == earned.as_it_was.parts[0].current, "{:?} {:?}", criterion, earned);
        }
    }

    /// What was read once is stored, and read again, as it is.
    #[test]
    fn every_criterion_is_stored_as_it_is_given(criterion in criterion()) {
        let stored = serde_json::to_value(&criterion).unwrap();

        prop_assert_eq!(serde_json::from_value::<Criterion>(stored).unwrap(), criterion);
    }
}
