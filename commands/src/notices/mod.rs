//! What a person was told, and has read.

pub(crate) mod read_notifications;
