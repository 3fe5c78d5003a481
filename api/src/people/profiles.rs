//! Profiles of people: found, shown as far as the caller may see them, changed by their owners and staff (PRO-02).

use crate::{
    App,
    caller::Caller,
    etag::IfMatch,
    extract::{ApiJson, ApiQuery, OptionalJson, PathText},
    http::views::{PageView, link, not_a_cursor, paging, refused},
    people::views::PersonView,
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply, Tagged},
};
use crate::{
    audit::witness::seen_by,
    http::repeat,
    people::person::{found, viewer},
    people::profile::{PROFILE, ProfileChange},
};
use axum::{
    extract::State,
    http::{HeaderMap, Uri},
};
use domain::{UserId, profile::Profile};
use projections::{
    ACCOUNTS, Found, Name, PROFILE_PAGES, Paging, PeopleFilter, SOCIAL_GRAPH, SearchText, USER_SETTINGS,
    Viewer,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;

/// What a person is read from.
pub const READS: [Name; 4] = [ACCOUNTS, PROFILE_PAGES, SOCIAL_GRAPH, USER_SETTINGS];

/// Which people.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProfilesQuery {
    /// Words of username, full name or biography, or their beginnings, with or without accents; names may be misspelt. Up
    /// to 100 characters.
    #[param(max_length = 100, example = "jane")]
    search: Option<String>,
    /// From `next` or `previous`: what comes and goes meanwhile makes nothing appear twice or not at all.
    cursor: Option<String>,
    /// By number instead, from 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

/// What a search is for; a blank one is none.
pub fn searched(text: Option<&str>) -> ApiResult<Option<SearchText>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let longest = SearchText::MAX_CHARS;
    SearchText::parse(text)
        .map(Some)
        .ok_or_else(|| refused("search", &format!("at most {longest} characters")))
}

/// Lists the people whom the caller can see: the best match first, or the newest.
#[utoipa::path(get, path = "", tag = "profile", params(ProfilesQuery), responses((status = 200, body = PageView<PersonView>)))]
pub async fn list_profiles(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<ProfilesQuery>,
) -> ApiResult<Reply<PageView<PersonView>>> {
    let wanted = paging(query.cursor.as_deref(), query.page, query.page_size)?;
    let search = searched(query.search.as_deref())?;
    let fresh = app.catch_up(at_least, &READS).await?;
    let viewer = viewer(&app, &caller).await?;
    let page = people(&app, &caller, PeopleFilter { viewer, search }, (wanted, &uri)).await?;
    Ok(Reply::ok(page).fresh(fresh))
}

/// A page of people as the filter's viewer sees them.
pub async fn people(
    app: &App,
    caller: &Caller,
    filter: PeopleFilter,
    (wanted, uri): (Paging<Found>, &Uri),
) -> ApiResult<PageView<PersonView>> {
    if !wanted.is_for(filter.search.is_some()) {
        return Err(not_a_cursor());
    }
    let mut page = app.queries().list_people(&filter, wanted).await?;
    let people = page.results.iter().map(|person| person.page.user_id).collect();
    seen_by(app, caller, filter.viewer, people).await?;
    let seen = std::mem::take(&mut page.results).into_iter();
    let seen = seen.filter_map(|person| PersonView::seen(person, filter.viewer)).collect();
    let page =
        projections::Page { count: page.count, next: page.next, previous: page.previous, results: seen };
    Ok(PageView::new(page, uri, link, |view| view))
}

/// Changes the caller's profile as `PATCH` does: the profile exists since the registration (PRO-02). Always 200.
#[utoipa::path(post, path = "", tag = "profile", request_body = Option<ProfileChange>,
    responses((status = 200, body = PersonView)))]
pub async fn create_profile(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    OptionalJson(body): OptionalJson<Map<String, Value>>,
) -> ApiResult<Tagged<PersonView>> {
    let own = caller.user;
    let viewer = viewer(&app, &caller).await?;
    change(&app, &caller, (own, viewer), prefer, None, body.unwrap_or_default()).await
}

/// Returns a profile by its user's id or username, as far as the caller may see it.
#[utoipa::path(get, path = "", tag = "profile", params(("id" = String, Path, description = "User id or username")),
    responses((status = 200, body = PersonView), (status = 304), (status = 404, description = "There is no such person")))]
pub async fn find_profile(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    PathText(name): PathText,
    headers: HeaderMap,
) -> ApiResult<Tagged<PersonView>> {
    let fresh = app.catch_up(at_least, &READS).await?;
    let viewer = viewer(&app, &caller).await?;
    let person = found(&app, viewer, &name).await?;
    let (version, user) = (person.page.version, person.page.user_id);
    let view = PersonView::seen(person, viewer).ok_or_else(absent)?;
    seen_by(&app, &caller, viewer, vec![user]).await?;
    Ok(Reply::ok(()).fresh(fresh).tagged(version, view).unless_known(&headers))
}

/// Changes a profile: the caller's own, or anybody's by staff. Absent fields stay as they are.
#[utoipa::path(method(put, patch), path = "", tag = "profile", params(("id" = String, Path, description = "User id or username")),
    request_body = ProfileChange,
    responses((status = 200, body = PersonView), (status = 403, description = "It is somebody else's"),
        (status = 404, description = "There is no such person"), (status = 412, description = "Changed since `If-Match`")))]
pub async fn change_profile(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    IfMatch(version): IfMatch,
    PathText(name): PathText,
    ApiJson(body): ApiJson<Map<String, Value>>,
) -> ApiResult<Tagged<PersonView>> {
    let target = mine_or_staffs(&app, &caller, &name).await?;
    change(&app, &caller, target, prefer, version, body).await
}

/// Resets a profile: what the person said is cleared and shown to nobody; the account stays, and so does who may follow
/// and see it (C-39).
#[utoipa::path(delete, path = "", tag = "profile", params(("id" = String, Path, description = "User id or username")),
    responses((status = 200, body = PersonView), (status = 403, description = "It is somebody else's"),
        (status = 404, description = "There is no such person"), (status = 412, description = "Changed since `If-Match`")))]
pub async fn reset_profile(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    IfMatch(version): IfMatch,
    PathText(name): PathText,
) -> ApiResult<Tagged<PersonView>> {
    let (person, viewer) = mine_or_staffs(&app, &caller, &name).await?;
    let done = app.commands().people.reset_profile(person, version, &caller.command).await?;
    shown(&app, &caller, (person, viewer), done.receipt.position, prefer).await
}

/// Whose profile a name is, if the caller may change it.
async fn mine_or_staffs(app: &App, caller: &Caller, name: &str) -> ApiResult<(UserId, Viewer)> {
    let viewer = viewer(app, caller).await?;
    let person = found(app, viewer, name).await?.page.user_id;
    match (person == viewer.user, viewer.is_staff) {
        (true, _) => Ok((person, viewer)),
        (false, true) => caller.with_token().map(|()| (person, viewer)),
        (false, false) => Err(Problem::of(&kind::FORBIDDEN)),
    }
}

async fn change(
    app: &App,
    caller: &Caller,
    (person, viewer): (UserId, Viewer),
    prefer: Prefer,
    version: Option<i64>,
    body: Map<String, Value>,
) -> ApiResult<Tagged<PersonView>> {
    let position = match repeat::of::<Profile>(app, caller).await? {
        Some(position) => position,
        None => {
            let current = match PROFILE.stands_alone(&body) {
                true => Value::Null,
                false => {
                    serde_json::to_value(view(app, (person, viewer)).await?.1).map_err(Problem::internal)?
                }
            };
            let patch = ProfileChange::read(body, &current)?;
            app.commands()
                .people
                .update_profile(person, patch, version, &caller.command)
                .await?
                .receipt
                .position
        }
    };
    shown(app, caller, (person, viewer), position, prefer).await
}

async fn shown(
    app: &App,
    caller: &Caller,
    target: (UserId, Viewer),
    position: i64,
    prefer: Prefer,
) -> ApiResult<Tagged<PersonView>> {
    let settled = app.settle(position, &[PROFILE_PAGES], prefer).await;
    let (version, view) = view(app, target).await?;
    seen_by(app, caller, target.1, vec![target.0]).await?;
    Ok(Reply::ok(()).fresh(settled).tagged(version, view))
}

async fn view(app: &App, (person, viewer): (UserId, Viewer)) -> ApiResult<(i64, PersonView)> {
    let person = app.queries().find_person(viewer, person).await?.ok_or_else(absent)?;
    let version = person.page.version;
    Ok((version, PersonView::seen(person, viewer).ok_or_else(absent)?))
}

fn absent() -> Problem {
    Problem::of(&kind::PROFILE_NOT_FOUND)
}
