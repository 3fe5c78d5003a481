//! A wallet (WAL-01, WAL-02) and its statement.

use chrono::{DateTime, Utc};
use domain::values::{Account, Decimal};
use projections::wallets::query::{Wallet, WalletEntry};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person's accounts. Money is a decimal text with two places, everything else a whole number.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WalletView {
    /// Money that can be spent.
    #[schema(example = "0.00")]
    pub balance: String,
    /// That can be spent.
    #[schema(example = 0)]
    pub points: i64,
    /// Same as `points`.
    pub current_points: i64,
    /// Of a lifetime: spending does not lower it, a revoked award does.
    pub total_points: i64,
    /// What awards gave, less what revoked awards took.
    pub badge_points: i64,
    /// For generated texts.
    pub ai_text_credits: i64,
    /// For generated images.
    pub ai_image_credits: i64,
    /// Set aside for what is under way: in none of the above but the lifetime.
    pub reserved: SumsView,
    /// Was revoked when it was spent already; what comes next pays it.
    pub owed: SumsView,
    /// Null before the first entry.
    pub last_updated: Option<DateTime<Utc>>,
}

/// A sum on each account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SumsView {
    #[schema(example = "0.00")]
    pub balance: String,
    pub points: i64,
    pub ai_text: i64,
    pub ai_image: i64,
}

impl SumsView {
    fn of(sum: impl Fn(Account) -> Decimal) -> Self {
        let whole = |account| Account::whole(sum(account));
        Self {
            balance: Account::Balance.text(sum(Account::Balance)),
            points: whole(Account::Points),
            ai_text: whole(Account::AiText),
            ai_image: whole(Account::AiImage),
        }
    }
}

impl From<Wallet> for WalletView {
    fn from(wallet: Wallet) -> Self {
        let available = SumsView::of(|account| wallet.purse(account).available);
        Self {
            balance: available.balance,
            points: available.points,
            current_points: available.points,
            total_points: Account::whole(wallet.points.total),
            badge_points: Account::whole(wallet.points.badges),
            ai_text_credits: available.ai_text,
            ai_image_credits: available.ai_image,
            reserved: SumsView::of(|account| wallet.purse(account).held),
            owed: SumsView::of(|account| wallet.purse(account).owed),
            last_updated: wallet.updated_at,
        }
    }
}

/// A line of a statement: one event of the ledger. All sums are decimal texts, with a minus where something went.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WalletEntryView {
    /// Of the event; `position` is its place in the log.
    pub id: Uuid,
    pub position: i64,
    /// `funds_granted`, `grant_revoked`, `funds_reserved`, `hold_captured`, `hold_refunded`, `funds_spent` or
    /// `account_adjusted`.
    #[schema(example = "funds_granted")]
    pub event_type: String,
    /// `balance`, `points`, `ai_text` or `ai_image`.
    #[schema(example = "points")]
    pub account: &'static str,
    /// What can be spent changed by this.
    #[schema(example = "-10")]
    pub amount: String,
    /// What is set aside changed by this.
    #[schema(example = "10")]
    pub reserved: String,
    /// What is owed changed by this.
    #[schema(example = "0")]
    pub owed: String,
    /// Could be spent after it.
    #[schema(example = "40")]
    pub balance_after: String,
    /// `badge_award`, `badge_revocation`, `monthly_grant`, `top_up`, `generation`, `purchase` or `adjustment`.
    #[schema(example = "badge_award")]
    pub reason: String,
    /// What staff say about an adjustment.
    pub note: Option<String>,
    /// What it belongs to: an award, a generation, an order.
    pub source: Option<Uuid>,
    pub hold: Option<Uuid>,
    pub created_at: DateTime<Utc>,
}

impl From<WalletEntry> for WalletEntryView {
    fn from(entry: WalletEntry) -> Self {
        let text = |sum| entry.account.text(sum);
        Self {
            id: entry.event_id.uuid(),
            position: entry.position,
            account: entry.account.name(),
            amount: text(entry.amount),
            reserved: text(entry.held),
            owed: text(entry.owed),
            balance_after: text(entry.available),
            event_type: entry.event_type,
            reason: entry.reason,
            note: entry.note,
            source: entry.source_id.map(domain::SourceId::uuid),
            hold: entry.hold_id.map(domain::HoldId::uuid),
            created_at: entry.occurred_at,
        }
    }
}
