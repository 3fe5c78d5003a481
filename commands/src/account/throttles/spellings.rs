//! One account has several names, a username and an address, and as many guesses by all of them as by one.
//!
//! What was typed is counted before (see [`Throttle::login`]), and refused with 429. If the account's other names were
//! refused so, too, it would tell that they belong together: whoever knows a username could try which address is its
//! person's. So a stranger is answered as for a wrong password, which is not looked at; who signed in from here is told.

use super::{FAMILIAR, Throttle};
use crate::{Caller, CommandError};
use domain::UserId;
use store::{Limit, Permit};

const HERE: &str = "login account by any name";
const ANYWHERE: &str = "login anywhere by any name";
const SPENT_HERE: &str = "login account by any name, spent";
const SPENT_ANYWHERE: &str = "login anywhere by any name, spent";

/// What the guesses at one account from one network are counted under.
pub(crate) struct Spellings {
    /// Network and what was typed, as a familiar network is kept by.
    typed: String,
    here: String,
    anywhere: String,
}

impl Spellings {
    /// `typed` is folded; `account` whose it is. What names nobody is counted alike, and takes as long. None: a caller
    /// inside the program.
    pub(crate) fn of(typed: &str, account: Option<UserId>, caller: &Caller) -> Option<Self> {
        let network = caller.network()?;
        let anywhere = account.map_or_else(|| format!("typed {typed}"), |id| format!("account {id}"));
        let (typed, here) = (format!("{network}\0{typed}"), format!("{network}\0{anywhere}"));
        Some(Self { typed, here, anywhere })
    }
}

impl Throttle<'_> {
    /// Whether so many passwords were wrong that the next is not looked at.
    ///
    /// # Errors
    /// [`CommandError::Throttled`] for who signed in from this network before: nothing is told by it.
    pub(crate) async fn is_spent(&self, guesses: &Spellings) -> Result<bool, CommandError> {
        let here = self.store.is_marked(SPENT_HERE, &guesses.here).await?;
        let anywhere = self.store.is_marked(SPENT_ANYWHERE, &guesses.anywhere).await?;
        if !here && !anywhere {
            return Ok(false);
        }
        let familiar = self.store.is_marked(FAMILIAR, &guesses.typed).await?;
        match (familiar, here) {
            (false, _) => Ok(true),
            (true, false) => Ok(false),
            (true, true) => {
                let wait = self.limits.login_account.map(|limit| limit.every);
                Err(CommandError::throttled(wait.unwrap_or_default()))
            }
        }
    }

    /// A password was wrong.
    pub(crate) async fn guessed(&self, guesses: &Spellings) -> Result<(), CommandError> {
        self.spend(HERE, SPENT_HERE, &guesses.here, self.limits.login_account).await?;
        self.spend(ANYWHERE, SPENT_ANYWHERE, &guesses.anywhere, self.limits.login_anywhere).await
    }

    async fn spend(
        &self,
        bucket: &str,
        spent: &str,
        whom: &str,
        limit: Option<Limit>,
    ) -> Result<(), CommandError> {
        let Some(limit) = limit else { return Ok(()) };
        match self.store.take_permits(bucket, whom, limit, 1).await? {
            Permit::Granted { left: 1.. } => Ok(()),
            Permit::Granted { left: 0 } => Ok(self.store.mark(spent, whom, limit.every).await?),
            Permit::Refused { retry_after } => Ok(self.store.mark(spent, whom, retry_after).await?),
        }
    }
}
