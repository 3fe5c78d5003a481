//! A definition as its events have made it, and what follows from it.

use super::{BadgeDetails, BadgeError, BadgeEvent, criteria::Criterion};
use crate::{
    aggregate::{ClaimKind, Consequence, EventSourced},
    ids::BadgeId,
    values::fold_badge_name,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A badge. Before it is defined it is the default: no `status`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Badge {
    pub status: Option<BadgeStatus>,
    pub slug: String,
    pub details: BadgeDetails,
    /// Of the criterion, from 1.
    pub version: u32,
    pub defined_at: DateTime<Utc>,
}

/// Where a definition stands. Wire form snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadgeStatus {
    /// Was never active.
    Draft,
    /// Can be earned.
    Active,
    /// Is over, until it is made active again.
    Retired,
}

/// What an award keeps of the definition, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub badge: BadgeId,
    pub version: u32,
    pub name: String,
    pub points: u32,
    pub defined_at: DateTime<Utc>,
}

/// When a badge is to be had: from a time on, and until before another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Availability {
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

impl Availability {
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
    }
}

impl Badge {
    /// As much of a definition as an evaluation needs.
    pub fn of_criterion(
        status: BadgeStatus,
        version: u32,
        (criteria, availability): (Option<Criterion>, Availability),
    ) -> Self {
        let Availability { from: available_from, until: available_until } = availability;
        let details = BadgeDetails { criteria, available_from, available_until, ..Default::default() };
        Self { status: Some(status), version, details, ..Default::default() }
    }

    /// As it is after the event.
    #[must_use]
    pub fn after(mut self, event: &BadgeEvent) -> Self {
        self.evolve(event);
        self
    }

    pub const fn availability(&self) -> Availability {
        Availability { from: self.details.available_from, until: self.details.available_until }
    }

    /// What somebody gets who earned it at that time, if anybody can get it now.
    ///
    /// # Errors
    /// [`BadgeError::NotDefined`], [`BadgeError::NotActive`]; [`BadgeError::NotAvailable`] outside the time in which it
    /// is to be had, which ends before `available_until`.
    pub fn offer(&self, badge: BadgeId, earned_at: DateTime<Utc>) -> Result<Offer, BadgeError> {
        if self.defined()? != BadgeStatus::Active {
            return Err(BadgeError::NotActive);
        }
        if !self.availability().contains(earned_at) {
            return Err(BadgeError::NotAvailable);
        }
        let (version, name, points) = (self.version, self.details.name.clone(), self.details.points);
        Ok(Offer { badge, version, name, points, defined_at: self.defined_at })
    }

    pub(super) fn defined(&self) -> Result<BadgeStatus, BadgeError> {
        self.status.ok_or(BadgeError::NotDefined)
    }

    pub(super) fn evolve(&mut self, event: &BadgeEvent) {
        match event {
            BadgeEvent::BadgeDefined(e) => {
                self.status = Some(if e.active { BadgeStatus::Active } else { BadgeStatus::Draft });
                self.slug.clone_from(&e.slug);
                self.details = e.details.clone();
                self.version = e.version;
                self.defined_at = e.defined_at;
            }
            BadgeEvent::BadgeRevised(e) => {
                self.details = self.details.changed(&e.changes);
                self.version = e.version;
            }
            BadgeEvent::BadgeActivated(_) => self.status = Some(BadgeStatus::Active),
            BadgeEvent::BadgeRetired(_) => self.status = Some(BadgeStatus::Retired),
        }
    }
}

impl BadgeDetails {
    /// What has to hold of any definition.
    pub(super) fn check(&self) -> Result<(), BadgeError> {
        if !self.rarity.points().contains(&self.points) {
            return Err(BadgeError::PointsOutOfBand(self.rarity));
        }
        match (self.available_from, self.available_until) {
            (Some(from), Some(until)) if from >= until => Err(BadgeError::AvailabilityReversed),
            _ => Ok(()),
        }
    }
}

/// Nobody's: staff define badges.
impl EventSourced for Badge {
    type Id = BadgeId;

    /// What is wrong with a badge that is defined is told, instead of that it is not there yet.
    const ALWAYS_THERE: bool = true;

    /// Name and slug stay taken for as long as there are awards to resolve: for ever.
    fn consequences(&self, event: &BadgeEvent) -> Vec<Consequence> {
        match event {
            BadgeEvent::BadgeDefined(e) => vec![
                Consequence::Claim(ClaimKind::BadgeName, fold_badge_name(&e.details.name)),
                Consequence::Claim(ClaimKind::BadgeSlug, e.slug.clone()),
            ],
            BadgeEvent::BadgeRevised(e) => {
                let former = fold_badge_name(&self.details.name);
                let named = e.changes.name.as_deref().map(fold_badge_name).filter(|name| *name != former);
                let claims = named.map(|name| {
                    [
                        Consequence::Claim(ClaimKind::BadgeName, name),
                        Consequence::Release(ClaimKind::BadgeName, former),
                    ]
                });
                claims.into_iter().flatten().collect()
            }
            BadgeEvent::BadgeActivated(_) | BadgeEvent::BadgeRetired(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::define::tests::*, *};
    use crate::{badge::BadgeRevised, fixtures::*};

    fn badge(of: super::super::NewBadge, active: bool) -> Badge {
        let mut badge = Badge::default();
        badge.evolve(&defined(&of, active));
        badge
    }

    fn renamed(name: &str) -> BadgeEvent {
        let changes = crate::badge::BadgeChanges { name: Some(name.to_owned()), ..Default::default() };
        BadgeRevised { changes, version: 1, revised_at: at(5) }.into()
    }

    #[test]
    fn name_and_slug_are_taken_and_a_new_name_frees_the_old_one() {
        let badge = badge(first_post(), false);

        assert_eq!(
            Badge::default().consequences(&defined(&first_post(), false)),
            [
                Consequence::Claim(ClaimKind::BadgeName, "first post".to_owned()),
                Consequence::Claim(ClaimKind::BadgeSlug, "first_post".to_owned()),
            ]
        );
        assert_eq!(
            badge.consequences(&renamed("Début")),
            [
                Consequence::Claim(ClaimKind::BadgeName, "début".to_owned()),
                Consequence::Release(ClaimKind::BadgeName, "first post".to_owned()),
            ]
        );
        assert_eq!(badge.consequences(&renamed("FIRST POST")), []);
    }

    #[test]
    fn only_an_active_badge_is_offered_and_only_in_its_time() {
        let seasonal = super::super::NewBadge {
            available_from: Some(at(10)),
            available_until: Some(at(20)),
            ..first_post()
        };
        let season = badge(seasonal, true);
        let refused = |badge: &Badge, second| badge.offer(id(), at(second)).unwrap_err();

        assert_eq!(refused(&Badge::default(), 15), BadgeError::NotDefined);
        assert_eq!(refused(&badge(first_post(), false), 15), BadgeError::NotActive);
        assert_eq!(refused(&season, 9), BadgeError::NotAvailable);
        assert_eq!(refused(&season, 20), BadgeError::NotAvailable);
        let offer = season.offer(id(), at(10)).unwrap();
        assert_eq!((offer.badge, offer.version, offer.points), (id(), 1, 25));
    }
}
