//! What one account, or one client prefix, failed at and was suspected of on one UTC day; and, in a stream of its own,
//! the sign-ins of one account that succeeded, by which its live sessions are counted (ADR 33).

mod error;
mod events;
mod record_failure;
mod record_refusal;
mod record_sign_in;
mod record_suspicion;
mod state;

pub use error::SignInError;
pub use events::*;
pub use record_failure::RecordFailure;
pub use record_refusal::RecordRefusal;
pub use record_sign_in::RecordSignIn;
pub use record_suspicion::RecordSuspicion;
pub use state::SignIn;

use crate::{aggregate::aggregate, ids::SignInId};

aggregate! {
    SignIn = "sign_in", id SignInId, error SignInError;
    commands SignInCommand { RecordFailure, RecordRefusal, RecordSuspicion, RecordSignIn }
    events SignInEvent {
        SignInFailed = "sign_in_failed" "1",
        SignInRefused = "sign_in_refused" "1",
        BotSuspected = "bot_suspected" "1",
        SignedIn = "signed_in" "1",
    }
}
