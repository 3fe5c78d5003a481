//! Values of settings (SET-01). The wire form of closed sets is snake case.

use super::{ValueError, text_value};
use serde::{Deserialize, Serialize};

/// Who sees a person's profile (enumeration 3.18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileVisibility {
    /// Whoever is signed in.
    Public,
    /// Accepted followers.
    Followers,
    /// Nobody else.
    Private,
}

/// How the interface looks (enumeration 3.19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the device has it.
    System,
    Light,
    Dark,
}

/// How often notifications are gathered and sent (enumeration 3.20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationFrequency {
    Immediate,
    Hourly,
    Daily,
    Weekly,
    Never,
}

/// A well-formed language tag of BCP 47 (RFC 5646, 2.1), at most 35 characters, in the case that 2.1.1 recommends.
///
/// Subtags are not compared with the registry, and the irregular tags of before 2006 are refused.
#[derive(Clone, PartialEq, Eq)]
pub struct LanguageTag(String);

/// The name of a time zone in the IANA database, such as `Europe/Lisbon`.
#[derive(Clone, PartialEq, Eq)]
pub struct TimeZone(String);

text_value!(LanguageTag else crate::settings::DEFAULT_LANGUAGE, TimeZone else crate::settings::DEFAULT_TIMEZONE);

impl LanguageTag {
    pub const MAX_CHARS: usize = 35;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let text = text.trim().to_ascii_lowercase();
        let subtags: Vec<&str> = text.split('-').collect();
        if text.len() > Self::MAX_CHARS || !is_well_formed(&subtags) {
            return Err(ValueError::LanguageTag);
        }
        Ok(Self(in_usual_case(&subtags)))
    }
}

impl TimeZone {
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let zone: chrono_tz::Tz = text.trim().parse().map_err(|_| ValueError::TimeZone)?;
        Ok(Self(zone.name().to_owned()))
    }
}

fn is_alpha(subtag: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_alphanumeric(subtag: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_region(subtag: &str) -> bool {
    is_alpha(subtag, 2..=2) || (subtag.len() == 3 && subtag.bytes().all(|b| b.is_ascii_digit()))
}

fn is_variant(subtag: &str) -> bool {
    is_alphanumeric(subtag, 5..=8)
        || (is_alphanumeric(subtag, 4..=4) && subtag.starts_with(|c: char| c.is_ascii_digit()))
}

/// Language, then script, region, variants, extensions and private use, each where it may stand; in lower case.
fn is_well_formed(subtags: &[&str]) -> bool {
    let Some((language, mut rest)) = subtags.split_first() else { return false };
    if !is_alpha(language, 2..=8) {
        return false;
    }
    if language.len() <= 3 {
        let extended = rest.iter().take(3).take_while(|subtag| is_alpha(subtag, 3..=3)).count();
        rest = &rest[extended..];
    }
    rest = skip_one(rest, |subtag| is_alpha(subtag, 4..=4));
    rest = skip_one(rest, is_region);
    let variants = rest.iter().take_while(|subtag| is_variant(subtag)).count();
    let (variants, extensions) = rest.split_at(variants);
    is_without_repeats(variants) && are_extensions(extensions)
}

fn skip_one<'a, 'b>(subtags: &'a [&'b str], fits: fn(&str) -> bool) -> &'a [&'b str] {
    match subtags.split_first() {
        Some((first, rest)) if fits(first) => rest,
        _ => subtags,
    }
}

fn is_without_repeats(subtags: &[&str]) -> bool {
    subtags.iter().enumerate().all(|(at, subtag)| !subtags[..at].contains(subtag))
}

/// Each a singleton and at least one subtag; private use (`x`) is the last.
fn are_extensions(mut subtags: &[&str]) -> bool {
    let mut singletons = Vec::new();
    while let Some((singleton, rest)) = subtags.split_first() {
        if *singleton == "x" {
            return !rest.is_empty() && rest.iter().all(|subtag| is_alphanumeric(subtag, 1..=8));
        }
        let length = rest.iter().take_while(|subtag| is_alphanumeric(subtag, 2..=8)).count();
        if !is_alphanumeric(singleton, 1..=1) || length == 0 {
            return false;
        }
        singletons.push(*singleton);
        subtags = &rest[length..];
    }
    is_without_repeats(&singletons)
}

/// Regions in upper case, scripts with a capital, as long as no singleton came before.
fn in_usual_case(subtags: &[&str]) -> String {
    let mut tag = String::new();
    let mut plain = true;
    for (at, subtag) in subtags.iter().enumerate() {
        if at > 0 {
            tag.push('-');
        }
        plain &= subtag.len() > 1;
        match subtag.len() {
            2 if at > 0 && plain => tag.push_str(&subtag.to_ascii_uppercase()),
            4 if at > 0 && plain => {
                tag.push_str(&subtag[..1].to_ascii_uppercase());
                tag.push_str(&subtag[1..]);
            }
            _ => tag.push_str(subtag),
        }
    }
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_get_their_usual_case() {
        for (given, usual) in [
            ("EN", "en"),
            ("pt-br", "pt-BR"),
            (" zh-hant-tw ", "zh-Hant-TW"),
            ("zh-yue-hk", "zh-yue-HK"),
            ("es-419", "es-419"),
            ("sl-rozaj-biske-1994", "sl-rozaj-biske-1994"),
            ("de-u-co-phonebk", "de-u-co-phonebk"),
            ("en-US-x-TWAIN", "en-US-x-twain"),
        ] {
            assert_eq!(LanguageTag::parse(given).map(|tag| tag.0), Ok(usual.to_owned()), "{given}");
        }
    }

    #[test]
    fn what_is_no_language_tag_is_refused() {
        for bad in [
            "",
            "e",
            "english-",
            "en--US",
            "en_US",
            "en-US-GB",
            "de-1996-1996",
            "en-a",
            "en-a-bb-a-cc",
            "en-x",
            "i-klingon",
            "de-\u{e4}b",
            "en-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd",
        ] {
            assert_eq!(LanguageTag::parse(bad), Err(ValueError::LanguageTag), "{bad}");
        }
    }

    #[test]
    fn time_zones_are_those_of_the_database() {
        assert_eq!(TimeZone::parse(" Europe/Lisbon ").unwrap().as_str(), "Europe/Lisbon");
        assert_eq!(TimeZone::parse("UTC").unwrap().as_str(), "UTC");
        for bad in ["", "Europe/Atlantis", "+02:00", "europe lisbon"] {
            assert_eq!(TimeZone::parse(bad), Err(ValueError::TimeZone), "{bad}");
        }
    }
}
