//! An account as staff see it (USR-04, USR-07).

use crate::account::views::AccountView;
use chrono::{DateTime, Utc};
use projections::{AccountRow, user_settings::query::SettingsRow};
use serde::Serialize;
use utoipa::ToSchema;

/// An account with what staff decided about it; `status` may also be `suspended`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AdminUserView {
    #[serde(flatten)]
    pub account: AccountView,
    /// Its last request, up to a minute late; null: nothing is known of any.
    pub last_active: Option<DateTime<Utc>>,
    pub is_suspended: bool,
    pub suspended_at: Option<DateTime<Utc>>,
    /// The end of the suspension by itself; null: until somebody reinstates the account.
    pub suspended_until: Option<DateTime<Utc>>,
    /// For staff.
    pub suspension_reason: Option<String>,
}

impl AdminUserView {
    /// A suspension that is over by itself shows no more.
    pub fn new(row: AccountRow, now: DateTime<Utc>) -> Self {
        let AccountRow { account, page, settings, last_active } = row;
        let settings =
            settings.unwrap_or_else(|| SettingsRow::by_default(account.user_id, account.created_at));
        let is_suspended = account.is_suspended(now);
        let (suspended_at, suspended_until) = (account.suspended_at, account.suspended_until);
        let suspension_reason = account.suspension_reason.clone();
        let mut view = AccountView::new(account, page, settings);
        if is_suspended {
            view.status = "suspended";
        }
        Self {
            account: view,
            last_active,
            is_suspended,
            suspended_at: suspended_at.filter(|_| is_suspended),
            suspended_until: suspended_until.filter(|_| is_suspended),
            suspension_reason: suspension_reason.filter(|_| is_suspended),
        }
    }
}
