//! Forms that prove identity by a password. The other form, by `verification_token` (C-03, C-04), is not offered yet:
//! it gets an answer of its own, so that its clients know what to do.

use crate::{
    extract::{ApiForm, ApiJson, Checks, Form},
    problem::{ApiResult, FieldError, Problem, catalogue as kind},
};
use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use serde_json::{Map, Value};

/// A body of type `T`, unless it brings a `verification_token`.
pub struct PasswordForm<T>(pub T);

impl<T: Form, S: Send + Sync> FromRequest<S> for PasswordForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, _) = request.into_parts();
        let again = Request::from_parts(parts.clone(), Body::empty());
        // What else is wrong with the body is told below, all at once.
        if let Ok(ApiJson(members)) = ApiJson::<Map<String, Value>>::from_request(again, state).await
            && members.contains_key("verification_token")
        {
            return Err(Problem::of(&kind::METHOD_DISABLED));
        }
        let ApiForm(body) = ApiForm::from_request(Request::from_parts(parts, Body::empty()), state).await?;
        Ok(Self(body))
    }
}

/// The one identifier among its synonyms (C-06).
pub fn one_identifier(given: [(&str, Option<String>); 4]) -> ApiResult<Option<String>> {
    let mut checks = Checks::default();
    let mut found = None;
    for (member, value) in given {
        let Some(value) = value else { continue };
        if found.is_some() {
            checks.add(
                member,
                "contradiction",
                "one of identifier, username, email and phone_number is enough",
            );
        }
        found = Some(value);
    }
    checks.finish()?;
    Ok(found)
}

/// The same, where the fields are checked beside others.
pub fn check_identifier(given: [(&str, &Option<String>); 4], checks: &mut Checks) {
    let given = given.map(|(member, value)| (member, value.clone()));
    match identifier(given) {
        Ok(_) => {}
        Err(problem) => problem.field_errors().iter().for_each(|error| {
            checks.at(error.pointer.clone(), &error.code, error.detail.clone());
        }),
    }
}

/// The same, where an account must be named.
pub fn identifier(given: [(&str, Option<String>); 4]) -> ApiResult<String> {
    let detail = "identifier, username, email or phone_number is required";
    let missing = || Problem::invalid(vec![FieldError::new("/identifier", "missing", detail)]);
    one_identifier(given)?.ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(identifier: Option<&str>, email: Option<&str>) -> [(&'static str, Option<String>); 4] {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        [
            ("identifier", owned(identifier)),
            ("username", None),
            ("email", owned(email)),
            ("phone_number", None),
        ]
    }

    #[test]
    fn any_one_synonym_names_the_account() {
        assert_eq!(identifier(given(Some("jane"), None)).unwrap(), "jane");
        assert_eq!(identifier(given(None, Some("jane@example.com"))).unwrap(), "jane@example.com");
    }

    #[test]
    fn none_and_several_are_refused() {
        let missing = identifier(given(None, None)).unwrap_err();
        let several = identifier(given(Some("jane"), Some("jane@example.com"))).unwrap_err();

        assert_eq!(missing.field_errors()[0].pointer, "/identifier");
        assert_eq!(several.field_errors()[0].pointer, "/email");
    }
}
