//! The read notifications of a person.

use super::InboxEvent;
use crate::{aggregate::EventSourced, ids::UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// So many notifications are remembered as read one by one. The next makes one stretch of the oldest: whatever is not
/// newer than the oldest of them is read then, see [`super::MarkRead`].
pub const MAX_SINGLE: usize = 1_000;

/// A person's reading. Its size is bounded, however long it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// Everything up to this position is read; 0: nothing.
    pub(super) through: u64,
    /// Positions of what was read one by one, all after `through`. A position is one event's for ever.
    pub(super) single: BTreeSet<u64>,
}

impl Inbox {
    /// Whether the notification of this position is read.
    pub fn is_read(&self, position: u64) -> bool {
        position <= self.through || self.single.contains(&position)
    }

    pub(super) fn evolve(&mut self, event: &InboxEvent) {
        match event {
            InboxEvent::NotificationRead(e) => {
                if e.position > self.through {
                    self.single.insert(e.position);
                }
            }
            InboxEvent::NotificationsRead(e) => {
                self.through = self.through.max(e.through);
                self.single = self.single.split_off(&self.through.saturating_add(1));
            }
        }
    }
}

impl EventSourced for Inbox {
    type Id = UserId;

    const ALWAYS_THERE: bool = true;

    fn owner(&self, id: UserId) -> Option<UserId> {
        Some(id)
    }
}
