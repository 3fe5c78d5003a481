//! A key ends before its time.

use super::{ApiKey, ApiKeyError, ApiKeyEvent, ApiKeyRevoked, RevokeCause};
use crate::aggregate::Decide;
use chrono::{DateTime, Utc};

/// Revokes the key for good; it is refused from the append on. A revoked one stays as it is.
#[derive(Clone, Debug)]
pub struct RevokeApiKey {
    pub cause: RevokeCause,
    pub at: DateTime<Utc>,
}

impl Decide<ApiKey> for RevokeApiKey {
    fn decide(&self, key: &ApiKey) -> Result<Vec<ApiKeyEvent>, ApiKeyError> {
        let holder = key.created()?.clone();
        if key.revoked_at.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![ApiKeyRevoked { holder, cause: self.cause, revoked_at: self.at }.into()])
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{super::create::tests::created, *};
    use crate::{api_key::Holder, fixtures::*};
    use cqrs_es::test::TestFramework;

    fn revoke() -> RevokeApiKey {
        RevokeApiKey { cause: RevokeCause::Requested, at: at(9) }
    }

    pub fn revoked() -> ApiKeyEvent {
        let (holder, cause) = (Holder::User(jane()), RevokeCause::Requested);
        ApiKeyRevoked { holder, cause, revoked_at: at(9) }.into()
    }

    #[test]
    fn key_is_revoked_once() {
        TestFramework::<ApiKey>::with(())
            .given(vec![created()])
            .when(revoke().into())
            .then_expect_events(vec![revoked()]);
        TestFramework::<ApiKey>::with(())
            .given(vec![created(), revoked()])
            .when(revoke().into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn key_that_is_not_there_cannot_be_revoked() {
        TestFramework::<ApiKey>::with(())
            .given_no_previous_events()
            .when(revoke().into())
            .then_expect_error(ApiKeyError::NotCreated);
    }
}
