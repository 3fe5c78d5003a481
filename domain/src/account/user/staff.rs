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
        let becomes_staff = becomes.is_some_and(Role::is_staff);
        if becomes_staff && self.role != Role::Owner { Err(UserError::OwnerOnly) } else { self.reaches(user) }
    }

    /// Owner above admin above everybody else: nobody acts as staff on whoever is their equal or above them, but for
    /// owners. On themselves people act by their own rights.
    pub fn reaches(self, user: &User) -> Result<(), UserError> {
        let own = user.subject == Subject::of(self.user);
        let allowed = own || self.role == Role::Owner || !user.role.is_staff();
        if allowed { Ok(()) } else { Err(UserError::OwnerOnly) }
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
    fn admins_reach_who_is_no_staff_and_owners_everybody() {
        for role in Role::ALL {
            let admin = ActingStaff { user: john(), role: Role::Admin };
            let owner = ActingStaff { user: john(), role: Role::Owner };
            let oneself = ActingStaff { user: jane(), role: Role::Admin };

            assert_eq!(admin.reaches(&with_role(role)).is_err(), role.is_staff(), "{role}");
            assert_eq!(owner.reaches(&with_role(role)), Ok(()));
            assert_eq!(oneself.reaches(&with_role(role)), Ok(()));
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
