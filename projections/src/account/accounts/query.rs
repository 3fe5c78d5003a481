//! Reads of `accounts`.

use crate::{
    job_queries::{JobQueries, NotTold},
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, Utc};
use domain::{UserId, values::Role};
use serde::{Deserialize, Serialize};

/// An account. Absent texts were never given, or their person was erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub user_id: UserId,
    /// As typed.
    pub username: Option<String>,
    /// The verified address, or the registered one as long as none is.
    pub email: Option<String>,
    pub email_verified: bool,
    /// The address that a change waits for, until its code is used.
    pub pending_email: Option<String>,
    /// When that address was first asked for.
    pub pending_email_since: Option<DateTime<Utc>>,
    /// Verified.
    pub phone_number: Option<String>,
    /// True once any contact is verified (C-15).
    pub is_verified: bool,
    pub role: Role,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub last_login: Option<DateTime<Utc>>,
    pub password_changed_at: Option<DateTime<Utc>>,
    /// The beginning of a suspension that nobody has taken back; it may be over by itself.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Its end; absent: none.
    pub suspended_until: Option<DateTime<Utc>>,
    /// For staff.
    pub suspension_reason: Option<String>,
    pub session_epoch: u32,
    /// Its deletion was asked for (C-39): others do not see it any more, and from then on it is nobody's.
    pub erase_after: Option<DateTime<Utc>>,
    /// Events in the account's stream: what If-Match compares.
    pub version: i64,
}

impl Account {
    /// Staff keep its person out at this time (USR-07).
    pub fn is_suspended(&self, at: DateTime<Utc>) -> bool {
        self.suspended_at.is_some() && self.suspended_until.is_none_or(|until| at < until)
    }
}

impl Queries {
    pub async fn find_account(&self, user: UserId) -> Result<Option<Account>, QueryError> {
        rows::find(&self.pool, "SELECT row_to_json(a)::text FROM accounts a WHERE user_id = $1", user.uuid())
            .await
    }

    /// In any case.
    pub async fn find_account_by_username(&self, username: &str) -> Result<Option<Account>, QueryError> {
        let sql = "SELECT row_to_json(a)::text FROM accounts a WHERE lower(username) = lower($1)";
        rows::find(&self.pool, sql, username).await
    }
}

impl JobQueries {
    /// Accounts that were registered before this time and that nobody has verified, by id, after this one, at most
    /// `limit`.
    pub async fn list_unverified_accounts(
        &self,
        before: DateTime<Utc>,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<UserId>, NotTold> {
        let waiting: Vec<uuid::Uuid> = sqlx::query_scalar(
            "SELECT user_id FROM accounts
              WHERE NOT is_verified AND erase_after IS NULL AND created_at < $1 AND ($2::uuid IS NULL OR user_id > $2)
              ORDER BY user_id LIMIT $3",
        )
        .bind(before)
        .bind(after.map(UserId::uuid))
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        Ok(waiting.into_iter().map(UserId::from_uuid).collect())
    }
}
