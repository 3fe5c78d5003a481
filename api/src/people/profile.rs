//! The caller's own profile (PRO-01, PRO-03 to PRO-05).

use crate::http::repeat;
use crate::{
    App,
    caller::Caller,
    etag::IfMatch,
    extract::{ApiJson, Checks, DATE, Writable, typed},
    people::views::ProfileView,
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply, Tagged},
};
use axum::{extract::State, http::HeaderMap};
use chrono::NaiveDate;
use domain::{
    profile::{Patch, Profile, ProfilePatch},
    values::{FollowPolicy, MediaType, Skills},
};
use projections::{
    PROFILE_PAGES, SOCIAL_GRAPH, Viewer, profile_pages::query::ProfilePage, social_graph::query::FollowCounts,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What may be written of a profile, whoever shows it.
pub(super) const PROFILE: Writable = Writable {
    members: &[
        "full_name",
        "title",
        "bio",
        "date_of_birth",
        "address",
        "phone_number",
        "avatar_url",
        "cover_media",
        "cover_media_type",
        "country",
        "city",
        "city_unlisted",
        "skills",
        "is_private",
        "follow_policy",
        "show_email",
        "show_phone",
        "show_location",
    ],
    synonyms: &[&["avatar_url", "avatar", "profile_picture"]],
    volatile: &[
        "updated_at",
        "display_name",
        "location",
        "follower_count",
        "following_count",
        "is_profile_complete",
        "last_active",
        "follow_status",
        "follows_you",
        "is_muted",
    ],
};

/// What may be changed of a profile: an absent field stays, `null` or blank text clears, anything else is set.
/// The other fields of a profile may be sent along unchanged.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileChange {
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Jane Doe")]
    full_name: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    title: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    bio: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    date_of_birth: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    address: Patch<String>,
    /// E.164.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "+491701234567")]
    phone_number: Patch<String>,
    /// `avatar` and `profile_picture` are accepted too.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "https://example.com/jane.png")]
    avatar_url: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    cover_media: Patch<String>,
    /// `image` or `video`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "image")]
    cover_media_type: Patch<MediaType>,
    /// ISO 3166-1 alpha-2.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "DE")]
    country: Patch<String>,
    /// By any of its spellings; with a country it is one of `/api/locations/cities`, and gets its name there.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Berlin")]
    city: Patch<String>,
    /// The country has this city, though it is not listed. Not stored.
    #[serde(default)]
    city_unlisted: bool,
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    skills: Patch<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_private: Patch<bool>,
    /// `anyone`, `approve` or `nobody`; `null` leaves it to `is_private`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "approve")]
    follow_policy: Patch<FollowPolicy>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    show_email: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    show_phone: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    show_location: Patch<bool>,
}

impl ProfileChange {
    /// What a body changes of a profile as it is shown now.
    pub(super) fn read(body: Map<String, Value>, current: &Value) -> ApiResult<ProfilePatch> {
        let mut checks = Checks::default();
        // What is said of the city is said of one that stays, too, if its country changes.
        let said =
            body.get("city").filter(|_| body.get("city_unlisted") == Some(&Value::Bool(true))).cloned();
        let mut changes = PROFILE.changes(body, current, &mut checks);
        changes.extend(said.map(|city| ("city".to_owned(), city)));
        let patch = typed::<Self>(changes, &mut checks).map(|body| body.patch(&mut checks));
        checks.finish()?;
        patch.ok_or_else(|| Problem::internal("a checked form without its values"))
    }

    fn patch(self, checks: &mut Checks) -> ProfilePatch {
        ProfilePatch {
            full_name: checks.text("full_name", self.full_name),
            title: checks.text("title", self.title),
            bio: checks.text("bio", self.bio),
            date_of_birth: date(checks, self.date_of_birth),
            address: checks.text("address", self.address),
            phone_number: checks.text("phone_number", self.phone_number),
            avatar_url: checks.text("avatar_url", self.avatar_url),
            cover_media: checks.text("cover_media", self.cover_media),
            cover_media_type: self.cover_media_type,
            country: checks.text("country", self.country),
            city: checks.text("city", self.city),
            skills: checks
                .value("skills", self.skills.try_map(|names| Skills::parse(&names)))
                .unwrap_or_default(),
            is_private: self.is_private,
            follow_policy: self.follow_policy,
            show_email: self.show_email,
            show_phone: self.show_phone,
            show_location: self.show_location,
            city_unlisted: self.city_unlisted,
        }
    }
}

fn date(checks: &mut Checks, text: Patch<String>) -> Patch<NaiveDate> {
    text.parsed().unwrap_or_else(|_| {
        checks.add("date_of_birth", "date-of-birth-invalid", format!("expected {DATE}"));
        Patch::Keep
    })
}

/// Returns the caller's profile with all fields, including those that others cannot see.
#[utoipa::path(get, path = "", tag = "profile", responses((status = 200, body = ProfileView), (status = 304)))]
pub async fn own_profile(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    headers: HeaderMap,
) -> ApiResult<Tagged<ProfileView>> {
    let fresh = app.catch_up(at_least, &[PROFILE_PAGES, SOCIAL_GRAPH]).await?;
    let (page, counts) = find(&app, &caller).await?;
    Ok(Reply::ok(()).fresh(fresh).tagged(page.version, ProfileView::new(page, counts)).unless_known(&headers))
}

/// Changes the caller's profile. Absent fields stay as they are.
#[utoipa::path(method(put, patch), path = "", tag = "profile", request_body = ProfileChange,
    responses((status = 200, body = ProfileView), (status = 412, description = "Changed since `If-Match`")))]
pub async fn change_profile(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    IfMatch(version): IfMatch,
    ApiJson(body): ApiJson<Map<String, Value>>,
) -> ApiResult<Tagged<ProfileView>> {
    let position = match repeat::of::<Profile>(&app, &caller).await? {
        Some(position) => position,
        None => {
            let current = match PROFILE.stands_alone(&body) {
                true => Value::Null,
                false => shown(find(&app, &caller).await?)?,
            };
            let patch = ProfileChange::read(body, &current)?;
            let done =
                app.commands().people.update_profile(caller.user, patch, version, &caller.command).await?;
            done.receipt.position
        }
    };
    let settled = app.settle(position, &[PROFILE_PAGES], prefer).await;
    let (page, counts) = find(&app, &caller).await?;
    Ok(Reply::ok(()).fresh(settled).tagged(page.version, ProfileView::new(page, counts)))
}

fn shown((page, counts): (ProfilePage, FollowCounts)) -> ApiResult<Value> {
    serde_json::to_value(ProfileView::new(page, counts)).map_err(Problem::internal)
}

async fn find(app: &App, caller: &Caller) -> ApiResult<(ProfilePage, FollowCounts)> {
    let own = Viewer { user: caller.user, is_staff: false, now: app.now() };
    let page = app.queries().find_profile(caller.user).await?;
    let page = page.ok_or_else(|| Problem::of(&kind::PROFILE_NOT_FOUND))?;
    Ok((page, app.queries().find_follow_counts(own, caller.user).await?))
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
