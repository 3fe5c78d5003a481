//! The social graph as plain tables, and what the API must answer to each command by them.

use std::collections::{BTreeMap, BTreeSet};

/// Who acts toward whom, by number.
pub type Pair = (usize, usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Pending,
    Accepted,
    Rejected,
}

impl Status {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    Anyone,
    Approve,
    Nobody,
}

impl Policy {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::Approve => "approve",
            Self::Nobody => "nobody",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Follow(Pair),
    /// The second answers the first.
    Approve(Pair),
    /// The second answers the first.
    Reject(Pair),
    Unfollow(Pair),
    /// The second ends the first's follow.
    Remove(Pair),
    Block(Pair),
    Unblock(Pair),
    Mute(Pair),
    Unmute(Pair),
    SetPrivate(usize, bool),
    SetPolicy(usize, Option<Policy>),
}

#[derive(Clone, Debug, Default)]
struct Person {
    is_private: bool,
    policy: Option<Policy>,
}

/// Everything that is true, in tables of the simplest kind.
#[derive(Clone, Debug)]
pub struct Model {
    people: Vec<Person>,
    /// Of a follow that is not over.
    follows: BTreeMap<Pair, Status>,
    blocks: BTreeSet<Pair>,
    mutes: BTreeSet<Pair>,
    /// What ever was has an id that is known.
    followed: BTreeSet<Pair>,
    blocked: BTreeSet<Pair>,
    muted: BTreeSet<Pair>,
}

impl Model {
    pub fn new(people: usize) -> Self {
        Self {
            people: vec![Person::default(); people],
            follows: BTreeMap::new(),
            blocks: BTreeSet::new(),
            mutes: BTreeSet::new(),
            followed: BTreeSet::new(),
            blocked: BTreeSet::new(),
            muted: BTreeSet::new(),
        }
    }

    pub fn status(&self, follow: Pair) -> Option<Status> {
        self.follows.get(&follow).copied()
    }

    pub fn follows(&self, pair: Pair) -> bool {
        self.status(pair) == Some(Status::Accepted)
    }

    pub fn mutes(&self, pair: Pair) -> bool {
        self.mutes.contains(&pair)
    }

    pub fn is_private(&self, person: usize) -> bool {
        self.people[person].is_private
    }

    pub fn apart(&self, (one, other): Pair) -> bool {
        self.blocks.contains(&(one, other)) || self.blocks.contains(&(other, one))
    }

    /// Whether the viewer sees more of a person than who it is.
    pub fn sees_whole(&self, viewer: usize, person: usize) -> bool {
        viewer == person || !self.is_private(person) || self.follows((viewer, person))
    }

    /// Whom the person has blocked.
    pub fn blocks_of(&self, blocker: usize) -> BTreeSet<usize> {
        self.blocks.iter().filter(|pair| pair.0 == blocker).map(|pair| pair.1).collect()
    }

    pub fn mutes_of(&self, muter: usize) -> BTreeSet<usize> {
        self.mutes.iter().filter(|pair| pair.0 == muter).map(|pair| pair.1).collect()
    }

    pub fn followers(&self, person: usize, status: Status) -> BTreeSet<usize> {
        let to = self.follows.iter().filter(|(pair, is)| pair.1 == person && **is == status);
        to.map(|(pair, _)| pair.0).collect()
    }

    pub fn following(&self, person: usize, status: Status) -> BTreeSet<usize> {
        let by = self.follows.iter().filter(|(pair, is)| pair.0 == person && **is == status);
        by.map(|(pair, _)| pair.1).collect()
    }

    fn policy(&self, person: usize) -> Policy {
        let Person { is_private, policy } = &self.people[person];
        policy.unwrap_or(if *is_private { Policy::Approve } else { Policy::Anyone })
    }

    /// Does it, and says the status of the reply.
    pub fn apply(&mut self, command: Command) -> u16 {
        match command {
            Command::Follow(pair) => self.follow(pair),
            Command::Approve(pair) => self.answer(pair, Status::Accepted),
            Command::Reject(pair) => self.answer(pair, Status::Rejected),
            Command::Unfollow(pair) | Command::Remove(pair) => self.end(pair),
            Command::Block(pair) => self.block(pair),
            Command::Unblock(pair) if !self.blocked.contains(&pair) => 404,
            Command::Unblock(pair) => {
                self.blocks.remove(&pair);
                200
            }
            Command::Mute(pair) => self.mute(pair),
            Command::Unmute(pair) if !self.muted.contains(&pair) => 404,
            Command::Unmute(pair) => {
                self.mutes.remove(&pair);
                200
            }
            Command::SetPrivate(person, is_private) => {
                self.people[person].is_private = is_private;
                self.open(person)
            }
            Command::SetPolicy(person, policy) => {
                self.people[person].policy = policy;
                self.open(person)
            }
        }
    }

    fn follow(&mut self, pair: Pair) -> u16 {
        if self.blocks.contains(&(pair.1, pair.0)) {
            return 404;
        }
        if self.blocks.contains(&pair) {
            return 409;
        }
        let status = match (self.status(pair), self.policy(pair.1)) {
            (Some(Status::Accepted | Status::Pending), _) => return 200,
            (None | Some(Status::Rejected), Policy::Nobody) => return 403,
            (None | Some(Status::Rejected), Policy::Approve) => Status::Pending,
            (None | Some(Status::Rejected), Policy::Anyone) => Status::Accepted,
        };
        self.follows.insert(pair, status);
        self.followed.insert(pair);
        201
    }

    fn answer(&mut self, pair: Pair, answer: Status) -> u16 {
        if !self.followed.contains(&pair) || self.apart(pair) {
            return 404;
        }
        match self.status(pair) {
            Some(Status::Pending) => {
                self.follows.insert(pair, answer);
                200
            }
            Some(status) if status == answer => 200,
            Some(_) | None => 409,
        }
    }

    fn end(&mut self, pair: Pair) -> u16 {
        if !self.followed.contains(&pair) || self.apart(pair) {
            return 404;
        }
        self.follows.remove(&pair);
        200
    }

    fn block(&mut self, pair: Pair) -> u16 {
        if self.blocks.contains(&pair) {
            return 200;
        }
        if self.blocks.contains(&(pair.1, pair.0)) {
            return 404;
        }
        self.blocks.insert(pair);
        self.blocked.insert(pair);
        self.follows.remove(&pair);
        self.follows.remove(&(pair.1, pair.0));
        201
    }

    fn mute(&mut self, pair: Pair) -> u16 {
        if self.mutes.contains(&pair) {
            return 200;
        }
        if self.blocks.contains(&(pair.1, pair.0)) {
            return 404;
        }
        self.mutes.insert(pair);
        self.muted.insert(pair);
        201
    }

    /// Whoever takes anyone by now takes those who wait.
    fn open(&mut self, person: usize) -> u16 {
        if self.policy(person) == Policy::Anyone {
            let waiting =
                self.follows.iter_mut().filter(|(pair, is)| pair.1 == person && **is == Status::Pending);
            waiting.for_each(|(_, status)| *status = Status::Accepted);
        }
        200
    }
}
