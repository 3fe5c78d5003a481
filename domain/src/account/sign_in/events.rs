//! Sign-ins, away from the account's own stream: a stranger cannot make it long or contended.

use crate::ids::{SessionId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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

/// Who the account's person is was proved, and the account lets nobody in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignInRefused {
    pub account: UserId,
    pub cause: RefusalCause,
    pub refused_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCause {
    Suspended,
    /// Its deletion was asked for, and who signed in did not say that they stay.
    DeletionRequested,
}

/// Somebody signed in, and a session began. It has one of the account's places for live sessions until it has left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignedIn {
    pub account: UserId,
    pub session: SessionId,
    /// Sessions that have no place any more: they were over, or ended with this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<SessionId>,
    pub signed_in_at: DateTime<Utc>,
}

/// Somebody asked as a program would that pretends to be a person (AUTH-12). From where is in the event's metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BotSuspected {
    /// The id of the route.
    pub act: String,
    /// What told, the first time.
    pub signals: BTreeSet<BotSignal>,
    pub outcome: BotOutcome,
    pub suspected_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotSignal {
    /// It does not say what it is.
    NoAgent,
    /// It calls itself a crawler, or a browser without a window.
    KnownAgent,
    /// It calls itself a browser, and sends nothing of what browsers send.
    OddBrowser,
    /// No browser sends such a request.
    ImpossibleRequest,
    /// A form's field that people do not see was filled in.
    HiddenField,
    /// Its network asks more often than people do.
    Velocity,
    /// A form came back sooner than a person types.
    FastForm,
    /// A form came back with a token that is made up, too old, or was sent before.
    StaleForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotOutcome {
    /// It would have been challenged or blocked, were that turned on.
    Observed,
    /// A proof of work was asked for.
    Challenged,
    Blocked,
}
