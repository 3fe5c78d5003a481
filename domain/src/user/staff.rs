//! Which member of staff may act on which account (C-18).

use super::{User, UserError};
use crate::{
    ids::{Subject, UserId},
    values::Role,
};

/// Who acts: a fact that is read in the same append, so that it holds when the command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActingStaff {
    pub user: UserId,
    /// Staff.
    pub role: Role,
}

impl ActingStaff {
    /// Only an owner acts on staff or makes staff, and nobody acts on themselves: whoever demotes or suspends an owner
    /// is another owner, who stays one. So there is always an owner left.
    pub(super) fn may_act_on(self, user: &User, becomes: Option<Role>) -> Result<(), UserError> {
        user.registered()?;
        if user.subject == Subject::of(self.user) {
            return Err(UserError::OwnStanding);
        }
        let concerns_staff = user.role.is_staff() || becomes.is_some_and(Role::is_staff);
        if concerns_staff && self.role != Role::Owner { Err(UserError::OwnerOnly) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::*,
        user::{RoleChanged, UserEvent},
    };

    fn with_role(role: Role) -> User {
        let mut user = User::default();
        user.evolve(&registered());
        user.evolve(&UserEvent::from(RoleChanged { role, changed_at: at(1) }));
        user
    }

    #[test]
    fn only_owners_act_on_staff_or_make_staff() {
        for role in Role::ALL {
            for becomes in Role::ALL {
                let admin = ActingStaff { user: john(), role: Role::Admin };
                let owner = ActingStaff { user: john(), role: Role::Owner };
                let concerns_staff = role.is_staff() || becomes.is_staff();

                let refused = admin.may_act_on(&with_role(role), Some(becomes));

                assert_eq!(refused.is_err(), concerns_staff, "{role} becomes {becomes}");
                assert_eq!(owner.may_act_on(&with_role(role), Some(becomes)), Ok(()));
            }
        }
    }

    #[test]
    fn nobody_acts_on_themselves() {
        for role in [Role::Owner, Role::Admin] {
            let oneself = ActingStaff { user: jane(), role };
            assert_eq!(oneself.may_act_on(&with_role(role), None), Err(UserError::OwnStanding));
        }
    }
}
