//! Which notifications a person has read, on a stream of the user's id (NTF-01).
//!
//! A notification is an event of the log that concerns the person, told to them: its id is the event's, and nothing is
//! written for it here. Only that it was read is news, and that a person had read everything up to some position.
//! Nothing opens the stream: until the first reading everything is unread.

mod error;
mod events;
mod mark_all_read;
mod mark_read;
mod state;

pub use error::InboxError;
pub use events::*;
pub use mark_all_read::MarkAllRead;
pub use mark_read::MarkRead;
pub use state::{Inbox, MAX_SINGLE};

use crate::{aggregate::aggregate, ids::UserId};

aggregate! {
    Inbox = "inbox", id UserId, error InboxError;
    commands InboxCommand { MarkRead, MarkAllRead }
    events InboxEvent {
        NotificationRead = "notification_read" "1",
        NotificationsRead = "notifications_read" "1",
    }
}
