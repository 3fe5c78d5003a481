//! A challenge is answered: five wrong answers are exactly five, whatever runs at the same time, and strangers' five
//! leave those of whoever asked for it.

use super::{AnswerBy, Challenge, ChallengeError, ChallengeEvent, ChallengeFailed, ChallengePassed};
use crate::aggregate::Decide;
use chrono::{DateTime, Utc};

/// Answers a challenge. A wrong answer is an event, not an error: it must be appended to count.
#[derive(Clone, Debug)]
pub struct AnswerChallenge {
    /// A fact: the answer is the code or token that belongs to this challenge.
    pub correct: bool,
    /// A fact: whose tries it counts among.
    pub by: AnswerBy,
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
        if challenge.is_exhausted(self.by) {
            return Err(ChallengeError::Exhausted);
        }
        let user = challenge.user;
        Ok(vec![if self.correct {
            ChallengePassed { user, passed_at: self.at }.into()
        } else {
            let attempt = challenge.failures.by(self.by).saturating_add(1);
            ChallengeFailed { user, attempt, by: self.by, failed_at: self.at }.into()
        }])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::issue::tests::issued, *};
    use crate::{aggregate::EventSet, fixtures::*};
    use cqrs_es::test::TestFramework;

    const STRANGER: AnswerBy = AnswerBy::Stranger;

    fn answer(correct: bool, second: i64) -> AnswerChallenge {
        AnswerChallenge { correct, by: STRANGER, at: at(second) }
    }

    fn failed(attempt: u32, by: AnswerBy) -> ChallengeEvent {
        ChallengeFailed { user: jane(), attempt, by, failed_at: at(9) }.into()
    }

    fn passed() -> ChallengeEvent {
        ChallengePassed { user: jane(), passed_at: at(9) }.into()
    }

    fn failed_times(n: u32) -> Vec<ChallengeEvent> {
        std::iter::once(issued()).chain((1..=n).map(|attempt| failed(attempt, STRANGER))).collect()
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
            .then_expect_events(vec![failed(5, STRANGER)]);
    }

    #[test]
    fn after_five_wrong_answers_the_right_one_is_refused() {
        TestFramework::<Challenge>::with(())
            .given(failed_times(5))
            .when(answer(true, 9).into())
            .then_expect_error(ChallengeError::Exhausted);
    }

    #[test]
    fn wrong_answers_of_one_leave_the_tries_of_the_others() {
        for by in AnswerBy::ALL {
            let given: Vec<_> = AnswerBy::ALL
                .into_iter()
                .filter(|other| *other != by)
                .flat_map(|other| (1..=5).map(move |attempt| failed(attempt, other)))
                .collect();
            let given = [vec![issued()], given].concat();

            TestFramework::<Challenge>::with(())
                .given(given.clone())
                .when(AnswerChallenge { by, ..answer(true, 9) }.into())
                .then_expect_events(vec![passed()]);
            TestFramework::<Challenge>::with(())
                .given(given)
                .when(AnswerChallenge { by, ..answer(false, 9) }.into())
                .then_expect_events(vec![failed(1, by)]);
        }
    }

    #[test]
    fn failure_of_before_counts_as_a_strangers() {
        let stored = r#"{"type":"challenge_failed","user":"00000000-0000-0000-0000-000000000001","attempt":5,
            "failed_at":"2026-01-15T09:30:00.123456Z"}"#;
        let stored = ChallengeEvent::decode("challenge_failed", "1", stored).unwrap();

        TestFramework::<Challenge>::with(())
            .given(vec![issued(), stored])
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
