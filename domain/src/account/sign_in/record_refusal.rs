//! A sign-in was refused although the password was right.

use super::{RefusalCause, SignIn, SignInError, SignInEvent, SignInRefused};
use crate::{aggregate::Decide, ids::UserId};
use chrono::{DateTime, Utc};

/// Records one refusal; two refusals are two events, as failures are.
#[derive(Clone, Debug)]
pub struct RecordRefusal {
    pub account: UserId,
    pub cause: RefusalCause,
    pub at: DateTime<Utc>,
}

impl Decide<SignIn> for RecordRefusal {
    fn decide(&self, _state: &SignIn) -> Result<Vec<SignInEvent>, SignInError> {
        Ok(vec![SignInRefused { account: self.account, cause: self.cause, refused_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    #[test]
    fn every_refusal_is_recorded_and_none_is_a_failure() {
        let (account, cause) = (jane(), RefusalCause::Suspended);
        let refused = SignInEvent::from(SignInRefused { account, cause, refused_at: at(1) });

        TestFramework::<SignIn>::with(())
            .given(vec![refused.clone()])
            .when(RecordRefusal { account, cause, at: at(1) }.into())
            .then_expect_events(vec![refused.clone()]);
        let mut state = SignIn::default();
        state.evolve(&refused);
        assert_eq!(state, SignIn::default());
    }
}
