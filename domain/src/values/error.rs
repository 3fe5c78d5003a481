//! Everything that can be wrong with a value, one sentence each.

use crate::refusal::BusinessError;
use thiserror::Error;

/// Why a text is not the value it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    #[error("a username has 3 to 32 characters")]
    UsernameLength,
    #[error("a username begins with a letter or a digit")]
    UsernameStart,
    #[error("a username holds only letters a to z, digits, dots, underscores and hyphens")]
    UsernameCharacter,
    #[error(
        "this username is reserved: it stands for something else in paths, or reads as an id or as a word of authority"
    )]
    UsernameReserved,
    #[error("an e-mail address has at most 254 characters, at most 64 of them before the @")]
    EmailLength,
    #[error("an e-mail address has exactly one @, with something on both sides")]
    EmailAt,
    #[error("the part before the @ holds ASCII letters, digits, single inner dots and !#$%&'*+/=?^_`{{|}}~-")]
    EmailLocalPart,
    #[error("the part after the @ is a domain name with a dot, such as example.com")]
    EmailDomain,
    #[error("a phone number is written internationally: + and 8 to 15 digits")]
    PhoneNumber,
    #[error("a full name has 1 to 150 characters")]
    FullNameLength,
    #[error("a title has 1 to 150 characters")]
    TitleLength,
    #[error("a biography has 1 to 2,000 characters")]
    BioLength,
    #[error("an address has 1 to 500 characters")]
    AddressLength,
    #[error("a city has 1 to 100 characters")]
    CityLength,
    #[error("this text holds control characters")]
    ControlCharacter,
    #[error("a name holds only what can be seen, and nothing that turns the line round")]
    UnseenCharacter,
    #[error("a letter of a name has at most 4 marks, and none of them twice in a row")]
    MarksStacked,
    #[error("a country is its two-letter code of ISO 3166-1")]
    CountryCode,
    #[error("a link has at most 2,048 characters")]
    UrlLength,
    #[error("a link begins with http:// or https://")]
    UrlScheme,
    #[error("a link names a host, holds no credentials and only characters that RFC 3986 allows")]
    UrlForm,
    #[error("there are at most 100 skills")]
    TooManySkills,
    #[error("a skill has 1 to 64 characters")]
    SkillLength,
    #[error("the name of a skill has 1 to 64 characters")]
    SkillNameLength,
    #[error("each skill is named once")]
    SkillRepeated,
    #[error("a reason has 1 to 500 characters")]
    ReasonLength,
    #[error("a description has 1 to 500 characters")]
    DescriptionLength,
    #[error("the name of an event or an object has 1 to 200 characters")]
    SenderNameLength,
    #[error("the name of a key has 1 to 100 characters")]
    ApiKeyNameLength,
    #[error("a service is named by 3 to 64 small letters, digits and single inner hyphens, a letter first")]
    ServiceName,
    #[error("a language is a tag of BCP 47 with at most 35 characters, such as pt-BR")]
    LanguageTag,
    #[error("a time zone is named as in the IANA database, such as Europe/Lisbon")]
    TimeZone,
    #[error("the name of a badge has 1 to 100 characters")]
    BadgeNameLength,
    #[error("the slug of a badge has 1 to 100 letters a to z, digits and single inner underscores")]
    BadgeSlug,
    #[error("the description of a badge has 1 to 2,000 characters")]
    BadgeDescriptionLength,
    #[error("a category has 1 to 50 letters a to z, digits, underscores and hyphens, a letter first")]
    BadgeCategory,
    #[error(
        "an icon is a name such as fas fa-star: 1 to 100 letters, digits, _ - : . and single inner spaces"
    )]
    BadgeIcon,
    #[error("a colour is written #RRGGBB")]
    HexColor,
    #[error("the link to an image begins with https://")]
    ImageScheme,
    #[error("a series has 1 to 100 characters")]
    SeriesLength,
    #[error("a note has 1 to 2,000 characters")]
    NoteLength,
    #[error("an amount is a decimal number such as 12.50, as text, with at most two digits behind the dot")]
    AmountForm,
    #[error("an amount of this account is a whole number")]
    AmountWhole,
    #[error("an amount is not zero and at most 1000000000000")]
    AmountRange,
}

impl BusinessError for ValueError {
    fn code(&self) -> &'static str {
        match self {
            Self::UsernameLength | Self::UsernameStart | Self::UsernameCharacter => "username-invalid",
            Self::UsernameReserved => "username-reserved",
            Self::EmailLength | Self::EmailAt | Self::EmailLocalPart | Self::EmailDomain => "email-invalid",
            Self::PhoneNumber => "phone-number-invalid",
            Self::CountryCode => "country-invalid",
            Self::UrlLength | Self::UrlScheme | Self::UrlForm | Self::ImageScheme => "url-invalid",
            Self::TooManySkills | Self::SkillLength | Self::SkillRepeated => "skills-invalid",
            Self::LanguageTag => "language-invalid",
            Self::ServiceName => "service-invalid",
            Self::TimeZone => "timezone-invalid",
            Self::BadgeSlug => "slug-invalid",
            Self::BadgeCategory => "category-invalid",
            Self::BadgeIcon => "icon-invalid",
            Self::HexColor => "color-invalid",
            Self::AmountForm | Self::AmountWhole | Self::AmountRange => "amount-invalid",
            Self::FullNameLength
            | Self::TitleLength
            | Self::BioLength
            | Self::AddressLength
            | Self::CityLength
            | Self::ReasonLength
            | Self::DescriptionLength
            | Self::SenderNameLength
            | Self::ApiKeyNameLength
            | Self::BadgeNameLength
            | Self::SkillNameLength
            | Self::BadgeDescriptionLength
            | Self::SeriesLength
            | Self::NoteLength
            | Self::ControlCharacter
            | Self::UnseenCharacter
            | Self::MarksStacked => "text-invalid",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::UsernameLength | Self::UsernameStart | Self::UsernameCharacter | Self::UsernameReserved => {
                Some("username")
            }
            Self::EmailLength | Self::EmailAt | Self::EmailLocalPart | Self::EmailDomain => Some("email"),
            Self::PhoneNumber => Some("phone_number"),
            Self::FullNameLength => Some("full_name"),
            Self::TitleLength => Some("title"),
            Self::BioLength => Some("bio"),
            Self::AddressLength => Some("address"),
            Self::CityLength => Some("city"),
            Self::CountryCode => Some("country"),
            Self::TooManySkills | Self::SkillLength | Self::SkillRepeated => Some("skills"),
            Self::ReasonLength => Some("reason"),
            Self::ApiKeyNameLength | Self::BadgeNameLength | Self::SkillNameLength => Some("name"),
            Self::BadgeSlug => Some("slug"),
            Self::BadgeDescriptionLength => Some("description"),
            Self::BadgeCategory => Some("category"),
            Self::BadgeIcon => Some("icon"),
            Self::HexColor => Some("color"),
            Self::ImageScheme => Some("image"),
            Self::SeriesLength => Some("series"),
            Self::NoteLength => Some("notes"),
            Self::ServiceName => Some("service"),
            Self::LanguageTag => Some("language"),
            Self::TimeZone => Some("timezone"),
            Self::AmountForm | Self::AmountWhole | Self::AmountRange => Some("amount"),
            Self::DescriptionLength => Some("description"),
            Self::ControlCharacter
            | Self::UnseenCharacter
            | Self::MarksStacked
            | Self::SenderNameLength
            | Self::UrlLength
            | Self::UrlScheme
            | Self::UrlForm => None,
        }
    }
}
