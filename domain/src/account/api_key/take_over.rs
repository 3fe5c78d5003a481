//! An owner answers for a service's key: in place of another, or anew after a reset of the password.

use super::{ApiKey, ApiKeyError, ApiKeyEvent, ApiKeyTakenOver, Holder};
use crate::{aggregate::Decide, ids::UserId};
use chrono::{DateTime, Utc};

/// Lets a service's key be this owner's to answer for, and wakes it. Whoever answers for one that is awake adds no event.
#[derive(Clone, Debug)]
pub struct TakeOverApiKey {
    /// An owner.
    pub by: UserId,
    /// A fact: how often keys of this owner were put to sleep, see [`KeySleep`](crate::user::KeySleep).
    pub epoch: u32,
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
        let answers = key.taken_over_by.or(key.made_by) == Some(self.by);
        if answers && key.epoch.is_some_and(|epoch| epoch >= self.epoch) {
            return Ok(Vec::new());
        }
        let (by, taken_over_at, epoch) = (self.by, self.at, Some(self.epoch));
        Ok(vec![ApiKeyTakenOver { holder, by, taken_over_at, epoch }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::create::tests::created, *};
    use crate::{
        fixtures::*,
        user::{KeySleep, User},
    };
    use cqrs_es::{Aggregate, test::TestFramework};

    fn services() -> ApiKeyEvent {
        let ApiKeyEvent::ApiKeyCreated(event) = created() else { unreachable!() };
        let holder = Holder::Service("etl".to_owned());
        super::super::ApiKeyCreated { holder, name: None, made_by: Some(jane()), ..event }.into()
    }

    fn take_over(by: UserId) -> TakeOverApiKey {
        TakeOverApiKey { by, epoch: 0, at: at(5) }
    }

    fn taken_over() -> ApiKeyEvent {
        taken_over_by(john(), Some(0))
    }

    fn taken_over_by(by: UserId, epoch: Option<u32>) -> ApiKeyEvent {
        let holder = Holder::Service("etl".to_owned());
        ApiKeyTakenOver { holder, by, taken_over_at: at(5), epoch }.into()
    }

    fn owner(resets: u32, last: i64) -> User {
        User { keys: KeySleep { epoch: resets, since: (resets > 0).then(|| at(last)) }, ..User::default() }
    }

    #[test]
    fn key_of_a_service_sleeps_from_a_reset_of_who_answers_until_they_or_another_take_it_over() {
        let mut key = ApiKey::default();
        key.apply(services());
        assert!(!key.sleeps(&owner(0, 0)) && key.sleeps(&owner(1, 9)));
        for by in [jane(), john()] {
            TestFramework::<ApiKey>::with(())
                .given(vec![services()])
                .when(TakeOverApiKey { by, epoch: 1, at: at(5) }.into())
                .then_expect_events(vec![taken_over_by(by, Some(1))]);
        }
        key.apply(taken_over_by(jane(), Some(1)));
        assert!(!key.sleeps(&owner(1, 9)) && key.sleeps(&owner(2, 9)));
    }

    /// As takeovers were stored before services' keys slept.
    #[test]
    fn key_that_was_taken_over_without_an_epoch_is_judged_by_that_time() {
        let mut key = ApiKey::default();
        key.apply(services());
        key.apply(taken_over_by(john(), None));

        assert!(!key.sleeps(&owner(0, 0)) && !key.sleeps(&owner(3, 4)));
        assert!(key.sleeps(&owner(1, 5)) && key.sleeps(&owner(1, 6)));
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
