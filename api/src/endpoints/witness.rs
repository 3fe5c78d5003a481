//! Nothing personal of others is shown to staff without its record: the record comes first, and without it there is
//! no reply (fail closed).

use crate::{App, caller::Caller, problem::ApiResult};
use domain::{Subject, UserId, access_log::View};
use projections::Viewer;

/// Puts down whose personal data the caller is about to be shown; a page is one record.
///
/// # Errors
/// The log can not take it: nothing may be shown.
pub async fn viewed(
    app: &App,
    caller: &Caller,
    view: View,
    subjects: impl IntoIterator<Item = Subject>,
) -> ApiResult<()> {
    Ok(app.accounts().record_view(view, subjects.into_iter().collect(), &caller.command).await?)
}

/// The same, of accounts; one's own is nobody else's.
pub async fn seen(app: &App, caller: &Caller, mut people: Vec<UserId>) -> ApiResult<()> {
    people.retain(|person| *person != caller.user);
    viewed(app, caller, View::Accounts, people.into_iter().map(Subject::of)).await
}

/// The same, if the viewer sees as staff.
pub async fn seen_by(app: &App, caller: &Caller, viewer: Viewer, people: Vec<UserId>) -> ApiResult<()> {
    if viewer.is_staff { seen(app, caller, people).await } else { Ok(()) }
}
