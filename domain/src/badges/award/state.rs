//! An award as its events have made it.

use super::{AwardError, AwardEvent};
use crate::{
    aggregate::EventSourced,
    ids::{AwardId, BadgeId, UserId},
    personal::Personal,
};
use serde::{Deserialize, Serialize};

/// One person's award of one badge. Before the first it is the default: no `status`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Award {
    pub status: Option<AwardStatus>,
    pub user: UserId,
    pub badge: BadgeId,
    /// How often it was given.
    pub ordinal: u32,
    /// Of the latest award.
    pub points: u32,
    pub notes: Option<Personal<String>>,
}

/// Where an award stands. Wire form snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AwardStatus {
    /// The person has it.
    Held,
    /// Staff took it away, and it stays away.
    Revoked,
    /// It was taken away and may be earned again.
    Lifted,
}

impl Award {
    pub(super) fn given(&self) -> Result<AwardStatus, AwardError> {
        self.status.ok_or(AwardError::NotAwarded)
    }

    pub(super) fn evolve(&mut self, event: &AwardEvent) {
        match event {
            AwardEvent::BadgeAwarded(e) => {
                let (status, notes) = (Some(AwardStatus::Held), e.notes.clone());
                let (user, badge, ordinal, points) = (e.user, e.badge, e.ordinal, e.points);
                *self = Self { status, user, badge, ordinal, points, notes };
            }
            AwardEvent::BadgeRevoked(_) => self.status = Some(AwardStatus::Revoked),
            AwardEvent::RevocationLifted(_) => self.status = Some(AwardStatus::Lifted),
            AwardEvent::AwardNoted(e) => self.notes.clone_from(&e.notes),
        }
    }
}

impl EventSourced for Award {
    type Id = AwardId;

    /// That somebody does not have a badge is told, instead of that the award is not there yet.
    const ALWAYS_THERE: bool = true;

    /// Whoever has it, or had it.
    fn owner(&self, _id: AwardId) -> Option<UserId> {
        self.status.map(|_| self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::award_badge::tests::*, *};
    use crate::fixtures::*;

    #[test]
    fn award_is_of_whoever_has_it() {
        let mut award = Award::default();
        let id = AwardId::of(jane(), badge());
        assert_eq!(award.owner(id), None);

        award.evolve(&awarded(1));

        assert_eq!(award.owner(id), Some(jane()));
    }

    #[test]
    fn each_person_has_an_award_of_each_badge() {
        assert_ne!(AwardId::of(jane(), badge()), AwardId::of(john(), badge()));
        assert_ne!(AwardId::of(jane(), badge()), AwardId::of(jane(), BadgeId::default()));
    }
}
