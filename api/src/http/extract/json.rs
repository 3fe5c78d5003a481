//! A JSON body as a type, or a problem that says what is wrong at which byte or members.

use super::{
    Checks,
    depth::{self, Unwelcome},
    patient,
    strict::{self, Read},
    words,
};
use crate::{
    edge::RawBody,
    problem::{FieldError, Problem, catalogue as kind},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};
use std::fmt::Write;

/// The body, read as `T`. Unknown fields are refused by `T`'s own `deny_unknown_fields`.
#[derive(Clone, Debug)]
pub struct ApiJson<T>(pub T);

/// A body whose values have rules of their own.
pub trait Form: DeserializeOwned {
    /// Notes every rule that a value breaks.
    fn check(&self, checks: &mut Checks);
}

/// The body, read as `T`, with nothing wrong in it.
#[derive(Clone, Debug)]
pub struct ApiForm<T>(pub T);

impl<T: Form, S: Send + Sync> FromRequest<S> for ApiForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, _) = request.into_parts();
        is_json(&parts.headers)?;
        parse_form(&raw(&parts)?).map(Self)
    }
}

/// The bytes of a body that is declared as JSON, for who reads them part by part.
#[derive(Clone, Debug)]
pub struct RawJson(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawJson {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, _) = request.into_parts();
        is_json(&parts.headers)?;
        raw(&parts).map(Self)
    }
}

/// The body, or nothing where none was sent.
#[derive(Clone, Debug)]
pub struct OptionalJson<T>(pub Option<T>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ApiJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, _) = request.into_parts();
        is_json(&parts.headers)?;
        parse(&raw(&parts)?).map(Self)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let RawBody(bytes) = RawBody::from_request_parts(&mut parts, state).await?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        ApiJson::from_request(Request::from_parts(parts, body), state)
            .await
            .map(|ApiJson(body)| Self(Some(body)))
    }
}

fn raw(parts: &Parts) -> Result<Bytes, Problem> {
    let body = parts.extensions.get::<RawBody>().ok_or_else(|| Problem::internal("no body was read"))?;
    Ok(body.0.clone())
}

/// `application/json`, or any type with the suffix `+json` (RFC 6839); of parameters only `charset=utf-8`.
fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let declared =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = declared.split(';').map(|part| part.trim().to_ascii_lowercase());
    let essence = parts.next().unwrap_or_default();
    let json =
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some(("charset", charset)) => matches!(charset.trim_matches('"'), "utf-8" | "utf8"),
        _ => true,
    });
    if json && utf8 { Ok(()) } else { Err(Problem::of(&kind::UNSUPPORTED_MEDIA_TYPE)) }
}

/// Reads `bytes` as a JSON object of type `T`.
///
/// # Errors
/// Everything that is wrong with it: where it is no JSON at all, the byte; else each field.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let (body, faults) = patiently(bytes)?;
    match body {
        Some(body) if faults.is_empty() => Ok(body),
        _ => Err(Problem::invalid(faults)),
    }
}

/// As [`parse`], where the values have rules of their own: their breaches are told beside all else.
///
/// # Errors
/// As [`parse`].
pub fn parse_form<T: Form>(bytes: &[u8]) -> Result<T, Problem> {
    judged(bytes, |body: T, checks| {
        body.check(checks);
        Some(body)
    })
}

/// What `judge` makes of a body, which notes what is wrong with its values.
///
/// # Errors
/// As [`parse`].
pub fn judged<T: DeserializeOwned, V>(
    bytes: &[u8],
    judge: impl FnOnce(T, &mut Checks) -> Option<V>,
) -> Result<V, Problem> {
    let (body, faults) = patiently::<T>(bytes)?;
    let mut checks = Checks::beside(faults);
    let made = body.and_then(|body| judge(body, &mut checks));
    checks.finish()?;
    made.ok_or_else(|| Problem::internal("a checked form without its values"))
}

fn patiently<T: DeserializeOwned>(bytes: &[u8]) -> Result<(Option<T>, Vec<FieldError>), Problem> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| malformed(error.valid_up_to(), "the text is not UTF-8"))?;
    match depth::scan(bytes) {
        Some(Unwelcome::TooDeep(at)) => return Err(malformed(at, "the text is nested too deep")),
        Some(Unwelcome::Nul(at)) => return Err(malformed(at, "a string contains U+0000")),
        None => {}
    }
    let Read { value, repeated } = strict::read(text).map_err(|error| no_json(text, &error))?;
    // Derived structs would also take an array of their members in order; that is nobody's contract.
    if !value.is_object() {
        return Err(Problem::invalid(vec![FieldError::new("", "wrong-type", "expected an object")]));
    }
    let repeated = repeated.into_iter().map(|at| FieldError::new(at, "repeated", words::REPEATED));
    let (body, faults) = patient::read(value, patient::most(text.len()));
    Ok((body, repeated.chain(faults).collect()))
}

/// Fields that were read before, as a type: what is wrong with them is noted. None if they cannot be read at all.
pub fn typed<T: DeserializeOwned>(members: Map<String, Value>, checks: &mut Checks) -> Option<T> {
    let (body, faults) = patient::read(Value::Object(members), patient::MOST);
    checks.settle(faults);
    body
}

fn malformed(at: usize, what: &str) -> Problem {
    Problem::of(&kind::MALFORMED_BODY).detail(format!("at byte {at}: {what}"))
}

fn no_json(text: &str, error: &serde_json::Error) -> Problem {
    let what = match error.to_string() {
        more if more.starts_with("trailing characters") => "there is more text after the JSON",
        _ if error.is_eof() => "the text ends too early",
        _ => "this is not valid JSON",
    };
    malformed(offset(text, error), what)
}

/// serde_json counts lines from 1 and columns in bytes.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (before + error.column().saturating_sub(1)).min(text.len())
}

/// A JSON pointer (RFC 6901).
pub(super) fn pointer(path: &Path) -> String {
    path.iter().fold(String::new(), |mut pointer, segment| {
        match segment {
            Segment::Seq { index } => {
                let _ = write!(pointer, "/{index}");
            }
            Segment::Map { key } => {
                let _ = write!(pointer, "/{}", escaped(key));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
        pointer
    })
}

pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
