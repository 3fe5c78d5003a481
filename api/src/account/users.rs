//! Users: to everybody the people who are there for them, to staff the accounts (USR-01, USR-03).

use crate::{
    App,
    account::views::{AdminUserView, UserView},
    caller::{Caller, Reader},
    extract::{ApiQuery, PathText},
    http::views::{PageView, link, not_a_cursor, paging, refused},
    people::views::PersonView,
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Reply, Tagged, WasFresh},
};
use crate::{
    account::accounts::{Shown, find},
    audit::history::known_time,
    audit::witness::seen,
    people::person::{found, user_id, viewer},
    people::profiles::{READS, people, searched},
};
use axum::{
    extract::State,
    http::{HeaderMap, Uri},
};
use chrono::{DateTime, Utc};
use domain::{UserId, values::Role};
use projections::{AccountFilter, Found, Paging, PeopleFilter};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which users. All but `search` is for staff.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UsersQuery {
    /// Words of username, full name or biography, or their beginnings; names may be misspelt. For staff also an e-mail
    /// address, whole. Up to 100 characters.
    #[param(max_length = 100, example = "jane")]
    search: Option<String>,
    /// For staff.
    #[param(value_type = Option<String>, example = "normal")]
    role: Option<Role>,
    /// For staff: `active` or `pending_verification`.
    #[param(example = "active")]
    status: Option<String>,
    /// For staff: whether a contact is verified.
    is_verified: Option<bool>,
    /// For staff: registered then or later (RFC 3339).
    created_from: Option<DateTime<Utc>>,
    /// For staff: registered before (RFC 3339).
    created_before: Option<DateTime<Utc>>,
    /// From `next` or `previous`: what comes and goes meanwhile makes nothing appear twice or not at all.
    cursor: Option<String>,
    /// By number instead, from 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

impl UsersQuery {
    fn is_for_staff(&self) -> bool {
        self.role.is_some()
            || self.status.is_some()
            || self.is_verified.is_some()
            || self.created_from.is_some()
            || self.created_before.is_some()
    }

    /// None: no account is as wanted.
    fn accounts(&self) -> ApiResult<Option<AccountFilter>> {
        let by_status = match self.status.as_deref() {
            None => None,
            Some("active") => Some(true),
            Some("pending_verification") => Some(false),
            Some(_) => return Err(refused("status", "active or pending_verification")),
        };
        let filter = AccountFilter {
            search: searched(self.search.as_deref())?,
            role: self.role,
            is_verified: self.is_verified.or(by_status),
            created_from: known_time("created_from", self.created_from)?,
            created_before: known_time("created_before", self.created_before)?,
        };
        let contradicts = by_status.is_some_and(|by_status| filter.is_verified != Some(by_status));
        Ok((!contradicts).then_some(filter))
    }
}

/// Lists the people whom the caller can see; for staff, all accounts. The best match first, or the newest.
#[utoipa::path(get, path = "", tag = "user", params(UsersQuery),
    responses((status = 200, body = PageView<UserView>), (status = 403, description = "A filter for staff")))]
pub async fn list_users(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<UsersQuery>,
) -> ApiResult<Reply<PageView<UserView>>> {
    let wanted = paging(query.cursor.as_deref(), query.page, query.page_size)?;
    let viewer = viewer(&app, &caller).await?;
    if viewer.is_staff {
        let (fresh, page) = accounts(&app, &caller.command, at_least, &query, (wanted, &uri)).await?;
        return Ok(Reply::ok(page.map(UserView::Account)).fresh(fresh));
    }
    if query.is_for_staff() {
        return Err(Problem::of(&kind::STAFF_ONLY)
            .detail("only the parameter `search` is allowed for people who are not staff"));
    }
    let search = searched(query.search.as_deref())?;
    let fresh = app.catch_up(at_least, &READS).await?;
    let page = people(&app, &caller, PeopleFilter { viewer, search }, (wanted, &uri)).await?;
    Ok(Reply::ok(page.map(UserView::Person)).fresh(fresh))
}

/// Returns a person by id or username, as far as the caller may see them; for staff and for the person, the account.
#[utoipa::path(get, path = "", tag = "user", params(("id" = String, Path, description = "User id or username")),
    responses((status = 200, body = UserView), (status = 404, description = "There is no such person")))]
pub async fn find_user(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    PathText(name): PathText,
    headers: HeaderMap,
) -> ApiResult<Tagged<UserView>> {
    let viewer = viewer(&app, &caller).await?;
    let reply = Reply::ok(()).fresh(app.catch_up(at_least, &READS).await?);
    let person = found(&app, viewer, &name).await?;
    let user = person.page.user_id;
    if viewer.is_staff || user == caller.user {
        let shown = account(&app, &caller.command, user).await?;
        return Ok(reply.tagged(shown.version, UserView::Account(shown.view)).unless_known(&headers));
    }
    let version = person.page.version;
    let view = PersonView::seen(person, viewer).ok_or_else(|| Problem::of(&kind::ACCOUNT_NOT_FOUND))?;
    Ok(reply.tagged(version, UserView::Person(view)).unless_known(&headers))
}

/// Lists all accounts: the best match first, or the newest. For staff, and for services with `users:read`.
#[utoipa::path(get, path = "", tag = "user", params(UsersQuery), responses((status = 200, body = PageView<AdminUserView>)))]
pub async fn list_accounts(
    State(app): State<App>,
    reader: Reader,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<UsersQuery>,
) -> ApiResult<Reply<PageView<AdminUserView>>> {
    let wanted = paging(query.cursor.as_deref(), query.page, query.page_size)?;
    let (fresh, page) = accounts(&app, &reader.command, at_least, &query, (wanted, &uri)).await?;
    Ok(Reply::ok(page).fresh(fresh))
}

/// Returns an account by its user's id or username. For staff, and for services with `users:read`.
#[utoipa::path(get, path = "", tag = "user", params(("id" = String, Path, description = "User id or username")),
    responses((status = 200, body = AdminUserView), (status = 404, description = "There is no such account")))]
pub async fn find_account(
    State(app): State<App>,
    reader: Reader,
    at_least: MinPosition,
    PathText(name): PathText,
    headers: HeaderMap,
) -> ApiResult<Tagged<AdminUserView>> {
    let fresh = app.catch_up(at_least, &READS).await?;
    let user = user_id(&app, &name).await?.ok_or_else(|| Problem::of(&kind::ACCOUNT_NOT_FOUND))?;
    let shown = account(&app, &reader.command, user).await?;
    Ok(Reply::ok(()).fresh(fresh).tagged(shown.version, shown.view).unless_known(&headers))
}

async fn accounts(
    app: &App,
    caller: &commands::Caller,
    at_least: MinPosition,
    query: &UsersQuery,
    (wanted, uri): (Paging<Found>, &Uri),
) -> ApiResult<(WasFresh, PageView<AdminUserView>)> {
    let filter = query.accounts()?;
    if filter.as_ref().is_some_and(|filter| !wanted.is_for(filter.search.is_some())) {
        return Err(not_a_cursor());
    }
    let fresh = app.catch_up(at_least, &READS).await?;
    let page = match filter {
        Some(filter) => app.queries().list_accounts(&filter, wanted).await?,
        None => projections::Page { count: Some(0), next: None, previous: None, results: Vec::new() },
    };
    let people = page.results.iter().map(|row| row.account.user_id).collect();
    seen(app, caller, people).await?;
    let now = app.now();
    Ok((fresh, PageView::new(page, uri, link, |row| AdminUserView::new(row, now))))
}

async fn account(app: &App, caller: &commands::Caller, user: UserId) -> ApiResult<Shown> {
    let shown = find(app, user).await?;
    seen(app, caller, vec![user]).await?;
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(status: Option<&str>, is_verified: Option<bool>) -> Option<Option<bool>> {
        let query = UsersQuery { status: status.map(str::to_owned), is_verified, ..UsersQuery::default() };
        query.accounts().unwrap().map(|filter| filter.is_verified)
    }

    #[test]
    fn status_and_verification_are_one_and_may_contradict_each_other() {
        assert_eq!(wants(None, None), Some(None));
        assert_eq!(wants(Some("active"), None), Some(Some(true)));
        assert_eq!(wants(Some("pending_verification"), Some(false)), Some(Some(false)));
        assert_eq!(wants(Some("active"), Some(false)), None);
        let bad = UsersQuery { status: Some("gone".to_owned()), ..UsersQuery::default() };
        assert_eq!(bad.accounts().unwrap_err().kind(), &kind::MALFORMED_QUERY);
    }
}
