//! The deletion of an account is requested or cancelled (USR-05, C-39).

use super::{
    ActingStaff, DeletionBy, InvalidationCause, SessionsInvalidated, User, UserDeletionCancelled,
    UserDeletionRequested, UserError, UserEvent,
};
use crate::{aggregate::Decide, values::Role};
use chrono::{DateTime, TimeDelta, Utc};

/// Ends every session and begins the grace. A repeat adds nothing unless it is to happen sooner.
#[derive(Clone, Debug)]
pub struct RequestDeletion {
    /// None: the person whose account it is.
    pub by: Option<ActingStaff>,
    /// Until nothing can be taken back any more.
    pub grace: TimeDelta,
    pub at: DateTime<Utc>,
}

impl Decide<User> for RequestDeletion {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        if let Some(staff) = self.by {
            staff.may_act_on(user, None)?;
        }
        if user.role == Role::Owner {
            return Err(UserError::OwnerStays);
        }
        let erase_after = self.at + self.grace;
        if user.deletion.is_some_and(|pending| pending.erase_after <= erase_after) {
            return Ok(Vec::new());
        }
        let ended = SessionsInvalidated {
            epoch: user.epoch.saturating_add(1),
            kept: None,
            cause: InvalidationCause::DeletionRequested,
            invalidated_at: self.at,
        };
        let by = self.by.map_or(DeletionBy::Owner, |_| DeletionBy::Staff);
        let requested = UserDeletionRequested { erase_after, by, requested_at: self.at };
        Ok(vec![requested.into(), ended.into()])
    }
}

/// The account stays. As long as it is not erased, this comes in time.
#[derive(Clone, Debug)]
pub struct CancelDeletion {
    pub at: DateTime<Utc>,
}

impl Decide<User> for CancelDeletion {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        let cancelled = user.deletion.map(|_| UserDeletionCancelled { cancelled_at: self.at }.into());
        Ok(cancelled.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn request(second: i64, grace: i64) -> RequestDeletion {
        RequestDeletion { by: None, grace: TimeDelta::seconds(grace), at: at(second) }
    }

    fn ended(epoch: u32, second: i64) -> UserEvent {
        let cause = InvalidationCause::DeletionRequested;
        SessionsInvalidated { epoch, kept: None, cause, invalidated_at: at(second) }.into()
    }

    fn cancelled() -> UserEvent {
        UserDeletionCancelled { cancelled_at: at(7) }.into()
    }

    #[test]
    fn request_ends_every_session_and_begins_the_grace() {
        TestFramework::<User>::with(())
            .given(vec![registered()])
            .when(request(5, 60).into())
            .then_expect_events(vec![deletion(5, 65), ended(1, 5)]);
    }

    #[test]
    fn repeat_counts_only_if_it_is_to_happen_sooner() {
        let asked = vec![registered(), deletion(5, 65), ended(1, 5)];

        TestFramework::<User>::with(())
            .given(asked.clone())
            .when(request(6, 60).into())
            .then_expect_events(vec![]);
        TestFramework::<User>::with(())
            .given(asked)
            .when(request(6, 0).into())
            .then_expect_events(vec![deletion(6, 6), ended(2, 6)]);
    }

    #[test]
    fn request_is_taken_back_once() {
        TestFramework::<User>::with(())
            .given(vec![registered(), deletion(5, 65)])
            .when(CancelDeletion { at: at(7) }.into())
            .then_expect_events(vec![cancelled()]);
        TestFramework::<User>::with(())
            .given(vec![registered(), deletion(5, 65), cancelled()])
            .when(CancelDeletion { at: at(8) }.into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn owner_stays_and_staff_are_deleted_by_owners_only() {
        let registered_as = |role| {
            let UserEvent::UserRegistered(event) = registered() else { unreachable!() };
            vec![super::super::UserRegistered { role, ..event }.into()]
        };
        let by = |role| RequestDeletion { by: Some(ActingStaff { user: john(), role }), ..request(5, 0) };
        for (whose, command, error) in [
            (Role::Owner, by(Role::Owner), UserError::OwnerStays),
            (Role::Owner, request(5, 60), UserError::OwnerStays),
            (Role::Owner, by(Role::Admin), UserError::OwnerOnly),
            (Role::Admin, by(Role::Admin), UserError::OwnerOnly),
        ] {
            TestFramework::<User>::with(())
                .given(registered_as(whose))
                .when(command.into())
                .then_expect_error(error);
        }
        let (erase_after, requested_at) = (at(5), at(5));
        let requested = UserDeletionRequested { erase_after, by: DeletionBy::Staff, requested_at };
        TestFramework::<User>::with(())
            .given(registered_as(Role::Admin))
            .when(by(Role::Owner).into())
            .then_expect_events(vec![requested.into(), ended(1, 5)]);
    }

    #[test]
    fn nobody_is_not_deleted() {
        TestFramework::<User>::with(())
            .given_no_previous_events()
            .when(request(5, 60).into())
            .then_expect_error(UserError::NotRegistered);
    }
}
