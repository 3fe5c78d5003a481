//! What a profile's fields may hold (PRO-03). Lengths are counted in characters, after trimming; what is on one line is a
//! name, of which everything can be seen ([`visible`]).

use super::{ValueError, text_value, visible};
use std::collections::HashSet;

/// 1 to 150 characters on one line, trimmed.
#[derive(Clone, PartialEq, Eq)]
pub struct FullName(String);

/// 1 to 150 characters on one line, trimmed.
#[derive(Clone, PartialEq, Eq)]
pub struct JobTitle(String);

/// 1 to 2,000 characters, trimmed; line breaks and tabs are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Bio(String);

/// 1 to 500 characters, trimmed; line breaks are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct PostalAddress(String);

/// 1 to 100 characters on one line, trimmed. Which ones a country has, [`places`](super::places) knows.
#[derive(Clone, PartialEq, Eq)]
pub struct City(String);

/// A code of ISO 3166-1 alpha-2 that is officially assigned, upper-cased (PRO-08).
#[derive(Clone, PartialEq, Eq)]
pub struct CountryCode(String);

/// An absolute `http` or `https` URL of at most 2,048 characters (RFC 3986), without credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct WebUrl(String);

/// At most 100 names of 1 to 64 characters, distinct whatever their case, in the person's order.
#[derive(Clone, PartialEq, Eq)]
pub struct Skills(Vec<String>);

text_value!(FullName, JobTitle, Bio, PostalAddress, City, CountryCode, WebUrl);

macro_rules! limited_texts {
    ($($name:ident: $max:literal, $limited:ident, $error:ident;)*) => {$(
        impl $name {
            pub const MAX_CHARS: usize = $max;

            pub fn parse(text: &str) -> Result<Self, ValueError> {
                $limited(text, Self::MAX_CHARS, ValueError::$error).map(Self)
            }
        }
    )*};
}

limited_texts! {
    FullName: 150, name, FullNameLength;
    JobTitle: 150, name, TitleLength;
    Bio: 2_000, limited_lines, BioLength;
    PostalAddress: 500, limited_lines, AddressLength;
    City: 100, name, CityLength;
}

fn one_line(c: char) -> bool {
    !c.is_control()
}

fn lines(c: char) -> bool {
    !c.is_control() || matches!(c, '\n' | '\r' | '\t')
}

/// What people are called, and what they call things: on one line, and everything of it can be seen.
pub(super) fn name(text: &str, max: usize, length: ValueError) -> Result<String, ValueError> {
    let name = limited_line(text, max, length)?;
    visible::check(&name).map(|()| name)
}

/// For what programs call things: on one line.
pub(super) fn limited_line(text: &str, max: usize, length: ValueError) -> Result<String, ValueError> {
    limited(text, max, one_line, length)
}

/// For texts of other people's making, by the same rules as a biography.
pub(super) fn limited_lines(text: &str, max: usize, length: ValueError) -> Result<String, ValueError> {
    limited(text, max, lines, length)
}

fn limited(
    text: &str,
    max: usize,
    allowed: fn(char) -> bool,
    length: ValueError,
) -> Result<String, ValueError> {
    let text = text.trim();
    if !(1..=max).contains(&text.chars().count()) {
        return Err(length);
    }
    if !text.chars().all(allowed) {
        return Err(ValueError::ControlCharacter);
    }
    Ok(text.to_owned())
}

impl CountryCode {
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let code = text.trim().to_ascii_uppercase();
        let is_assigned = super::places::countries().any(|country| country.code == code);
        if is_assigned { Ok(Self(code)) } else { Err(ValueError::CountryCode) }
    }
}

impl WebUrl {
    pub const MAX_CHARS: usize = 2_048;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        if text.len() > Self::MAX_CHARS {
            return Err(ValueError::UrlLength);
        }
        let rest = after_scheme(text).ok_or(ValueError::UrlScheme)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.split(':').next().unwrap_or_default();
        if host.is_empty() || authority.contains('@') || !text.bytes().all(is_url_byte) {
            return Err(ValueError::UrlForm);
        }
        Ok(Self(text.to_owned()))
    }
}

fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")).then_some(rest)
}

fn is_url_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b)
}

impl Skills {
    pub const MAX: usize = 100;
    pub const MAX_CHARS: usize = 64;

    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Self, ValueError> {
        if names.len() > Self::MAX {
            return Err(ValueError::TooManySkills);
        }
        let mut seen = HashSet::new();
        let mut kept = Vec::with_capacity(names.len());
        for name in names {
            let name = super::profile::name(name.as_ref(), Self::MAX_CHARS, ValueError::SkillLength)?;
            if !seen.insert(name.to_lowercase()) {
                return Err(ValueError::SkillRepeated);
            }
            kept.push(name);
        }
        Ok(Self(kept))
    }

    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl std::fmt::Debug for Skills {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Skills({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::places::countries, *};

    #[test]
    fn trims_and_counts_characters_not_bytes() {
        assert_eq!(FullName::parse("  Jane Doe ").unwrap().as_str(), "Jane Doe");
        assert!(FullName::parse(&"é".repeat(150)).is_ok());
        assert_eq!(FullName::parse(&"é".repeat(151)), Err(ValueError::FullNameLength));
        assert_eq!(FullName::parse("   "), Err(ValueError::FullNameLength));
    }

    #[test]
    fn control_characters_are_refused_but_a_biography_may_have_lines() {
        assert_eq!(FullName::parse("Jane\nDoe"), Err(ValueError::ControlCharacter));
        assert_eq!(Bio::parse("a\u{0}b"), Err(ValueError::ControlCharacter));
        assert_eq!(Bio::parse("one\n\ttwo").unwrap().as_str(), "one\n\ttwo");
    }

    #[test]
    fn names_hold_nothing_that_cannot_be_seen_and_a_biography_may() {
        for unseen in ["Jane\u{202e}Doe", "Jane\u{200b}", "\u{2066}Jane\u{2069}"] {
            assert_eq!(FullName::parse(unseen), Err(ValueError::UnseenCharacter));
            assert_eq!(JobTitle::parse(unseen), Err(ValueError::UnseenCharacter));
            assert_eq!(City::parse(unseen), Err(ValueError::UnseenCharacter));
            assert_eq!(Skills::parse(&[unseen]), Err(ValueError::UnseenCharacter));
            assert!(Bio::parse(unseen).is_ok());
        }
        let marked = format!("J{}ane", "\u{335}\u{336}".repeat(20));
        assert_eq!(FullName::parse(&marked), Err(ValueError::MarksStacked));
    }

    #[test]
    fn country_is_one_of_the_standard_and_is_upper_cased() {
        assert_eq!(CountryCode::parse("de").unwrap().as_str(), "DE");
        for bad in ["", "D", "DEU", "1A", "Ää", "ZZ", "UK", "E F", " "] {
            assert_eq!(CountryCode::parse(bad), Err(ValueError::CountryCode), "{bad}");
        }
        let all: HashSet<&str> = countries().map(|country| country.code).collect();
        assert_eq!((all.len(), countries().count()), (249, 249));
        assert!(all.iter().all(|code| CountryCode::parse(code).is_ok()));
    }

    #[test]
    fn links_are_absolute_web_addresses() {
        for good in ["https://example.com/a.png?x=1#y", "HTTP://example.com", "https://[::1]:8080/a"] {
            assert!(WebUrl::parse(good).is_ok(), "{good}");
        }
        let long = format!("https://example.com/{}", "x".repeat(2_048));
        for (bad, error) in [
            ("javascript:alert(1)", ValueError::UrlScheme),
            ("data://x", ValueError::UrlScheme),
            ("/a.png", ValueError::UrlScheme),
            ("https://", ValueError::UrlForm),
            ("https://user:secret@example.com", ValueError::UrlForm),
            ("https://example.com/<script>", ValueError::UrlForm),
            ("https://exa mple.com", ValueError::UrlForm),
            (&long, ValueError::UrlLength),
        ] {
            assert_eq!(WebUrl::parse(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn skills_are_few_short_and_distinct() {
        assert_eq!(Skills::parse(&[" Rust ", "SQL"]).unwrap().names(), ["Rust", "SQL"]);
        assert_eq!(Skills::parse(&["Rust", "rust"]), Err(ValueError::SkillRepeated));
        assert_eq!(Skills::parse(&[""]), Err(ValueError::SkillLength));
        assert_eq!(Skills::parse(&vec!["x"; 101]), Err(ValueError::TooManySkills));
    }

    #[test]
    fn debug_output_hides_the_content() {
        assert!(!format!("{:?}", FullName::parse("Jane Doe").unwrap()).contains("Jane"));
    }
}
