//! All use cases in one bundle: built once, handed to the API, the workers and the command line.

use crate::{
    AccessLogs, Accounts, ActiveDays, Activities, Badges, Executor, Ledgers, Notices, OwnedThings, People,
    Social,
};
use chrono::TimeDelta;

/// The facades of all areas. A new one is a field and a line in [`Commands::new`]. Cheap to clone.
#[derive(Clone)]
pub struct Commands {
    /// For commands that are run as they are: no state is looked up first, and one stream is written.
    pub executor: Executor,
    pub access_log: AccessLogs,
    pub accounts: Accounts,
    /// What people do elsewhere.
    pub activities: Activities,
    pub badges: Badges,
    /// Who is there today.
    pub days: ActiveDays,
    pub ledgers: Ledgers,
    pub notices: Notices,
    /// What a person owns, whatever it is.
    pub owned: OwnedThings,
    pub people: People,
    pub social: Social,
}

impl Commands {
    /// Accounts need more than the executor, and are made with it before.
    pub fn new(executor: Executor, accounts: Accounts) -> Self {
        Self {
            access_log: AccessLogs::new(executor.clone()),
            accounts,
            activities: Activities::new(executor.clone()),
            badges: Badges::new(executor.clone()),
            days: ActiveDays::new(executor.clone()),
            ledgers: Ledgers::new(executor.clone()),
            notices: Notices::new(executor.clone()),
            owned: OwnedThings::new(executor.clone()),
            people: People::new(executor.clone()),
            social: Social::new(executor.clone()),
            executor,
        }
    }

    /// How long ago a deed may have happened when it is told; see [`Activities::told_within`].
    #[must_use]
    pub fn told_within(mut self, within: TimeDelta) -> Self {
        self.activities = self.activities.told_within(within);
        self
    }
}
