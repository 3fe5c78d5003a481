//! Explains a kind of problem: the `type` of every problem document leads here.

use crate::{
    extract::PathId,
    problem::{Problem, catalogue},
};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// One kind of problem.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    #[serde(rename = "type")]
    #[schema(example = "/problems/validation-failed")]
    kind: String,
    title: &'static str,
    status: u16,
    /// What to do about it.
    help: &'static str,
}

/// Explains a kind of problem.
#[utoipa::path(get, path = "", tag = "operations", params(("slug" = String, Path, description = "The tail of a `type`")),
    responses((status = 200, body = Explanation), (status = 404, description = "No such kind of problem")))]
pub async fn find_problem(PathId(slug): PathId<String>) -> Result<Json<Explanation>, Problem> {
    let kind = catalogue::find(&slug).ok_or_else(|| Problem::of(&catalogue::NOT_FOUND))?;
    Ok(Json(Explanation {
        kind: kind.url(),
        title: kind.title,
        status: kind.status.as_u16(),
        help: kind.help,
    }))
}
