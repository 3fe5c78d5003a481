//! Writes of `erasures`.

use super::query::Erasure;
use crate::{
    batch::Batch,
    columns::columns,
    envelope::Envelope,
    projection::{Name, Projection, ProjectionError},
    registry::ERASURES,
    rows::Rows,
};
use async_trait::async_trait;
use domain::{
    UserId,
    user::{UserDeletionRequested, UserEvent},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const TABLE: Rows<Erasure> = Rows::of("erasures", &["user_id"]);

columns! {
    Erasure: user_id, requested_by, requested_at, erase_after, cancelled_at, erased_at, position,
        destroyed_at, live_until, backups_until, certified_at, disk;
}

pub(crate) struct Erasures;

#[async_trait]
impl Projection for Erasures {
    fn name(&self) -> Name {
        ERASURES
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    /// Ids, words of the program, times and numbers only.
    fn is_in_clear(&self) -> bool {
        false
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let mut relevant = Vec::new();
        for envelope in events {
            if let Some(event) = envelope.event.user().filter(|event| concerns(event)) {
                relevant.push((envelope.stream_id()?, envelope.recorded.position, event));
            }
        }
        let touched: BTreeSet<Uuid> = relevant.iter().map(|(id, ..)| *id).collect();
        let known = TABLE.load(batch, &touched).await?;
        let mut erasures: BTreeMap<Uuid, Erasure> =
            known.into_iter().map(|erasure| (erasure.user_id.uuid(), erasure)).collect();
        for (id, position, event) in relevant {
            evolve(&mut erasures, id, position, event);
        }
        TABLE.store(batch, erasures.into_values())
    }
}

/// What becomes of a deletion.
const fn concerns(event: &UserEvent) -> bool {
    match event {
        UserEvent::UserDeletionRequested(_)
        | UserEvent::UserDeletionCancelled(_)
        | UserEvent::UserErased(_)
        | UserEvent::ErasureCertified(_) => true,
        UserEvent::UserRegistered(_)
        | UserEvent::VerificationRequested(_)
        | UserEvent::AddressCorrected(_)
        | UserEvent::ContactVerified(_)
        | UserEvent::PasswordResetRequested(_)
        | UserEvent::PasswordChanged(_)
        | UserEvent::SessionsInvalidated(_)
        | UserEvent::RoleChanged(_)
        | UserEvent::UserSuspended(_)
        | UserEvent::UserReinstated(_)
        | UserEvent::UserInvited(_)
        | UserEvent::EmailChangeCancelled(_) => false,
    }
}

fn evolve(erasures: &mut BTreeMap<Uuid, Erasure>, id: Uuid, position: i64, event: &UserEvent) {
    if let UserEvent::UserDeletionRequested(e) = event {
        erasures.insert(id, requested(id, e));
    }
    let Some(erasure) = erasures.get_mut(&id) else { return };
    match event {
        UserEvent::UserDeletionCancelled(e) => erasure.cancelled_at = Some(e.cancelled_at),
        UserEvent::UserErased(e) => {
            erasure.erased_at = Some(e.erased_at);
            erasure.position = Some(position);
        }
        UserEvent::ErasureCertified(e) => {
            erasure.destroyed_at = Some(e.destroyed_at);
            erasure.live_until = Some(e.live_until);
            erasure.backups_until = Some(e.backups_until);
            erasure.certified_at = Some(e.certified_at);
            erasure.disk.clone_from(&e.disk);
        }
        _ => {}
    }
}

fn requested(id: Uuid, e: &UserDeletionRequested) -> Erasure {
    Erasure {
        user_id: UserId::from_uuid(id),
        requested_by: e.by,
        requested_at: e.requested_at,
        erase_after: e.erase_after,
        cancelled_at: None,
        erased_at: None,
        position: None,
        destroyed_at: None,
        live_until: None,
        backups_until: None,
        certified_at: None,
        disk: None,
    }
}
