//! What the writers were told: the other half of the history, to hold against the log.

use domain::UserId;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

/// What a command was to do; its token is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The profile's creation: the token is the user's id.
    Create,
    /// A biography that is the token.
    Write,
}

/// One logical command, however often it was sent.
#[derive(Clone, Debug)]
pub struct Command {
    pub token: String,
    pub user: UserId,
    pub deed: Deed,
    /// The position of the reply; none if nobody knows whether it happened.
    pub acknowledged: Option<i64>,
    pub attempts: u32,
}

/// What a reader was shown who asked for a state no older than a position.
#[derive(Clone, Debug)]
pub struct Sight {
    pub user: UserId,
    pub at_least: i64,
    pub bio: String,
}

#[derive(Default)]
pub struct Ledger(Mutex<Pages>);

#[derive(Default)]
pub struct Pages {
    pub commands: Vec<Command>,
    pub sights: Vec<Sight>,
    /// How often each answer came.
    pub answers: BTreeMap<String, u64>,
    /// Answers that nothing the tormentor does excuses.
    pub wrongs: Vec<String>,
    /// The longest time from a command's first sending to its acknowledgement.
    pub slowest: Duration,
}

impl Ledger {
    pub fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap()
    }

    pub fn answer(&self, answer: impl Into<String>) {
        *self.pages().answers.entry(answer.into()).or_default() += 1;
    }

    pub fn wrong(&self, wrong: String) {
        self.pages().wrongs.push(wrong);
    }

    pub fn settle(&self, command: Command, took: Duration) {
        let mut pages = self.pages();
        if command.acknowledged.is_some() {
            pages.slowest = pages.slowest.max(took);
        }
        pages.commands.push(command);
    }
}

impl Command {
    pub fn new(token: String, user: UserId, deed: Deed) -> Self {
        Self { token, user, deed, acknowledged: None, attempts: 0 }
    }
}
