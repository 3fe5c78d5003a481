//! Usernames.

use super::{ValueError, text_value};

/// 3 to 32 of `A-Z a-z 0-9 . _ -`, the first a letter or a digit, and no word that is [`RESERVED`] or reads as a UUID: a
/// path names people by id or by username. Kept as typed; unique case-folded.
#[derive(Clone, PartialEq, Eq)]
pub struct Username(String);

text_value!(Username);

impl Username {
    /// Trims nothing: a space is a wrong character.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) {
            return Err(ValueError::UsernameCharacter);
        }
        if !(3..=32).contains(&text.len()) {
            return Err(ValueError::UsernameLength);
        }
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(ValueError::UsernameStart);
        }
        if is_reserved(text) {
            return Err(ValueError::UsernameReserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The form in which it is unique: lower case.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

/// What nobody is called from now on, whatever the case and without dots, underscores and hyphens: what stands for a person
/// in a path, what programs take for no name or for a value, and what only who runs the service may call themselves.
/// Whoever
/// had such a name before keeps it.
pub const RESERVED: [&str; 98] = [
    // Paths, of now and as they are usual.
    "account",
    "accounts",
    "activity",
    "analytics",
    "api",
    "apikeys",
    "audit",
    "auth",
    "avatar",
    "avatars",
    "badge",
    "badges",
    "block",
    "blocks",
    "current",
    "dashboard",
    "delete",
    "docs",
    "edit",
    "erasures",
    "events",
    "export",
    "favicon",
    "follow",
    "followers",
    "following",
    "follows",
    "health",
    "home",
    "import",
    "index",
    "invite",
    "kyc",
    "leaderboard",
    "login",
    "logout",
    "metrics",
    "mutes",
    "new",
    "notifications",
    "password",
    "problems",
    "profile",
    "profiles",
    "public",
    "register",
    "robots",
    "search",
    "self",
    "sessions",
    "settings",
    "signin",
    "signup",
    "static",
    "user",
    "users",
    "verify",
    "wallet",
    "wallets",
    "wellknown",
    // Values.
    "false",
    "infinity",
    "nan",
    "nil",
    "none",
    "null",
    "true",
    "undefined",
    "void",
    "yes",
    // Authority.
    "admin",
    "administrator",
    "annals",
    "anonymous",
    "billing",
    "bot",
    "helpdesk",
    "hostmaster",
    "mailerdaemon",
    "mod",
    "moderator",
    "noreply",
    "nobody",
    "official",
    "operator",
    "owner",
    "postmaster",
    "root",
    "security",
    "service",
    "staff",
    "superuser",
    "support",
    "sysadmin",
    "system",
    "webmaster",
    "abuse",
    "everyone",
];

fn is_reserved(username: &str) -> bool {
    let bare: String =
        username.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    // Two letters are too few for a username but with a dot: `m.e` reads as `me`.
    RESERVED.contains(&bare.as_str()) || bare == "me" || uuid::Uuid::try_parse(username).is_ok()
}

/// The form in which a stored username is claimed.
pub(crate) fn fold(username: &str) -> String {
    username.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_allowed_characters_and_lengths() {
        for good in ["abc", "Jane.Doe_9-x", "9lives", &"x".repeat(32)] {
            assert_eq!(Username::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (bad, error) in [
            ("", ValueError::UsernameLength),
            ("ab", ValueError::UsernameLength),
            (&"x".repeat(33), ValueError::UsernameLength),
            (".dot", ValueError::UsernameStart),
            ("with space", ValueError::UsernameCharacter),
            ("jané", ValueError::UsernameCharacter),
            ("a@b", ValueError::UsernameCharacter),
        ] {
            assert_eq!(Username::parse(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn words_of_paths_values_and_authority_are_reserved_and_so_is_what_reads_as_an_id() {
        for reserved in
            RESERVED.iter().copied().chain(["Admin", "ROOT", "sup-port", "no_reply", "m.e", "NaN"])
        {
            assert_eq!(Username::parse(reserved), Err(ValueError::UsernameReserved), "{reserved}");
        }
        let id = uuid::Uuid::from_u128(0x0198_7f3a_5b10_7c3e_9d3f_2f61_a7c1_d0e5);
        for form in [id.simple().to_string(), id.simple().to_string().to_uppercase()] {
            assert_eq!(Username::parse(&form), Err(ValueError::UsernameReserved), "{form}");
        }
        for form in [id.hyphenated().to_string(), id.urn().to_string(), id.braced().to_string()] {
            assert!(Username::parse(&form).is_err(), "{form}");
        }
        for free in ["profiled", "admin7", "rooted", "walletta", "trueman", "deadbeef"] {
            assert!(Username::parse(free).is_ok(), "{free}");
        }
    }

    #[test]
    fn is_unique_whatever_its_case() {
        assert_eq!(Username::parse("JANE").unwrap().folded(), Username::parse("jane").unwrap().folded());
    }
}
