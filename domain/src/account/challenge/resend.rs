//! The code that is out is sent once more: it stays the same, with as many tries as were left, and ends when it would.

use super::{Challenge, ChallengeError, ChallengeEvent, ChallengeResent};
use crate::{aggregate::Decide, user::RESEND_GAP};
use chrono::{DateTime, Utc};

/// Sends the same code again. Within 60 s of the last mail nothing happens, in silence.
#[derive(Clone, Debug)]
pub struct ResendChallenge {
    pub at: DateTime<Utc>,
}

impl Decide<Challenge> for ResendChallenge {
    fn decide(&self, challenge: &Challenge) -> Result<Vec<ChallengeEvent>, ChallengeError> {
        if challenge.issued_at.is_none() {
            return Err(ChallengeError::NotIssued);
        }
        if challenge.passed_at.is_some() {
            return Err(ChallengeError::AlreadyUsed);
        }
        if self.at >= challenge.expires_at {
            return Err(ChallengeError::Expired);
        }
        if self.at < challenge.sent_at + RESEND_GAP {
            return Ok(Vec::new());
        }
        Ok(vec![ChallengeResent { user: challenge.user, resent_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::issue::tests::issued, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn resent(second: i64) -> ChallengeEvent {
        ChallengeResent { user: jane(), resent_at: at(second) }.into()
    }

    #[test]
    fn same_code_is_sent_again_once_in_sixty_seconds() {
        for (given, second, events) in [
            (vec![issued()], 59, vec![]),
            (vec![issued()], 60, vec![resent(60)]),
            (vec![issued(), resent(60)], 119, vec![]),
            (vec![issued(), resent(60)], 120, vec![resent(120)]),
        ] {
            TestFramework::<Challenge>::with(())
                .given(given)
                .when(ResendChallenge { at: at(second) }.into())
                .then_expect_events(events);
        }
    }

    #[test]
    fn expired_code_is_not_sent_again() {
        TestFramework::<Challenge>::with(())
            .given(vec![issued()])
            .when(ResendChallenge { at: at(600) }.into())
            .then_expect_error(ChallengeError::Expired);
    }
}
