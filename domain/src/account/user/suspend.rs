//! Staff keep a person out, and let them in again (USR-07).

use super::{
    ActingStaff, InvalidationCause, User, UserError, UserEvent, UserReinstated, UserSuspended,
    change_role::ending_sessions,
};
use crate::{
    aggregate::Decide,
    personal::Personal,
    values::{AccountStatus, SuspensionReason},
};
use chrono::{DateTime, Utc};

/// Suspends the account and ends all its sessions. Of one that is suspended, it replaces reason and end.
#[derive(Clone, Debug)]
pub struct SuspendUser {
    pub reason: SuspensionReason,
    /// None: until somebody reinstates the account.
    pub until: Option<DateTime<Utc>>,
    pub by: ActingStaff,
    pub at: DateTime<Utc>,
}

impl Decide<User> for SuspendUser {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        self.by.may_act_on(user, None)?;
        if self.until.is_some_and(|until| until <= self.at) {
            return Err(UserError::SuspensionEnded);
        }
        let same = |reason: &Personal<String>| reason.known().is_some_and(|r| r == self.reason.as_str());
        if user.suspended(self.at).is_some_and(|now| now.until == self.until && same(&now.reason)) {
            return Ok(Vec::new());
        }
        let suspended = UserSuspended {
            status: AccountStatus::Suspended,
            reason: Personal::new(user.subject, self.reason.as_str().to_owned()),
            until: self.until,
            suspended_at: self.at,
        };
        Ok([vec![suspended.into()], ending_sessions(user, InvalidationCause::Requested, self.at)?].concat())
    }
}

/// Ends a suspension before its time. An account that is not suspended stays as it is.
#[derive(Clone, Debug)]
pub struct ReinstateUser {
    pub by: ActingStaff,
    pub at: DateTime<Utc>,
}

impl Decide<User> for ReinstateUser {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        self.by.may_act_on(user, None)?;
        Ok(match user.suspended(self.at) {
            Some(_) => {
                vec![UserReinstated { status: AccountStatus::Active, reinstated_at: self.at }.into()]
            }
            None => Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixtures::*, user::SessionsInvalidated, values::Role};
    use cqrs_es::test::TestFramework;

    const ADMIN: ActingStaff = ActingStaff { user: john(), role: Role::Admin };

    fn suspend(until: Option<i64>, second: i64) -> SuspendUser {
        let reason = SuspensionReason::parse("spam").unwrap();
        SuspendUser { reason, until: until.map(at), by: ADMIN, at: at(second) }
    }

    fn suspended(until: Option<i64>, second: i64) -> UserEvent {
        UserSuspended {
            status: AccountStatus::Suspended,
            reason: janes("spam"),
            until: until.map(at),
            suspended_at: at(second),
        }
        .into()
    }

    fn invalidated(epoch: u32, second: i64) -> UserEvent {
        let cause = InvalidationCause::Requested;
        SessionsInvalidated { epoch, kept: None, cause, invalidated_at: at(second) }.into()
    }

    fn reinstated(second: i64) -> UserEvent {
        UserReinstated { status: AccountStatus::Active, reinstated_at: at(second) }.into()
    }

    #[test]
    fn suspension_ends_all_sessions() {
        TestFramework::<User>::with(())
            .given(vec![registered()])
            .when(suspend(Some(60), 5).into())
            .then_expect_events(vec![suspended(Some(60), 5), invalidated(1, 5)]);
    }

    #[test]
    fn repeated_suspension_changes_nothing_and_another_end_replaces_it() {
        TestFramework::<User>::with(())
            .given(vec![registered(), suspended(Some(60), 5), invalidated(1, 5)])
            .when(suspend(Some(60), 9).into())
            .then_expect_events(vec![]);
        TestFramework::<User>::with(())
            .given(vec![registered(), suspended(Some(60), 5), invalidated(1, 5)])
            .when(suspend(None, 9).into())
            .then_expect_events(vec![suspended(None, 9), invalidated(2, 9)]);
    }

    #[test]
    fn suspension_is_over_at_its_end_and_may_begin_again() {
        let mut user = User::default();
        user.evolve(&registered());
        user.evolve(&suspended(Some(60), 5));

        assert!(user.suspended(at(59)).is_some() && user.suspended(at(60)).is_none());
        TestFramework::<User>::with(())
            .given(vec![registered(), suspended(Some(60), 5), invalidated(1, 5)])
            .when(suspend(None, 60).into())
            .then_expect_events(vec![suspended(None, 60), invalidated(2, 60)]);
    }

    #[test]
    fn end_before_the_beginning_is_refused() {
        TestFramework::<User>::with(())
            .given(vec![registered()])
            .when(suspend(Some(5), 5).into())
            .then_expect_error(UserError::SuspensionEnded);
    }

    #[test]
    fn reinstating_ends_a_suspension_and_nothing_else() {
        let reinstate = ReinstateUser { by: ADMIN, at: at(9) };
        TestFramework::<User>::with(())
            .given(vec![registered(), suspended(None, 5), invalidated(1, 5)])
            .when(reinstate.clone().into())
            .then_expect_events(vec![reinstated(9)]);
        for history in [vec![registered()], vec![registered(), suspended(Some(7), 5), invalidated(1, 5)]] {
            TestFramework::<User>::with(())
                .given(history)
                .when(reinstate.clone().into())
                .then_expect_events(vec![]);
        }
    }

    #[test]
    fn nobody_suspends_themselves() {
        let oneself = ActingStaff { user: jane(), role: Role::Owner };
        TestFramework::<User>::with(())
            .given(vec![registered()])
            .when(SuspendUser { by: oneself, ..suspend(None, 5) }.into())
            .then_expect_error(UserError::OwnStanding);
    }
}
