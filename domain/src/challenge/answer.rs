//! A challenge is answered: five wrong answers are exactly five, whatever runs at the same time.

use super::{Challenge, ChallengeError, ChallengeEvent, ChallengeFailed, ChallengePassed};
use crate::aggregate::Decide;
use chrono::{DateTime, Utc};

/// Answers a challenge. A wrong answer is an event, not an error: it must be appended to count.
#[derive(Clone, Debug)]
pub struct AnswerChallenge {
    /// A fact: the answer is the code or token that belongs to this challenge.
    pub correct: bool,
    pub at: DateTime<Utc>,
}

impl Decide<Challenge> for AnswerChallenge {
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
        if challenge.failures >= challenge.attempts {
            return Err(ChallengeError::Exhausted);
        }
        let user = challenge.user;
        Ok(vec![if self.correct {
            ChallengePassed { user, passed_at: self.at }.into()
        } else {
            ChallengeFailed { user, attempt: challenge.failures.saturating_add(1), failed_at: self.at }.into()
        }])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::issue::tests::issued, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn answer(correct: bool, second: i64) -> AnswerChallenge {
        AnswerChallenge { correct, at: at(second) }
    }

    fn failed(attempt: u32) -> ChallengeEvent {
        ChallengeFailed { user: jane(), attempt, failed_at: at(9) }.into()
    }

    fn passed() -> ChallengeEvent {
        ChallengePassed { user: jane(), passed_at: at(9) }.into()
    }

    fn failed_times(n: u32) -> Vec<ChallengeEvent> {
        std::iter::once(issued()).chain((1..=n).map(failed)).collect()
    }

    #[test]
    fn right_answer_passes() {
        TestFramework::<Challenge>::with(())
            .given(failed_times(4))
            .when(answer(true, 9).into())
            .then_expect_events(vec![passed()]);
    }

    #[test]
    fn wrong_answer_is_counted() {
        TestFramework::<Challenge>::with(())
            .given(failed_times(4))
            .when(answer(false, 9).into())
            .then_expect_events(vec![failed(5)]);
    }

    #[test]
    fn after_five_wrong_answers_the_right_one_is_refused() {
        TestFramework::<Challenge>::with(())
            .given(failed_times(5))
            .when(answer(true, 9).into())
            .then_expect_error(ChallengeError::Exhausted);
    }

    #[test]
    fn passes_only_once() {
        TestFramework::<Challenge>::with(())
            .given(vec![issued(), passed()])
            .when(answer(true, 10).into())
            .then_expect_error(ChallengeError::AlreadyUsed);
    }

    #[test]
    fn expires() {
        TestFramework::<Challenge>::with(())
            .given(vec![issued()])
            .when(answer(true, 600).into())
            .then_expect_error(ChallengeError::Expired);
    }

    #[test]
    fn refuses_what_was_never_issued() {
        TestFramework::<Challenge>::with(())
            .given_no_previous_events()
            .when(answer(true, 1).into())
            .then_expect_error(ChallengeError::NotIssued);
    }
}
