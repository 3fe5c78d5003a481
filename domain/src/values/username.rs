//! Usernames.

use super::{ValueError, text_value};

/// 3 to 32 of `A-Z a-z 0-9 . _ -`, the first a letter or a digit. Kept as typed; unique case-folded.
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
        Ok(Self(text.to_owned()))
    }

    /// The form in which it is unique: lower case.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
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
    fn is_unique_whatever_its_case() {
        assert_eq!(Username::parse("JANE").unwrap().folded(), Username::parse("jane").unwrap().folded());
    }
}
