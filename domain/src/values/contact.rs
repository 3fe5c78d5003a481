//! Contacts: e-mail addresses and phone numbers.

use super::{ValueError, text_value};

/// An e-mail address: RFC 5321 limits (254 in all, 64 before the @), one @, a dot-atom before it,
/// a domain name with a dot after it. Quoted local parts, address literals and non-ASCII are refused.
/// Kept as typed; unique case-folded.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// E.164: `+` and 8 to 15 digits, the first not 0.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

text_value!(Email, PhoneNumber);

impl Email {
    /// Trims nothing: a space is wrong.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let (local, domain) = text.split_once('@').ok_or(ValueError::EmailAt)?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(ValueError::EmailAt);
        }
        if text.len() > 254 || local.len() > 64 {
            return Err(ValueError::EmailLength);
        }
        if !local.split('.').all(is_atom) {
            return Err(ValueError::EmailLocalPart);
        }
        if !is_domain(domain) {
            return Err(ValueError::EmailDomain);
        }
        Ok(Self(text.to_owned()))
    }

    /// The form in which it is unique: lower case, the local part too, as every large provider treats it.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }

    /// What stands before the @.
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }
}

/// The form in which a stored address is claimed.
pub(crate) fn fold(email: &str) -> String {
    email.to_ascii_lowercase()
}

fn is_atom(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
}

fn is_domain(domain: &str) -> bool {
    let labels: Vec<_> = domain.split('.').collect();
    labels.len() >= 2
        && labels.iter().all(|label| is_label(label))
        && labels.last().is_some_and(|top| !top.bytes().all(|b| b.is_ascii_digit()))
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl PhoneNumber {
    /// Spaces, hyphens, dots and parentheses are dropped first.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        match bare.strip_prefix('+') {
            Some(digits)
                if (8..=15).contains(&digits.len())
                    && digits.bytes().all(|b| b.is_ascii_digit())
                    && !digits.starts_with('0') =>
            {
                Ok(Self(bare))
            }
            _ => Err(ValueError::PhoneNumber),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_addresses_in_use() {
        for good in ["jane@example.com", "Jane.Doe+tag@mail.example.co.uk", "o'neil@x-y.org", "a@1.de"] {
            assert_eq!(Email::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn says_what_is_wrong_with_an_address() {
        let long_local = format!("{}@example.com", "x".repeat(65));
        let long_all = format!("a@{}.com", "x.".repeat(130));
        for (bad, error) in [
            ("jane", ValueError::EmailAt),
            ("@example.com", ValueError::EmailAt),
            ("a@b@example.com", ValueError::EmailAt),
            (&long_local, ValueError::EmailLength),
            (&long_all, ValueError::EmailLength),
            ("a..b@example.com", ValueError::EmailLocalPart),
            ("ja ne@example.com", ValueError::EmailLocalPart),
            ("\"x\"@example.com", ValueError::EmailLocalPart),
            ("jané@example.com", ValueError::EmailLocalPart),
            ("a@localhost", ValueError::EmailDomain),
            ("a@example.com\r\nBcc: b", ValueError::EmailDomain),
            ("a@-x.com", ValueError::EmailDomain),
            ("a@x.1", ValueError::EmailDomain),
        ] {
            assert_eq!(Email::parse(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn normalises_a_phone_number() {
        assert_eq!(PhoneNumber::parse("+49 (89) 123-45.67").unwrap().as_str(), "+49891234567");
    }

    #[test]
    fn refuses_numbers_that_are_not_international() {
        for bad in ["089 1234567", "+1234567", "+1234567890123456", "+0123456789", "+49x1234567", ""] {
            assert_eq!(PhoneNumber::parse(bad), Err(ValueError::PhoneNumber), "{bad}");
        }
    }
}
