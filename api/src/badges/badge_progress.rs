//! Why somebody has a badge, and who would have one that is not published yet.

use crate::{
    App,
    badges::views::{BadgeProgressView, EligibleBadgeView, EvidenceView, PreviewProgressView, PreviewView},
    caller::Caller,
    extract::{ApiForm, Checks, Form, PathId},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Reply},
};
use crate::{audit::events::is_staff, audit::witness::seen, people::person::whole};
use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    AwardId, Personal, Subject, UserId,
    badge::{Availability, criteria::Criterion},
    settings::Settings,
};
use futures::stream;
use projections::{
    BADGE_PROGRESS, BADGES, QueryError, USER_SETTINGS,
    badge_progress::preview::{Looked, Preview},
};
use serde::Deserialize;
use serde_json::Value;
use std::convert::Infallible;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio_util::task::AbortOnDropHandle;
use utoipa::ToSchema;

/// Lists a person's progress toward each active badge that they do not have, the nearest first (BDG-03). One's own; for
/// staff anybody's. Windows and streaks are those of the person's own day now.
#[utoipa::path(get, path = "", tag = "badge", params(("id" = Uuid, Path, description = "Of the user")),
    responses((status = 200, body = BadgeProgressView), (status = 404, description = "There is no such person, or it is another")))]
pub async fn find_badge_progress(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    PathId(user): PathId<UserId>,
) -> ApiResult<Reply<BadgeProgressView>> {
    let fresh = app.catch_up(at_least, &[BADGES, BADGE_PROGRESS, USER_SETTINGS]).await?;
    let absent = || Problem::of(&kind::ACCOUNT_NOT_FOUND);
    app.queries().find_account(user).await?.ok_or_else(absent)?;
    sees(&app, &caller, user, absent).await?;
    let tally = app.queries().find_tally(user).await?.unwrap_or_default().on(today(&app, user).await?);
    let mut eligible: Vec<EligibleBadgeView> = app
        .queries()
        .list_open_badges(user)
        .await?
        .into_iter()
        .filter_map(|badge| {
            let progress = badge.criteria.as_ref()?.progress(&tally);
            Some(EligibleBadgeView { progress: progress.into(), badge: badge.into() })
        })
        .collect();
    eligible.sort_by_key(|eligible| std::cmp::Reverse(eligible.progress.progress));
    Ok(Reply::ok(BadgeProgressView { eligible_badges: eligible }).fresh(fresh))
}

/// The person's own day.
async fn today(app: &App, user: UserId) -> ApiResult<NaiveDate> {
    let row = app.queries().find_settings(user).await?;
    let timezone = row.map(|row| Personal::new(Subject::of(user), row.timezone));
    Ok(Settings { timezone, ..Settings::default() }.day_at(app.now()))
}

/// Returns the events that earned a badge, and what happened to the award since. One's own; for staff anybody's.
#[utoipa::path(get, path = "", tag = "badge", params(("id" = Uuid, Path, description = "Of the award")),
    responses((status = 200, body = EvidenceView), (status = 404, description = "Never given, or another's")))]
pub async fn find_evidence(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    PathId(award): PathId<AwardId>,
) -> ApiResult<Reply<EvidenceView>> {
    let fresh = app.catch_up(at_least, &[BADGE_PROGRESS]).await?;
    let absent = || Problem::of(&kind::AWARD_NOT_FOUND);
    let evidence = app.queries().find_evidence(award).await?.ok_or_else(absent)?;
    sees(&app, &caller, evidence.user, absent).await?;
    Ok(Reply::ok(EvidenceView::from(evidence)).fresh(fresh))
}

/// A person sees their own; staff see it, too, and that they did is put down.
async fn sees(app: &App, caller: &Caller, user: UserId, absent: impl Fn() -> Problem) -> ApiResult<()> {
    if user == caller.user {
        return Ok(());
    }
    if caller.session.is_none() || !is_staff(app, caller.user).await? {
        return Err(absent());
    }
    seen(app, &caller.command, vec![user]).await
}

/// A criterion that nobody can meet yet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// As a badge has it; see `/api/badges/criteria-schema`.
    #[schema(value_type = Object)]
    criteria: Value,
    /// Only what happens then or later completes it.
    available_from: Option<DateTime<Utc>>,
    /// Only what happens before completes it.
    available_until: Option<DateTime<Utc>>,
}

impl PreviewRequest {
    fn criterion(&self, checks: &mut Checks) -> Option<Criterion> {
        let faults = match Criterion::parse(&self.criteria) {
            Ok(criterion) => return Some(criterion),
            Err(faults) => faults,
        };
        for fault in faults {
            checks.at(format!("/criteria{}", fault.pointer), "criteria-invalid", fault.detail);
        }
        None
    }
}

impl Form for PreviewRequest {
    fn check(&self, checks: &mut Checks) {
        self.criterion(checks);
    }
}

/// Runs a criterion over the whole history and lists who would have earned the badge, and when. It changes nothing.
///
/// Asked for as `text/event-stream` it tells how far it is, as events `progress`, and ends with an event `preview`;
/// whoever hangs up ends it. As JSON it has to finish within the time of a request.
#[utoipa::path(post, path = "", tag = "badge", request_body = PreviewRequest,
    responses((status = 200, description = "Who would have earned it",
        content((PreviewView = "application/json"), (String = "text/event-stream")))))]
pub async fn preview_badge(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    ApiForm(body): ApiForm<PreviewRequest>,
) -> ApiResult<Response> {
    let available = Availability { from: body.available_from, until: body.available_until };
    let mut checks = Checks::default();
    let criterion = body.criterion(&mut checks);
    let criterion = whole(checks, criterion)?;
    if !wants_events(&headers) {
        let preview = app.queries().preview(&criterion, available, |_| {}).await?;
        return Ok(Reply::ok(shown(&app, &caller, preview).await?).into_response());
    }
    let (tell, told) = mpsc::unbounded_channel();
    let queries = app.queries().clone();
    let work = AbortOnDropHandle::new(tokio::spawn(async move {
        // Nobody listens any more only once this is being ended.
        queries.preview(&criterion, available, |looked| _ = tell.send(looked)).await
    }));
    let running = Running { app, caller, told, work: Some(work) };
    let events = stream::unfold(running, async |mut running| {
        Some((Ok::<_, Infallible>(running.next().await?), running))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

fn wants_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|kind| kind.trim().starts_with("text/event-stream"))
}

/// What staff are shown of people is put down first.
async fn shown(app: &App, caller: &Caller, preview: Preview) -> ApiResult<PreviewView> {
    seen(app, &caller.command, preview.earners.iter().map(|earner| earner.user).collect()).await?;
    Ok(PreviewView::from(preview))
}

struct Running {
    app: App,
    caller: Caller,
    told: UnboundedReceiver<Looked>,
    /// None once it has ended.
    work: Option<AbortOnDropHandle<Result<Preview, QueryError>>>,
}

impl Running {
    async fn next(&mut self) -> Option<Event> {
        if let Some(Looked { done, total }) = self.told.recv().await {
            return Event::default().event("progress").json_data(PreviewProgressView { done, total }).ok();
        }
        let preview = self.work.take()?.await.ok()?;
        let preview = match preview {
            Ok(preview) => shown(&self.app, &self.caller, preview).await,
            Err(error) => Err(error.into()),
        };
        match preview {
            Ok(preview) => Event::default().event("preview").json_data(preview).ok(),
            Err(problem) => Event::default().event("problem").json_data(problem.details(String::new())).ok(),
        }
    }
}
