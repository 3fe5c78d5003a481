//! Activity that this node has seen: not written yet, and recent.

use chrono::{DateTime, Utc};
use domain::UserId;
use std::collections::HashMap;
use uuid::Uuid;

/// Sessions, or keys, that one node heeds between two writes; of more it does not know when they were last active.
const MOST: usize = 500_000;

#[derive(Default)]
pub(super) struct Memory(HashMap<Uuid, Seen>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Whose it is, if a person's.
    pub user: Option<UserId>,
    pub last_active: DateTime<Utc>,
    /// Requests since the last write.
    pub unwritten: i64,
}

impl Memory {
    /// False: there are too many already, and it was not noted.
    pub(super) fn visit(&mut self, id: Uuid, user: Option<UserId>, now: DateTime<Utc>) -> bool {
        let full = self.0.len() >= MOST;
        if full && !self.0.contains_key(&id) {
            return false;
        }
        let seen = self.0.entry(id).or_insert(Seen { user, last_active: now, unwritten: 0 });
        seen.last_active = seen.last_active.max(now);
        seen.unwritten += 1;
        true
    }

    pub(super) fn find(&self, id: Uuid) -> Option<Seen> {
        self.0.get(&id).copied()
    }

    /// What is to be written, in the order of ids: two nodes that write the same rows then never wait for each other
    /// in a circle. What was silent since the last time is dropped, for the table has it.
    pub(super) fn take(&mut self) -> Vec<(Uuid, Seen)> {
        self.0.retain(|_, seen| seen.unwritten > 0);
        let mut batch: Vec<_> = self.0.iter().map(|(id, seen)| (*id, *seen)).collect();
        self.0.values_mut().for_each(|seen| seen.unwritten = 0);
        batch.sort_by_key(|(id, _)| *id);
        batch
    }

    /// The write failed.
    pub(super) fn put_back(&mut self, batch: &[(Uuid, Seen)]) {
        for (id, lost) in batch {
            let seen = self.0.entry(*id).or_insert(Seen { unwritten: 0, ..*lost });
            seen.unwritten += lost.unwritten;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600 + seconds, 0).unwrap()
    }

    fn session(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn jane() -> Option<UserId> {
        Some(UserId::from_uuid(Uuid::from_u128(7)))
    }

    fn seen(last: i64, unwritten: i64) -> Seen {
        Seen { user: jane(), last_active: at(last), unwritten }
    }

    #[test]
    fn requests_are_counted_and_the_last_one_counts() {
        let mut memory = Memory::default();

        for second in [3, 9, 5] {
            assert!(memory.visit(session(1), jane(), at(second)));
        }

        assert_eq!(memory.find(session(1)), Some(seen(9, 3)));
        assert_eq!(memory.find(session(2)), None);
    }

    #[test]
    fn each_request_is_written_once_and_silent_sessions_are_forgotten() {
        let mut memory = Memory::default();
        memory.visit(session(2), jane(), at(1));
        memory.visit(session(1), jane(), at(2));

        assert_eq!(memory.take(), [(session(1), seen(2, 1)), (session(2), seen(1, 1))]);
        memory.visit(session(1), jane(), at(70));
        assert_eq!(memory.take(), [(session(1), seen(70, 1))]);

        assert_eq!(memory.find(session(2)), None);
        assert_eq!(memory.find(session(1)), Some(seen(70, 0)), "it was active of late");
    }

    #[test]
    fn failed_write_is_made_up_for_by_the_next() {
        let mut memory = Memory::default();
        memory.visit(session(1), jane(), at(1));
        let lost = memory.take();
        memory.visit(session(1), jane(), at(2));

        memory.put_back(&lost);

        assert_eq!(memory.take(), [(session(1), seen(2, 2))]);
    }
}
