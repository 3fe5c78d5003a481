//! A repeated change is answered as what it is, whatever the resource has become since.

use crate::{App, caller::Caller, problem::ApiResult};
use commands::Executable;

/// The position of the change of a stream of this type that this `Idempotency-Key` made earlier.
///
/// It is asked for before the body is compared with the present state, which the change itself may have made
/// what it is.
pub async fn of<A: Executable>(app: &App, caller: &Caller) -> ApiResult<Option<i64>> {
    let earlier = app.commands().executor.earlier::<A>(&caller.command).await?;
    Ok(earlier.map(|receipt| receipt.position))
}
