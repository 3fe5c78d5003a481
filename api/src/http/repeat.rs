//! A repeated change is answered as what it is, whatever the resource has become since.

use crate::{App, caller::Caller, problem::ApiResult};
use commands::{CommandError, Done};
use domain::{EventSourced, UserId, profile::ProfilePatch, settings::SettingsPatch};

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
    found(app.commands().people.update_profile(person, nothing, Some(NEVER), &caller.command).await)
}

/// The same of the settings.
pub async fn of_settings(app: &App, caller: &Caller) -> ApiResult<Option<i64>> {
    if caller.command.idempotency.is_none() {
        return Ok(None);
    }
    let nothing = SettingsPatch::default();
    found(app.commands().people.update_settings(caller.user, nothing, Some(NEVER), &caller.command).await)
}

fn found<A: EventSourced>(earlier: Result<Done<A>, CommandError>) -> ApiResult<Option<i64>> {
    match earlier {
        Ok(done) => Ok(Some(done.receipt.position)),
        Err(CommandError::PreconditionFailed { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
