//! What people do elsewhere: said by themselves, or by services that know it better (EVT-01, C-40, C-41).

use crate::{
    App,
    caller::Sender,
    extract::{ApiJson, Checks},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{Prefer, Reply},
    views::{BatchView, DeedOutcomeView, DeedView},
};
use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use commands::{CommandError, DeedStanding, Known, Said};
use domain::{
    UserId,
    activity::{ActivityKind, check_metadata},
    badge::criteria::Quality,
    values::{DeedDescription, SenderName},
};
use projections::{Name, USER_EVENTS};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// What shows a deed.
const READS: [Name; 1] = [USER_EVENTS];
/// Deeds in one request.
const BATCH: usize = 100;

/// Something that somebody did, or took back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeedRequest {
    /// The sender's own name of it, 1 to 200 characters: sent again it is the same, for ever. Without it `Idempotency-Key`
    /// is the name, and without that a repeat is another deed.
    #[schema(max_length = 200, example = "like-8841")]
    id: Option<String>,
    /// Whose deed; the caller's if absent. A service names it.
    user: Option<Uuid>,
    /// The caller's, if given at all.
    session: Option<Uuid>,
    /// `post_create`, `comment`, `like`, `share`, `review`, `helpful_vote`, `bug_verified`, `beta_joined`, `report`; or
    /// `post_delete`, `comment_delete`, `unlike`, which take back what `reverses` names. People may say `share` and
    /// `report` of themselves; the rest is said by services.
    #[schema(example = "share")]
    event_type: String,
    /// `low`, if given at all: what is told of here is no more.
    severity: Option<String>,
    /// 1 to 500 characters.
    #[schema(max_length = 500)]
    description: Option<String>,
    /// Up to 16 KiB. Its member `quality` counts as `quality`.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    /// True, if given at all: what failed was not done.
    success: Option<bool>,
    /// Whose thing it was done to.
    target_user: Option<Uuid>,
    /// The sender's name of that thing, 1 to 200 characters.
    #[schema(max_length = 200, example = "post-17")]
    object: Option<String>,
    /// How good it was found to be: 0 to 5 in steps of 0.1.
    #[schema(minimum = 0, maximum = 5, example = 4.5)]
    quality: Option<f64>,
    /// The `id` of what is taken back.
    #[schema(max_length = 200)]
    reverses: Option<String>,
    /// When it happened; now if absent. Only services tell it.
    occurred_at: Option<DateTime<Utc>>,
}

/// Up to 100 deeds; those of one person are recorded in order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeedsRequest {
    #[schema(min_items = 1, max_items = 100)]
    events: Vec<DeedRequest>,
}

/// Records a deed, once, or takes one back. 200 if it was there already, or is taken back.
///
/// Beyond the caps of its kind, and in praise of one's own things, it is recorded and does not count.
#[utoipa::path(post, path = "", tag = "activity", request_body = DeedRequest,
    responses((status = 201, body = DeedView), (status = 200, body = DeedView, description = "It was so already, or is taken back"),
        (status = 403, description = "It is another's, and the caller is no service with the scope `events:write`"),
        (status = 404, description = "There is no such person")))]
pub async fn record_activity(
    State(app): State<App>,
    sender: Sender,
    prefer: Prefer,
    ApiJson(body): ApiJson<DeedRequest>,
) -> ApiResult<Reply<DeedView>> {
    let said = said(&app, &sender, body, sender.key())?;
    let known = app.activities().record(said, &sender.command).await?;
    let settled = app.settle(known.position, &READS, prefer).await;
    let status = if known.standing == DeedStanding::Recorded { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Reply::new(status, DeedView::from(known)).fresh(settled))
}

/// Records up to 100 deeds, each for itself: one that is refused keeps no other from being recorded. Always 200, with an
/// outcome for each in the order of the request; sent again, what was recorded is recognised by its `id`.
#[utoipa::path(post, path = "", tag = "activity", request_body = DeedsRequest,
    responses((status = 200, body = BatchView), (status = 503, description = "The log did not answer: send all of it again")))]
pub async fn record_activities(
    State(app): State<App>,
    sender: Sender,
    prefer: Prefer,
    ApiJson(DeedsRequest { events }): ApiJson<DeedsRequest>,
) -> ApiResult<Reply<BatchView>> {
    if events.is_empty() || events.len() > BATCH {
        let mut checks = Checks::default();
        checks.add("events", "count-invalid", format!("1 to {BATCH} events"));
        checks.finish()?;
    }
    let read: Vec<ApiResult<Said>> =
        events.into_iter().map(|event| said(&app, &sender, event, None)).collect();
    let readable = read.iter().filter_map(|said| said.as_ref().ok()).cloned().collect();
    let mut done = app.activities().record_all(readable, &sender.command).await.into_iter();
    let (mut outcomes, mut position) = (Vec::with_capacity(read.len()), 0);
    for (n, said) in read.into_iter().enumerate() {
        let outcome = match said {
            Err(problem) => Err(problem),
            Ok(_) => match done.next() {
                Some(Ok(known)) => Ok(known),
                Some(Err(error)) if may_pass_later(&error) => return Err(error.into()),
                Some(Err(error)) => Err(error.into()),
                None => Err(Problem::internal("a deed without an outcome")),
            },
        };
        position = outcome.as_ref().map_or(position, |known: &Known| position.max(known.position));
        outcomes.push(DeedOutcomeView::new(outcome, n, &sender.request_id));
    }
    let settled = app.settle(position, &READS, prefer).await;
    Ok(Reply::ok(BatchView::new(outcomes)).fresh(settled))
}

/// Then the whole batch is to be sent again.
const fn may_pass_later(error: &CommandError) -> bool {
    matches!(
        error,
        CommandError::Unavailable(_)
            | CommandError::Internal(_)
            | CommandError::Busy
            | CommandError::Conflict { .. }
    )
}

/// What a body says; `key` names it if it has no name of its own.
fn said(app: &App, sender: &Sender, body: DeedRequest, key: Option<String>) -> ApiResult<Said> {
    let mut checks = Checks::default();
    if body.session.is_some_and(|session| sender.session != Some(session)) {
        checks.add("session", "not-the-callers", "this can only be the session of the request");
    }
    if body.severity.is_some_and(|severity| severity != "low") {
        checks.add("severity", "severity-invalid", "what is told of here is `low`");
    }
    if body.success == Some(false) {
        checks.add("success", "not-done", "what failed was not done");
    }
    let user = body.user.map(UserId::from_uuid).or(sender.user);
    if user.is_none() {
        checks.add("user", "missing", "a service says whose it is");
    }
    let (done, reversed) =
        (ActivityKind::named(&body.event_type), ActivityKind::reversed_by(&body.event_type));
    if done.or(reversed).is_none() {
        checks.add(
            "event_type",
            "event-type-invalid",
            "nobody can say this; the documentation lists what can",
        );
    }
    if reversed.is_some() != body.reverses.is_some() {
        let detail = "it belongs to `post_delete`, `comment_delete` and `unlike`, and to nothing else";
        checks.add("reverses", "reversal-invalid", detail);
    }
    let own_name = if reversed.is_some() { ("reverses", body.reverses) } else { ("id", body.id.or(key)) };
    let name = own_name.1.unwrap_or_else(|| app.edge().mint_id().to_string());
    let name = checks.value(own_name.0, SenderName::parse(&name));
    let object = body.object.map(|object| checks.value("object", SenderName::parse(&object)));
    let description = body.description.map(|text| checks.value("description", DeedDescription::parse(&text)));
    if let Some(metadata) = &body.metadata {
        checks.value("metadata", check_metadata(metadata));
    }
    let rated = body.quality.map(|quality| ("quality", Some(quality)));
    let rated = rated.or_else(|| {
        let quality = body.metadata.as_ref()?.get("quality")?;
        Some(("metadata", quality.as_f64()))
    });
    let quality = rated.and_then(|(member, number)| {
        let quality = number.and_then(Quality::of_number);
        if quality.is_none() {
            checks.add(member, "quality-invalid", "a quality is 0 to 5 in steps of 0.1");
        }
        quality
    });
    checks.finish()?;
    let (Some(user), Some(kind), Some(name)) = (user, done.or(reversed), name) else {
        return Err(Problem::of(&kind::VALIDATION_FAILED));
    };
    Ok(Said {
        name: name.as_str().to_owned(),
        user,
        kind,
        reversal: reversed.is_some(),
        object: object.flatten().map(|object| object.as_str().to_owned()),
        target: body.target_user.map(UserId::from_uuid),
        quality,
        description: description.flatten().map(|text| text.as_str().to_owned()),
        metadata: body.metadata,
        occurred_at: body.occurred_at,
    })
}
