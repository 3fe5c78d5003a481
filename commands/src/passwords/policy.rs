//! Which passwords are accepted: NIST SP 800-63B, section 5.1.1.2 — length and a list of known ones, no rules of
//! composition, no expiry.

use domain::{
    BusinessError,
    values::{Email, Username},
};
use thiserror::Error;

/// One lower-case password a line, sorted by byte; its licence is beside it.
static COMMON: &str = include_str!("common_passwords.txt");

const MIN_CHARS: usize = 8;
const MAX_CHARS: usize = 256;
/// Shorter names than this are in too many good passwords by chance.
const MIN_NAME_CHARS: usize = 5;

/// Why a new password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordError {
    #[error("a password has at least 8 characters")]
    TooShort,
    #[error("a password has at most 256 characters")]
    TooLong,
    #[error("this password is one of the 20,000 most common ones")]
    TooCommon,
    #[error("a password does not contain the username or the e-mail address")]
    ContainsName,
}

impl BusinessError for PasswordError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooShort => "password-too-short",
            Self::TooLong => "password-too-long",
            Self::TooCommon => "password-too-common",
            Self::ContainsName => "password-contains-name",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some("password")
    }
}

/// 8 to 256 characters, not on the list of common ones, and without the account's own names (AUTH-08).
///
/// # Errors
/// The first rule that it breaks.
pub fn check_policy(
    password: &str,
    username: Option<&str>,
    email: Option<&str>,
) -> Result<(), PasswordError> {
    let length = password.chars().count();
    if length < MIN_CHARS {
        return Err(PasswordError::TooShort);
    }
    if length > MAX_CHARS {
        return Err(PasswordError::TooLong);
    }
    let folded = password.trim().to_lowercase();
    if is_common(&folded) {
        return Err(PasswordError::TooCommon);
    }
    let local_part = email.and_then(|email| email.split_once('@')).map(|(local, _)| local);
    let names = [username, local_part];
    if names.into_iter().flatten().any(|name| contains_name(&folded, name)) {
        return Err(PasswordError::ContainsName);
    }
    Ok(())
}

/// [`check_policy`] for an account that is being made.
pub(crate) fn check_new(password: &str, username: &Username, email: &Email) -> Result<(), PasswordError> {
    check_policy(password, Some(username.as_str()), Some(email.as_str()))
}

fn contains_name(password: &str, name: &str) -> bool {
    name.chars().count() >= MIN_NAME_CHARS && password.contains(&name.to_lowercase())
}

/// By bisection of the text itself, so that nothing is built at the start.
fn is_common(password: &str) -> bool {
    let (mut low, mut high) = (0, COMMON.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = COMMON.as_bytes()[..middle].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let rest = &COMMON.as_bytes()[start..];
        let line = rest.split(|b| *b == b'\n').next().unwrap_or_default();
        match line.cmp(password.as_bytes()) {
            std::cmp::Ordering::Equal => return !line.is_empty(),
            std::cmp::Ordering::Less => low = start + line.len() + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), PasswordError> {
        check_policy(password, Some("janedoe"), Some("jane.d@example.com"))
    }

    #[test]
    fn list_is_sorted_lower_case_and_found_whole() {
        let lines: Vec<_> = COMMON.lines().collect();

        assert!(lines.is_sorted() && lines.len() > 19_000);
        assert!(lines.iter().all(|line| line.to_lowercase() == **line));
        assert!(lines.iter().all(|line| is_common(line)));
        assert!(lines.iter().all(|line| !is_common(&format!("{line}\u{1}"))));
        assert!(!is_common("") && !is_common("~~~~"));
    }

    #[test]
    fn accepts_length_without_composition() {
        for good in ["securepass", "blue kettle hums", "ééééññññ", &"x".repeat(256)] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn refuses_with_the_reason() {
        for (bad, error) in [
            ("1234567", PasswordError::TooShort),
            (&"x".repeat(257), PasswordError::TooLong),
            ("PassWord1", PasswordError::TooCommon),
            ("xxJaneDoexx", PasswordError::ContainsName),
            ("JANE.D-2026!", PasswordError::ContainsName),
        ] {
            assert_eq!(check(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn short_names_are_no_reason_to_refuse() {
        assert_eq!(check_policy("annual kettle", Some("ann"), Some("ann@example.com")), Ok(()));
    }
}
