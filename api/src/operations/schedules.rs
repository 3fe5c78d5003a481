//! Schedules, for staff (ADM-05, C-35). Every change is in the log before it is made.

use crate::account::user_acts::NothingBody;
use crate::{
    App,
    caller::Caller,
    extract::{ApiJson, OptionalJson, PathText},
    http::views::PageView,
    operations::timetable::{ScheduleEdit, ScheduleView},
    problem::ApiResult,
    reply::Reply,
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is to be changed; absent: it stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleBody {
    /// Five fields of cron, in UTC: minute, hour, day of month, month, day of week.
    #[schema(max_length = 100, example = "30 2 * * *")]
    cron: Option<String>,
    enabled: Option<bool>,
}

/// A run that was asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunView {
    /// The run's job.
    job: Uuid,
    schedule: ScheduleView,
}

/// Lists the schedules by name. Staff only.
#[utoipa::path(get, path = "", tag = "admin", responses((status = 200, body = PageView<ScheduleView>)))]
pub async fn list_schedules(State(app): State<App>) -> ApiResult<Reply<PageView<ScheduleView>>> {
    let results = app.schedules().list().await?;
    let count = i64::try_from(results.len()).ok();
    Ok(Reply::ok(PageView { count, next: None, previous: None, results }))
}

/// Returns one schedule. Staff only.
#[utoipa::path(get, path = "", tag = "admin", params(("name" = String, Path)),
    responses((status = 200, body = ScheduleView), (status = 404, description = "There is no such schedule")))]
pub async fn find_schedule(
    State(app): State<App>,
    PathText(name): PathText,
) -> ApiResult<Reply<ScheduleView>> {
    Ok(Reply::ok(app.schedules().find(&name).await?))
}

/// Changes when a schedule runs, or enables or disables it, with immediate effect. What was due before by the new
/// times, or while it was not enabled, is not made up for. Staff only.
#[utoipa::path(patch, path = "", tag = "admin", params(("name" = String, Path)), request_body = ScheduleBody,
    responses((status = 200, body = ScheduleView), (status = 404, description = "There is no such schedule")))]
pub async fn change_schedule(
    State(app): State<App>,
    caller: Caller,
    PathText(name): PathText,
    ApiJson(ScheduleBody { cron, enabled }): ApiJson<ScheduleBody>,
) -> ApiResult<Reply<ScheduleView>> {
    let before = app.schedules().find(&name).await?;
    // What is kept may be sent back as it was read, whatever could be entered now.
    let cron = cron.filter(|cron| *cron != before.cron);
    let cron = cron.map(|cron| app.schedules().check(&cron)).transpose()?;
    let edit = ScheduleEdit {
        cron: cron.filter(|cron| *cron != before.cron),
        enabled: enabled.filter(|enabled| *enabled != before.enabled),
    };
    let cron = edit.cron.clone().map(|cron| ("cron".to_owned(), cron));
    let change: BTreeMap<_, _> = edit
        .enabled
        .map(|enabled| ("enabled".to_owned(), enabled.to_string()))
        .into_iter()
        .chain(cron)
        .collect();
    if change.is_empty() {
        return Ok(Reply::ok(before));
    }
    app.commands().access_log.record_act("change_schedule", &name, change, &caller.command).await?;
    Ok(Reply::ok(app.schedules().change(&name, &edit, app.now()).await?))
}

/// Runs a schedule now, whether it is enabled or not; if its last run has not finished, that run is returned. Staff
/// only.
#[utoipa::path(post, path = "", tag = "admin", params(("name" = String, Path)), request_body = Option<NothingBody>,
    responses((status = 202, body = RunView), (status = 404, description = "There is no such schedule")))]
pub async fn run_schedule(
    State(app): State<App>,
    caller: Caller,
    PathText(name): PathText,
    _body: OptionalJson<NothingBody>,
) -> ApiResult<Reply<RunView>> {
    app.schedules().find(&name).await?;
    app.commands().access_log.record_act("run_schedule", &name, BTreeMap::new(), &caller.command).await?;
    let job = app.schedules().run(&name, app.now()).await?;
    let schedule = app.schedules().find(&name).await?;
    Ok(Reply::new(StatusCode::ACCEPTED, RunView { job, schedule }))
}
