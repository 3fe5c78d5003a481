//! A JSON body as a type, or a problem that says what is wrong at which byte or member.

use super::depth::{self, Unwelcome};
use crate::{
    edge::RawBody,
    problem::{FieldError, Problem, catalogue as kind},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};
use std::fmt::Write;

/// The body, read as `T`. Unknown members are refused by `T`'s own `deny_unknown_fields`.
#[derive(Clone, Debug)]
pub struct ApiJson<T>(pub T);

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
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| malformed(error.valid_up_to(), "the text is not UTF-8"))?;
    match depth::scan(bytes) {
        Some(Unwelcome::TooDeep(at)) => return Err(malformed(at, "the text is nested too deep")),
        Some(Unwelcome::Nul(at)) => return Err(malformed(at, "a string holds U+0000")),
        None => {}
    }
    is_one_text(text)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| refused(text, &error))?;
    is_object(text)?;
    Ok(value)
}

/// Syntax first: what a text lacks matters only once it is JSON.
fn is_one_text(text: &str) -> Result<(), Problem> {
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize::<_, IgnoredAny>(&mut reader).map_err(|error| refused(text, &error))?;
    reader.end().map_err(|error| malformed(offset(text, &error), "there is more after the JSON text"))
}

/// Members that were read before, as a type.
pub fn typed<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T, Problem> {
    serde_path_to_error::deserialize(Value::Object(members)).map_err(|error| {
        Problem::invalid(vec![described(&pointer(error.path()), &error.inner().to_string())])
    })
}

/// Derived structs would also take an array of their members in order; that is nobody's contract.
fn is_object(text: &str) -> Result<(), Problem> {
    if text.trim_start().starts_with('{') {
        return Ok(());
    }
    Err(Problem::invalid(vec![FieldError::new("", "wrong-type", "expected a JSON object")]))
}

fn malformed(at: usize, what: &str) -> Problem {
    Problem::of(&kind::MALFORMED_BODY).detail(format!("at byte {at}: {what}"))
}

fn refused(text: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let inner = error.inner();
    if inner.is_data() {
        return match is_object(text) {
            Ok(()) => Problem::invalid(vec![described(&pointer(error.path()), &inner.to_string())]),
            Err(problem) => problem,
        };
    }
    let what = if inner.is_eof() { "the text ends too early" } else { "this is not JSON" };
    malformed(offset(text, inner), what)
}

/// serde_json counts lines from 1 and columns in bytes.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (before + error.column().saturating_sub(1)).min(text.len())
}

/// A JSON pointer (RFC 6901).
fn pointer(path: &Path) -> String {
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

/// serde's sentence without the value in it, which may be a secret.
pub(super) fn described(pointer: &str, message: &str) -> FieldError {
    let message = message.split(" at line ").next().unwrap_or(message);
    let name = || message.split('`').nth(1).map(escaped).unwrap_or_default();
    let expected = || message.rsplit_once("expected ").map_or("something else", |(_, expected)| expected);
    if message.starts_with("missing field") {
        FieldError::new(format!("{pointer}/{}", name()), "missing", "this member is required")
    } else if message.starts_with("unknown field") {
        let detail = format!("there is no such member; expected {}", expected());
        FieldError::new(below(pointer, &name()), "unknown-field", detail)
    } else if message.starts_with("duplicate field") {
        FieldError::new(below(pointer, &name()), "repeated", "this member is given twice")
    } else if message.starts_with("unknown variant") {
        FieldError::new(pointer, "unknown-value", format!("expected {}", expected()))
    } else if message.starts_with("invalid type") {
        FieldError::new(pointer, "wrong-type", format!("expected {}", expected()))
    } else {
        FieldError::new(pointer, "invalid", "this cannot be read as what it should be")
    }
}

/// The path of an unknown member sometimes ends with it and sometimes with its parent.
fn below(pointer: &str, name: &str) -> String {
    let tail = format!("/{name}");
    if pointer.ends_with(&tail) { pointer.to_owned() } else { format!("{pointer}{tail}") }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
