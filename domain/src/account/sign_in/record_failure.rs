//! A sign-in failed.

use super::{FailureCause, SignIn, SignInError, SignInEvent, SignInFailed};
use crate::{aggregate::Decide, ids::UserId};
use chrono::{DateTime, Utc};

/// Records one failure; two failures are two events, so a repeat is not harmless and not meant to be.
#[derive(Clone, Debug)]
pub struct RecordFailure {
    /// None where the identifier belongs to no account.
    pub account: Option<UserId>,
    pub cause: FailureCause,
    pub at: DateTime<Utc>,
}

impl Decide<SignIn> for RecordFailure {
    fn decide(&self, _state: &SignIn) -> Result<Vec<SignInEvent>, SignInError> {
        Ok(vec![SignInFailed { account: self.account, cause: self.cause, failed_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn failed() -> SignInEvent {
        SignInFailed { account: Some(jane()), cause: FailureCause::WrongPassword, failed_at: at(1) }.into()
    }

    #[test]
    fn every_failure_is_recorded() {
        let command = RecordFailure { account: Some(jane()), cause: FailureCause::WrongPassword, at: at(1) };

        TestFramework::<SignIn>::with(())
            .given(vec![failed()])
            .when(command.into())
            .then_expect_events(vec![failed()]);
    }
}
