//! Contacts: e-mail addresses and phone numbers.

use super::{ValueError, text_value};
use std::borrow::Cow;

/// An e-mail address: RFC 5321 limits (254 in all, 64 before the @), one @, a dot-atom before it,
/// a domain name with a dot after it. Quoted local parts, address literals and other local parts than ASCII are refused.
/// Kept as typed but for blanks around it and the letters of a domain beyond ASCII, which are put as a registry has them:
/// A-labels (RFC 5890; UTS 46), so that `bücher.de` and `xn--bcher-kva.de` are one. Unique case-folded.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// E.164: `+` and 8 to 15 digits, the first not 0.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

text_value!(Email, PhoneNumber);

impl Email {
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(ValueError::EmailAt)?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(ValueError::EmailAt);
        }
        let labels = a_labels(domain)?;
        let (text, domain) = (format!("{local}@{labels}"), labels.as_ref());
        if text.len() > 254 || local.len() > 64 {
            return Err(ValueError::EmailLength);
        }
        if !local.split('.').all(is_atom) {
            return Err(ValueError::EmailLocalPart);
        }
        if !is_domain(domain) {
            return Err(ValueError::EmailDomain);
        }
        Ok(Self(text))
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

/// A domain in ASCII stays as it is.
fn a_labels(domain: &str) -> Result<Cow<'_, str>, ValueError> {
    // What is longer is none, and takes a while.
    if domain.is_ascii() || domain.len() > 254 {
        return Ok(domain.into());
    }
    idna::domain_to_ascii_strict(domain).map(Cow::from).map_err(|_| ValueError::EmailDomain)
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
    fn domain_beyond_ascii_is_stored_as_its_registry_has_it() {
        for (typed, stored) in [
            ("a@bücher.de", "a@xn--bcher-kva.de"),
            ("A.b@BÜCHER.de", "A.b@xn--bcher-kva.de"),
            ("a@bu\u{308}cher.de", "a@xn--bcher-kva.de"),
            ("a@straße.example", "a@xn--strae-oqa.example"),
            ("a@例え。テスト", "a@xn--r8jz45g.xn--zckzah"),
            ("a@xn--bcher-kva.de", "a@xn--bcher-kva.de"),
            ("a@Example.COM", "a@Example.COM"),
        ] {
            let email = Email::parse(typed).unwrap();
            assert_eq!(email.as_str(), stored, "{typed}");
            assert_eq!(Email::parse(email.as_str()), Ok(email));
        }
        assert_eq!(
            Email::parse("a@bücher.de").unwrap().folded(),
            Email::parse("a@XN--bcher-KVA.DE").unwrap().folded()
        );
        for bad in [
            "a@bü cher.de",
            "a@bücher",
            "a@b\u{202e}ü.de",
            "a@-ü.de",
            "a@ü_b.de",
            &format!("a@{}.de", "ü".repeat(64)),
        ] {
            assert_eq!(Email::parse(bad), Err(ValueError::EmailDomain), "{bad}");
        }
    }

    #[test]
    fn blanks_around_an_address_are_no_part_of_it() {
        assert_eq!(Email::parse(" jane@example.com\t\r\n").unwrap().as_str(), "jane@example.com");
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
