//! The query string as a type; every unknown, unreadable or repeated parameter is named.

use super::words;
use crate::problem::{FieldError, Problem, catalogue as kind};
use axum::{
    extract::{FromRequestParts, Query},
    http::{Uri, request::Parts},
};
use serde::de::DeserializeOwned;

/// Mistakes that are told of one query.
const MOST: usize = 32;

#[derive(Clone, Debug)]
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parse(&parts.uri).map(Self)
    }
}

type Pair = (String, String);

/// # Errors
/// Everything that is wrong with the query.
pub fn parse<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    if uri.query().is_some_and(|query| query.contains("%00")) {
        return Err(refused(vec![FieldError::new("?", "invalid", "U+0000 is not accepted")]));
    }
    let unreadable = |_| refused(vec![FieldError::new("?", "invalid", "this is not a valid query string")]);
    let Query(pairs) = Query::<Vec<Pair>>::try_from_uri(uri).map_err(unreadable)?;
    let (mut once, mut errors) = given_once(pairs);
    loop {
        let fault = match read::<T>(&once) {
            Ok(value) if errors.is_empty() => return Ok(value),
            Ok(_) => return Err(refused(errors)),
            Err(sentence) => described::<T>(&once, &sentence),
        };
        let name = fault.pointer.trim_start_matches('?').to_owned();
        let before = once.len();
        once.retain(|(given, _)| *given != name);
        errors.push(fault);
        // What is missing is told with the rest, and nothing can be read past it.
        if once.len() == before || errors.len() >= MOST {
            return Err(refused(errors));
        }
    }
}

/// Each parameter once, and an error for each that is given more than once.
fn given_once(pairs: Vec<Pair>) -> (Vec<Pair>, Vec<FieldError>) {
    let (mut once, mut errors) = (Vec::<Pair>::new(), Vec::<FieldError>::new());
    for (name, value) in pairs {
        let pointer = format!("?{name}");
        if once.iter().all(|(known, _)| *known != name) {
            once.push((name, value));
        } else if errors.iter().all(|error| error.pointer != pointer) {
            errors.push(FieldError::new(pointer, "repeated", "this parameter is given twice"));
        }
    }
    (once, errors)
}

fn read<T: DeserializeOwned>(pairs: &[Pair]) -> Result<T, String> {
    let query = pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    let uri = format!("/?{}", query.collect::<Vec<_>>().join("&"));
    let uri: Uri = uri.parse().map_err(|_| "the query".to_owned())?;
    Query::try_from_uri(&uri).map(|Query(value)| value).map_err(|rejection| rejection.body_text())
}

/// Percent-encoded, but for what never needs it (RFC 3986, section 2.3).
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// axum tells the parameter only in its sentence: `Failed to deserialize query string: name: reason`.
fn described<T: DeserializeOwned>(pairs: &[Pair], sentence: &str) -> FieldError {
    let reason = sentence.split_once(": ").map_or(sentence, |(_, reason)| reason);
    let (name, told) = reason.split_once(": ").unwrap_or(("", reason));
    let error = words::fault("", reason);
    let error = if error.code == "invalid" { words::fault("", told) } else { error };
    match error.code.as_str() {
        "unknown-field" => {
            let detail = error.detail.replace("field", "parameter");
            FieldError::new(format!("?{}", error.pointer.trim_start_matches('/')), error.code, detail)
        }
        "missing" => {
            let name = error.pointer.trim_start_matches('/');
            FieldError::new(format!("?{name}"), error.code, "this parameter is required")
        }
        _ => FieldError::new(format!("?{name}"), "invalid", form::<T>(pairs, name, &error.detail)),
    }
}

/// What the parameter holds: the first form that could be read in its place.
fn form<T: DeserializeOwned>(pairs: &[Pair], name: &str, told: &str) -> String {
    if told != words::UNTOLD {
        return told.to_owned();
    }
    let forms = [
        ("01987f3a-5b10-7c3e-9d3f-2f61a7c1d0e5", words::UUID),
        ("2026-11-28T09:30:00Z", words::TIME),
        ("2026-11-28", words::DATE),
        ("true", "true or false"),
        ("1", "a whole number such as 1"),
    ];
    let is_read = |example: &str| {
        let others = pairs.iter().filter(|(given, _)| given != name).cloned();
        // First, since only the first mistake is told.
        let pairs: Vec<Pair> = [(name.to_owned(), example.to_owned())].into_iter().chain(others).collect();
        match read::<T>(&pairs) {
            Ok(_) => true,
            Err(sentence) => !sentence.contains(&format!(": {name}: ")),
        }
    };
    let found = forms.into_iter().find(|(example, _)| is_read(example));
    found.map_or_else(
        || "this is not what the parameter holds".to_owned(),
        |(_, form)| format!("expected {form}"),
    )
}

fn refused(errors: Vec<FieldError>) -> Problem {
    Problem::of(&kind::MALFORMED_QUERY).errors(errors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use serde::Deserialize;
    use uuid::Uuid;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Params {
        page: Option<u32>,
        actor: Option<String>,
        #[expect(dead_code, reason = "only whether it can be read matters")]
        user: Option<Uuid>,
        #[expect(dead_code, reason = "only whether it can be read matters")]
        since: Option<DateTime<Utc>>,
        #[expect(dead_code, reason = "only whether it can be read matters")]
        unread: Option<bool>,
    }

    fn read(query: &str) -> Result<Params, Problem> {
        parse(&format!("/x?{query}").parse().unwrap())
    }

    fn errors(query: &str) -> Vec<(String, String, String)> {
        let problem = read(query).unwrap_err();
        assert_eq!(problem.kind(), &kind::MALFORMED_QUERY);
        let errors = problem.field_errors().iter();
        errors.map(|error| (error.pointer.clone(), error.code.clone(), error.detail.clone())).collect()
    }

    #[test]
    fn reads_what_it_knows() {
        assert_eq!(read("page=2").unwrap().page, Some(2));
        assert_eq!(read("actor=a+b%26c%C3%A9").unwrap().actor.as_deref(), Some("a b&cé"));
        assert_eq!(read("").unwrap().page, None);
    }

    #[test]
    fn names_the_parameter_that_is_wrong() {
        for (query, pointer, code) in [
            ("page=x", "?page", "invalid"),
            ("page=-1", "?page", "invalid"),
            ("limit=2", "?limit", "unknown-field"),
            ("page=1&page=2", "?page", "repeated"),
            ("actor=me&actor=me", "?actor", "repeated"),
            ("actor=%00", "?", "invalid"),
        ] {
            let [(at, what, _)] = &errors(query)[..] else { panic!("{query}: {:?}", errors(query)) };
            assert_eq!((at.as_str(), what.as_str()), (pointer, code), "{query}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_with_the_form_that_is_expected() {
        let told = errors("page=x&user=7&since=yesterday&unread=maybe&limit=2&actor=a&actor=b");

        let mut told: Vec<_> = told.iter().map(|(at, _, detail)| (at.as_str(), detail.as_str())).collect();
        told.sort_unstable();
        let names = "`page`, `actor`, `user`, `since`, `unread`";
        assert_eq!(
            told,
            [
                ("?actor", "this parameter is given twice"),
                ("?limit", &*format!("this parameter is unknown; expected one of {names}")),
                ("?page", "expected a whole number such as 1"),
                ("?since", "expected a time in RFC 3339 such as 2026-11-28T09:30:00Z"),
                ("?unread", "expected true or false"),
                ("?user", "expected a UUID such as 01987f3a-5b10-7c3e-9d3f-2f61a7c1d0e5"),
            ]
        );
    }
}
