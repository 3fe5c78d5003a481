//! Use cases of profiles and settings.

mod update_profile;
mod update_settings;

use crate::Executor;

/// The use cases of profiles and settings. Cheap to clone.
#[derive(Clone)]
pub struct People {
    executor: Executor,
}

impl People {
    pub const fn new(executor: Executor) -> Self {
        Self { executor }
    }
}
