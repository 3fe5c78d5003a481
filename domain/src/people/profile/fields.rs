//! The fields of a profile, in the order of PRO-03. Text is sealed, whole; switches are not.

use crate::{
    Personal,
    fields::fields,
    ids::{AwardId, UserId},
    values::{
        Bio, City, CountryCode, FollowPolicy, FullName, JobTitle, MediaType, PhoneNumber, PostalAddress,
        Skills, WebUrl,
    },
};
use chrono::{DateTime, NaiveDate, Utc};

fields! {
    /// A profile. Before it is created it is the default: no `created_at`.
    state Profile {
        created_at: Option<DateTime<Utc>>,
        user: UserId,
        /// When every field that completeness asks for was set for the first time.
        completed_at: Option<DateTime<Utc>>,
        /// In the person's order; also such as were taken away since.
        #[serde(default)]
        featured_badges: Vec<AwardId>,
    }
    /// One change of any number of fields.
    patch ProfilePatch {
        /// The city is in its country, and on no list of its cities (PRO-08).
        city_unlisted: bool,
    }
    /// The stored fields of a profile (PRO-03), each present only where it changed.
    changes ProfileChanges {}
    required {}
    optional {
        full_name: FullName => Personal<String>,
        title: JobTitle => Personal<String>,
        bio: Bio => Personal<String>,
        date_of_birth: NaiveDate => Personal<NaiveDate>,
        address: PostalAddress => Personal<String>,
        // As given by the person; not a verified contact.
        phone_number: PhoneNumber => Personal<String>,
        avatar_url: WebUrl => Personal<String>,
        cover_media: WebUrl => Personal<String>,
        cover_media_type: MediaType => MediaType,
        country: CountryCode => Personal<String>,
        city: City => Personal<String>,
        // Names, in the person's order.
        skills: Skills => Personal<Vec<String>>,
        is_private: bool => bool,
        // Who may follow; where it is not set, `is_private` decides.
        follow_policy: FollowPolicy => FollowPolicy,
        show_email: bool => bool,
        show_phone: bool => bool,
        show_location: bool => bool,
    }
    chosen {}
}
