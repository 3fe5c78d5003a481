//! The history, for staff and services: the audit log (AUD-01) and the event trail under it (AUD-03).

use crate::audit::witness::viewed;
use crate::{
    App,
    audit::views::{AuditEntryView, EventView},
    caller::Reader,
    extract::ApiQuery,
    http::views::{PageView, refused, size},
    problem::ApiResult,
    reply::{MinPosition, Reply},
};
use axum::{extract::State, http::Uri};
use chrono::{DateTime, Datelike, Utc};
use domain::{Subject, access_log::View};
use projections::{
    AUDIT_LOG, Order, Seek, Stretch,
    audit_log::{AuditFilter, trail::TrailScope},
};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::IntoParams;
use uuid::Uuid;

/// All that are given must hold.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    #[param(example = "user")]
    entity_type: Option<String>,
    entity_id: Option<String>,
    /// `user:<id>`, `system:<name>`, `anonymous`; a bare id is a user's.
    actor: Option<String>,
    /// The event's type.
    #[param(example = "password_changed")]
    action: Option<String>,
    /// `user`, `admin`, `security` or `data`.
    #[param(pattern = "^(user|admin|security|data)$")]
    category: Option<String>,
    /// Recorded at or after (RFC 3339).
    since: Option<DateTime<Utc>>,
    /// Recorded before (RFC 3339).
    until: Option<DateTime<Utc>>,
    /// From `next` or `previous` of another page.
    #[param(pattern = "^(after|before)-[0-9]{1,18}$")]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

impl AuditQuery {
    fn filter(self) -> ApiResult<AuditFilter> {
        let category = self.category.map(|text| text.parse()).transpose();
        let category = category.map_err(|_| refused("category", "user, admin, security or data"))?;
        Ok(AuditFilter {
            entity_type: self.entity_type,
            entity_id: self.entity_id,
            actor: self.actor.map(actor),
            action: self.action,
            category,
            since: known_time("since", self.since)?,
            until: known_time("until", self.until)?,
            ..AuditFilter::default()
        })
    }

    fn stretch(&self) -> ApiResult<Stretch> {
        let seek = self.cursor.as_deref().map(str::parse).transpose();
        let seek = seek.map_err(|_| refused("cursor", "use a cursor from `next` or `previous`"))?;
        Ok(Stretch { order: Order::NewestFirst, seek, limit: size("page_size", self.page_size)? })
    }
}

/// PostgreSQL's calendar is shorter than chrono's.
pub(crate) fn known_time(name: &str, time: Option<DateTime<Utc>>) -> ApiResult<Option<DateTime<Utc>>> {
    match time {
        Some(time) if !(0..=9999).contains(&time.year()) => Err(refused(name, "years 0000 to 9999")),
        time => Ok(time),
    }
}

/// A bare id is a user's.
fn actor(text: String) -> String {
    match Uuid::parse_str(&text) {
        Ok(id) => format!("user:{id}"),
        Err(_) => text,
    }
}

/// What happened, newest first. For staff, and for services with `audit:read`.
#[utoipa::path(get, path = "", tag = "audit", params(AuditQuery),
    responses((status = 200, body = PageView<AuditEntryView>)))]
pub async fn list_audit(
    State(app): State<App>,
    reader: Reader,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<AuditQuery>,
) -> ApiResult<Reply<PageView<AuditEntryView>>> {
    let stretch = query.stretch()?;
    let filter = query.filter()?;
    let fresh = app.catch_up(at_least, &[AUDIT_LOG]).await?;
    let page = app.queries().list_audit(&filter, stretch).await?;
    viewed(&app, &reader.command, View::Audit, subjects(&page.results, |entry| &entry.subjects)).await?;
    let link = |seek: Seek| ("cursor", seek.to_string());
    Ok(Reply::ok(PageView::new(page, &uri, link, AuditEntryView::from)).fresh(fresh))
}

/// The largest number that every JSON reader takes exactly.
const MAX_POSITION: i64 = (1 << 53) - 1;

/// Which events; without a stream, all.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// The first position that is shown; positions count from 1, and 0 is before all.
    #[param(minimum = 0, default = 1)]
    from: Option<i64>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// With `aggregate_id`: only the events of this stream.
    #[param(example = "user")]
    aggregate_type: Option<String>,
    aggregate_id: Option<String>,
}

impl EventsQuery {
    /// The position before the first that is shown.
    fn after(&self) -> ApiResult<i64> {
        let from = self.from.unwrap_or(1);
        let known = (0..=MAX_POSITION).contains(&from);
        if known { Ok((from - 1).max(0)) } else { Err(refused("from", "a position, at least 0")) }
    }

    fn scope(self) -> ApiResult<TrailScope> {
        match (self.aggregate_type, self.aggregate_id) {
            (None, None) => Ok(TrailScope::All),
            (Some(aggregate_type), Some(aggregate_id)) => {
                Ok(TrailScope::Stream { aggregate_type, aggregate_id })
            }
            (Some(_), None) => Err(refused("aggregate_id", "send aggregate_type and aggregate_id together")),
            (None, Some(_)) => {
                Err(refused("aggregate_type", "send aggregate_type and aggregate_id together"))
            }
        }
    }
}

/// Lists the events of the log in order, with decrypted personal values. For staff, and for services with `audit:read`.
#[utoipa::path(get, path = "", tag = "audit", params(EventsQuery), responses((status = 200, body = PageView<EventView>)))]
pub async fn list_events(
    State(app): State<App>,
    reader: Reader,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<EventsQuery>,
) -> ApiResult<Reply<PageView<EventView>>> {
    let (after, limit) = (query.after()?, size("limit", query.limit)?);
    let scope = query.scope()?;
    // The trail is read from the log itself: only a position beyond its end could not be shown.
    let fresh = app.catch_up(at_least, &[]).await?;
    let page = app.queries().list_events(&scope, after, limit).await?;
    viewed(&app, &reader.command, View::Events, subjects(&page.results, |event| &event.subjects)).await?;
    let link = |seek: Seek| match seek {
        Seek::After(position) => ("from", position.saturating_add(1).to_string()),
        Seek::Before(position) => ("from", position.to_string()),
    };
    Ok(Reply::ok(PageView::new(page, &uri, link, EventView::from)).fresh(fresh))
}

/// Whose personal values stand on a page.
fn subjects<T>(page: &[T], of: impl Fn(&T) -> &BTreeSet<Subject>) -> BTreeSet<Subject> {
    page.iter().flat_map(of).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_id_is_a_users() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";

        assert_eq!(actor(id.to_owned()), format!("user:{id}"));
        assert_eq!(actor("system:cli".to_owned()), "system:cli");
    }

    #[test]
    fn times_that_no_database_holds_are_refused() {
        assert!(known_time("since", "2026-01-01T00:00:00Z".parse().ok()).is_ok());
        for bad in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert_eq!(known_time("since", Some(bad)).unwrap_err().kind().slug, "malformed-query");
        }
    }

    #[test]
    fn first_position_is_included() {
        let after =
            |from| EventsQuery { from, limit: None, aggregate_type: None, aggregate_id: None }.after();

        assert_eq!(after(None).unwrap(), 0);
        assert_eq!(after(Some(7)).unwrap(), 6);
        for bad in [i64::MIN, -1, i64::MAX] {
            assert_eq!(after(Some(bad)).unwrap_err().kind().slug, "malformed-query");
        }
    }
}
