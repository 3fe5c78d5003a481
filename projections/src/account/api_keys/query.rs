//! Reads of `api_keys`.

use crate::{
    job_queries::{JobQueries, NotTold},
    page::{COUNTED_TO, Page},
    paging::{By, Paging, Turn},
    queries::{Queries, QueryError},
    registry::API_KEYS,
    rows,
};
use chrono::{DateTime, Utc};
use domain::{ApiKeyId, UserId, values::Scope};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Postgres, QueryBuilder, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

/// An API key, without the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyRow {
    pub key_id: ApiKeyId,
    /// Either this or `service`.
    pub user_id: Option<UserId>,
    pub service: Option<String>,
    pub name: Option<String>,
    pub scopes: BTreeSet<Scope>,
    /// `user:<id>`.
    pub created_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// A reset of its person's password, which the key has slept since.
    pub dormant_since: Option<DateTime<Utc>>,
    pub version: i64,
}

/// Where a key stands, as far as it alone tells: whether its person may sign in is another matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKeyStatus {
    Active,
    /// It sleeps until its person confirms it.
    Dormant,
    Expired,
    Revoked,
}

impl ApiKeyStatus {
    /// The wire form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Dormant => "dormant",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl ApiKeyRow {
    pub fn status(&self, at: DateTime<Utc>) -> ApiKeyStatus {
        match self.revoked_at {
            Some(_) => ApiKeyStatus::Revoked,
            None if at >= self.expires_at => ApiKeyStatus::Expired,
            None if self.dormant_since.is_some() => ApiKeyStatus::Dormant,
            None => ApiKeyStatus::Active,
        }
    }
}

impl Queries {
    /// Also one that is over; of a person or of a service.
    pub async fn find_api_key(&self, key: ApiKeyId) -> Result<Option<ApiKeyRow>, QueryError> {
        let sql = "SELECT row_to_json(k)::text FROM api_keys k WHERE key_id = $1";
        rows::find(&self.pool, sql, key.uuid()).await
    }

    /// A person's keys, newest first, those too that are over.
    pub async fn list_api_keys(
        &self,
        user: UserId,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<ApiKeyRow, Turn<DateTime<Utc>>>, QueryError> {
        let page: Paging<DateTime<Utc>> = page.into();
        let of_user = |sql: &mut QueryBuilder<'static, Postgres>| {
            sql.push("user_id = ").push_bind(user.uuid());
        };
        list(&self.pool, &page, of_user).await
    }

    /// The keys of all services, or of one, newest first, those too that are over.
    pub async fn list_service_keys(
        &self,
        service: Option<&str>,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<ApiKeyRow, Turn<DateTime<Utc>>>, QueryError> {
        let page: Paging<DateTime<Utc>> = page.into();
        let of_services = |sql: &mut QueryBuilder<'static, Postgres>| {
            match service {
                Some(name) => sql.push("service = ").push_bind(name.to_owned()),
                None => sql.push("service IS NOT NULL"),
            };
        };
        list(&self.pool, &page, of_services).await
    }
}

impl JobQueries {
    /// Keys of services that are neither revoked nor expired.
    pub async fn list_service_keys(
        &self,
        at: DateTime<Utc>,
        position: i64,
    ) -> Result<Vec<ApiKeyId>, NotTold> {
        self.fresh(&[API_KEYS], position).await?;
        let sql = "SELECT key_id FROM api_keys WHERE service IS NOT NULL AND revoked_at IS NULL AND expires_at > $1";
        let keys: Vec<Uuid> = sqlx::query_scalar(sql).bind(at).fetch_all(&self.pool).await?;
        Ok(keys.into_iter().map(ApiKeyId::from_uuid).collect())
    }
}

async fn list(
    pool: &PgPool,
    page: &Paging<DateTime<Utc>>,
    push_filter: impl Fn(&mut QueryBuilder<'static, Postgres>),
) -> Result<Page<ApiKeyRow, Turn<DateTime<Utc>>>, QueryError> {
    let mut counting = QueryBuilder::new("SELECT count(*) AS n FROM (SELECT 1 FROM api_keys WHERE ");
    push_filter(&mut counting);
    counting.push(" LIMIT ").push_bind(COUNTED_TO + 1).push(") AS counted");
    let counted = counting.build().fetch_one(pool).await?;
    let mut sql: QueryBuilder<'static, Postgres> =
        QueryBuilder::new("SELECT row_to_json(k)::text FROM api_keys k WHERE ");
    push_filter(&mut sql);
    page.push_to(&mut sql, By { key: &["created_at"], id: "key_id" });
    let rows = rows::parse(sql.build_query_scalar().fetch_all(pool).await?)?;
    Ok(page.page(counted.get("n"), rows, |row: &ApiKeyRow| (row.created_at, row.key_id.uuid())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600 + second, 0).unwrap()
    }

    #[test]
    fn key_is_over_at_its_end_or_once_it_is_revoked() {
        let key = ApiKeyRow {
            key_id: ApiKeyId::from_uuid(Uuid::from_u128(1)),
            user_id: None,
            service: Some("etl".to_owned()),
            name: None,
            scopes: BTreeSet::new(),
            created_by: None,
            created_at: at(0),
            expires_at: at(9),
            revoked_at: None,
            dormant_since: None,
            version: 1,
        };

        assert_eq!((key.status(at(8)), key.status(at(9))), (ApiKeyStatus::Active, ApiKeyStatus::Expired));
        let dormant = ApiKeyRow { dormant_since: Some(at(2)), ..key.clone() };
        assert_eq!(
            (dormant.status(at(8)), dormant.status(at(9))),
            (ApiKeyStatus::Dormant, ApiKeyStatus::Expired)
        );
        let revoked = ApiKeyRow { revoked_at: Some(at(2)), ..dormant };
        assert_eq!(revoked.status(at(9)), ApiKeyStatus::Revoked);
    }
}
