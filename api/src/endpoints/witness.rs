//! Nothing personal of others is shown to staff without its record: the record comes first, and without it there is
//! no reply (fail closed).

use crate::{App, caller::Caller, problem::ApiResult};
use domain::{Subject, UserId, access_log::View};

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

/// The same, of one account.
pub async fn viewed_account(app: &App, caller: &Caller, user: UserId) -> ApiResult<()> {
    viewed(app, caller, View::Accounts, [Subject::of(user)]).await
}
