//! An API key as its events have made it, and the place that it takes.

use super::{ApiKeyCreated, ApiKeyError, ApiKeyEvent, ApiKeyRevoked, Holder};
use crate::{
    aggregate::{ClaimKind, Consequence, EventSourced},
    ids::{ApiKeyId, UserId},
    personal::Personal,
    user::User,
    values::Scope,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// Places of one holder: as many keys are there at most, expired ones included until their place is needed.
pub const SLOTS: u8 = 20;

/// A key. Before its creation it is the default: no `holder`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ApiKey {
    pub holder: Option<Holder>,
    pub name: Option<Personal<String>>,
    pub scopes: BTreeSet<Scope>,
    pub slot: u8,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// How often keys of its person, or of whoever answers for it, had been put to sleep when it was made, confirmed or
    /// taken over for the last time.
    pub epoch: Option<u32>,
    /// Of a service's key, where the events say so.
    #[serde(default)]
    pub made_by: Option<UserId>,
    /// Who answers for it since then.
    #[serde(default)]
    pub taken_over_by: Option<UserId>,
    #[serde(default)]
    pub taken_over_at: Option<DateTime<Utc>>,
}

/// One of a holder's places for keys. Its text is claimed: **frozen**.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot<'a> {
    pub holder: &'a Holder,
    pub number: u8,
}

impl fmt::Display for Slot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { holder, number } = self;
        match holder {
            Holder::User(user) => write!(f, "user:{user}:{number}"),
            Holder::Service(name) => write!(f, "service:{name}:{number}"),
        }
    }
}

impl ApiKey {
    /// Neither revoked nor expired.
    pub fn is_live(&self, at: DateTime<Utc>) -> bool {
        self.holder.is_some() && self.revoked_at.is_none() && at < self.expires_at
    }

    /// It is of before the last reset of this person's password, whose it is or who answers for it, and nobody confirmed
    /// it or took it over since.
    pub fn sleeps(&self, person: &User) -> bool {
        let of = self.taken_over_at.unwrap_or(self.created_at);
        match self.epoch {
            Some(epoch) => epoch < person.keys.epoch,
            None => person.keys.since.is_some_and(|since| of <= since),
        }
    }

    pub(super) fn created(&self) -> Result<&Holder, ApiKeyError> {
        self.holder.as_ref().ok_or(ApiKeyError::NotCreated)
    }

    pub(super) fn evolve(&mut self, event: &ApiKeyEvent) {
        match event {
            ApiKeyEvent::ApiKeyCreated(e) => {
                let ApiKeyCreated { holder, name, scopes, slot, created_at, expires_at, epoch, made_by } =
                    e.clone();
                let (holder, revoked_at) = (Some(holder), None);
                let (taken_over_by, taken_over_at) = (None, None);
                *self = Self {
                    holder,
                    name,
                    scopes,
                    slot,
                    created_at,
                    expires_at,
                    revoked_at,
                    epoch,
                    made_by,
                    taken_over_by,
                    taken_over_at,
                };
            }
            ApiKeyEvent::ApiKeyRenamed(e) => self.name = Some(e.name.clone()),
            ApiKeyEvent::ApiKeyConfirmed(e) => self.epoch = Some(e.epoch),
            ApiKeyEvent::ApiKeyRevoked(e) => self.revoked_at = Some(e.revoked_at),
            ApiKeyEvent::ApiKeyTakenOver(e) => {
                self.taken_over_by = Some(e.by);
                self.taken_over_at = Some(e.taken_over_at);
                self.epoch = e.epoch;
            }
        }
    }
}

impl EventSourced for ApiKey {
    type Id = ApiKeyId;

    /// What is wrong with a key that is asked for is told, instead of that it is not there yet.
    const ALWAYS_THERE: bool = true;

    /// A person's own key; a service's is nobody's.
    fn owner(&self, _id: ApiKeyId) -> Option<UserId> {
        self.holder.as_ref().and_then(Holder::user)
    }

    fn consequences(&self, event: &ApiKeyEvent) -> Vec<Consequence> {
        let value = |holder, number| Slot { holder, number }.to_string();
        match event {
            ApiKeyEvent::ApiKeyCreated(ApiKeyCreated { holder, slot, .. }) => {
                vec![Consequence::Claim(ClaimKind::ApiKeySlot, value(holder, *slot))]
            }
            ApiKeyEvent::ApiKeyRevoked(ApiKeyRevoked { holder, .. }) => {
                vec![Consequence::Release(ClaimKind::ApiKeySlot, value(holder, self.slot))]
            }
            ApiKeyEvent::ApiKeyRenamed(_)
            | ApiKeyEvent::ApiKeyConfirmed(_)
            | ApiKeyEvent::ApiKeyTakenOver(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{super::create::tests::created, *};
    use crate::{api_key::RevokeCause, fixtures::*};
    use cqrs_es::Aggregate;

    pub fn of_a_service() -> ApiKeyEvent {
        let ApiKeyEvent::ApiKeyCreated(event) = created() else { unreachable!() };
        let holder = Holder::Service("etl".to_owned());
        ApiKeyCreated { holder, name: None, epoch: None, ..event }.into()
    }

    /// Frozen: it is claimed.
    #[test]
    fn slot_is_written_as_it_was() {
        let (jane, etl) = (Holder::User(jane()), Holder::Service("etl".to_owned()));

        let text = |holder| Slot { holder, number: 7 }.to_string();

        assert_eq!(text(&jane), "user:00000000-0000-0000-0000-000000000001:7");
        assert_eq!(text(&etl), "service:etl:7");
    }

    #[test]
    fn key_takes_its_slot_and_gives_it_back() {
        let mut key = ApiKey::default();
        let slot = Slot { holder: &Holder::User(jane()), number: 3 }.to_string();
        let taken = key.consequences(&created());
        key.apply(created());
        let revoked =
            ApiKeyRevoked { holder: Holder::User(jane()), cause: RevokeCause::Requested, revoked_at: at(9) };

        assert_eq!(taken, [Consequence::Claim(ClaimKind::ApiKeySlot, slot.clone())]);
        assert_eq!(
            key.consequences(&revoked.clone().into()),
            [Consequence::Release(ClaimKind::ApiKeySlot, slot)]
        );
        assert!(key.is_live(at(8)) && !key.is_live(key.expires_at));
        key.apply(revoked.into());
        assert!(!key.is_live(at(8)), "whatever the clock says");
    }
}
