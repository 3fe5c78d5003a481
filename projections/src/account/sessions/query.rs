//! Reads of `sessions`.

use crate::{
    job_queries::{JobQueries, NotTold},
    page::{COUNTED_TO, Page},
    paging::{By, Paging, Turn},
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, Utc};
use domain::{
    SessionId, UserId,
    session::{EndCause, LoginMethod},
    values::DeviceFingerprint,
};
use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Row, postgres::Postgres};

/// A login session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    pub session_id: SessionId,
    pub user_id: UserId,
    pub method: LoginMethod,
    /// False: started while no contact of the account was verified.
    pub verified: bool,
    /// The account's session epoch at its start.
    pub epoch: u32,
    /// Of the refresh token that counts.
    pub generation: u32,
    /// Absent where it was not known, or its person was erased.
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// What it began on.
    pub device: Option<DeviceFingerprint>,
    /// When it was last seen on a device that it had not been seen on.
    pub device_changed_at: Option<DateTime<Utc>>,
    pub started_at: DateTime<Utc>,
    pub last_refreshed_at: Option<DateTime<Utc>>,
    pub refresh_expires_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// By an event; an expired session has none before that is put down.
    pub ended_at: Option<DateTime<Utc>>,
    pub end_cause: Option<SessionEnd>,
    /// When the log learned of it.
    pub end_recorded_at: Option<DateTime<Utc>>,
    pub version: i64,
}

impl SessionView {
    /// Neither ended nor expired.
    pub fn is_active(&self, at: DateTime<Utc>) -> bool {
        self.ended_at.is_none() && at < self.refresh_expires_at.min(self.expires_at)
    }
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnd {
    Logout,
    /// Ended from the list of sessions.
    Revoked,
    /// A spent refresh token was presented.
    RefreshReused,
    /// Its person logged in again with it.
    Replaced,
    /// It was the oldest of too many.
    TooMany,
    /// The account's sessions were ended all at once.
    Invalidated,
    /// Its time was over.
    Expired,
}

impl From<EndCause> for SessionEnd {
    fn from(cause: EndCause) -> Self {
        match cause {
            EndCause::Logout => Self::Logout,
            EndCause::Revoked => Self::Revoked,
            EndCause::RefreshReused => Self::RefreshReused,
            EndCause::Replaced => Self::Replaced,
            EndCause::TooMany => Self::TooMany,
        }
    }
}

impl Queries {
    pub async fn find_session(&self, session: SessionId) -> Result<Option<SessionView>, QueryError> {
        let sql = "SELECT row_to_json(s)::text FROM sessions s WHERE session_id = $1";
        rows::find(&self.pool, sql, session.uuid()).await
    }

    /// Newest first, ended ones too.
    pub async fn list_sessions(
        &self,
        user: UserId,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<SessionView, Turn<DateTime<Utc>>>, QueryError> {
        let page: Paging<DateTime<Utc>> = page.into();
        let counted = sqlx::query(
            "SELECT count(*) AS n FROM (SELECT 1 FROM sessions WHERE user_id = $1 LIMIT $2) AS counted",
        )
        .bind(user.uuid())
        .bind(COUNTED_TO + 1)
        .fetch_one(&self.pool)
        .await?;
        let mut sql: QueryBuilder<'static, Postgres> =
            QueryBuilder::new("SELECT row_to_json(s)::text FROM sessions s WHERE user_id = ");
        sql.push_bind(user.uuid());
        page.push_to(&mut sql, By { key: &["started_at"], id: "session_id" });
        let rows = rows::parse(sql.build_query_scalar().fetch_all(&self.pool).await?)?;
        Ok(page.page(counted.get("n"), rows, |row: &SessionView| (row.started_at, row.session_id.uuid())))
    }
}

impl JobQueries {
    /// Sessions that are over by this time though no event says so, after this id, at most `limit` (TSK-07).
    pub async fn list_expired_sessions(
        &self,
        at: DateTime<Utc>,
        after: Option<SessionId>,
        limit: i64,
    ) -> Result<Vec<SessionId>, NotTold> {
        let expired: Vec<uuid::Uuid> = sqlx::query_scalar(
            "SELECT session_id FROM sessions
              WHERE ended_at IS NULL AND least(refresh_expires_at, expires_at) <= $1
                AND ($2::uuid IS NULL OR session_id > $2)
              ORDER BY session_id LIMIT $3",
        )
        .bind(at)
        .bind(after.map(SessionId::uuid))
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        Ok(expired.into_iter().map(SessionId::from_uuid).collect())
    }
}
