//! Acts on things that a person owns, whatever the thing is: list, add, read, change, remove (PFO-08).
//!
//! A handler names the thing; another's is as absent as one that never was.

use crate::{
    App,
    caller::Caller,
    etag::IfMatch,
    http::views::{PageQuery, PageView, link},
    problem::{ApiResult, Kind, Problem},
    reply::{MinPosition, Prefer, Reply, Tagged},
};
use axum::http::{HeaderMap, StatusCode, Uri};
use chrono::{DateTime, Utc};
use commands::{CommandError, Done, Executable};
use domain::UserId;
use projections::OwnedModel;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// A thing that is shown to its person.
pub trait Shown: OwnedModel + Executable {
    type View: Serialize + ToSchema + Send;

    const NOT_FOUND: &'static Kind;

    /// As its person sees it.
    fn view(&self, id: Uuid, user: UserId) -> Self::View;

    /// What a body changes of a thing as it is shown now.
    fn changes(body: Map<String, Value>, current: &Value) -> ApiResult<Self::Patch>;
}

/// The reply to a removal.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedView {
    pub id: Uuid,
    pub removed_at: Option<DateTime<Utc>>,
}

/// The caller's things, newest first.
pub async fn list<A: Shown>(
    app: &App,
    caller: &Caller,
    at_least: MinPosition,
    (uri, query): (&Uri, &PageQuery),
) -> ApiResult<Reply<PageView<A::View>>> {
    let wanted = query.paging()?;
    let fresh = app.catch_up(at_least, &[A::NAME]).await?;
    let page = app.queries().list_owned::<A>(caller.user, wanted).await?;
    let show = |row: projections::OwnedRow<A>| row.state.view(row.id, row.user_id);
    Ok(Reply::ok(PageView::new(page, uri, link, show)).fresh(fresh))
}

/// One of the caller's things.
pub async fn find<A: Shown>(
    app: &App,
    caller: &Caller,
    (at_least, headers): (MinPosition, &HeaderMap),
    id: A::Id,
) -> ApiResult<Tagged<A::View>> {
    let fresh = app.catch_up(at_least, &[A::NAME]).await?;
    let row = app.queries().find_owned::<A>(caller.user, id.into()).await?;
    let row = row.ok_or_else(|| Problem::of(A::NOT_FOUND))?;
    let view = row.state.view(row.id, row.user_id);
    Ok(Reply::ok(()).fresh(fresh).tagged(row.version, view).unless_known(headers))
}

/// Adds a thing of the caller's own.
pub async fn add<A: Shown>(
    app: &App,
    caller: &Caller,
    prefer: Prefer,
    new: A::New,
) -> ApiResult<Tagged<A::View>> {
    let done = app.commands().owned.add::<A>(new, &caller.command).await.map_err(absent::<A>)?;
    reply(app, caller, (StatusCode::CREATED, prefer), done).await
}

/// Changes one of the caller's things; absent fields stay as they are.
pub async fn change<A: Shown>(
    app: &App,
    caller: &Caller,
    (prefer, IfMatch(version)): (Prefer, IfMatch),
    id: A::Id,
    body: Map<String, Value>,
) -> ApiResult<Tagged<A::View>> {
    // A repeat is answered before the body is compared with the present state, which the change itself may have made.
    let done = match app.commands().owned.earlier::<A>(&caller.command).await? {
        Some(done) => done,
        None => {
            let (thing, _) =
                app.commands().owned.find::<A>(id, &caller.command).await.map_err(absent::<A>)?;
            let shown =
                serde_json::to_value(thing.view(id.into(), caller.user)).map_err(Problem::internal)?;
            let patch = A::changes(body, &shown)?;
            app.commands()
                .owned
                .revise::<A>(id, patch, version, &caller.command)
                .await
                .map_err(absent::<A>)?
        }
    };
    reply(app, caller, (StatusCode::OK, prefer), done).await
}

/// Removes one of the caller's things. Repeated, it changes nothing.
pub async fn remove<A: Shown>(
    app: &App,
    caller: &Caller,
    (prefer, IfMatch(version)): (Prefer, IfMatch),
    id: A::Id,
) -> ApiResult<Reply<RemovedView>> {
    let done = app.commands().owned.remove::<A>(id, version, &caller.command).await.map_err(absent::<A>)?;
    let settled = app.settle(done.receipt.position, &[A::NAME], prefer).await;
    let removed_at = done.state.standing().removed_at;
    Ok(Reply::ok(RemovedView { id: id.into(), removed_at }).fresh(settled))
}

/// The thing after a command; after a repeated one as it is by now.
async fn reply<A: Shown>(
    app: &App,
    caller: &Caller,
    (status, prefer): (StatusCode, Prefer),
    done: Done<A>,
) -> ApiResult<Tagged<A::View>> {
    let (id, receipt) = (done.receipt.id, done.receipt);
    let (thing, version) = match receipt.replayed {
        true => app.commands().owned.find::<A>(id.into(), &caller.command).await.map_err(absent::<A>)?,
        false => (done.state, receipt.version),
    };
    let settled = app.settle(receipt.position, &[A::NAME], prefer).await;
    Ok(Reply::new(status, ()).fresh(settled).tagged(version, thing.view(id, caller.user)))
}

fn absent<A: Shown>(error: CommandError) -> Problem {
    match error {
        CommandError::NotFound => Problem::of(A::NOT_FOUND),
        error => error.into(),
    }
}
