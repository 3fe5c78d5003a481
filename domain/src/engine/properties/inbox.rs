//! What holds for every sequence of readings.

use super::{arbitrary::moment, repeat, run};
use crate::{
    fixtures::*,
    ids::EventId,
    inbox::{Inbox, InboxCommand, MarkAllRead, MarkRead},
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

const LAST: u64 = 20;

fn inbox_command() -> impl Strategy<Value = InboxCommand> {
    prop_oneof![
        4 => (1..=LAST, moment()).prop_map(|(position, at)| {
            let notification = EventId::from_uuid(Uuid::from_u128(position.into()));
            MarkRead { user: jane(), notification, position, at }.into()
        }),
        1 => (0..=LAST, moment()).prop_map(|(through, at)| MarkAllRead { user: jane(), through, at }.into()),
    ]
}

replays_to_the_same_state! {
    inbox_replays_to_the_same_state: Inbox, inbox_command(), 30;
}

proptest! {
    #[test]
    fn repeated_inbox_command_adds_no_event(
        commands in proptest::collection::vec(inbox_command(), 0..30),
        last in inbox_command(),
    ) {
        prop_assert_eq!(repeat::<Inbox>(&commands, last).1, 0);
    }

    #[test]
    fn what_was_marked_is_read_and_nothing_else(commands in proptest::collection::vec(inbox_command(), 0..30)) {
        let mut expected = BTreeSet::new();
        for command in &commands {
            match command {
                InboxCommand::MarkRead(c) => expected.extend([c.position]),
                InboxCommand::MarkAllRead(c) => expected.extend(1..=c.through),
            }
        }

        let (inbox, _) = run::<Inbox>(&commands);

        let read: BTreeSet<u64> = (1..=LAST).filter(|position| inbox.is_read(*position)).collect();
        prop_assert_eq!(read, expected);
    }
}
