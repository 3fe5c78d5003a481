//! Name, service and scopes of an API key (KEY-01).

use super::{ValueError, profile::name, text_value};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a person calls a key: 1 to 100 characters on one line, trimmed.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeyName(String);

/// A program of the operator's that calls us: 3 to 64 of `a-z 0-9 -`, a letter first, hyphens single and inside.
/// It names nobody, and may stand in the log in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceName(String);

text_value!(ApiKeyName, ServiceName);

impl ApiKeyName {
    pub const MAX_CHARS: usize = 100;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        name(text, Self::MAX_CHARS, ValueError::ApiKeyNameLength).map(Self)
    }
}

impl ServiceName {
    /// Trims nothing: a space is a wrong character.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let hyphens = text.split('-').all(|part| !part.is_empty());
        let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        let named = letters && hyphens && first && (3..=64).contains(&text.len());
        named.then(|| Self(text.to_owned())).ok_or(ValueError::ServiceName)
    }
}

macro_rules! scopes {
    ($($scope:ident = $name:literal, $service:literal, $meaning:literal;)*) => {
        /// What a key may do: a closed list. Wire form `what:how`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Scope {
            $(#[doc = $meaning] #[serde(rename = $name)] $scope,)*
        }

        impl Scope {
            pub const ALL: &'static [Self] = &[$(Self::$scope),*];

            /// The wire form.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$scope => $name),* }
            }

            /// Whether it is for keys of services; all others are for keys of people.
            pub const fn is_for_services(self) -> bool {
                match self { $(Self::$scope => $service),* }
            }

            /// For people.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$scope => $meaning),* }
            }
        }
    };
}

scopes! {
    AccountRead = "account:read", false, "Read the account of the key's person";
    ProfileRead = "profile:read", false, "Read the profile of the key's person";
    ProfileWrite = "profile:write", false, "Change the profile of the key's person";
    SocialRead = "social:read", false, "Read people, badges, and the person's follows, blocks and mutes";
    SocialWrite = "social:write", false, "Follow, answer, block and mute for the key's person";
    SettingsRead = "settings:read", false, "Read the settings of the key's person";
    SettingsWrite = "settings:write", false, "Change the settings of the key's person";
    NotificationsRead = "notifications:read", false, "Read the notifications of the key's person";
    NotificationsWrite = "notifications:write", false, "Mark notifications of the key's person as read";
    PortfolioRead = "portfolio:read", false, "Read the skills of the key's person";
    PortfolioWrite = "portfolio:write", false, "Change the skills of the key's person";
    EventsRead = "events:read", false, "Read the events of the key's person";
    EventsWrite = "events:write", true, "Record events of anybody";
    UsersRead = "users:read", true, "Read accounts as staff do";
    AuditRead = "audit:read", true, "Read the audit log and the events of the log as staff do";
    BadgesAward = "badges:award", true, "Award badges to anybody";
}

/// A name that is no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this scope does not exist")]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.iter().copied().find(|scope| scope.name() == text).ok_or(UnknownScope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_a_scope_is_its_wire_form() {
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.name());
            assert_eq!(scope.name().parse(), Ok(*scope));
        }
        assert_eq!("profile:own".parse::<Scope>(), Err(UnknownScope));
    }

    #[test]
    fn key_is_named_on_one_line() {
        assert_eq!(ApiKeyName::parse("  backup of photos ").unwrap().as_str(), "backup of photos");
        for bad in ["", "  ", &"x".repeat(101)] {
            assert_eq!(ApiKeyName::parse(bad), Err(ValueError::ApiKeyNameLength), "{bad}");
        }
        assert_eq!(ApiKeyName::parse("a\nb"), Err(ValueError::ControlCharacter));
        assert_eq!(ApiKeyName::parse("back\u{200b}up"), Err(ValueError::UnseenCharacter));
    }

    #[test]
    fn service_is_named_like_a_host() {
        for good in ["abc", "badge-engine", "etl-2", &"x".repeat(64)] {
            assert_eq!(ServiceName::parse(good).unwrap().as_str(), good);
        }
        for bad in
            ["ab", "2nd", "-abc", "abc-", "a--b", "Badge", "a b c", "a:bc", &"x".repeat(65), "a\u{e9}bc"]
        {
            assert_eq!(ServiceName::parse(bad), Err(ValueError::ServiceName), "{bad}");
        }
    }
}
