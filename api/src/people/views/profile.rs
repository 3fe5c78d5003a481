//! A profile as its owner sees it: every stored field (PRO-03) and what follows from them (PRO-04, PRO-05).

use chrono::{DateTime, NaiveDate, Utc};
use projections::{profile_pages::query::ProfilePage, social_graph::query::FollowCounts};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProfileView {
    pub id: Uuid,
    /// Same as `id`: a profile bears its user's id.
    pub user: Uuid,
    /// Same as `id`.
    pub user_id: Uuid,
    pub username: Option<String>,
    pub email: Option<String>,
    #[schema(example = "normal")]
    pub role: &'static str,
    /// A contact of the account is verified.
    pub is_verified: bool,
    pub full_name: Option<String>,
    /// The full name, or else the username.
    pub display_name: Option<String>,
    pub title: Option<String>,
    pub bio: Option<String>,
    pub date_of_birth: Option<NaiveDate>,
    pub address: Option<String>,
    /// As given by the person; not a verified contact.
    pub phone_number: Option<String>,
    pub avatar_url: Option<String>,
    /// Same as `avatar_url`.
    pub avatar: Option<String>,
    /// Same as `avatar_url`.
    pub profile_picture: Option<String>,
    pub cover_media: Option<String>,
    /// `image` or `video`.
    #[schema(value_type = Option<String>, example = "image")]
    pub cover_media_type: Option<domain::values::MediaType>,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "DE")]
    pub country: Option<String>,
    pub city: Option<String>,
    /// City and country, if `show_location` is on.
    pub location: Option<String>,
    pub skills: Vec<String>,
    pub is_private: bool,
    /// `anyone`, `approve` or `nobody`; where it is null, `approve` if the profile is private, else `anyone`.
    #[schema(value_type = Option<String>, example = "approve")]
    pub follow_policy: Option<domain::values::FollowPolicy>,
    pub show_email: bool,
    pub show_phone: bool,
    pub show_location: bool,
    /// Accepted follows of this person.
    pub follower_count: i64,
    /// Accepted follows by this person.
    pub following_count: i64,
    /// Full name, date of birth, address and avatar are set.
    pub is_profile_complete: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl ProfileView {
    pub fn new(page: ProfilePage, counts: FollowCounts) -> Self {
        let id = page.user_id.uuid();
        Self {
            id,
            user: id,
            user_id: id,
            display_name: page.display_name().map(str::to_owned),
            location: page.location(),
            username: page.username,
            email: page.email,
            role: page.role.name(),
            is_verified: page.is_verified,
            full_name: page.full_name,
            title: page.title,
            bio: page.bio,
            date_of_birth: page.date_of_birth,
            address: page.address,
            phone_number: page.phone_number,
            avatar: page.avatar_url.clone(),
            profile_picture: page.avatar_url.clone(),
            avatar_url: page.avatar_url,
            cover_media: page.cover_media,
            cover_media_type: page.cover_media_type,
            country: page.country,
            city: page.city,
            skills: page.skills,
            is_private: page.is_private,
            follow_policy: page.follow_policy,
            show_email: page.show_email,
            show_phone: page.show_phone,
            show_location: page.show_location,
            follower_count: counts.follower_count,
            following_count: counts.following_count,
            is_profile_complete: page.is_profile_complete,
            created_at: page.created_at,
            updated_at: page.updated_at,
        }
    }
}
