//! Errors as RFC 9457 problem documents.
//!
//! A handler returns a [`Problem`]; [`crate::edge::render`] writes the document, once, with the request's id.
//! Which problems there are is `catalogue`; what maps to which is `mapping`.

pub mod catalogue;
mod mapping;

pub use catalogue::Kind;
pub use mapping::field_error;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use commands::Puzzle;
use serde::Serialize;
use utoipa::ToSchema;

pub const MEDIA_TYPE: &str = "application/problem+json";

/// RFC 9457 problem details. `type` is stable, the sentences are for people and may change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProblemDetails {
    /// A relative URL that explains this kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "/problems/validation-failed")]
    pub kind: String,
    #[schema(example = "The request is not valid")]
    pub title: &'static str,
    #[schema(example = 422)]
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The id of the request, as in the reply's `x-request-id` and in the logs.
    pub request_id: String,
    /// What is wrong where: on 400 and 422, and on other refusals that are about a field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What is to be proved; only with `proof-needed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<PuzzleView>,
}

/// A proof of work: find a number so that the SHA-256 of `token`, a full stop and the number in decimal digits begins with
/// `difficulty` zero bits; ask again with that text in `Annals-Proof`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PuzzleView {
    #[schema(example = "sha-256")]
    pub algorithm: &'static str,
    /// Good once, for this act, from this network.
    pub token: String,
    #[schema(example = 18)]
    pub difficulty: u8,
    pub expires_at: DateTime<Utc>,
}

impl From<Puzzle> for PuzzleView {
    fn from(puzzle: Puzzle) -> Self {
        let Puzzle { token, difficulty, expires_at } = puzzle;
        Self { algorithm: "sha-256", token, difficulty, expires_at }
    }
}

/// One thing that is wrong with the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body, or `?name` for a query parameter.
    #[schema(example = "/email")]
    pub pointer: String,
    /// Stable, kebab case.
    #[schema(example = "email-invalid")]
    pub code: String,
    pub detail: String,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.into() }
    }
}

/// A problem on its way to the client. What caused a 5xx goes to the log, never into the document.
#[derive(Clone, Debug)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    kind: &'static Kind,
    detail: Option<String>,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
    challenge: Option<PuzzleView>,
}

pub type ApiResult<T> = Result<T, Problem>;

impl Problem {
    pub fn of(kind: &'static Kind) -> Self {
        let (errors, headers) = (Vec::new(), Vec::new());
        Self(Box::new(Parts { kind, detail: None, errors, headers, cause: None, challenge: None }))
    }

    /// 422 with one error per field.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::of(&catalogue::VALIDATION_FAILED).errors(errors)
    }

    /// 500; the cause is logged, and only there.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::of(&catalogue::INTERNAL).cause(cause)
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    pub fn retry_after(self, seconds: u64) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    pub fn cause(mut self, cause: impl std::fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// What the client is to prove first.
    pub fn puzzle(mut self, puzzle: PuzzleView) -> Self {
        self.0.challenge = Some(puzzle);
        self
    }

    /// What a rule says about a value, about the field that held it here.
    pub fn renamed(mut self, from: &str, to: &str) -> Self {
        for error in self.0.errors.iter_mut().filter(|error| error.pointer == from) {
            to.clone_into(&mut error.pointer);
        }
        self
    }

    /// What a rule says about a part, as about the whole.
    pub fn below(mut self, parent: &str) -> Self {
        for error in &mut self.0.errors {
            error.pointer.insert_str(0, parent);
        }
        self
    }

    pub fn kind(&self) -> &'static Kind {
        self.0.kind
    }

    pub fn field_errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// For the log.
    pub fn logged_cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The same about no field: none holds what is refused.
    pub fn about_nothing(self) -> Self {
        self.errors(Vec::new())
    }

    /// What a client does about it, where nothing more is known than the kind.
    fn advice(&self) -> String {
        let wait = self.0.headers.iter().find(|(name, _)| name == header::RETRY_AFTER);
        let seconds = wait.and_then(|(_, value)| value.to_str().ok());
        match seconds {
            Some("1") => "Try again in 1 second.".to_owned(),
            Some(seconds) => format!("Try again in {seconds} seconds."),
            None => self.0.kind.help.to_owned(),
        }
    }

    pub fn details(self, request_id: String) -> ProblemDetails {
        let advice = self.advice();
        let Parts { kind, detail, errors, challenge, .. } = *self.0;
        let detail = Some(detail.unwrap_or(advice));
        ProblemDetails {
            kind: kind.url(),
            title: kind.title,
            status: kind.status.as_u16(),
            detail,
            request_id,
            errors,
            challenge,
        }
    }
}

/// Status, headers, and the problem itself for [`crate::edge::render`] to write.
impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        let kind = self.0.kind;
        let mut response = kind.status.into_response();
        for (name, value) in std::mem::take(&mut self.0.headers) {
            response.headers_mut().insert(name, value);
        }
        if kind.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, kind.challenge());
        }
        response.extensions_mut().insert(self);
        response
    }
}
