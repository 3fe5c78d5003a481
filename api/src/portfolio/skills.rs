//! The caller's skills (PFO-04). Nobody else sees them here.

use crate::{
    App,
    caller::Caller,
    etag::IfMatch,
    extract::{ApiForm, ApiJson, ApiQuery, Checks, Form, PathId, Writable, typed},
    http::{
        owned::{self, RemovedView, Shown},
        views::{PageQuery, PageView},
    },
    problem::{ApiResult, Kind, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply, Tagged},
};
use axum::{
    extract::State,
    http::{HeaderMap, Uri},
};
use chrono::{DateTime, Utc};
use domain::{
    SkillId, UserId,
    skill::{NewSkill, Skill, SkillPatch},
    values::{SkillCategory, SkillName},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

const SKILL: Writable = Writable { members: &["name", "category"], synonyms: &[], volatile: &["updated_at"] };

/// A skill.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkillBody {
    /// 1 to 64 characters; each once, whatever its case and spaces. Needed of a new skill.
    #[schema(max_length = 64, example = "Rust")]
    name: Option<String>,
    /// `Language`, `Framework`, `Tool`, `Platform`, `Database`, `Design`, `Soft` or `Other`. Needed of a new skill.
    #[schema(value_type = Option<String>, example = "Language")]
    category: Option<SkillCategory>,
}

impl SkillBody {
    fn read(&self, checks: &mut Checks) -> SkillPatch {
        let name = self.name.as_deref().and_then(|name| checks.value("name", SkillName::parse(name)));
        SkillPatch { name, category: self.category }
    }

    fn whole(&self, checks: &mut Checks) -> Option<NewSkill> {
        for (member, missing) in [("name", self.name.is_none()), ("category", self.category.is_none())] {
            if missing {
                checks.missing(member);
            }
        }
        let SkillPatch { name, category } = self.read(checks);
        Some(NewSkill { name: name?, category: category? })
    }
}

impl Form for SkillBody {
    fn check(&self, checks: &mut Checks) {
        self.whole(checks);
    }
}

/// A skill as its person sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SkillView {
    pub id: Uuid,
    /// Whose it is.
    pub user: Uuid,
    #[schema(example = "Rust")]
    pub name: Option<String>,
    #[schema(value_type = String, example = "Language")]
    pub category: SkillCategory,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Shown for Skill {
    type View = SkillView;

    const NOT_FOUND: &'static Kind = &kind::SKILL_NOT_FOUND;

    fn view(&self, id: Uuid, user: UserId) -> SkillView {
        SkillView {
            id,
            user: user.uuid(),
            name: self.fields.name.known().cloned(),
            category: self.fields.category,
            created_at: self.standing.added_at,
            updated_at: self.standing.revised_at,
        }
    }

    fn changes(body: Map<String, Value>, current: &Value) -> ApiResult<SkillPatch> {
        let mut checks = Checks::default();
        let changes = SKILL.changes(body, current, &mut checks);
        for member in changes.iter().filter(|(_, value)| value.is_null()).map(|(member, _)| member) {
            checks.missing(member);
        }
        let read = typed::<SkillBody>(changes, &mut checks).map(|body| body.read(&mut checks));
        checks.finish()?;
        Ok(read.unwrap_or_default())
    }
}

/// Lists the caller's skills, newest first.
#[utoipa::path(get, path = "", tag = "portfolio", params(PageQuery),
    responses((status = 200, body = PageView<SkillView>)))]
pub async fn list_skills(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Reply<PageView<SkillView>>> {
    owned::list::<Skill>(&app, &caller, at_least, (&uri, &query)).await
}

/// Adds a skill of the caller.
#[utoipa::path(post, path = "", tag = "portfolio", request_body = SkillBody,
    responses((status = 201, body = SkillView), (status = 409, description = "The name is in use, or there are 200")))]
pub async fn add_skill(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    ApiForm(body): ApiForm<SkillBody>,
) -> ApiResult<Tagged<SkillView>> {
    let mut checks = Checks::default();
    let new = body.whole(&mut checks);
    checks.finish()?;
    let new = new.ok_or_else(|| Problem::internal("a checked form without its values"))?;
    owned::add::<Skill>(&app, &caller, prefer, new).await
}

/// Returns one of the caller's skills.
#[utoipa::path(get, path = "", tag = "portfolio", params(("id" = Uuid, Path)),
    responses((status = 200, body = SkillView), (status = 304), (status = 404, description = "Not there, or not the caller's")))]
pub async fn find_skill(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    headers: HeaderMap,
    PathId(id): PathId<SkillId>,
) -> ApiResult<Tagged<SkillView>> {
    owned::find::<Skill>(&app, &caller, (at_least, &headers), id).await
}

/// Changes the given fields of one of the caller's skills.
#[utoipa::path(method(put, patch), path = "", tag = "portfolio", params(("id" = Uuid, Path)), request_body = SkillBody,
    responses((status = 200, body = SkillView), (status = 404, description = "Not there, or not the caller's"),
        (status = 409, description = "The name is in use"), (status = 412, description = "Changed since `If-Match`")))]
pub async fn change_skill(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    if_match: IfMatch,
    PathId(id): PathId<SkillId>,
    ApiJson(body): ApiJson<Map<String, Value>>,
) -> ApiResult<Tagged<SkillView>> {
    owned::change::<Skill>(&app, &caller, (prefer, if_match), id, body).await
}

/// Removes one of the caller's skills. Repeated, it changes nothing.
#[utoipa::path(delete, path = "", tag = "portfolio", params(("id" = Uuid, Path)),
    responses((status = 200, body = RemovedView), (status = 404, description = "Not there, or not the caller's"),
        (status = 412, description = "Changed since `If-Match`")))]
pub async fn remove_skill(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    if_match: IfMatch,
    PathId(id): PathId<SkillId>,
) -> ApiResult<Reply<RemovedView>> {
    owned::remove::<Skill>(&app, &caller, (prefer, if_match), id).await
}
