//! Reads of `badge_progress`.

use super::rows::{FACTS, FactRow, TallyRow};
use crate::{
    job_queries::{JobQueries, NotTold},
    queries::{Queries, QueryError},
    registry::BADGE_PROGRESS,
    rows,
};
use domain::{
    BadgeId, UserId,
    badge::criteria::{Fact, Tally},
};
use sqlx::Row;
use uuid::Uuid;

/// Somebody for whom an active badge's criterion came to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eligible {
    /// Of the event after which it was asked.
    pub position: i64,
    pub user: UserId,
    pub badge: BadgeId,
    /// Of the criterion.
    pub version: u32,
}

/// All who became eligible after one position and up to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EligibleStretch {
    pub until: i64,
    pub rows: Vec<Eligible>,
}

impl Queries {
    /// What criteria see of a person; none if nothing was told.
    pub async fn find_tally(&self, user: UserId) -> Result<Option<Tally>, QueryError> {
        let sql = "SELECT row_to_json(t)::text FROM badge_tallies t WHERE user_id = $1 AND NOT erased";
        Ok(rows::find::<TallyRow>(&self.pool, sql, user.uuid()).await?.map(|row| row.tally))
    }
}

impl JobQueries {
    /// Who became eligible for a badge after a position; at most `limit`, and those of the last one's event.
    pub async fn list_eligible(&self, after: i64, limit: i64) -> Result<EligibleStretch, NotTold> {
        let rows = sqlx::query(
            "SELECT c.position AS known, e.position, e.user_id, e.badge_id, e.version
               FROM projections.cursors c LEFT JOIN LATERAL
                    (SELECT * FROM badge_eligible WHERE position > $1 ORDER BY position FETCH FIRST $2 ROWS WITH TIES) e
                    ON true
              WHERE c.projection = $3 ORDER BY e.position, e.n",
        )
        .bind(after)
        .bind(limit)
        .bind(BADGE_PROGRESS.as_str())
        .fetch_all(&self.pool)
        .await?;
        let known = rows.first().map_or(after, |row| row.get("known"));
        let eligible: Vec<Eligible> = rows
            .iter()
            .filter_map(|row| {
                Some(Eligible {
                    position: row.get::<Option<i64>, _>("position")?,
                    user: UserId::from_uuid(row.get("user_id")),
                    badge: BadgeId::from_uuid(row.get("badge_id")),
                    version: u32::try_from(row.get::<i32, _>("version")).ok()?,
                })
            })
            .collect();
        let is_full = i64::try_from(eligible.len()).unwrap_or(i64::MAX) >= limit;
        let until = eligible.last().filter(|_| is_full).map_or(known, |last| last.position);
        Ok(EligibleStretch { until: until.max(after), rows: eligible })
    }

    /// Everything that criteria see of a person, in the order of the log.
    pub async fn list_facts(&self, user: UserId, position: i64) -> Result<Vec<Fact>, NotTold> {
        self.fresh(&[BADGE_PROGRESS], position).await?;
        let sql =
            format!("SELECT {} FROM badge_facts WHERE user_id = $1 ORDER BY position, n", FACTS.names());
        let rows: Vec<FactRow> = sqlx::query_as(&sql).bind(user.uuid()).fetch_all(&self.pool).await?;
        Ok(rows.iter().filter_map(FactRow::fact).collect())
    }

    /// Badges that can be earned.
    pub async fn list_active_badges(&self, position: i64) -> Result<Vec<BadgeId>, NotTold> {
        self.fresh(&[BADGE_PROGRESS], position).await?;
        let sql =
            "SELECT badge_id FROM badge_criteria WHERE active AND criteria IS NOT NULL ORDER BY badge_id";
        let badges: Vec<Uuid> = sqlx::query_scalar(sql).fetch_all(&self.pool).await?;
        Ok(badges.into_iter().map(BadgeId::from_uuid).collect())
    }
}
