//! The failed sign-ins of one account, or of one client prefix, on one UTC day.

mod error;
mod events;
mod record_failure;
mod state;

pub use error::SignInError;
pub use events::*;
pub use record_failure::RecordFailure;
pub use state::SignIn;

use crate::{aggregate::aggregate, ids::SignInId};

aggregate! {
    SignIn = "sign_in", id SignInId, error SignInError;
    commands SignInCommand { RecordFailure }
    events SignInEvent { SignInFailed = "sign_in_failed" "1" }
}
