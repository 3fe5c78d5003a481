//! The fields of a profile, once for the state and the patch; `events.rs` lists their stored form.

/// Calls `$callback` with `field: given type => stored type`, in the order of PRO-03.
macro_rules! profile_fields {
    ($callback:ident) => {
        $callback! {
            full_name: $crate::values::FullName => $crate::Personal<String>,
            title: $crate::values::JobTitle => $crate::Personal<String>,
            bio: $crate::values::Bio => $crate::Personal<String>,
            date_of_birth: chrono::NaiveDate => $crate::Personal<chrono::NaiveDate>,
            address: $crate::values::PostalAddress => $crate::Personal<String>,
            phone_number: $crate::values::PhoneNumber => $crate::Personal<String>,
            avatar_url: $crate::values::WebUrl => $crate::Personal<String>,
            cover_media: $crate::values::WebUrl => $crate::Personal<String>,
            cover_media_type: $crate::values::MediaType => $crate::values::MediaType,
            country: $crate::values::CountryCode => $crate::Personal<String>,
            city: $crate::values::City => $crate::Personal<String>,
            skills: $crate::values::Skills => $crate::Personal<Vec<String>>,
            is_private: bool => bool,
            follow_policy: $crate::values::FollowPolicy => $crate::values::FollowPolicy,
            show_email: bool => bool,
            show_phone: bool => bool,
            show_location: bool => bool,
        }
    };
}
pub(super) use profile_fields;

use crate::{
    ids::Subject,
    personal::Personal,
    values::{
        Bio, City, CountryCode, FollowPolicy, FullName, JobTitle, MediaType, PhoneNumber, PostalAddress,
        Skills, WebUrl,
    },
};
use chrono::NaiveDate;

/// How a given value is stored, and when storing it would change nothing.
pub(super) trait Storable {
    type Stored;

    fn store(&self, subject: Subject) -> Self::Stored;

    fn is_held(&self, now: Option<&Self::Stored>) -> bool;

    /// True where clearing would change nothing.
    fn is_clear(now: Option<&Self::Stored>) -> bool {
        now.is_none()
    }
}

macro_rules! storable_texts {
    ($($name:ty),*) => {$(
        impl Storable for $name {
            type Stored = Personal<String>;

            fn store(&self, subject: Subject) -> Personal<String> {
                Personal::new(subject, self.as_str().to_owned())
            }

            fn is_held(&self, now: Option<&Personal<String>>) -> bool {
                now.and_then(Personal::known).is_some_and(|now| now == self.as_str())
            }
        }
    )*};
}

storable_texts!(FullName, JobTitle, Bio, PostalAddress, PhoneNumber, WebUrl, CountryCode, City);

impl Storable for NaiveDate {
    type Stored = Personal<Self>;

    fn store(&self, subject: Subject) -> Personal<Self> {
        Personal::new(subject, *self)
    }

    fn is_held(&self, now: Option<&Personal<Self>>) -> bool {
        now.is_some_and(|now| now.is(self))
    }
}

impl Storable for Skills {
    type Stored = Personal<Vec<String>>;

    fn store(&self, subject: Subject) -> Personal<Vec<String>> {
        Personal::new(subject, self.names().to_vec())
    }

    fn is_held(&self, now: Option<&Personal<Vec<String>>>) -> bool {
        now.and_then(Personal::known).is_some_and(|now| now == self.names())
    }
}

macro_rules! storable_choices {
    ($($name:ty),*) => {$(
        impl Storable for $name {
            type Stored = Self;

            fn store(&self, _subject: Subject) -> Self {
                *self
            }

            fn is_held(&self, now: Option<&Self>) -> bool {
                now == Some(self)
            }
        }
    )*};
}

storable_choices!(MediaType, FollowPolicy);

/// A switch that was never set is off.
impl Storable for bool {
    type Stored = Self;

    fn store(&self, _subject: Subject) -> Self {
        *self
    }

    fn is_held(&self, now: Option<&Self>) -> bool {
        now.copied().unwrap_or_default() == *self
    }

    fn is_clear(now: Option<&Self>) -> bool {
        !now.copied().unwrap_or_default()
    }
}
