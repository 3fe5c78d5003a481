//! Somebody else answers for a service's key.

use super::{ApiKey, ApiKeyError, ApiKeyEvent, ApiKeyTakenOver, Holder};
use crate::{aggregate::Decide, ids::UserId};
use chrono::{DateTime, Utc};

/// Lets a service's key be this owner's to answer for. Whoever answers for it already adds no event.
#[derive(Clone, Debug)]
pub struct TakeOverApiKey {
    /// An owner.
    pub by: UserId,
    pub at: DateTime<Utc>,
}

impl Decide<ApiKey> for TakeOverApiKey {
    fn decide(&self, key: &ApiKey) -> Result<Vec<ApiKeyEvent>, ApiKeyError> {
        let holder = key.created()?.clone();
        match (&holder, key.revoked_at) {
            (Holder::User(_), _) => return Err(ApiKeyError::NotCreated),
            (Holder::Service(_), Some(_)) => return Err(ApiKeyError::Revoked),
            (Holder::Service(_), None) => {}
        }
        if key.taken_over_by.or(key.made_by) == Some(self.by) {
            return Ok(Vec::new());
        }
        Ok(vec![ApiKeyTakenOver { holder, by: self.by, taken_over_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::create::tests::created, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn services() -> ApiKeyEvent {
        let ApiKeyEvent::ApiKeyCreated(event) = created() else { unreachable!() };
        let holder = Holder::Service("etl".to_owned());
        super::super::ApiKeyCreated { holder, name: None, made_by: Some(jane()), ..event }.into()
    }

    fn take_over(by: UserId) -> TakeOverApiKey {
        TakeOverApiKey { by, at: at(5) }
    }

    fn taken_over() -> ApiKeyEvent {
        let holder = Holder::Service("etl".to_owned());
        ApiKeyTakenOver { holder, by: john(), taken_over_at: at(5) }.into()
    }

    #[test]
    fn key_of_a_service_is_taken_over_once() {
        TestFramework::<ApiKey>::with(())
            .given(vec![services()])
            .when(take_over(john()).into())
            .then_expect_events(vec![taken_over()]);
        for (given, by) in [(vec![services()], jane()), (vec![services(), taken_over()], john())] {
            TestFramework::<ApiKey>::with(())
                .given(given)
                .when(take_over(by).into())
                .then_expect_events(vec![]);
        }
    }

    #[test]
    fn keys_of_people_and_keys_that_are_over_are_nobodys_to_take() {
        TestFramework::<ApiKey>::with(())
            .given(vec![created()])
            .when(take_over(john()).into())
            .then_expect_error(ApiKeyError::NotCreated);
        let cause = super::super::RevokeCause::Requested;
        let holder = Holder::Service("etl".to_owned());
        let revoked = super::super::ApiKeyRevoked { holder, cause, revoked_at: at(4) };
        TestFramework::<ApiKey>::with(())
            .given(vec![services(), revoked.into()])
            .when(take_over(john()).into())
            .then_expect_error(ApiKeyError::Revoked);
    }
}
