//! The rows that a batch touches: loaded once, changed event by event, stored once.

use super::{
    project::Happening,
    query::{AwardRow, BadgeRow},
};
use crate::{
    absence::Absence, batch::Batch, columns::columns, envelope::Envelope, projection::ProjectionError,
    rows::Rows,
};
use domain::{AwardId, UserId, award::AwardEvent, values::folded};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const BADGES: Rows<StoredBadge> = Rows::of("badges", &["badge_id"]);
const AWARDS: Rows<AwardRow> = Rows::of("user_badges", &["award_id"]);
const TOTALS: Rows<Totals> = Rows::of("badge_totals", &["user_id"]);
const SHOWCASES: Rows<Showcase> = Rows::of("showcases", &["user_id"]);
const ABSENCES: Rows<Absence> = Rows::of("holder_absences", &["user_id"]);

columns! {
    StoredBadge: ..row, folded;
    BadgeRow: badge_id, slug, name, description, category, icon, color, image, points, rarity, criteria, tier,
        series, available_from, available_until, status, criteria_version, created_at, updated_at,
        earned_count, version;
    AwardRow: award_id, user_id, badge_id, status, ordinal, criteria_version, points, awarded_by, earned_at,
        awarded_at, evidence_total, progress, notes, revoked_at, revocation_reason, version, gone_until;
    Totals: user_id, badges, badge_points;
    Showcase: user_id, awards;
}

/// A row of `badges`.
#[derive(Deserialize)]
struct StoredBadge {
    #[serde(flatten)]
    row: BadgeRow,
    folded: String,
}

impl From<BadgeRow> for StoredBadge {
    fn from(row: BadgeRow) -> Self {
        let folded = folded(&format!("{} {}", row.name, row.description));
        Self { row, folded }
    }
}

/// A row of `badge_totals`.
#[derive(Deserialize)]
pub(super) struct Totals {
    pub user_id: UserId,
    pub badges: i64,
    pub badge_points: i64,
}

/// A row of `showcases`.
pub(super) struct Showcase {
    pub user_id: UserId,
    pub awards: Vec<AwardId>,
}

pub(super) struct Touched {
    pub badges: BTreeMap<Uuid, BadgeRow>,
    pub awards: BTreeMap<Uuid, AwardRow>,
    pub totals: BTreeMap<Uuid, Totals>,
    pub showcases: BTreeMap<Uuid, Showcase>,
    pub erased: Vec<Uuid>,
    /// Of whoever an award is about, and of whoever goes or comes back.
    pub absences: BTreeMap<Uuid, Absence>,
}

/// The ids of what events touch.
#[derive(Default)]
struct Ids {
    badges: BTreeSet<Uuid>,
    awards: BTreeSet<Uuid>,
    people: BTreeSet<Uuid>,
    erased: BTreeSet<Uuid>,
    /// Who goes or comes back.
    movers: BTreeSet<Uuid>,
}

impl Ids {
    fn add(&mut self, envelope: &Envelope, happening: Happening<'_>) -> Result<(), ProjectionError> {
        match happening {
            Happening::Badge(_) => {
                self.badges.insert(envelope.stream_id()?);
            }
            Happening::Award(event) => {
                let (user, badge) = match event {
                    AwardEvent::BadgeAwarded(e) => (e.user, e.badge),
                    AwardEvent::BadgeRevoked(e) => (e.user, e.badge),
                    AwardEvent::RevocationLifted(e) => (e.user, e.badge),
                    AwardEvent::AwardNoted(e) => (e.user, e.badge),
                };
                self.awards.insert(envelope.stream_id()?);
                self.badges.insert(badge.uuid());
                self.people.insert(user.uuid());
            }
            // A choice takes the place of the one before, whatever that was.
            Happening::Featured(_) => {}
            Happening::Absence(_) => {
                let mover = envelope.stream_id()?;
                self.movers.insert(mover);
                self.people.insert(mover);
            }
            Happening::Erased(user) => {
                self.erased.insert(user);
            }
        }
        Ok(())
    }
}

impl Touched {
    pub async fn load(
        batch: &mut Batch<'_>,
        events: &[(&Envelope, Happening<'_>)],
    ) -> Result<Self, ProjectionError> {
        let mut ids = Ids::default();
        for (envelope, happening) in events {
            ids.add(envelope, *happening)?;
        }
        let mut awards = AWARDS.load(batch, &ids.awards).await?;
        let of: BTreeSet<Uuid> = ids.erased.union(&ids.movers).copied().collect();
        awards.extend(AWARDS.load_where(batch, "user_id = ANY ($1)", &of).await?);
        ids.badges.extend(awards.iter().map(|award| award.badge_id.uuid()));
        let badges = BADGES.load(batch, &ids.badges).await?;
        let totals = TOTALS.load(batch, &ids.people).await?;
        let absences = ABSENCES.load(batch, &ids.people).await?;
        let known = absences.into_iter().map(|row| (row.user_id.uuid(), row));
        let none = ids.people.iter().map(|user| (*user, Absence::none(*user)));
        Ok(Self {
            absences: none.chain(known).collect(),
            badges: badges.into_iter().map(|badge| (badge.row.badge_id.uuid(), badge.row)).collect(),
            awards: awards.into_iter().map(|row| (row.award_id.uuid(), row)).collect(),
            totals: totals.into_iter().map(|row| (row.user_id.uuid(), row)).collect(),
            showcases: BTreeMap::new(),
            erased: Vec::new(),
        })
    }

    /// Whoever was erased goes first: what is left in memory is of those who are there.
    pub async fn store(mut self, batch: &mut Batch<'_>) -> Result<(), ProjectionError> {
        AWARDS.purge_of(batch, &self.erased).await?;
        TOTALS.purge_of(batch, &self.erased).await?;
        SHOWCASES.purge_of(batch, &self.erased).await?;
        for award in self.awards.values_mut() {
            if let Some(absence) = self.absences.get(&award.user_id.uuid()) {
                award.gone_until = absence.gone_until;
            }
        }
        ABSENCES.store(batch, self.absences.into_values().filter(Absence::is_told))?;
        BADGES.store(batch, self.badges.into_values().map(StoredBadge::from))?;
        AWARDS.store(batch, self.awards.into_values())?;
        TOTALS.store(batch, self.totals.into_values())?;
        SHOWCASES.store(batch, self.showcases.into_values())
    }
}
