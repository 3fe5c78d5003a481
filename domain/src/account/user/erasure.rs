//! The grace is over: the account is erased, and that it is, is certified (USR-05, C-39).

use super::{DiskPurge, ErasureCertified, User, UserErased, UserError, UserEvent};
use crate::aggregate::Decide;
use chrono::{DateTime, Utc};

/// Frees the names and addresses and deletes the password, in one append. What is erased stays erased.
#[derive(Clone, Debug)]
pub struct EraseUser {
    pub at: DateTime<Utc>,
}

impl Decide<User> for EraseUser {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        if user.erased.is_some() {
            return Ok(Vec::new());
        }
        user.registered()?;
        let pending = user.deletion.ok_or(UserError::DeletionNotRequested)?;
        if self.at < pending.erase_after {
            return Err(UserError::DeletionNotDue(pending.erase_after));
        }
        Ok(vec![UserErased { requested_at: pending.requested_at, erased_at: self.at }.into()])
    }
}

/// Records that the data key is destroyed, and until when somebody might still hold a copy of it.
#[derive(Clone, Debug)]
pub struct CertifyErasure {
    pub destroyed_at: DateTime<Utc>,
    pub live_until: DateTime<Utc>,
    pub backups_until: DateTime<Utc>,
    pub disk: Option<DiskPurge>,
    pub at: DateTime<Utc>,
}

impl Decide<User> for CertifyErasure {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        if user.erased.ok_or(UserError::NotErased)?.is_certified {
            return Ok(Vec::new());
        }
        let Self { destroyed_at, live_until, backups_until, at: certified_at, .. } = *self;
        let disk = self.disk.clone();
        Ok(vec![ErasureCertified { destroyed_at, live_until, backups_until, certified_at, disk }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::*,
        user::{InvalidateSessions, InvalidationCause, Place, RegisterUser, RequestDeletion, UserCommand},
        values::Role,
    };
    use chrono::TimeDelta;
    use cqrs_es::test::TestFramework;

    fn erased() -> UserEvent {
        UserErased { requested_at: at(5), erased_at: at(70) }.into()
    }

    fn purged() -> Option<DiskPurge> {
        let (clean, remaining) = ([Place::ReadModels].into(), [Place::Backups].into());
        Some(DiskPurge { purged_at: at(72), clean, remaining })
    }

    fn certify() -> CertifyErasure {
        let (destroyed_at, live_until, backups_until) = (at(71), at(371), at(9_999));
        CertifyErasure { destroyed_at, live_until, backups_until, disk: purged(), at: at(72) }
    }

    fn certified() -> UserEvent {
        let (destroyed_at, live_until, backups_until) = (at(71), at(371), at(9_999));
        let (certified_at, disk) = (at(72), purged());
        ErasureCertified { destroyed_at, live_until, backups_until, certified_at, disk }.into()
    }

    fn gone() -> Vec<UserEvent> {
        vec![registered(), deletion(5, 65), erased()]
    }

    #[test]
    fn account_is_erased_when_the_grace_is_over_and_not_before() {
        let asked = vec![registered(), deletion(5, 65)];

        TestFramework::<User>::with(())
            .given(asked.clone())
            .when(EraseUser { at: at(64) }.into())
            .then_expect_error(UserError::DeletionNotDue(at(65)));
        TestFramework::<User>::with(())
            .given(asked)
            .when(EraseUser { at: at(70) }.into())
            .then_expect_events(vec![erased()]);
    }

    #[test]
    fn nothing_is_erased_that_nobody_asked_for_or_that_was_taken_back() {
        let back = super::super::UserDeletionCancelled { cancelled_at: at(6) }.into();
        for history in [vec![registered()], vec![registered(), deletion(5, 65), back]] {
            TestFramework::<User>::with(())
                .given(history)
                .when(EraseUser { at: at(99) }.into())
                .then_expect_error(UserError::DeletionNotRequested);
        }
    }

    #[test]
    fn erasure_and_its_certificate_happen_once() {
        TestFramework::<User>::with(())
            .given(gone())
            .when(EraseUser { at: at(80) }.into())
            .then_expect_events(vec![]);
        TestFramework::<User>::with(())
            .given(gone())
            .when(certify().into())
            .then_expect_events(vec![certified()]);
        TestFramework::<User>::with(())
            .given([gone(), vec![certified()]].concat())
            .when(certify().into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn certificate_of_a_program_that_looked_at_the_key_only_still_reads() {
        let stored = serde_json::json!({
            "destroyed_at": at(71), "live_until": at(371), "backups_until": at(9_999), "certified_at": at(72),
        });

        let read: ErasureCertified = serde_json::from_value(stored.clone()).unwrap();

        assert_eq!(read.disk, None);
        assert_eq!(serde_json::to_value(read).unwrap(), stored);
    }

    #[test]
    fn who_is_there_has_no_certificate() {
        TestFramework::<User>::with(())
            .given(vec![registered(), deletion(5, 65)])
            .when(certify().into())
            .then_expect_error(UserError::NotErased);
    }

    #[test]
    fn nothing_more_happens_to_who_is_gone() {
        let register = RegisterUser {
            user: jane(),
            username: username("jane"),
            email: email("jane@example.com"),
            password: None,
            role: Role::Normal,
            at: at(90),
        };
        let invalidate = InvalidateSessions { kept: None, cause: InvalidationCause::Requested, at: at(90) };
        let delete = RequestDeletion { by: None, grace: TimeDelta::zero(), at: at(90) };
        let commands: [(UserCommand, UserError); 3] = [
            (register.into(), UserError::AlreadyRegistered),
            (invalidate.into(), UserError::NotRegistered),
            (delete.into(), UserError::NotRegistered),
        ];
        for (command, error) in commands {
            TestFramework::<User>::with(()).given(gone()).when(command).then_expect_error(error);
        }
    }
}
