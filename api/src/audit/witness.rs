//! Nothing personal of others is shown to staff, or sent to a service, without its record: the record comes first, and
//! without it there is no reply (fail closed).

use crate::{App, caller::Caller, problem::ApiResult};
use domain::{Subject, UserId, access_log::View};
use projections::Viewer;

/// Puts down whose personal data the caller is about to be shown; a page is one record. One's own is nobody else's.
///
/// # Errors
/// The log can not take it: nothing may be shown.
pub async fn viewed(
    app: &App,
    caller: &commands::Caller,
    view: View,
    subjects: impl IntoIterator<Item = Subject>,
) -> ApiResult<()> {
    Ok(app.commands().access_log.record_view(view, subjects.into_iter().collect(), caller).await?)
}

/// The same, of accounts.
pub async fn seen(app: &App, caller: &commands::Caller, people: Vec<UserId>) -> ApiResult<()> {
    viewed(app, caller, View::Accounts, people.into_iter().map(Subject::of)).await
}

/// The same, if the viewer sees as staff.
pub async fn seen_by(app: &App, caller: &Caller, viewer: Viewer, people: Vec<UserId>) -> ApiResult<()> {
    if viewer.is_staff { seen(app, &caller.command, people).await } else { Ok(()) }
}
