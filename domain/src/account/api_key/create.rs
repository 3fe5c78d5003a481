//! A key is made, for a while and for certain acts.

use super::{ApiKey, ApiKeyCreated, ApiKeyError, ApiKeyEvent, Holder, SLOTS};
use crate::{
    aggregate::Decide,
    ids::{Subject, UserId},
    personal::Personal,
    values::{ApiKeyName, Scope},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// Of a key that is asked for without an end: 90 days.
pub const DEFAULT_LIFETIME: TimeDelta = TimeDelta::days(90);
/// Of any key: a year.
pub const MAX_LIFETIME: TimeDelta = TimeDelta::days(366);

/// Makes a key. Whether the slot is free the claim decides, in the same append.
#[derive(Clone, Debug)]
pub struct CreateApiKey {
    pub holder: Holder,
    /// Of a person's key; none for a service's.
    pub name: Option<ApiKeyName>,
    pub scopes: BTreeSet<Scope>,
    /// A fact: one of the holder's [`SLOTS`] that is free.
    pub slot: u8,
    pub at: DateTime<Utc>,
    /// None: after [`DEFAULT_LIFETIME`].
    pub expires_at: Option<DateTime<Utc>>,
    /// A fact, of a person's key: how often keys of the person were put to sleep.
    pub epoch: Option<u32>,
    /// Who answers for it, if it is a service's.
    pub made_by: Option<UserId>,
}

impl Decide<ApiKey> for CreateApiKey {
    fn decide(&self, key: &ApiKey) -> Result<Vec<ApiKeyEvent>, ApiKeyError> {
        if key.holder.is_some() {
            return Err(ApiKeyError::AlreadyCreated);
        }
        if self.slot >= SLOTS {
            return Err(ApiKeyError::TooMany);
        }
        let event = ApiKeyCreated {
            holder: self.holder.clone(),
            name: self.name()?,
            scopes: self.scopes()?,
            slot: self.slot,
            created_at: self.at,
            expires_at: self.expires_at()?,
            epoch: self.epoch,
            made_by: self.made_by,
        };
        Ok(vec![event.into()])
    }
}

impl CreateApiKey {
    fn name(&self) -> Result<Option<Personal<String>>, ApiKeyError> {
        match (&self.holder, &self.name) {
            (Holder::User(user), Some(name)) => {
                Ok(Some(Personal::new(Subject::of(*user), name.as_str().to_owned())))
            }
            (Holder::User(_), None) | (Holder::Service(_), Some(_)) => Err(ApiKeyError::NotNamed),
            (Holder::Service(_), None) => Ok(None),
        }
    }

    fn scopes(&self) -> Result<BTreeSet<Scope>, ApiKeyError> {
        let for_service = self.holder.service().is_some();
        match self.scopes.iter().find(|scope| scope.is_for_services() != for_service) {
            Some(foreign) => Err(ApiKeyError::ScopeUnsuitable(*foreign)),
            None if self.scopes.is_empty() => Err(ApiKeyError::NoScope),
            None => Ok(self.scopes.clone()),
        }
    }

    fn expires_at(&self) -> Result<DateTime<Utc>, ApiKeyError> {
        let after = |lifetime| self.at.checked_add_signed(lifetime).unwrap_or(DateTime::<Utc>::MAX_UTC);
        match self.expires_at {
            None => Ok(after(DEFAULT_LIFETIME)),
            Some(end) if self.at < end && end <= after(MAX_LIFETIME) => Ok(end),
            Some(_) => Err(ApiKeyError::Expiry),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn scopes(scopes: &[Scope]) -> BTreeSet<Scope> {
        scopes.iter().copied().collect()
    }

    pub fn create() -> CreateApiKey {
        CreateApiKey {
            holder: Holder::User(jane()),
            name: Some(ApiKeyName::parse("backup").unwrap()),
            scopes: scopes(&[Scope::ProfileRead, Scope::SettingsRead]),
            slot: 3,
            at: at(0),
            expires_at: None,
            epoch: Some(0),
            made_by: None,
        }
    }

    pub fn created() -> ApiKeyEvent {
        ApiKeyCreated {
            holder: Holder::User(jane()),
            name: Some(janes("backup")),
            scopes: scopes(&[Scope::ProfileRead, Scope::SettingsRead]),
            slot: 3,
            created_at: at(0),
            expires_at: at(0) + days(90),
            epoch: Some(0),
            made_by: None,
        }
        .into()
    }

    fn refused(command: CreateApiKey, error: ApiKeyError) {
        TestFramework::<ApiKey>::with(())
            .given_no_previous_events()
            .when(command.into())
            .then_expect_error(error);
    }

    #[test]
    fn key_lives_for_ninety_days_unless_it_says_otherwise() {
        TestFramework::<ApiKey>::with(())
            .given_no_previous_events()
            .when(create().into())
            .then_expect_events(vec![created()]);
    }

    #[test]
    fn no_key_outlives_a_year_or_is_dead_when_it_is_made() {
        for end in [at(-1), at(0), at(1) + MAX_LIFETIME, DateTime::<Utc>::MAX_UTC] {
            refused(CreateApiKey { expires_at: Some(end), ..create() }, ApiKeyError::Expiry);
        }
        for end in [at(1), at(0) + MAX_LIFETIME] {
            assert!(CreateApiKey { expires_at: Some(end), ..create() }.decide(&ApiKey::default()).is_ok());
        }
    }

    #[test]
    fn people_and_services_have_scopes_of_their_own() {
        let service = CreateApiKey {
            holder: Holder::Service("etl".to_owned()),
            name: None,
            scopes: scopes(&[Scope::EventsWrite]),
            ..create()
        };

        assert!(service.decide(&ApiKey::default()).is_ok());
        refused(CreateApiKey { scopes: scopes(&[]), ..create() }, ApiKeyError::NoScope);
        let both = scopes(&[Scope::ProfileRead, Scope::BadgesAward]);
        refused(
            CreateApiKey { scopes: both.clone(), ..create() },
            ApiKeyError::ScopeUnsuitable(Scope::BadgesAward),
        );
        refused(
            CreateApiKey { scopes: both, ..service.clone() },
            ApiKeyError::ScopeUnsuitable(Scope::ProfileRead),
        );
        refused(CreateApiKey { name: create().name, ..service }, ApiKeyError::NotNamed);
        refused(CreateApiKey { name: None, ..create() }, ApiKeyError::NotNamed);
    }

    #[test]
    fn there_is_no_place_beyond_the_last() {
        refused(CreateApiKey { slot: SLOTS, ..create() }, ApiKeyError::TooMany);
    }

    #[test]
    fn key_is_made_once() {
        TestFramework::<ApiKey>::with(())
            .given(vec![created()])
            .when(create().into())
            .then_expect_error(ApiKeyError::AlreadyCreated);
    }
}
