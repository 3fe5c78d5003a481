//! Which passwords are accepted: NIST SP 800-63B, section 5.1.1.2 — length and a list of known ones, no rules of
//! composition, no expiry, and no words of the deployment.

use super::form::normalised;
use domain::{
    BusinessError,
    values::{Email, Username},
};
use secrecy::ExposeSecret;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// One lower-case password a line, sorted by byte; its licence is beside it.
static COMMON: &str = include_str!("../../../data/common_passwords.txt");

const MIN_CHARS: usize = 8;
const MAX_CHARS: usize = 256;
/// Shorter names than this are in too many good passwords by chance.
const MIN_NAME_CHARS: usize = 5;

/// Why a new password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordError {
    #[error("a password must have at least 8 characters")]
    TooShort,
    #[error("a password must have at most 256 characters")]
    TooLong,
    #[error("this password is one of the 20,000 most common ones")]
    TooCommon,
    #[error("a password must not contain the username or the e-mail address")]
    ContainsName,
    #[error("a password must not contain the name of this service or of its hosts")]
    ContainsContext,
}

impl BusinessError for PasswordError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooShort => "password-too-short",
            Self::TooLong => "password-too-long",
            Self::TooCommon => "password-too-common",
            Self::ContainsName => "password-contains-name",
            Self::ContainsContext => "password-contains-context",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some("password")
    }
}

/// Words of the deployment that no password contains: the service's name, its hosts, and what its operator adds.
#[derive(Clone, Debug, Default)]
pub struct ContextWords(Vec<String>);

impl ContextWords {
    /// For a first look at a form; whoever stores a password asks with the words of the deployment.
    pub const NONE: Self = Self(Vec::new());

    /// Of these words and host names. A host counts whole and by its labels; what is shorter than five characters is in
    /// too many good passwords by chance, and so are numbers.
    pub fn new<'a>(
        words: impl IntoIterator<Item = &'a str>,
        hosts: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let labels = hosts.into_iter().flat_map(|host| host.split('.').chain([host]));
        let words = words.into_iter().chain(labels).map(compact);
        let mut words: Vec<String> = words.filter(|word| is_telling(word)).collect();
        words.sort();
        words.dedup();
        Self(words)
    }

    fn are_in(&self, password: &str) -> bool {
        self.0.iter().any(|word| password.contains(word.as_str()))
    }
}

/// 8 to 256 characters in the form that is hashed, not on the list of common ones, and without the names of the account
/// and of the service (AUTH-08).
///
/// # Errors
/// The first rule that it breaks.
pub fn check_policy(
    password: &str,
    username: Option<&str>,
    email: Option<&str>,
    context: &ContextWords,
) -> Result<(), PasswordError> {
    let form = normalised(password).ok_or(PasswordError::TooLong)?;
    let password = form.expose_secret();
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
    if context.are_in(&compact(&folded)) {
        return Err(PasswordError::ContainsContext);
    }
    Ok(())
}

/// [`check_policy`] for an account that is being made.
pub(crate) fn check_new(
    password: &str,
    username: &Username,
    email: &Email,
    context: &ContextWords,
) -> Result<(), PasswordError> {
    check_policy(password, Some(username.as_str()), Some(email.as_str()), context)
}

fn contains_name(password: &str, name: &str) -> bool {
    let name = name.nfkc().collect::<String>().to_lowercase();
    name.chars().count() >= MIN_NAME_CHARS && password.contains(&name)
}

/// Letters and digits alone: `a.n-n a l s` says no more than `annals`.
fn compact(text: &str) -> String {
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_telling(word: &str) -> bool {
    word.chars().count() >= MIN_NAME_CHARS && word.chars().any(char::is_alphabetic)
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
        let context = ContextWords::new(["Acme Club"], ["accounts.acme-club.example", "10.11.12.130"]);
        check_policy(password, Some("janedoe"), Some("jane.d@example.com"), &context)
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
            ("welcome to acme club", PasswordError::ContainsContext),
            ("A.c.m.e-C.l.u.b 2026", PasswordError::ContainsContext),
            ("\u{ff21}\u{ff23}\u{ff2d}\u{ff25}club!", PasswordError::ContainsContext),
            ("my Accounts are mine", PasswordError::ContainsContext),
        ] {
            assert_eq!(check(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn short_names_are_no_reason_to_refuse() {
        let context = ContextWords::new(["club"], ["api.acme.io"]);
        assert_eq!(
            check_policy("annual kettle club acme", Some("ann"), Some("ann@example.com"), &context),
            Ok(())
        );
    }

    #[test]
    fn length_is_counted_in_the_form_that_is_hashed() {
        for (typed, expected) in [
            ("e\u{301}e\u{301}e\u{301}e\u{301}", Err(PasswordError::TooShort)),
            ("\u{fb01}\u{fb01}sh \u{fb01}n", Ok(())),
            (&*"e\u{301}".repeat(256), Ok(())),
            (&*"\u{fdfa}".repeat(20), Err(PasswordError::TooLong)),
            (&*"x".repeat(1_000_000), Err(PasswordError::TooLong)),
        ] {
            assert_eq!(check(typed), expected, "{}", typed.len());
        }
    }
}
