//! The one role that an account has.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Capability enumeration 3.1. Wire form snake case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    #[default]
    Normal,
    DataProvider,
    Professional,
    Admin,
    Moderator,
}

impl Role {
    pub const ALL: [Self; 6] =
        [Self::Owner, Self::Normal, Self::DataProvider, Self::Professional, Self::Admin, Self::Moderator];

    /// Owner and admin (C-18). A moderator moderates and reads, and is not staff.
    pub const fn is_staff(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }

    /// The wire form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Normal => "normal",
            Self::DataProvider => "data_provider",
            Self::Professional => "professional",
            Self::Admin => "admin",
            Self::Moderator => "moderator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role must be one of owner, normal, data_provider, professional, admin, moderator")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or(UnknownRole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_the_wire_form() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
            assert_eq!(role.name().parse(), Ok(role));
        }
    }

    #[test]
    fn only_owner_and_admin_are_staff() {
        let staff: Vec<_> = Role::ALL.into_iter().filter(|role| role.is_staff()).collect();

        assert_eq!(staff, [Role::Owner, Role::Admin]);
    }
}
