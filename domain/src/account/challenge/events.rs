//! One proof of possession. The code itself is derived from the challenge's id under a server key: no event holds it.

use crate::{ids::UserId, personal::Personal, user::ContactKind};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The reactor that sends codes acts on this event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChallengeIssued {
    pub user: UserId,
    pub purpose: ChallengePurpose,
    pub channel: ContactKind,
    /// Where the code is sent.
    pub address: Personal<String>,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// After so many wrong answers it is dead.
    pub attempts: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChallengeFailed {
    pub user: UserId,
    /// 1 for the first wrong answer of those whose tries are counted together.
    pub attempt: u32,
    /// Whose tries it counts among.
    pub by: AnswerBy,
    pub failed_at: DateTime<Utc>,
}

/// Version 1 knew one count of wrong answers, whoever gave them: they count as strangers'.
/// Those of its last days name who gave them already.
pub(super) fn by_a_stranger(members: &mut Map<String, Value>) {
    members.entry("by").or_insert_with(|| "stranger".into());
}

/// The same code was sent once more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChallengeResent {
    pub user: UserId,
    pub resent_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChallengePassed {
    pub user: UserId,
    pub passed_at: DateTime<Utc>,
}

/// Who answers. Each has tries of their own: those of strangers use up nobody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerBy {
    /// Whoever made the account: by its session, or by the token of the registration.
    Registrant,
    /// Whoever asked for this code: by the token of the request.
    Requester,
    /// Anybody else.
    Stranger,
}

impl AnswerBy {
    pub const ALL: [Self; 3] = [Self::Registrant, Self::Requester, Self::Stranger];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengePurpose {
    /// A six-digit code.
    VerifyEmail,
    /// A 256-bit token in a link.
    ResetPassword,
}
