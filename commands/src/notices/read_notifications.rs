//! A person has read notifications (NTF-01).

use super::Notices;
use crate::{Caller, CommandError, Done};
use domain::{
    EventId, UserId,
    inbox::{Inbox, MarkAllRead, MarkRead},
};

impl Notices {
    /// Marks a notification as read: the event of this id and position, which concerns the person. What is read already
    /// adds no event.
    ///
    /// # Errors
    /// [`CommandError::Forbidden`] for another's.
    pub async fn read_notification(
        &self,
        user: UserId,
        (notification, position): (EventId, u64),
        caller: &Caller,
    ) -> Result<Done<Inbox>, CommandError> {
        let at = self.executor.now();
        self.executor.run(user, MarkRead { user, notification, position, at }, caller).await
    }

    /// Marks every notification up to a position as read, which is that of one of them; 0 for none.
    ///
    /// # Errors
    /// [`CommandError::Forbidden`] for another's.
    pub async fn read_notifications(
        &self,
        user: UserId,
        through: u64,
        caller: &Caller,
    ) -> Result<Done<Inbox>, CommandError> {
        let at = self.executor.now();
        self.executor.run(user, MarkAllRead { user, through, at }, caller).await
    }
}
