//! A code or token is sent.

use super::{Challenge, ChallengeError, ChallengeEvent, ChallengeIssued, ChallengePurpose};
use crate::{aggregate::Decide, ids::UserId, personal::Personal, user::ContactKind};
use chrono::{DateTime, TimeDelta, Utc};

/// Issues a challenge; a worker derives its code and sends it.
#[derive(Clone, Debug)]
pub struct IssueChallenge {
    pub user: UserId,
    pub purpose: ChallengePurpose,
    pub channel: ContactKind,
    /// Where the code is sent.
    pub address: Personal<String>,
    pub at: DateTime<Utc>,
    /// From now until the answer is refused (AUTH-06, AUTH-09: 10 minutes).
    pub lifetime: TimeDelta,
    /// Wrong answers allowed (AUTH-09: 5).
    pub attempts: u32,
}

impl Decide<Challenge> for IssueChallenge {
    fn decide(&self, challenge: &Challenge) -> Result<Vec<ChallengeEvent>, ChallengeError> {
        if challenge.issued_at.is_some() {
            return Err(ChallengeError::AlreadyIssued);
        }
        let event = ChallengeIssued {
            user: self.user,
            purpose: self.purpose,
            channel: self.channel,
            address: self.address.clone(),
            issued_at: self.at,
            expires_at: self.at.checked_add_signed(self.lifetime).unwrap_or(DateTime::<Utc>::MAX_UTC),
            attempts: self.attempts,
        };
        Ok(vec![event.into()])
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    pub fn issue() -> IssueChallenge {
        IssueChallenge {
            user: jane(),
            purpose: ChallengePurpose::VerifyEmail,
            channel: ContactKind::Email,
            address: janes("Jane@example.com"),
            at: at(0),
            lifetime: TimeDelta::seconds(600),
            attempts: 5,
        }
    }

    pub fn issued() -> ChallengeEvent {
        ChallengeIssued {
            user: jane(),
            purpose: ChallengePurpose::VerifyEmail,
            channel: ContactKind::Email,
            address: janes("Jane@example.com"),
            issued_at: at(0),
            expires_at: at(600),
            attempts: 5,
        }
        .into()
    }

    #[test]
    fn issues_with_an_expiry() {
        TestFramework::<Challenge>::with(())
            .given_no_previous_events()
            .when(issue().into())
            .then_expect_events(vec![issued()]);
    }

    #[test]
    fn refuses_to_be_issued_twice() {
        TestFramework::<Challenge>::with(())
            .given(vec![issued()])
            .when(issue().into())
            .then_expect_error(ChallengeError::AlreadyIssued);
    }
}
