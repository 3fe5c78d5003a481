//! Reads of `wallets`.

use super::project::{ENTRIES, TABLE};
use crate::{
    page::{COUNTED_TO, Page, Seek, Stretch},
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, Utc};
use domain::{
    EventId, HoldId, SourceId, UserId,
    ledger::Purse,
    values::{Account, Decimal},
};
use serde::{Deserialize, Serialize};
use sqlx::{Postgres, QueryBuilder};

/// One account of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WalletRow {
    pub user_id: UserId,
    pub account: Account,
    #[serde(flatten)]
    pub purse: Purse,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
}

/// A person's accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wallet {
    pub balance: Purse,
    pub points: Purse,
    pub ai_text: Purse,
    pub ai_image: Purse,
    /// None before the first entry.
    pub updated_at: Option<DateTime<Utc>>,
    /// Of the ledger; 0 before the first entry.
    pub version: i64,
}

/// A line of a statement. It is one event, which it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletEntry {
    /// In the log.
    pub position: i64,
    pub event_id: EventId,
    pub event_type: String,
    pub user_id: UserId,
    pub account: Account,
    /// What can be spent changed by this.
    pub amount: Decimal,
    /// What is set aside changed by this.
    pub held: Decimal,
    /// What is owed changed by this.
    pub owed: Decimal,
    /// Could be spent after it.
    pub available: Decimal,
    pub reason: String,
    pub source_id: Option<SourceId>,
    pub hold_id: Option<HoldId>,
    /// What staff say about an adjustment.
    pub note: Option<String>,
    pub occurred_at: DateTime<Utc>,
}

impl Wallet {
    pub const fn purse(&self, account: Account) -> &Purse {
        match account {
            Account::Balance => &self.balance,
            Account::Points => &self.points,
            Account::AiText => &self.ai_text,
            Account::AiImage => &self.ai_image,
        }
    }

    fn add(&mut self, row: &WalletRow) {
        let purse = match row.account {
            Account::Balance => &mut self.balance,
            Account::Points => &mut self.points,
            Account::AiText => &mut self.ai_text,
            Account::AiImage => &mut self.ai_image,
        };
        *purse = row.purse;
        self.updated_at = self.updated_at.max(Some(row.updated_at));
        self.version = self.version.max(row.version);
    }
}

impl Queries {
    /// Empty for whoever has no entry.
    pub async fn find_wallet(&self, user: UserId) -> Result<Wallet, QueryError> {
        let sql = format!("{} WHERE user_id = $1", TABLE.select());
        let texts = sqlx::query_scalar(&sql).bind(user.uuid()).fetch_all(&self.pool).await?;
        let mut wallet = Wallet::default();
        rows::parse::<WalletRow>(texts)?.iter().for_each(|row| wallet.add(row));
        Ok(wallet)
    }

    /// A person's statement: of one account, or of all.
    pub async fn list_wallet_entries(
        &self,
        user: UserId,
        account: Option<Account>,
        stretch: Stretch,
    ) -> Result<Page<WalletEntry, Seek>, QueryError> {
        let filter = |sql: &mut QueryBuilder<'_, Postgres>| {
            sql.push(" WHERE user_id = ").push_bind(user.uuid());
            if let Some(account) = account {
                sql.push(" AND account = ").push_bind(account.name());
            }
        };
        let mut counting = QueryBuilder::new("SELECT count(*) FROM (SELECT 1 FROM wallet_entries");
        filter(&mut counting);
        counting.push(" LIMIT ").push_bind(COUNTED_TO + 1).push(") AS counted");
        let counted = counting.build_query_scalar().fetch_one(&self.pool).await?;
        let mut sql = QueryBuilder::new(ENTRIES.select());
        filter(&mut sql);
        if let Some(bound) = stretch.bound() {
            sql.push(if stretch.rising() { " AND position > " } else { " AND position < " }).push_bind(bound);
        }
        sql.push(if stretch.rising() { " ORDER BY position" } else { " ORDER BY position DESC" });
        sql.push(" LIMIT ").push_bind(i64::from(stretch.limit) + 1);
        let entries = rows::parse(sql.build_query_scalar().fetch_all(&self.pool).await?)?;
        Ok(stretch.page(counted, entries, |entry: &WalletEntry| entry.position))
    }
}
