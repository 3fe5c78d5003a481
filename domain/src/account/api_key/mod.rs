//! An API key: one stream each, of a person or of a service, so that keys do not wait for one another (KEY-01).
//!
//! The key itself is nowhere: it is derived from the stream's id, like every other code (ADR 8 and 17).
//! How many a holder has is bounded by [`Slot`]s, which are claimed.

mod confirm;
mod create;
mod error;
mod events;
mod rename;
mod revoke;
mod state;
mod take_over;

pub use confirm::ConfirmApiKey;
pub use create::{CreateApiKey, DEFAULT_LIFETIME, MAX_LIFETIME};
pub use error::ApiKeyError;
pub use events::*;
pub use rename::RenameApiKey;
pub use revoke::RevokeApiKey;
pub use state::{ApiKey, SLOTS, Slot};
pub use take_over::TakeOverApiKey;

use crate::{aggregate::aggregate, ids::ApiKeyId};

aggregate! {
    ApiKey = "api_key", id ApiKeyId, error ApiKeyError;
    commands ApiKeyCommand { CreateApiKey, RenameApiKey, ConfirmApiKey, RevokeApiKey, TakeOverApiKey }
    events ApiKeyEvent {
        ApiKeyCreated = "api_key_created" "1",
        ApiKeyRenamed = "api_key_renamed" "1",
        ApiKeyConfirmed = "api_key_confirmed" "1",
        ApiKeyRevoked = "api_key_revoked" "1",
        ApiKeyTakenOver = "api_key_taken_over" "1",
    }
}
