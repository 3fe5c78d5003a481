//! A person as somebody sees them: what may not be seen is null, as if it had never been said (PRO-06).

use chrono::{DateTime, NaiveDate, Utc};
use domain::values::{FollowPolicy, FollowStatus, MediaType};
use projections::{Person, Sight, Viewer, profile_pages::query::ProfilePage};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A profile as the caller may see it. Everybody whom no block keeps apart sees who it is; a private profile shows the
/// rest to accepted followers, its owner and staff.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonView {
    pub id: Uuid,
    /// Same as `id`: a profile bears its user's id.
    pub user: Uuid,
    /// Same as `id`.
    pub user_id: Uuid,
    pub username: Option<String>,
    pub full_name: Option<String>,
    /// The full name, or else the username.
    pub display_name: Option<String>,
    pub avatar_url: Option<String>,
    /// Same as `avatar_url`.
    pub avatar: Option<String>,
    /// Same as `avatar_url`.
    pub profile_picture: Option<String>,
    /// A contact of the account is verified.
    pub is_verified: bool,
    pub is_private: bool,
    /// Accepted follows of this person.
    pub follower_count: i64,
    /// Accepted follows by this person.
    pub following_count: i64,
    pub created_at: DateTime<Utc>,
    /// Of the caller's follow of this person: `pending`, `accepted` or `rejected`; null if there is none.
    #[schema(value_type = Option<String>, example = "accepted")]
    pub follow_status: Option<FollowStatus>,
    /// This person is an accepted follower of the caller.
    pub follows_you: bool,
    /// The caller has muted this person.
    pub is_muted: bool,
    pub title: Option<String>,
    pub bio: Option<String>,
    pub cover_media: Option<String>,
    /// `image` or `video`.
    #[schema(value_type = Option<String>, example = "image")]
    pub cover_media_type: Option<MediaType>,
    pub skills: Vec<String>,
    /// Posts that count; null where the profile is not shown.
    pub posts_count: Option<i64>,
    /// 0 to 100, over 30 days.
    #[schema(minimum = 0, maximum = 100)]
    pub engagement_score: Option<i64>,
    /// Interactions per active day, over 30 days.
    pub interaction_frequency: Option<i64>,
    /// 0 to 100, as of the last midnight of UTC: the mean of all items, of which a review counts by its quality and a
    /// post by the share of others who get fewer likes for each post. Null before the third item.
    #[schema(minimum = 0, maximum = 100)]
    pub content_quality_score: Option<i64>,
    /// Of the badges that the person has.
    pub badge_points: Option<i64>,
    /// To others a verified address only, and only with `show_email`.
    pub email: Option<String>,
    /// As given by the person; to others only with `show_phone`.
    pub phone_number: Option<String>,
    /// ISO 3166-1 alpha-2; to others only with `show_location`.
    #[schema(example = "DE")]
    pub country: Option<String>,
    /// To others only with `show_location`.
    pub city: Option<String>,
    /// City and country, if `show_location` is on.
    pub location: Option<String>,
    /// The latest request, to about a minute.
    pub last_active: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    /// From here on for the person and staff.
    pub date_of_birth: Option<NaiveDate>,
    pub address: Option<String>,
    #[schema(example = "normal")]
    pub role: Option<&'static str>,
    /// `anyone`, `approve` or `nobody`; where it is null, `approve` if the profile is private, else `anyone`.
    #[schema(value_type = Option<String>, example = "approve")]
    pub follow_policy: Option<FollowPolicy>,
    pub show_email: Option<bool>,
    pub show_phone: Option<bool>,
    pub show_location: Option<bool>,
    /// Full name, date of birth, address and avatar are set.
    pub is_profile_complete: Option<bool>,
}

impl PersonView {
    /// None: the person is not there for this viewer.
    pub fn seen(person: Person, viewer: Viewer) -> Option<Self> {
        let sight = person.sight(viewer)?;
        Some(match sight {
            Sight::Card => Self::card(&person),
            Sight::Profile => Self::profile(&person),
            Sight::Everything => Self::everything(&person),
        })
    }

    fn card(person: &Person) -> Self {
        let page = &person.page;
        let id = page.user_id.uuid();
        Self {
            id,
            user: id,
            user_id: id,
            username: page.username.clone(),
            full_name: page.full_name.clone(),
            display_name: page.display_name().map(str::to_owned),
            avatar_url: page.avatar_url.clone(),
            avatar: page.avatar_url.clone(),
            profile_picture: page.avatar_url.clone(),
            is_verified: page.is_verified,
            is_private: page.is_private,
            follower_count: person.counts.follower_count,
            following_count: person.counts.following_count,
            created_at: page.created_at,
            follow_status: person.follow,
            follows_you: person.follows_viewer,
            is_muted: person.is_muted,
            title: None,
            bio: None,
            cover_media: None,
            cover_media_type: None,
            skills: Vec::new(),
            posts_count: None,
            engagement_score: None,
            interaction_frequency: None,
            content_quality_score: None,
            badge_points: None,
            email: None,
            phone_number: None,
            country: None,
            city: None,
            location: None,
            last_active: None,
            updated_at: None,
            date_of_birth: None,
            address: None,
            role: None,
            follow_policy: None,
            show_email: None,
            show_phone: None,
            show_location: None,
            is_profile_complete: None,
        }
    }

    fn profile(person: &Person) -> Self {
        let (page, deeds) = (&person.page, person.deeds.unwrap_or_default());
        let shown = |switch: bool, value: &Option<String>| value.clone().filter(|_| switch);
        Self {
            title: page.title.clone(),
            bio: page.bio.clone(),
            cover_media: page.cover_media.clone(),
            cover_media_type: page.cover_media_type,
            skills: page.skills.clone(),
            posts_count: Some(deeds.posts_count),
            engagement_score: Some(deeds.engagement_score),
            interaction_frequency: Some(deeds.interaction_frequency),
            content_quality_score: deeds.content_quality_score,
            badge_points: Some(person.badge_points),
            email: shown(page.show_email && person.email_verified, &page.email),
            phone_number: shown(page.show_phone, &page.phone_number),
            country: shown(page.show_location, &page.country),
            city: shown(page.show_location, &page.city),
            location: page.location(),
            last_active: person.last_active,
            updated_at: Some(page.updated_at),
            ..Self::card(person)
        }
    }

    fn everything(person: &Person) -> Self {
        let ProfilePage { email, phone_number, country, city, address, .. } = person.page.clone();
        let page = &person.page;
        Self {
            email,
            phone_number,
            country,
            city,
            date_of_birth: page.date_of_birth,
            address,
            role: Some(page.role.name()),
            follow_policy: page.follow_policy,
            show_email: Some(page.show_email),
            show_phone: Some(page.show_phone),
            show_location: Some(page.show_location),
            is_profile_complete: Some(page.is_profile_complete),
            ..Self::profile(person)
        }
    }
}
