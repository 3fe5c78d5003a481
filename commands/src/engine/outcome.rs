//! The result of a command: durable receipts, events and state.

use domain::EventSourced;
use serde::{Deserialize, Serialize};
use std::any::Any;
use uuid::Uuid;

/// One stream after a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The aggregate's type.
    pub aggregate: String,
    pub id: Uuid,
    /// Events in the stream.
    pub version: i64,
    /// Reads that have seen this position have seen the command: that of its last event,
    /// or for a command that changed nothing a position no earlier than the state it found.
    pub position: i64,
    /// True if an earlier request with the same idempotency key did it; nothing happened now.
    pub replayed: bool,
}

/// A command on one stream, done.
#[derive(Clone, Debug)]
pub struct Done<A: EventSourced> {
    pub receipt: Receipt,
    /// None if it was true already, or replayed.
    pub events: Vec<A::Event>,
    /// The state after them.
    pub state: A,
}

/// A unit of work, done.
pub struct Outcome {
    /// One per stream, in the order of the unit.
    pub receipts: Vec<Receipt>,
    pub position: i64,
    pub replayed: bool,
    parts: Vec<Box<dyn Any + Send + Sync>>,
}

impl Outcome {
    pub(crate) fn done(
        position: i64,
        receipts: Vec<Receipt>,
        parts: Vec<Box<dyn Any + Send + Sync>>,
    ) -> Self {
        Self { receipts, position, replayed: false, parts }
    }

    /// From the receipt of an earlier request.
    pub(crate) fn replayed(position: i64, stored: &str) -> serde_json::Result<Self> {
        let stored: Vec<Stored> = serde_json::from_str(stored)?;
        let receipts = stored.into_iter().map(|stored| stored.receipt(position)).collect();
        Ok(Self { receipts, position, replayed: true, parts: Vec::new() })
    }

    /// The receipt of the first stream of this type.
    pub fn receipt<A: EventSourced>(&self) -> Option<&Receipt> {
        self.receipts.iter().find(|receipt| receipt.aggregate == A::TYPE)
    }

    /// What was decided on the first stream of this type; none if replayed.
    pub fn take<A: EventSourced>(&mut self) -> Option<Done<A>> {
        let index = self.parts.iter().position(|part| part.is::<Done<A>>())?;
        self.parts.remove(index).downcast().ok().map(|done| *done)
    }
}

/// A receipt as the idempotency key keeps it: ids and versions, nothing else. The position is kept beside it.
#[derive(Serialize, Deserialize)]
struct Stored {
    aggregate: String,
    id: Uuid,
    version: i64,
}

impl Stored {
    fn receipt(self, position: i64) -> Receipt {
        let Self { aggregate, id, version } = self;
        Receipt { aggregate, id, version, position, replayed: true }
    }
}

/// What a repeat of the request is answered from.
pub(crate) fn to_stored(receipts: &[Receipt]) -> serde_json::Result<String> {
    let stored: Vec<_> = receipts
        .iter()
        .map(|Receipt { aggregate, id, version, .. }| Stored {
            aggregate: aggregate.clone(),
            id: *id,
            version: *version,
        })
        .collect();
    serde_json::to_string(&stored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::user::User;

    #[test]
    fn stored_receipts_are_read_back_as_replayed() {
        let receipt = Receipt {
            aggregate: "user".into(),
            id: Uuid::from_u128(1),
            version: 2,
            position: 0,
            replayed: false,
        };

        let outcome = Outcome::replayed(40, &to_stored(std::slice::from_ref(&receipt)).unwrap()).unwrap();

        let expected = Receipt { position: 40, replayed: true, ..receipt };
        assert_eq!(outcome.receipt::<User>(), Some(&expected));
    }

    #[test]
    fn parts_are_taken_by_type_in_order() {
        let done = |n| -> Box<dyn Any + Send + Sync> {
            let receipt = Receipt {
                aggregate: "user".into(),
                id: Uuid::from_u128(n),
                version: 1,
                position: 1,
                replayed: false,
            };
            Box::new(Done::<User> { receipt, events: vec![], state: User::default() })
        };
        let mut outcome = Outcome::done(1, vec![], vec![done(1), done(2)]);

        assert_eq!(outcome.take::<User>().unwrap().receipt.id, Uuid::from_u128(1));
        assert_eq!(outcome.take::<User>().unwrap().receipt.id, Uuid::from_u128(2));
        assert!(outcome.take::<User>().is_none());
    }
}
