//! A badge is given.

use super::{Award, AwardError, AwardEvent, AwardStatus, Awarder, BadgeAwarded, RevocationLifted};
use crate::{
    aggregate::Decide,
    badge::{
        Offer,
        criteria::{Earned, MAX_EVIDENCE, Progress},
    },
    ids::{Subject, UserId},
    personal::Personal,
    values::AwardNote,
};
use chrono::{DateTime, Utc};

/// Gives a badge; whoever has it keeps it as it is.
///
/// What staff have taken away is refused to everybody but staff who say so (`over_revocation`).
#[derive(Clone, Debug)]
pub struct AwardBadge {
    pub user: UserId,
    /// The badge as it is: read in the same append.
    pub offer: Offer,
    pub by: Awarder,
    /// What earned it; none for a gift.
    pub completion: Option<Completion>,
    pub notes: Option<AwardNote>,
    /// Lifts a revocation first; of effect for [`Awarder::Staff`] only.
    pub over_revocation: bool,
    pub at: DateTime<Utc>,
}

/// How a criterion came to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// When the event that completed it happened.
    pub earned_at: DateTime<Utc>,
    /// Position of that event.
    pub position: u64,
    /// Positions, ascending; no more than the last [`MAX_EVIDENCE`] are kept.
    pub evidence: Vec<u64>,
    pub evidence_total: u64,
    pub progress: Progress,
}

impl From<Earned> for Completion {
    fn from(earned: Earned) -> Self {
        let Earned { position, at: earned_at, evidence, evidence_total, as_it_was: progress } = earned;
        Self { earned_at, position, evidence, evidence_total, progress }
    }
}

impl AwardBadge {
    fn event(&self, ordinal: u32) -> BadgeAwarded {
        let Offer { badge, version, name, points, defined_at } = self.offer.clone();
        let completion = self.completion.as_ref();
        let evidence = completion.map(|completion| {
            let past = completion.evidence.len().saturating_sub(MAX_EVIDENCE);
            completion.evidence.iter().copied().skip(past).collect()
        });
        let note = |text: &AwardNote| Personal::new(Subject::of(self.user), text.as_str().to_owned());
        BadgeAwarded {
            user: self.user,
            badge,
            ordinal,
            badge_version: version,
            name,
            points,
            defined_at,
            awarded_by: self.by.clone(),
            earned_at: completion.map_or(self.at, |completion| completion.earned_at),
            completed_by: completion.map(|completion| completion.position),
            evidence: evidence.unwrap_or_default(),
            evidence_total: completion.map_or(0, |completion| completion.evidence_total),
            progress: completion.map(|completion| completion.progress.clone()),
            notes: self.notes.as_ref().map(note),
            awarded_at: self.at,
        }
    }
}

impl Decide<Award> for AwardBadge {
    fn decide(&self, award: &Award) -> Result<Vec<AwardEvent>, AwardError> {
        let awarded = || AwardEvent::from(self.event(award.ordinal + 1));
        match (award.status, &self.by) {
            (Some(AwardStatus::Held), _) => Ok(Vec::new()),
            (None | Some(AwardStatus::Lifted), _) => Ok(vec![awarded()]),
            (Some(AwardStatus::Revoked), Awarder::Staff(by)) if self.over_revocation => {
                let (user, badge) = (award.user, award.badge);
                let lifted = RevocationLifted { user, badge, by: *by, lifted_at: self.at };
                Ok(vec![lifted.into(), awarded()])
            }
            (Some(AwardStatus::Revoked), _) => Err(AwardError::Revoked),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{super::revoke::tests::revoked, *};
    use crate::{award::LiftRevocation, badge::criteria::Criterion, fixtures::*, ids::BadgeId};
    use cqrs_es::test::TestFramework;
    use serde_json::json;

    pub const fn badge() -> BadgeId {
        BadgeId::from_uuid(uuid::Uuid::from_u128(0xbad9e))
    }

    pub fn offer() -> Offer {
        let (name, points) = ("First Post".to_owned(), 25);
        Offer { badge: badge(), version: 2, name, points, defined_at: at(0) }
    }

    fn completion() -> Completion {
        let criterion = json!({"type": "counter", "field": "posts_count", "threshold": 1});
        let progress = Criterion::parse(&criterion).unwrap().progress(&Default::default());
        Completion { earned_at: at(3), position: 41, evidence: vec![41], evidence_total: 1, progress }
    }

    pub fn award(by: Awarder) -> AwardBadge {
        let (completion, over_revocation) = (Some(completion()), false);
        AwardBadge { user: jane(), offer: offer(), by, completion, notes: None, over_revocation, at: at(4) }
    }

    pub fn awarded(ordinal: u32) -> AwardEvent {
        award(Awarder::System).event(ordinal).into()
    }

    #[test]
    fn award_keeps_the_badge_as_it_was_and_what_earned_it() {
        let expected = BadgeAwarded {
            user: jane(),
            badge: badge(),
            ordinal: 1,
            badge_version: 2,
            name: "First Post".to_owned(),
            points: 25,
            defined_at: at(0),
            awarded_by: Awarder::System,
            earned_at: at(3),
            completed_by: Some(41),
            evidence: vec![41],
            evidence_total: 1,
            progress: Some(completion().progress),
            notes: None,
            awarded_at: at(4),
        };

        TestFramework::<Award>::with(())
            .given_no_previous_events()
            .when(award(Awarder::System).into())
            .then_expect_events(vec![expected.into()]);
    }

    #[test]
    fn gift_is_earned_when_it_is_given() {
        let notes = Some(AwardNote::parse("For the party").unwrap());
        let gift = AwardBadge { completion: None, notes, ..award(Awarder::Staff(john())) };

        let AwardEvent::BadgeAwarded(given) = gift.decide(&Award::default()).unwrap().remove(0) else {
            panic!("not awarded")
        };

        assert_eq!((given.earned_at, given.completed_by, given.evidence_total), (at(4), None, 0));
        assert_eq!(given.notes, Some(janes("For the party")));
    }

    #[test]
    fn second_award_of_the_same_badge_changes_nothing() {
        for by in [Awarder::System, Awarder::Staff(john()), Awarder::Service("shop".to_owned())] {
            TestFramework::<Award>::with(())
                .given(vec![awarded(1)])
                .when(award(by).into())
                .then_expect_events(vec![]);
        }
    }

    #[test]
    fn what_staff_took_away_stays_away() {
        let plain_staff = award(Awarder::Staff(john()));
        let sly_system = AwardBadge { over_revocation: true, ..award(Awarder::System) };
        let service = award(Awarder::Service("shop".to_owned()));
        for command in [award(Awarder::System), plain_staff, sly_system, service] {
            TestFramework::<Award>::with(())
                .given(vec![awarded(1), revoked(1)])
                .when(command.into())
                .then_expect_error(AwardError::Revoked);
        }
    }

    #[test]
    fn staff_give_back_what_was_taken_away_as_a_new_award() {
        let lifted = || {
            AwardEvent::from(RevocationLifted { user: jane(), badge: badge(), by: john(), lifted_at: at(4) })
        };
        let again = AwardBadge { over_revocation: true, ..award(Awarder::Staff(john())) };
        let given = || vec![awarded(1), revoked(1)];

        TestFramework::<Award>::with(())
            .given(given())
            .when(again.clone().into())
            .then_expect_events(vec![lifted(), again.event(2).into()]);
        TestFramework::<Award>::with(())
            .given(given())
            .when(LiftRevocation { by: john(), at: at(4) }.into())
            .then_expect_events(vec![lifted()]);
        TestFramework::<Award>::with(())
            .given([given(), vec![lifted()]].concat())
            .when(award(Awarder::System).into())
            .then_expect_events(vec![awarded(2)]);
    }

    #[test]
    fn evidence_that_is_kept_is_bounded() {
        let evidence: Vec<u64> = (1..=1_500).collect();
        let completion = Some(Completion { evidence, evidence_total: 1_500, ..completion() });

        let event = AwardBadge { completion, ..award(Awarder::System) }.event(1);

        assert_eq!(
            (event.evidence.len(), event.evidence[0], event.evidence_total),
            (MAX_EVIDENCE, 501, 1_500)
        );
    }
}
