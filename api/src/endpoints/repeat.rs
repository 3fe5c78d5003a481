//! A repeated change is answered as what it is, whatever the resource has become since.

use crate::{App, caller::Caller, problem::ApiResult};
use commands::CommandError;
use domain::{UserId, profile::ProfilePatch};

/// A version that no stream has.
const NEVER: i64 = -1;

/// The position of the change of a person's profile that this `Idempotency-Key` made earlier.
///
/// It is asked for before the body is compared with the present state, which the change itself may have made
/// what it is. A command that cannot succeed finds an earlier one, or nothing.
pub async fn of_profile(app: &App, caller: &Caller, person: UserId) -> ApiResult<Option<i64>> {
    if caller.command.idempotency.is_none() {
        return Ok(None);
    }
    let nothing = ProfilePatch::default();
    match app.accounts().update_profile(person, nothing, Some(NEVER), &caller.command).await {
        Ok(done) => Ok(Some(done.receipt.position)),
        Err(CommandError::PreconditionFailed { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
