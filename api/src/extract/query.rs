//! The query string as a type; an unknown or unreadable parameter is a problem that names it.

use super::json;
use crate::problem::{FieldError, Problem, catalogue as kind};
use axum::{
    extract::{FromRequestParts, Query},
    http::{Uri, request::Parts},
};
use serde::de::DeserializeOwned;

#[derive(Clone, Debug)]
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parse(&parts.uri).map(Self)
    }
}

pub fn parse<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    if uri.query().is_some_and(|query| query.contains("%00")) {
        return Err(unreadable("", "invalid", "U+0000 is not accepted"));
    }
    Query::try_from_uri(uri).map(|Query(value)| value).map_err(|rejection| described(&rejection.body_text()))
}

/// axum tells the parameter only in its sentence: `Failed to deserialize query string: name: reason`.
fn described(sentence: &str) -> Problem {
    let reason = sentence.split_once(": ").map_or(sentence, |(_, reason)| reason);
    let (name, reason) = reason.split_once(": ").unwrap_or(("", reason));
    let error = json::described("", reason);
    match error.code.as_str() {
        "unknown-field" | "missing" | "repeated" => {
            unreadable(error.pointer.trim_start_matches('/'), &error.code, &error.detail)
        }
        _ => unreadable(name, "invalid", "this is not what the parameter holds"),
    }
}

fn unreadable(name: &str, code: &str, detail: &str) -> Problem {
    Problem::of(&kind::MALFORMED_QUERY).errors(vec![FieldError::new(format!("?{name}"), code, detail)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Params {
        page: Option<u32>,
        actor: Option<String>,
    }

    fn read(query: &str) -> Result<Params, Problem> {
        parse(&format!("/x?{query}").parse().unwrap())
    }

    fn error(query: &str) -> (String, String) {
        let problem = read(query).unwrap_err();
        assert_eq!(problem.kind(), &kind::MALFORMED_QUERY);
        let error = &problem.field_errors()[0];
        (error.pointer.clone(), error.code.clone())
    }

    #[test]
    fn reads_what_it_knows() {
        assert_eq!(read("page=2").unwrap().page, Some(2));
        assert_eq!(read("actor=me").unwrap().actor.as_deref(), Some("me"));
        assert_eq!(read("").unwrap().page, None);
    }

    #[test]
    fn names_the_parameter_that_is_wrong() {
        for (query, pointer, code) in [
            ("page=x", "?page", "invalid"),
            ("page=-1", "?page", "invalid"),
            ("limit=2", "?limit", "unknown-field"),
            ("page=1&page=2", "?page", "repeated"),
            ("actor=%00", "?", "invalid"),
        ] {
            assert_eq!(error(query), (pointer.to_owned(), code.to_owned()), "{query}");
        }
    }
}
