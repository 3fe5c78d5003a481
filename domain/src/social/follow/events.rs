//! Events between two people. Each names who acts toward whom, because the stream holds both directions.

use crate::{ids::UserId, personal::Personal};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A follow that was asked for; where none is asked, its acceptance comes with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowRequested {
    pub follower: UserId,
    pub followed: UserId,
    pub requested_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowAccepted {
    pub follower: UserId,
    pub followed: UserId,
    pub cause: AcceptCause,
    pub accepted_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowRejected {
    pub follower: UserId,
    pub followed: UserId,
    pub rejected_at: DateTime<Utc>,
}

/// A follow or a request for one is over. A later one is the same follow again (C-14).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unfollowed {
    pub follower: UserId,
    pub followed: UserId,
    pub cause: UnfollowCause,
    pub ended_at: DateTime<Utc>,
}

/// The ends of follows that it causes are events beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserBlocked {
    pub blocker: UserId,
    pub blocked: UserId,
    /// The blocker's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Personal<String>>,
    pub blocked_at: DateTime<Utc>,
}

/// Restores nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserUnblocked {
    pub blocker: UserId,
    pub blocked: UserId,
    pub unblocked_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserMuted {
    pub muter: UserId,
    pub muted: UserId,
    pub muted_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserUnmuted {
    pub muter: UserId,
    pub muted: UserId,
    pub unmuted_at: DateTime<Utc>,
}

/// Why a follow counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcceptCause {
    /// The followed person said so.
    Approved,
    /// The followed person's profile takes anyone.
    Policy,
}

/// Why a follow or a request for one is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnfollowCause {
    /// The follower left, or took the request back.
    Unfollowed,
    /// The followed person removed the follower.
    Removed,
    /// One of the two blocked the other.
    Blocked,
    /// One of the two was erased.
    Erased,
}
