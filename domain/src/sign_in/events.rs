//! Failed sign-ins, away from the account's own stream: a stranger cannot make it long or contended.

use crate::ids::UserId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What was typed is not recorded: people type passwords into the wrong field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignInFailed {
    /// Absent where the identifier belongs to no account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<UserId>,
    pub cause: FailureCause,
    pub failed_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCause {
    UnknownAccount,
    WrongPassword,
    /// The password was right, but no contact of the account is verified yet.
    Unverified,
}
