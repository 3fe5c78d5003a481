//! The rows that a batch touches: loaded once, changed event by event, stored once.

use super::{
    project::Happening,
    query::{AwardRow, BadgeRow},
};
use crate::{absence::Absence, batch::Batch, envelope::Envelope, projection::ProjectionError};
use domain::{AwardId, UserId, award::AwardEvent, values::folded};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const LOAD_BADGES: &str = "SELECT row_to_json(b)::text FROM badges b WHERE badge_id = ANY ($1)";
const LOAD_AWARDS: &str = "SELECT row_to_json(a)::text FROM user_badges a WHERE award_id = ANY ($1)";
const LOAD_AWARDS_OF: &str = "SELECT row_to_json(a)::text FROM user_badges a WHERE user_id = ANY ($1)";
const LOAD_ABSENCES: &str = "SELECT row_to_json(a)::text FROM holder_absences a WHERE user_id = ANY ($1)";
const LOAD_TOTALS: &str = "SELECT row_to_json(t)::text FROM badge_totals t WHERE user_id = ANY ($1)";

const PURGE: [&str; 3] = [
    "DELETE FROM user_badges WHERE user_id = ANY ($1)",
    "DELETE FROM badge_totals WHERE user_id = ANY ($1)",
    "DELETE FROM showcases WHERE user_id = ANY ($1)",
];
const STORE_BADGES: &str = "
    INSERT INTO badges SELECT * FROM json_populate_recordset(NULL::badges, $1::json)
    ON CONFLICT (badge_id) DO UPDATE SET (name, description, category, icon, color, image, points, rarity, criteria,
        tier, series, available_from, available_until, status, criteria_version, updated_at, earned_count, version, folded)
        = ROW (excluded.name, excluded.description, excluded.category, excluded.icon, excluded.color, excluded.image,
        excluded.points, excluded.rarity, excluded.criteria, excluded.tier, excluded.series, excluded.available_from,
        excluded.available_until, excluded.status, excluded.criteria_version, excluded.updated_at,
        excluded.earned_count, excluded.version, excluded.folded)";
const STORE_AWARDS: &str = "
    INSERT INTO user_badges SELECT * FROM json_populate_recordset(NULL::user_badges, $1::json)
    ON CONFLICT (award_id) DO UPDATE SET (status, ordinal, criteria_version, points, awarded_by, earned_at, awarded_at,
        evidence_total, progress, notes, revoked_at, revocation_reason, version, gone_until)
        = ROW (excluded.status, excluded.ordinal, excluded.criteria_version, excluded.points, excluded.awarded_by,
        excluded.earned_at, excluded.awarded_at, excluded.evidence_total, excluded.progress, excluded.notes,
        excluded.revoked_at, excluded.revocation_reason, excluded.version, excluded.gone_until)";
const STORE_TOTALS: &str = "
    INSERT INTO badge_totals SELECT * FROM json_populate_recordset(NULL::badge_totals, $1::json)
    ON CONFLICT (user_id) DO UPDATE SET (badges, badge_points) = ROW (excluded.badges, excluded.badge_points)";
const STORE_ABSENCES: &str = "
    INSERT INTO holder_absences SELECT * FROM json_populate_recordset(NULL::holder_absences, $1::json)
    ON CONFLICT (user_id) DO UPDATE SET (is_leaving, suspended_until, gone_until)
        = ROW (excluded.is_leaving, excluded.suspended_until, excluded.gone_until)";
const STORE_SHOWCASES: &str = "
    INSERT INTO showcases SELECT * FROM json_populate_recordset(NULL::showcases, $1::json)
    ON CONFLICT (user_id) DO UPDATE SET awards = excluded.awards";

/// A row of `badges`.
#[derive(Serialize)]
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
#[derive(Serialize, Deserialize)]
pub(super) struct Totals {
    pub user_id: UserId,
    pub badges: i64,
    pub badge_points: i64,
}

/// A row of `showcases`.
#[derive(Serialize)]
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
        let mut awards: Vec<AwardRow> = batch.load(LOAD_AWARDS, &ids.awards).await?;
        let of: BTreeSet<Uuid> = ids.erased.union(&ids.movers).copied().collect();
        awards.extend(batch.load::<AwardRow>(LOAD_AWARDS_OF, &of).await?);
        ids.badges.extend(awards.iter().map(|award| award.badge_id.uuid()));
        let badges: Vec<BadgeRow> = batch.load(LOAD_BADGES, &ids.badges).await?;
        let totals: Vec<Totals> = batch.load(LOAD_TOTALS, &ids.people).await?;
        let absences: Vec<Absence> = batch.load(LOAD_ABSENCES, &ids.people).await?;
        let known = absences.into_iter().map(|row| (row.user_id.uuid(), row));
        let none = ids.people.iter().map(|user| (*user, Absence::none(*user)));
        Ok(Self {
            absences: none.chain(known).collect(),
            badges: badges.into_iter().map(|row| (row.badge_id.uuid(), row)).collect(),
            awards: awards.into_iter().map(|row| (row.award_id.uuid(), row)).collect(),
            totals: totals.into_iter().map(|row| (row.user_id.uuid(), row)).collect(),
            showcases: BTreeMap::new(),
            erased: Vec::new(),
        })
    }

    /// Whoever was erased goes first: what is left in memory is of those who are there.
    pub async fn store(mut self, batch: &mut Batch<'_>) -> Result<(), ProjectionError> {
        if !self.erased.is_empty() {
            let tx = batch.writing().await?;
            for sql in PURGE {
                sqlx::query(sql).bind(&self.erased).execute(&mut *tx).await?;
            }
        }
        for award in self.awards.values_mut() {
            if let Some(absence) = self.absences.get(&award.user_id.uuid()) {
                award.gone_until = absence.gone_until;
            }
        }
        let moved: Vec<Absence> = self.absences.into_values().filter(Absence::is_told).collect();
        batch.store(STORE_ABSENCES, &moved)?;
        let badges: Vec<StoredBadge> = self.badges.into_values().map(StoredBadge::from).collect();
        batch.store(STORE_BADGES, &badges)?;
        batch.store(STORE_AWARDS, &values(self.awards))?;
        batch.store(STORE_TOTALS, &values(self.totals))?;
        batch.store(STORE_SHOWCASES, &values(self.showcases))
    }
}

fn values<R>(rows: BTreeMap<Uuid, R>) -> Vec<R> {
    rows.into_values().collect()
}
