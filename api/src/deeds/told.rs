//! Parsing of recorded activity, the same over HTTP and over NATS (EVT-01, C-41).

use crate::{
    extract::{Checks, depth, judged, parse},
    problem::{ApiResult, FieldError, Problem},
};
use chrono::{DateTime, Utc};
use commands::Said;
use domain::{
    UserId,
    activity::{ActivityKind, check_metadata},
    badge::criteria::Quality,
    values::{DeedDescription, SenderName},
};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use utoipa::ToSchema;
use uuid::Uuid;

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
    /// Up to 16 KiB. Its field `quality` counts as `quality`.
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
    #[schema(value_type = Vec<DeedRequest>, min_items = 1, max_items = 100)]
    events: Vec<Value>,
}

/// Who tells; nobody's for a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Teller {
    pub user: Option<UserId>,
    pub session: Option<Uuid>,
}

/// A deed of a message, and where it stands in the body: a JSON pointer (RFC 6901).
pub type Told = (String, ApiResult<Said>);

/// A message of a service over NATS: one deed or a batch. `name` is that of a single deed whose body has none; a deed
/// without any is refused, since a message may come twice. The deeds are judged each for itself.
///
/// # Errors
/// If nothing of it can be read.
pub fn read_message(body: &[u8], name: Option<&str>) -> ApiResult<Vec<Told>> {
    #[derive(Deserialize)]
    struct Shape {
        events: Option<serde::de::IgnoredAny>,
    }
    let is_batch = serde_json::from_slice::<Shape>(body).is_ok_and(|shape| shape.events.is_some());
    if !is_batch {
        let said = read(body, Teller::default(), || name.map(str::to_owned))?;
        return Ok(vec![(String::new(), Ok(said))]);
    }
    let said = read_batch(body, Teller::default(), || None)?.into_iter();
    Ok(said.enumerate().map(|(n, said)| (format!("/events/{n}"), said)).collect())
}

/// A deed; `name` is asked if it has no name of its own.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(body: &[u8], teller: Teller, name: impl FnOnce() -> Option<String>) -> ApiResult<Said> {
    judged(body, |deed: DeedRequest, checks| deed.said(teller, name, checks))
}

/// The deeds of a batch, each read or refused for itself, with pointers into the deed.
///
/// # Errors
/// If there are none or too many, or the batch around them is wrong.
pub fn read_batch(
    body: &[u8],
    teller: Teller,
    name: impl Fn() -> Option<String>,
) -> ApiResult<Vec<ApiResult<Said>>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Batch<'a> {
        #[serde(borrow)]
        events: Vec<&'a RawValue>,
    }
    // How deep a body may be nested is asked of the whole.
    let whole = std::str::from_utf8(body).ok().filter(|_| !depth::is_too_deep(body));
    let batch = whole.and_then(|text| serde_json::from_str::<Batch<'_>>(text).ok());
    // What is wrong around the deeds, the patient reader tells.
    let Some(Batch { events }) = batch else {
        let DeedsRequest { events } = parse(body)?;
        return Err(Problem::internal(format!("a batch of {} that is none", events.len())));
    };
    if events.is_empty() || events.len() > BATCH {
        let mut checks = Checks::default();
        checks.add("events", "count-invalid", format!("1 to {BATCH} events"));
        checks.finish()?;
    }
    Ok(events.iter().map(|deed| read(deed.get().as_bytes(), teller, &name).map_err(pointed)).collect())
}

/// A deed that is no JSON is wrong as a whole.
fn pointed(problem: Problem) -> Problem {
    if !problem.field_errors().is_empty() {
        return problem;
    }
    let (slug, detail) = (problem.kind().slug, problem.clone().details(String::new()).detail);
    problem.errors(vec![FieldError::new("", slug, detail.unwrap_or_default())])
}

/// Everything that an `event_type` may be.
fn what_is_told() -> String {
    let done = ActivityKind::ALL.iter().map(|kind| kind.name());
    let reversed = ActivityKind::ALL.iter().filter_map(|kind| kind.reversal());
    done.chain(reversed).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl DeedRequest {
    /// What the body says; `name` is asked if it has no name of its own.
    fn said(
        self,
        teller: Teller,
        name: impl FnOnce() -> Option<String>,
        checks: &mut Checks,
    ) -> Option<Said> {
        if self.session.is_some_and(|session| teller.session != Some(session)) {
            checks.add("session", "not-the-callers", "this can only be the session of the request");
        }
        if self.severity.is_some_and(|severity| severity != "low") {
            checks.add("severity", "severity-invalid", "only `low` is allowed here");
        }
        if self.success == Some(false) {
            checks.add("success", "not-done", "what failed was not done");
        }
        let user = self.user.map(UserId::from_uuid).or(teller.user);
        if user.is_none() {
            checks.add("user", "missing", "a service says whose it is");
        }
        let (done, reversed) =
            (ActivityKind::named(&self.event_type), ActivityKind::reversed_by(&self.event_type));
        if done.or(reversed).is_none() {
            checks.add("event_type", "event-type-invalid", format!("expected one of {}", what_is_told()));
        }
        if reversed.is_some() != self.reverses.is_some() {
            let detail = "only `post_delete`, `comment_delete` and `unlike` have this field";
            checks.add("reverses", "reversal-invalid", detail);
        }
        let name = if reversed.is_some() {
            self.reverses.and_then(|name| checks.value("reverses", SenderName::parse(&name)))
        } else if let Some(name) = self.id.or_else(name) {
            checks.value("id", SenderName::parse(&name))
        } else {
            checks.add(
                "id",
                "missing",
                "a message may be delivered twice: send an id here or in Nats-Msg-Id",
            );
            None
        };
        let object = self.object.map(|object| checks.value("object", SenderName::parse(&object)));
        let description =
            self.description.map(|text| checks.value("description", DeedDescription::parse(&text)));
        if let Some(metadata) = &self.metadata {
            checks.value("metadata", check_metadata(metadata));
        }
        let quality = quality(self.quality, self.metadata.as_ref(), checks);
        let (user, kind, name) = (user?, done.or(reversed)?, name?);
        Some(Said {
            name: name.as_str().to_owned(),
            user,
            kind,
            reversal: reversed.is_some(),
            object: object.flatten().map(|object| object.as_str().to_owned()),
            target: self.target_user.map(UserId::from_uuid),
            quality,
            description: description.flatten().map(|text| text.as_str().to_owned()),
            metadata: self.metadata,
            occurred_at: self.occurred_at,
        })
    }
}

/// The field of that name, or the one of the metadata.
fn quality(own: Option<f64>, metadata: Option<&Map<String, Value>>, checks: &mut Checks) -> Option<Quality> {
    let rated = own.map(|quality| ("quality", Some(quality)));
    let rated = rated.or_else(|| {
        let quality = metadata?.get("quality")?;
        Some(("metadata", quality.as_f64()))
    });
    rated.and_then(|(member, number)| {
        let quality = number.and_then(Quality::of_number);
        if quality.is_none() {
            checks.add(member, "quality-invalid", "a quality is 0 to 5 in steps of 0.1");
        }
        quality
    })
}
