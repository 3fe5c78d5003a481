//! An authorization check refused somebody who is signed in: an event, the first time of an act on a day (ADM-07).

use crate::{
    App, caller,
    edge::Context,
    problem::{Kind, Problem, catalogue as kind},
};
use axum::response::Response;
use commands::Principal;

/// The refusal that a reply is, if it is one.
pub fn of(response: &Response) -> Option<&'static Kind> {
    let problem = response.extensions().get::<Problem>().map(Problem::kind)?;
    [
        &kind::FORBIDDEN,
        &kind::STAFF_ONLY,
        &kind::OWNER_ONLY,
        &kind::OWN_STANDING,
        &kind::SESSION_REQUIRED,
        &kind::SCOPE_MISSING,
        // Another page may have sent the request in the person's name.
        &kind::CSRF_REFUSED,
        &kind::ACCESS_TOKEN_NEEDED,
    ]
    .into_iter()
    .find(|denial| *denial == problem)
}

/// Records a refusal, which stands whether or not the log takes its record: of an API key for its person. A service's
/// has nobody's day to stand in; the request is logged.
pub async fn record(app: &App, act: &str, principal: Principal, context: Context, denial: &'static Kind) {
    if matches!(principal, Principal::Service { .. }) {
        return;
    }
    let caller = caller::command(context, principal, None);
    if let Err(error) = app.commands().access_log.record_denial(act, denial.slug, &caller).await {
        tracing::warn!(%error, act, "a refusal is not recorded");
    }
}
