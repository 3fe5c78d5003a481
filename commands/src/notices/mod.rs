//! Use cases of notifications: marking as read.

mod read_notifications;

use crate::Executor;

/// The use cases of notifications. Cheap to clone.
#[derive(Clone)]
pub struct Notices {
    executor: Executor,
}

impl Notices {
    pub const fn new(executor: Executor) -> Self {
        Self { executor }
    }
}
