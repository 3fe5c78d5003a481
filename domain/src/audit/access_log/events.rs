//! Access to personal data and rejected requests. Ids only: the data itself is in no event.

use crate::ids::{ApiKeyId, Subject, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Staff were shown personal data of others; a page is one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonalDataViewed {
    pub viewer: UserId,
    pub view: View,
    /// Whose: accounts, or the visitors of a day. Each once, in the order of ids.
    pub subjects: Vec<Subject>,
    pub viewed_at: DateTime<Utc>,
}

/// A service fetched personal data with a key of its own; a page is one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonalDataFetched {
    /// As staff named it.
    pub service: String,
    pub api_key: ApiKeyId,
    pub view: View,
    /// As [`PersonalDataViewed`] names them.
    pub subjects: Vec<Subject>,
    pub fetched_at: DateTime<Utc>,
}

/// An authorization check refused somebody who is signed in. The first one of an act and a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessDenied {
    pub user: UserId,
    /// The operation's id in the OpenAPI document.
    pub act: String,
    /// The problem that was answered.
    pub problem: String,
    pub denied_at: DateTime<Utc>,
}

/// Staff, or the operator at the command line, changed or started something that the log itself does not hold: a
/// schedule. It is recorded before it is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperatorActed {
    /// None: the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The operation's id in the OpenAPI document.
    pub act: String,
    /// The name of what it was done to.
    pub object: String,
    /// The members that were set, and to what.
    pub change: BTreeMap<String, String>,
    pub acted_at: DateTime<Utc>,
}

/// What was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Accounts with their profiles.
    Accounts,
    /// Sessions: addresses and user agents.
    Sessions,
    /// Entries of the audit log, opened.
    Audit,
    /// Events of the log, opened.
    Events,
}
