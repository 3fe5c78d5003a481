//! What one account, or one client prefix, failed at and was suspected of on one UTC day.

mod error;
mod events;
mod record_failure;
mod record_refusal;
mod record_suspicion;
mod state;

pub use error::SignInError;
pub use events::*;
pub use record_failure::RecordFailure;
pub use record_refusal::RecordRefusal;
pub use record_suspicion::RecordSuspicion;
pub use state::SignIn;

use crate::{aggregate::aggregate, ids::SignInId};

aggregate! {
    SignIn = "sign_in", id SignInId, error SignInError;
    commands SignInCommand { RecordFailure, RecordRefusal, RecordSuspicion }
    events SignInEvent {
        SignInFailed = "sign_in_failed" "1",
        SignInRefused = "sign_in_refused" "1",
        BotSuspected = "bot_suspected" "1",
    }
}
