//! After a reset of the password a person's keys sleep, until the person says that a key is theirs.

use super::{ApiKey, ApiKeyConfirmed, ApiKeyError, ApiKeyEvent, Holder};
use crate::aggregate::Decide;
use chrono::{DateTime, Utc};

/// Wakes a person's key. One that is awake adds no event.
#[derive(Clone, Debug)]
pub struct ConfirmApiKey {
    /// A fact: how often keys of the person were put to sleep, see [`KeySleep`](crate::user::KeySleep).
    pub epoch: u32,
    pub at: DateTime<Utc>,
}

impl Decide<ApiKey> for ConfirmApiKey {
    fn decide(&self, key: &ApiKey) -> Result<Vec<ApiKeyEvent>, ApiKeyError> {
        let Holder::User(user) = *key.created()? else { return Err(ApiKeyError::NotPersonal) };
        if key.revoked_at.is_some() {
            return Err(ApiKeyError::Revoked);
        }
        if key.epoch.is_some_and(|epoch| epoch >= self.epoch) {
            return Ok(Vec::new());
        }
        Ok(vec![ApiKeyConfirmed { user, epoch: self.epoch, confirmed_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{create::tests::created, revoke::tests::revoked, state::tests::of_a_service},
        *,
    };
    use crate::{
        api_key::ApiKeyCreated,
        fixtures::*,
        user::{KeySleep, User},
    };
    use cqrs_es::{Aggregate, test::TestFramework};

    fn confirm(epoch: u32) -> ConfirmApiKey {
        ConfirmApiKey { epoch, at: at(9) }
    }

    fn confirmed(epoch: u32) -> ApiKeyEvent {
        ApiKeyConfirmed { user: jane(), epoch, confirmed_at: at(9) }.into()
    }

    fn person(resets: u32) -> User {
        User { keys: KeySleep { epoch: resets, since: (resets > 0).then(|| at(5)) }, ..User::default() }
    }

    #[test]
    fn sleeping_key_is_confirmed_once_for_each_reset() {
        TestFramework::<ApiKey>::with(())
            .given(vec![created()])
            .when(confirm(1).into())
            .then_expect_events(vec![confirmed(1)]);
        for epoch in [0, 1] {
            TestFramework::<ApiKey>::with(())
                .given(vec![created(), confirmed(1)])
                .when(confirm(epoch).into())
                .then_expect_events(vec![]);
        }
    }

    #[test]
    fn revoked_absent_and_service_keys_are_not_confirmed() {
        TestFramework::<ApiKey>::with(())
            .given(vec![created(), revoked()])
            .when(confirm(1).into())
            .then_expect_error(ApiKeyError::Revoked);
        TestFramework::<ApiKey>::with(())
            .given_no_previous_events()
            .when(confirm(1).into())
            .then_expect_error(ApiKeyError::NotCreated);
        TestFramework::<ApiKey>::with(())
            .given(vec![of_a_service()])
            .when(confirm(1).into())
            .then_expect_error(ApiKeyError::NotPersonal);
    }

    #[test]
    fn key_sleeps_from_a_reset_until_it_is_confirmed() {
        let mut key = ApiKey::default();
        key.apply(created());
        assert!(!key.sleeps(&person(0)) && key.sleeps(&person(1)) && key.sleeps(&person(2)));
        key.apply(confirmed(1));
        assert!(!key.sleeps(&person(1)) && key.sleeps(&person(2)));
    }

    /// As keys were stored before they slept.
    #[test]
    fn event_without_an_epoch_is_read() {
        let sample = include_str!("../../../samples/api_key.api_key_created.v1.json");
        let mut stored: serde_json::Value = serde_json::from_str(sample).unwrap();
        stored.as_object_mut().unwrap().remove("epoch").unwrap();

        let ApiKeyEvent::ApiKeyCreated(event) = serde_json::from_value(stored.clone()).unwrap() else {
            panic!("another event")
        };

        assert_eq!(event.epoch, None);
        assert_eq!(serde_json::to_value(ApiKeyEvent::from(event)).unwrap(), stored);
    }

    #[test]
    fn key_that_knows_no_epoch_is_judged_by_the_time_at_which_it_was_made() {
        let ApiKeyEvent::ApiKeyCreated(event) = created() else { unreachable!() };
        for (second, sleeps) in [(4, true), (5, true), (6, false)] {
            let mut key = ApiKey::default();
            let created_at = at(second);
            key.apply(ApiKeyCreated { epoch: None, created_at, ..event.clone() }.into());
            assert_eq!(key.sleeps(&person(1)), sleeps, "{second}");
            assert!(!key.sleeps(&person(0)));
        }
    }
}
