//! A person has read everything up to some notification.

use super::{Inbox, InboxError, InboxEvent, NotificationsRead};
use crate::{aggregate::Decide, ids::UserId};
use chrono::{DateTime, Utc};

/// Marks everything up to a position as read; what is covered already changes nothing.
#[derive(Clone, Debug)]
pub struct MarkAllRead {
    pub user: UserId,
    /// Of a notification that is there: what comes later stays unread.
    pub through: u64,
    pub at: DateTime<Utc>,
}

impl Decide<Inbox> for MarkAllRead {
    fn decide(&self, inbox: &Inbox) -> Result<Vec<InboxEvent>, InboxError> {
        let Self { user, through, at: read_at } = *self;
        if through <= inbox.through {
            return Ok(Vec::new());
        }
        Ok(vec![NotificationsRead { user, through, read_at }.into()])
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{fixtures::*, inbox::mark_read::tests::*};
    use cqrs_es::test::TestFramework;

    pub fn mark_all(through: u64) -> MarkAllRead {
        MarkAllRead { user: jane(), through, at: at(7) }
    }

    pub fn all_read(through: u64) -> InboxEvent {
        NotificationsRead { user: jane(), through, read_at: at(7) }.into()
    }

    #[test]
    fn everything_up_to_a_position_is_read_once() {
        TestFramework::<Inbox>::with(())
            .given(vec![read(5)])
            .when(mark_all(9).into())
            .then_expect_events(vec![all_read(9)]);
        for covered in [8, 9] {
            TestFramework::<Inbox>::with(())
                .given(vec![all_read(9)])
                .when(mark_all(covered).into())
                .then_expect_events(vec![]);
        }
    }

    #[test]
    fn nothing_is_read_up_to_the_beginning() {
        TestFramework::<Inbox>::with(())
            .given_no_previous_events()
            .when(mark_all(0).into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn what_a_stretch_covers_is_not_remembered_one_by_one() {
        let mut inbox = Inbox::default();
        for event in [read(3), read(9), read(12), all_read(9), read(4)] {
            inbox.evolve(&event);
        }

        assert_eq!((inbox.through, inbox.single.iter().copied().collect::<Vec<_>>()), (9, vec![12]));
        assert!(inbox.is_read(1) && inbox.is_read(9) && inbox.is_read(12));
        assert!(!inbox.is_read(10) && !inbox.is_read(13));
    }
}
