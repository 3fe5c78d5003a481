//! Writes of `badges`: what each event does to the rows that it touches.

use super::{
    definition::{defined, revise},
    query::AwardRow,
    touched::{Showcase, Totals, Touched},
};
use crate::{
    absence::{self, Absence},
    batch::Batch,
    envelope::{Envelope, known},
    projection::{Name, Projection, ProjectionError},
    registry::BADGES,
};
use async_trait::async_trait;
use domain::{
    AwardId, BadgeId, UserId,
    award::{AwardEvent, AwardStatus, Awarder, BadgeAwarded, BadgeRevoked},
    badge::{BadgeEvent, BadgeStatus},
    profile::{FeaturedBadgesChanged, ProfileEvent},
    user::UserEvent,
};
use uuid::Uuid;

pub(crate) struct Badges;

#[async_trait]
impl Projection for Badges {
    fn name(&self) -> Name {
        BADGES
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let relevant: Vec<(&Envelope, Happening<'_>)> =
            events.iter().filter_map(|envelope| Some((*envelope, happening(envelope)?))).collect();
        if relevant.is_empty() {
            return Ok(());
        }
        let mut touched = Touched::load(batch, &relevant).await?;
        for (envelope, happening) in relevant {
            touched.evolve(envelope, happening)?;
        }
        touched.store(batch).await
    }
}

/// What concerns badges.
#[derive(Clone, Copy)]
pub(super) enum Happening<'a> {
    Badge(&'a BadgeEvent),
    Award(&'a AwardEvent),
    Featured(&'a FeaturedBadgesChanged),
    /// Somebody goes or comes back.
    Absence(&'a UserEvent),
    Erased(Uuid),
}

fn happening(envelope: &Envelope) -> Option<Happening<'_>> {
    let event = &envelope.event;
    (event.badge().map(Happening::Badge))
        .or_else(|| event.award().map(Happening::Award))
        .or_else(|| event.profile().and_then(featured).map(Happening::Featured))
        .or_else(|| envelope.erased().map(Happening::Erased))
        .or_else(|| event.user().filter(|event| absence::changes(event)).map(Happening::Absence))
}

const fn featured(event: &ProfileEvent) -> Option<&FeaturedBadgesChanged> {
    match event {
        ProfileEvent::FeaturedBadgesChanged(e) => Some(e),
        ProfileEvent::ProfileCreated(_)
        | ProfileEvent::ProfileUpdated(_)
        | ProfileEvent::ProfileCompleted(_) => None,
    }
}

impl Touched {
    fn evolve(&mut self, envelope: &Envelope, happening: Happening<'_>) -> Result<(), ProjectionError> {
        match happening {
            Happening::Badge(event) => self.define(envelope, event)?,
            Happening::Award(event) => self.award(envelope, event)?,
            Happening::Featured(e) => {
                let showcase = Showcase { user_id: e.user, awards: e.awards.clone() };
                self.showcases.insert(e.user.uuid(), showcase);
            }
            Happening::Absence(event) => {
                let user = envelope.stream_id()?;
                self.absences.entry(user).or_insert_with(|| Absence::none(user)).evolve(event);
            }
            Happening::Erased(user) => self.erase(user),
        }
        Ok(())
    }

    fn define(&mut self, envelope: &Envelope, event: &BadgeEvent) -> Result<(), ProjectionError> {
        let id = envelope.stream_id()?;
        if let BadgeEvent::BadgeDefined(e) = event {
            self.badges.insert(id, defined(id, e));
        }
        let missing = || ProjectionError::Event("a badge that was never defined".to_owned());
        let badge = self.badges.get_mut(&id).ok_or_else(missing)?;
        badge.version = envelope.recorded.sequence;
        match event {
            BadgeEvent::BadgeDefined(_) => {}
            BadgeEvent::BadgeRevised(e) => {
                revise(badge, &e.changes);
                badge.criteria_version = i64::from(e.version);
                badge.updated_at = e.revised_at;
            }
            BadgeEvent::BadgeActivated(e) => {
                badge.status = BadgeStatus::Active;
                badge.updated_at = e.activated_at;
            }
            BadgeEvent::BadgeRetired(e) => {
                badge.status = BadgeStatus::Retired;
                badge.updated_at = e.retired_at;
            }
        }
        Ok(())
    }

    fn award(&mut self, envelope: &Envelope, event: &AwardEvent) -> Result<(), ProjectionError> {
        let id = envelope.stream_id()?;
        if let AwardEvent::BadgeAwarded(e) = event {
            self.awards.insert(id, awarded(id, e));
            self.count(e.user, e.badge, 1, i64::from(e.points));
        }
        // Of an erased person there is no row, and what comes after concerns nobody.
        let Some(award) = self.awards.get_mut(&id) else { return Ok(()) };
        award.version = envelope.recorded.sequence;
        match event {
            AwardEvent::BadgeAwarded(_) => {}
            AwardEvent::BadgeRevoked(e) => {
                revoke(award, e);
                self.count(e.user, e.badge, -1, -i64::from(e.points));
            }
            AwardEvent::RevocationLifted(_) => award.status = AwardStatus::Lifted,
            AwardEvent::AwardNoted(e) => award.notes = e.notes.as_ref().and_then(known),
        }
        Ok(())
    }

    /// Awards by one more or fewer, of the badge and of the person.
    fn count(&mut self, user_id: UserId, badge: BadgeId, by: i64, points: i64) {
        if let Some(badge) = self.badges.get_mut(&badge.uuid()) {
            badge.earned_count += by;
        }
        let none = Totals { user_id, badges: 0, badge_points: 0 };
        let totals = self.totals.entry(user_id.uuid()).or_insert(none);
        totals.badges += by;
        totals.badge_points += points;
    }

    /// A person's badges go with the person, and nobody has them any more.
    fn erase(&mut self, user: Uuid) {
        for award in self.awards.extract_if(.., |_, award| award.user_id.uuid() == user) {
            let (_, award) = award;
            if award.status == AwardStatus::Held
                && let Some(badge) = self.badges.get_mut(&award.badge_id.uuid())
            {
                badge.earned_count -= 1;
            }
        }
        self.totals.remove(&user);
        self.showcases.remove(&user);
        self.erased.push(user);
    }
}

fn awarded(id: Uuid, e: &BadgeAwarded) -> AwardRow {
    AwardRow {
        award_id: AwardId::from_uuid(id),
        user_id: e.user,
        badge_id: e.badge,
        status: AwardStatus::Held,
        ordinal: i64::from(e.ordinal),
        criteria_version: i64::from(e.badge_version),
        points: i64::from(e.points),
        awarded_by: awarded_by(e),
        earned_at: e.earned_at,
        awarded_at: e.awarded_at,
        evidence_total: i64::try_from(e.evidence_total).unwrap_or(i64::MAX),
        progress: e.progress.clone(),
        notes: e.notes.as_ref().and_then(known),
        revoked_at: None,
        revocation_reason: None,
        version: 0,
        gone_until: None,
    }
}

/// The words of BDG-02. What the program gives without anything that earned it, its operator gave.
fn awarded_by(e: &BadgeAwarded) -> String {
    match &e.awarded_by {
        Awarder::System if e.completed_by.is_some() => "system".to_owned(),
        Awarder::System | Awarder::Staff(_) => "admin".to_owned(),
        Awarder::Service(name) => format!("service:{name}"),
    }
}

fn revoke(award: &mut AwardRow, e: &BadgeRevoked) {
    award.status = AwardStatus::Revoked;
    award.revoked_at = Some(e.revoked_at);
    award.revocation_reason = known(&e.reason);
}
