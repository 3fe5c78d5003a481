//! Staff give an account another role (USR-04, C-18).

use super::{ActingStaff, InvalidateSessions, InvalidationCause, RoleChanged, User, UserError, UserEvent};
use crate::{aggregate::Decide, values::Role};
use chrono::{DateTime, Utc};

/// Changes the role and ends all sessions: whoever has other rights signs in anew, and no token says what was.
#[derive(Clone, Debug)]
pub struct ChangeRole {
    pub role: Role,
    pub by: ActingStaff,
    pub at: DateTime<Utc>,
}

impl Decide<User> for ChangeRole {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        self.by.may_act_on(user, Some(self.role))?;
        if user.role == self.role {
            return Ok(Vec::new());
        }
        let changed = RoleChanged { role: self.role, changed_at: self.at };
        Ok([vec![changed.into()], ending_sessions(user, InvalidationCause::RoleChanged, self.at)?].concat())
    }
}

/// All sessions end in the append of what they end for.
pub(super) fn ending_sessions(
    user: &User,
    cause: InvalidationCause,
    at: DateTime<Utc>,
) -> Result<Vec<UserEvent>, UserError> {
    InvalidateSessions { kept: None, cause, at }.decide(user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixtures::*, user::SessionsInvalidated};
    use cqrs_es::test::TestFramework;

    fn change(role: Role, by: Role) -> ChangeRole {
        ChangeRole { role, by: ActingStaff { user: john(), role: by }, at: at(9) }
    }

    fn changed(role: Role) -> UserEvent {
        RoleChanged { role, changed_at: at(9) }.into()
    }

    fn invalidated() -> UserEvent {
        let cause = InvalidationCause::RoleChanged;
        SessionsInvalidated { epoch: 1, kept: None, cause, invalidated_at: at(9) }.into()
    }

    #[test]
    fn changes_the_role_and_ends_all_sessions() {
        TestFramework::<User>::with(())
            .given(vec![registered()])
            .when(change(Role::Moderator, Role::Admin).into())
            .then_expect_events(vec![changed(Role::Moderator), invalidated()]);
    }

    #[test]
    fn same_role_changes_nothing_and_ends_nothing() {
        TestFramework::<User>::with(())
            .given(vec![registered(), changed(Role::Moderator)])
            .when(change(Role::Moderator, Role::Admin).into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn admin_neither_makes_nor_demotes_staff() {
        for (given, becomes) in [(Role::Normal, Role::Admin), (Role::Owner, Role::Normal)] {
            TestFramework::<User>::with(())
                .given(vec![registered(), changed(given)])
                .when(change(becomes, Role::Admin).into())
                .then_expect_error(UserError::OwnerOnly);
        }
    }

    #[test]
    fn owner_demotes_another_owner_and_never_themselves() {
        TestFramework::<User>::with(())
            .given(vec![registered(), changed(Role::Owner)])
            .when(change(Role::Normal, Role::Owner).into())
            .then_expect_events(vec![changed(Role::Normal), invalidated()]);
        let oneself = ActingStaff { user: jane(), role: Role::Owner };
        TestFramework::<User>::with(())
            .given(vec![registered(), changed(Role::Owner)])
            .when(ChangeRole { role: Role::Normal, by: oneself, at: at(9) }.into())
            .then_expect_error(UserError::OwnStanding);
    }

    #[test]
    fn account_that_is_not_there_has_no_role() {
        TestFramework::<User>::with(())
            .given_no_previous_events()
            .when(change(Role::Moderator, Role::Owner).into())
            .then_expect_error(UserError::NotRegistered);
    }
}
