//! One code or token sent to a contact: a stream of its own, so that five wrong answers are exactly five.

mod answer;
mod error;
mod events;
mod issue;
mod resend;
mod state;

pub use answer::AnswerChallenge;
pub use error::ChallengeError;
pub use events::*;
pub use issue::IssueChallenge;
pub use resend::ResendChallenge;
pub use state::{Challenge, Failures};

use crate::{aggregate::aggregate, ids::ChallengeId};

aggregate! {
    Challenge = "challenge", id ChallengeId, error ChallengeError;
    commands ChallengeCommand { IssueChallenge, ResendChallenge, AnswerChallenge }
    events ChallengeEvent {
        ChallengeIssued = "challenge_issued" "1",
        ChallengeResent = "challenge_resent" "1",
        ChallengeFailed = "challenge_failed" "2",
        ChallengePassed = "challenge_passed" "1",
    }
    former { "challenge_failed" "1" => events::by_a_stranger }
}
