//! Reads of `erasures`.

use crate::{
    job_queries::{JobQueries, NotTold},
    page::{COUNTED_TO, Page},
    paging::{By, Paging, Turn},
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, Utc};
use domain::{
    UserId,
    user::{DeletionBy, DiskPurge},
};
use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Row, postgres::Postgres};

/// What became of the latest request to delete an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    pub user_id: UserId,
    pub requested_by: DeletionBy,
    pub requested_at: DateTime<Utc>,
    pub erase_after: DateTime<Utc>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub erased_at: Option<DateTime<Utc>>,
    /// Of the erasure in the log.
    pub position: Option<i64>,
    /// When the data key was destroyed.
    pub destroyed_at: Option<DateTime<Utc>>,
    /// No running node holds the key after it.
    pub live_until: Option<DateTime<Utc>>,
    /// No backup of the key store holds the key after it.
    pub backups_until: Option<DateTime<Utc>>,
    pub certified_at: Option<DateTime<Utc>>,
    /// Absent where the program that certified looked at the key only.
    pub disk: Option<DiskPurge>,
}

impl Queries {
    /// What became of the latest request to delete an account; none if nobody ever asked.
    pub async fn find_erasure(&self, user: UserId) -> Result<Option<Erasure>, QueryError> {
        rows::find(&self.pool, "SELECT row_to_json(e)::text FROM erasures e WHERE user_id = $1", user.uuid())
            .await
    }

    /// Newest request first.
    pub async fn list_erasures(
        &self,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<Erasure, Turn<DateTime<Utc>>>, QueryError> {
        let page: Paging<DateTime<Utc>> = page.into();
        let counted = "SELECT count(*) AS n FROM (SELECT 1 FROM erasures LIMIT $1) AS counted";
        let counted = sqlx::query(counted).bind(COUNTED_TO + 1).fetch_one(&self.pool).await?;
        let mut sql: QueryBuilder<'static, Postgres> =
            QueryBuilder::new("SELECT row_to_json(e)::text FROM erasures e WHERE true");
        page.push_to(&mut sql, By { key: &["requested_at"], id: "user_id" });
        let rows = rows::parse(sql.build_query_scalar().fetch_all(&self.pool).await?)?;
        Ok(page.page(counted.get("n"), rows, |row: &Erasure| (row.requested_at, row.user_id.uuid())))
    }
}

impl JobQueries {
    /// Everybody whose data key was destroyed, as far as the read model is.
    pub async fn list_certified_erasures(&self) -> Result<Vec<UserId>, NotTold> {
        let sql = "SELECT user_id FROM erasures WHERE certified_at IS NOT NULL";
        let ids: Vec<uuid::Uuid> = sqlx::query_scalar(sql).fetch_all(&self.pool).await?;
        Ok(ids.into_iter().map(UserId::from_uuid).collect())
    }
}
