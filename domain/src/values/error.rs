//! Everything that can be wrong with a value, one sentence each.

use crate::refusal::BusinessError;
use thiserror::Error;

/// Why a text is not the value it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    #[error("a username must have 3 to 32 characters")]
    UsernameLength,
    #[error("a username must begin with a letter or a digit")]
    UsernameStart,
    #[error("a username can contain only letters a to z, digits, dots, underscores and hyphens")]
    UsernameCharacter,
    #[error("this username is reserved: it is part of a path, looks like an id, or suggests authority")]
    UsernameReserved,
    #[error("an e-mail address must have at most 254 characters, and at most 64 before the @")]
    EmailLength,
    #[error("an e-mail address must have exactly one @, with text on both sides")]
    EmailAt,
    #[error(
        "the part before the @ can contain only ASCII letters, digits, single inner dots and !#$%&'*+/=?^_`{{|}}~-"
    )]
    EmailLocalPart,
    #[error("the part after the @ must be a domain name with a dot, such as example.com")]
    EmailDomain,
    #[error("a phone number must be international: + and 8 to 15 digits")]
    PhoneNumber,
    #[error("a full name must have 1 to 150 characters")]
    FullNameLength,
    #[error("a title must have 1 to 150 characters")]
    TitleLength,
    #[error("a biography must have 1 to 2,000 characters")]
    BioLength,
    #[error("an address must have 1 to 500 characters")]
    AddressLength,
    #[error("a city must have 1 to 100 characters")]
    CityLength,
    #[error("this text contains control characters")]
    ControlCharacter,
    #[error("a name must not contain invisible characters or characters that change the text direction")]
    UnseenCharacter,
    #[error("a letter of a name can have at most 4 combining marks, and no mark twice in a row")]
    MarksStacked,
    #[error("a country must be a two-letter code of ISO 3166-1")]
    CountryCode,
    #[error("a link must have at most 2,048 characters")]
    UrlLength,
    #[error("a link must begin with http:// or https://")]
    UrlScheme,
    #[error("a link must have a host, no credentials, and only characters that RFC 3986 allows")]
    UrlForm,
    #[error("at most 100 skills are allowed")]
    TooManySkills,
    #[error("a skill must have 1 to 64 characters")]
    SkillLength,
    #[error("the name of a skill must have 1 to 64 characters")]
    SkillNameLength,
    #[error("a skill must not be listed twice")]
    SkillRepeated,
    #[error("a reason must have 1 to 500 characters")]
    ReasonLength,
    #[error("a description must have 1 to 500 characters")]
    DescriptionLength,
    #[error("the name of an event or an object must have 1 to 200 characters")]
    SenderNameLength,
    #[error("the name of a key must have 1 to 100 characters")]
    ApiKeyNameLength,
    #[error(
        "a service name must have 3 to 64 lowercase letters, digits and single inner hyphens, and begin with a letter"
    )]
    ServiceName,
    #[error("a language must be a BCP 47 tag with at most 35 characters, such as pt-BR")]
    LanguageTag,
    #[error("a time zone must be a name of the IANA database, such as Europe/Lisbon")]
    TimeZone,
    #[error("the name of a badge must have 1 to 100 characters")]
    BadgeNameLength,
    #[error("the slug of a badge must have 1 to 100 letters a to z, digits and single inner underscores")]
    BadgeSlug,
    #[error("the description of a badge must have 1 to 2,000 characters")]
    BadgeDescriptionLength,
    #[error(
        "a category must have 1 to 50 letters a to z, digits, underscores and hyphens, and begin with a letter"
    )]
    BadgeCategory,
    #[error(
        "an icon must be a name such as fas fa-star: 1 to 100 letters, digits, _ - : . and single inner spaces"
    )]
    BadgeIcon,
    #[error("a colour must have the form #RRGGBB")]
    HexColor,
    #[error("the link to an image must begin with https://")]
    ImageScheme,
    #[error("a series must have 1 to 100 characters")]
    SeriesLength,
    #[error("a note must have 1 to 2,000 characters")]
    NoteLength,
    #[error(
        "an amount must be a string with a decimal number such as 12.50, with at most two digits after the dot"
    )]
    AmountForm,
    #[error("an amount of this account must be a whole number")]
    AmountWhole,
    #[error("an amount must not be zero, and must be at most 1000000000000")]
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
