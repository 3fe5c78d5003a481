//! Facts and tallies as rows.

use super::{offers::OfferRow, world::FollowDay};
use crate::{batch::Batch, columns::columns, projection::ProjectionError, rows::Rows};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BadgeId, ObjectId, UserId,
    badge::criteria::{Action, Fact, FactKind, Field, Quality, Tally},
};
use serde::Deserialize;
use sqlx::FromRow;
use uuid::Uuid;

/// A row of `badge_facts`.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(super) struct FactRow {
    pub user_id: Uuid,
    pub position: i64,
    pub n: i16,
    pub at: DateTime<Utc>,
    pub day: NaiveDate,
    pub kind: String,
    pub action: Option<String>,
    pub undone: bool,
    pub quality: Option<i16>,
    pub object: Option<Uuid>,
    pub number: i64,
}

impl FactRow {
    pub fn new(user: UserId, n: usize, fact: &Fact) -> Self {
        let (kind, action, undone) = match fact.what {
            FactKind::Did { action, undone, .. } => ("did", Some(action), undone),
            FactKind::Received { action, undone, .. } => ("received", Some(action), undone),
            FactKind::Followers { gained } => ("followers", None, !gained),
            FactKind::Registered { .. } => ("registered", None, false),
            FactKind::Moderates(now) => ("moderates", None, !now),
            FactKind::Verified(now) => ("verified", None, !now),
            FactKind::ProfileComplete(now) => ("complete", None, !now),
        };
        let quality = match fact.what {
            FactKind::Did { quality, .. } => quality.map(|quality| i16::from(quality.tenths())),
            _ => None,
        };
        let object = match fact.what {
            FactKind::Received { object, .. } => Some(object.uuid()),
            _ => None,
        };
        let number = match fact.what {
            FactKind::Registered { ordinal } => i64::try_from(ordinal).unwrap_or(i64::MAX),
            _ => 0,
        };
        Self {
            user_id: user.uuid(),
            position: i64::try_from(fact.position).unwrap_or(i64::MAX),
            n: i16::try_from(n).unwrap_or(i16::MAX),
            at: fact.at,
            day: fact.day,
            kind: kind.to_owned(),
            action: action.map(|action| action.name().to_owned()),
            undone,
            quality,
            object,
            number,
        }
    }

    /// None for a row of another program.
    pub fn fact(&self) -> Option<Fact> {
        let action = || Action::named(self.action.as_deref()?);
        let undone = self.undone;
        let what = match self.kind.as_str() {
            "did" => {
                let tenths = self.quality.and_then(|tenths| u8::try_from(tenths).ok());
                FactKind::Did { action: action()?, quality: tenths.and_then(Quality::of_tenths), undone }
            }
            "received" => {
                FactKind::Received { action: action()?, object: ObjectId::from_uuid(self.object?), undone }
            }
            "followers" => FactKind::Followers { gained: !undone },
            "registered" => FactKind::Registered { ordinal: u64::try_from(self.number).ok()? },
            "moderates" => FactKind::Moderates(!undone),
            "verified" => FactKind::Verified(!undone),
            "complete" => FactKind::ProfileComplete(!undone),
            _ => return None,
        };
        let position = u64::try_from(self.position).ok()?;
        Some(Fact { position, at: self.at, day: self.day, what })
    }
}

/// A row of `badge_tallies`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(super) struct TallyRow {
    pub user_id: UserId,
    pub tally: Tally,
    pub posts_count: i64,
    pub engagement_score: i64,
    pub interaction_frequency: i64,
    pub likes_received: i64,
    /// Reviews of theirs that have a quality, and the sum of it in tenths.
    pub rated_reviews: i64,
    pub review_tenths: i64,
    pub erased: bool,
}

impl TallyRow {
    pub fn of(user_id: UserId) -> Self {
        Self { user_id, ..Self::default() }
    }

    /// Numbers follow from the tally, and scores from how it is once this day is closed.
    pub fn numbered(mut self, closed: Option<NaiveDate>) -> Self {
        let value = |tally: &Tally, field| tally.value(field).unwrap_or(0);
        (self.posts_count, self.likes_received) =
            (value(&self.tally, Field::PostsCount), value(&self.tally, Field::LikesReceived));
        (self.rated_reviews, self.review_tenths) = self.tally.ratings(Action::Review);
        let behind = closed.filter(|day| self.tally.as_of().is_some_and(|as_of| as_of < *day));
        let by_now = behind.map(|day| self.tally.clone().on(day));
        let by_now = by_now.as_ref().unwrap_or(&self.tally);
        (self.engagement_score, self.interaction_frequency) =
            (value(by_now, Field::EngagementScore), value(by_now, Field::InteractionFrequency));
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) struct EarnedRow {
    pub user_id: UserId,
    pub badge_id: BadgeId,
    pub version: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct EligibleRow {
    pub position: i64,
    pub n: usize,
    pub user_id: UserId,
    pub badge_id: BadgeId,
    pub version: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub name: &'static str,
    pub n: i64,
}

pub(super) struct WorldRows {
    pub numbers: Vec<Number>,
    pub follows: Vec<FollowDay>,
    pub ended: Vec<Uuid>,
}

/// Tallies, and what their people have earned of these badges: one statement for both tables.
const PEOPLE: &str = "
    SELECT coalesce((SELECT json_agg(t) FROM badge_tallies t WHERE user_id = ANY ($1)), '[]')::text,
           coalesce((SELECT json_agg(e) FROM badge_earned e WHERE user_id = ANY ($1) AND badge_id = ANY ($2)),
                    '[]')::text";

const NUMBERS: Rows<Number> = Rows::of("badge_numbers", &["name"]);
pub(super) const FOLLOWS: Rows<FollowDay> = Rows::of("badge_follows", &["follow_id"]);
pub(super) const CRITERIA: Rows<OfferRow> = Rows::of("badge_criteria", &["badge_id"]);
pub(super) const FACTS: Rows<FactRow> = Rows::of("badge_facts", &["user_id", "position", "n"]);
pub(super) const TALLIES: Rows<TallyRow> = Rows::of("badge_tallies", &["user_id"]).also(
    "content_quality_score = CASE WHEN NOT excluded.erased THEN badge_tallies.content_quality_score END",
);
const EARNED: Rows<EarnedRow> = Rows::of("badge_earned", &["user_id", "badge_id"]);
const ELIGIBLE: Rows<EligibleRow> = Rows::of("badge_eligible", &["position", "n"]);

columns! {
    Number: name, n;
    FollowDay: follow_id, day;
    OfferRow: badge_id, version, active, criteria, available_from, available_until;
    FactRow: user_id, position, n, at, day, kind, action, undone, quality, object, number;
    TallyRow: user_id, tally, posts_count, engagement_score, interaction_frequency, likes_received,
        rated_reviews, review_tenths, erased;
    EarnedRow: user_id, badge_id, version;
    EligibleRow: position, n, user_id, badge_id, version;
}

const END_FOLLOWS: &str = "DELETE FROM badge_follows WHERE follow_id = ANY ($1::uuid[])";

/// What a batch changed.
#[derive(Default)]
pub(super) struct Changes {
    pub criteria: Vec<OfferRow>,
    pub facts: Vec<FactRow>,
    pub tallies: Vec<TallyRow>,
    pub earned: Vec<EarnedRow>,
    pub eligible: Vec<EligibleRow>,
    pub erased: Vec<Uuid>,
}

pub(super) async fn people(
    batch: &mut Batch<'_>,
    users: &[Uuid],
    badges: &[Uuid],
) -> Result<(Vec<TallyRow>, Vec<EarnedRow>), ProjectionError> {
    if users.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let (tallies, earned): (String, String) =
        sqlx::query_as(PEOPLE).bind(users).bind(badges).fetch_one(batch.reading()).await?;
    let read = ProjectionError::Row;
    Ok((serde_json::from_str(&tallies).map_err(read)?, serde_json::from_str(&earned).map_err(read)?))
}

pub(super) async fn store(
    batch: &mut Batch<'_>,
    world: WorldRows,
    changes: Changes,
) -> Result<(), ProjectionError> {
    FACTS.purge_of(batch, &changes.erased).await?;
    EARNED.purge_of(batch, &changes.erased).await?;
    ELIGIBLE.purge_of(batch, &changes.erased).await?;
    NUMBERS.store(batch, world.numbers)?;
    FOLLOWS.store(batch, world.follows)?;
    batch.delete_later(END_FOLLOWS, world.ended);
    CRITERIA.store(batch, changes.criteria)?;
    FACTS.append(batch, changes.facts)?;
    TALLIES.store(batch, changes.tallies)?;
    EARNED.store(batch, changes.earned)?;
    ELIGIBLE.append(batch, changes.eligible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_fact_is_read_back_from_its_row() {
        let (user, object) = (UserId::from_uuid(Uuid::from_u128(1)), ObjectId::of("service:content", "1"));
        let quality = Quality::of_tenths(45);
        let at = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        for what in [
            FactKind::Did { action: Action::Review, quality, undone: false },
            FactKind::Did { action: Action::Login, quality: None, undone: true },
            FactKind::Received { action: Action::Like, object, undone: false },
            FactKind::Followers { gained: false },
            FactKind::Registered { ordinal: 7 },
            FactKind::Moderates(true),
            FactKind::Verified(false),
            FactKind::ProfileComplete(true),
        ] {
            let fact = Fact { position: 9, at, day: at.date_naive(), what };
            assert_eq!(FactRow::new(user, 0, &fact).fact(), Some(fact));
        }
    }
}
