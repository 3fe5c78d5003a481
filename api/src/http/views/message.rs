//! A reply that has nothing to show but that it is done.

use serde::Serialize;
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct MessageView {
    #[schema(example = "Logged out")]
    pub message: &'static str,
}

impl MessageView {
    pub const fn new(message: &'static str) -> Self {
        Self { message }
    }
}
