//! Values of a badge definition (BDG-01). Lengths are counted in characters, after trimming.

use super::{
    ValueError, WebUrl,
    profile::{limited_lines, name},
    text_value,
};
use serde::{Deserialize, Serialize};
use std::{fmt, ops::RangeInclusive};

/// 1 to 100 characters on one line, trimmed, all of which can be seen. Unique, whatever its case and spaces.
#[derive(Clone, PartialEq, Eq)]
pub struct BadgeName(String);

/// What programs call a badge: `a-z 0-9` and single inner underscores, at most 100 characters (C-24). Unique.
#[derive(Clone, PartialEq, Eq)]
pub struct BadgeSlug(String);

/// 1 to 2,000 characters, trimmed; line breaks are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct BadgeDescription(String);

/// 1 to 50 of `a-z 0-9 _ -`, a letter first; capitals are lowered. The catalogue has achievement, activity and special.
#[derive(Clone, PartialEq, Eq)]
pub struct BadgeCategory(String);

/// The name of an icon in an icon font, such as `fas fa-star`: 1 to 100 of `A-Z a-z 0-9 _ - : .` and single inner spaces.
#[derive(Clone, PartialEq, Eq)]
pub struct BadgeIcon(String);

/// `#RRGGBB`, upper-cased.
#[derive(Clone, PartialEq, Eq)]
pub struct HexColor(String);

/// An absolute `https` URL of at most 2,048 characters (RFC 3986), without credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct BadgeImage(String);

/// What badges belong to that come out together, such as a season: 1 to 100 characters on one line, trimmed.
#[derive(Clone, PartialEq, Eq)]
pub struct BadgeSeries(String);

/// What staff remark on an award: 1 to 2,000 characters, trimmed; line breaks are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct AwardNote(String);

/// Why staff take a badge from somebody: 1 to 500 characters, trimmed; line breaks are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct RevocationReason(String);

text_value!(
    BadgeName,
    BadgeSlug,
    BadgeDescription,
    BadgeCategory,
    BadgeIcon,
    HexColor,
    BadgeImage,
    BadgeSeries,
    AwardNote,
    RevocationReason,
);

impl BadgeName {
    pub const MAX_CHARS: usize = 100;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        name(text, Self::MAX_CHARS, ValueError::BadgeNameLength).map(Self)
    }

    /// As it is claimed.
    pub fn folded(&self) -> String {
        fold_badge_name(&self.0)
    }

    /// As what somebody calls a badge would be claimed; none for what no badge is called.
    pub fn claimed(text: &str) -> Option<String> {
        limited_lines(text, Self::MAX_CHARS, ValueError::BadgeNameLength)
            .ok()
            .map(|name| fold_badge_name(&name))
    }
}

/// The form in which the name of a badge is claimed: lower case, single spaces.
pub(crate) fn fold_badge_name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl BadgeSlug {
    pub const MAX_CHARS: usize = 100;

    /// As it is stored.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        match Self::derived(text) {
            Some(slug) if slug.as_str() == text => Ok(slug),
            Some(_) | None => Err(ValueError::BadgeSlug),
        }
    }

    /// From a name or from any spelling of a slug: "First Post" and `first-post` are `first_post`.
    /// None where no letter from a to z and no digit is in it.
    pub fn derived(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let slug: String = words.collect::<Vec<_>>().join("_").chars().take(Self::MAX_CHARS).collect();
        let slug = slug.trim_end_matches('_');
        (!slug.is_empty()).then(|| Self(slug.to_owned()))
    }
}

impl BadgeSlug {
    /// The same for another badge whose name leaves the same: `c_2`.
    #[must_use]
    pub fn numbered(&self, n: u32) -> Self {
        let number = format!("_{n}");
        let kept: String = self.0.chars().take(Self::MAX_CHARS.saturating_sub(number.len())).collect();
        Self(format!("{}{number}", kept.trim_end_matches('_')))
    }
}

impl BadgeDescription {
    pub const MAX_CHARS: usize = 2_000;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        limited_lines(text, Self::MAX_CHARS, ValueError::BadgeDescriptionLength).map(Self)
    }
}

impl BadgeCategory {
    pub const MAX_CHARS: usize = 50;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let text = text.trim().to_ascii_lowercase();
        let well_formed = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.len() <= Self::MAX_CHARS
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if well_formed { Ok(Self(text)) } else { Err(ValueError::BadgeCategory) }
    }
}

impl BadgeIcon {
    pub const MAX_CHARS: usize = 100;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':' | b'.');
        let well_formed = (1..=Self::MAX_CHARS).contains(&text.len())
            && text.split(' ').all(|word| !word.is_empty() && word.bytes().all(allowed));
        if well_formed { Ok(Self(text.to_owned())) } else { Err(ValueError::BadgeIcon) }
    }
}

impl HexColor {
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let digits = text.strip_prefix('#').ok_or(ValueError::HexColor)?;
        let well_formed = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if well_formed { Ok(Self(text.to_ascii_uppercase())) } else { Err(ValueError::HexColor) }
    }
}

impl BadgeImage {
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let url = WebUrl::parse(text)?;
        let (scheme, _) = url.as_str().split_once(':').unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(ValueError::ImageScheme);
        }
        Ok(Self(url.as_str().to_owned()))
    }
}

impl BadgeSeries {
    pub const MAX_CHARS: usize = 100;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        name(text, Self::MAX_CHARS, ValueError::SeriesLength).map(Self)
    }
}

impl AwardNote {
    pub const MAX_CHARS: usize = 2_000;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        limited_lines(text, Self::MAX_CHARS, ValueError::NoteLength).map(Self)
    }
}

impl RevocationReason {
    pub const MAX_CHARS: usize = 500;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        limited_lines(text, Self::MAX_CHARS, ValueError::ReasonLength).map(Self)
    }
}

/// How seldom a badge is meant to be (BDG-17). Wire form snake case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rarity {
    #[default]
    Common,
    Rare,
    Epic,
    Legendary,
}

impl Rarity {
    pub const ALL: [Self; 4] = [Self::Common, Self::Rare, Self::Epic, Self::Legendary];

    /// The points that such a badge can have (C-25).
    pub const fn points(self) -> RangeInclusive<u32> {
        match self {
            Self::Common => 10..=25,
            Self::Rare => 50..=100,
            Self::Epic => 150..=300,
            Self::Legendary => 500..=1_000_000,
        }
    }

    /// The wire form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::Rare => "rare",
            Self::Epic => "epic",
            Self::Legendary => "legendary",
        }
    }
}

impl fmt::Display for Rarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One of several badges for more and more of the same (BDG-21). Wire form snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    Bronze,
    Silver,
    Gold,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slug_is_the_name_as_programs_call_it() {
        for (name, slug) in [
            ("First Post", Some("first_post")),
            ("first-post", Some("first_post")),
            (" 100%  Sure! ", Some("100_sure")),
            ("日本", None),
        ] {
            assert_eq!(BadgeSlug::derived(name).as_ref().map(BadgeSlug::as_str), slug, "{name}");
        }
        let long = BadgeSlug::derived(&"ab ".repeat(50)).unwrap();
        assert_eq!((long.as_str().len(), long.numbered(17).as_str().len()), (100, 100));
        assert!(long.numbered(17).as_str().ends_with("b_a_17"), "{long}");
        assert_eq!(BadgeSlug::derived("C#").unwrap().numbered(2).as_str(), "c_2");
        assert!(BadgeSlug::parse("first_post").is_ok());
        assert_eq!(BadgeSlug::parse("First Post"), Err(ValueError::BadgeSlug));
    }

    #[test]
    fn names_differ_by_more_than_case_and_spaces() {
        assert_eq!(fold_badge_name("First  POST"), fold_badge_name("first post"));
    }

    #[test]
    fn wrong_texts_are_refused() {
        for bad in ["", "fas  fa-star", "<b>", " fas", &"x".repeat(101)] {
            assert_eq!(BadgeIcon::parse(bad), Err(ValueError::BadgeIcon), "{bad}");
        }
        for bad in ["FFD700", "#FFD70", "#FFD70G", "#FFD7000", "red"] {
            assert_eq!(HexColor::parse(bad), Err(ValueError::HexColor), "{bad}");
        }
        for bad in ["", "1st", "a b", &"x".repeat(51)] {
            assert_eq!(BadgeCategory::parse(bad), Err(ValueError::BadgeCategory), "{bad}");
        }
        assert_eq!(BadgeImage::parse("http://example.com/a.png"), Err(ValueError::ImageScheme));
        assert_eq!(BadgeImage::parse("a.png"), Err(ValueError::UrlScheme));
        assert_eq!(BadgeName::parse(&"x".repeat(101)), Err(ValueError::BadgeNameLength));
    }

    #[test]
    fn right_texts_are_kept() {
        assert_eq!(HexColor::parse("#ffd700").unwrap().as_str(), "#FFD700");
        assert_eq!(BadgeIcon::parse("fas fa-star").unwrap().as_str(), "fas fa-star");
        assert_eq!(BadgeCategory::parse(" Achievement ").unwrap().as_str(), "achievement");
        assert!(BadgeImage::parse("https://example.com/badges/1.png").is_ok());
    }

    #[test]
    fn bands_of_points_do_not_touch_and_hold_the_default() {
        assert!(Rarity::default().points().contains(&10));
        for pair in Rarity::ALL.windows(2) {
            assert!(pair[0].points().end() < pair[1].points().start());
        }
        for rarity in Rarity::ALL {
            assert_eq!(serde_json::to_value(rarity).unwrap(), rarity.name());
        }
    }
}
