//! One account has several names, a username and an address, and as many guesses by all of them as by one.
//!
//! What was typed is counted before (see [`Throttle::login`]), and refused with 429. If the account's other names were
//! refused so, too, it would tell that they belong together: whoever knows a username could try which address is its
//! person's. So a stranger is answered as for a wrong password, which is not looked at; who signed in from here is told.

use super::{FAMILIAR, Throttle, allowed};
use crate::{Caller, CommandError};
use domain::UserId;
use store::Limit;

const HERE: &str = "login account by any name";
const ANYWHERE: &str = "login anywhere by any name";

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
        let here = self.is_used_up(HERE, &guesses.here, self.limits.login_account).await?;
        let anywhere = self.is_used_up(ANYWHERE, &guesses.anywhere, self.limits.login_anywhere).await?;
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

    /// Whether a password that was right came after too many wrong ones, which ran beside it by the account's other names.
    ///
    /// Wrong ones are counted one after the other, and a right one is good only where fewer than the limit stand before
    /// it. It takes no permit, so that right ones never meet each other, and whoever came too late is not told.
    pub(crate) async fn came_too_late(&self, guesses: &Spellings) -> Result<bool, CommandError> {
        match self.is_spent(guesses).await {
            Err(CommandError::Throttled { .. }) => Ok(true),
            settled => settled,
        }
    }

    /// A password was wrong.
    pub(crate) async fn guessed(&self, guesses: &Spellings) -> Result<(), CommandError> {
        allowed(self.take(HERE, &guesses.here, self.limits.login_account).await)?;
        allowed(self.take(ANYWHERE, &guesses.anywhere, self.limits.login_anywhere).await).map(drop)
    }

    async fn is_used_up(&self, bucket: &str, whom: &str, limit: Option<Limit>) -> Result<bool, CommandError> {
        match limit {
            Some(limit) => Ok(!self.store.has_permit(bucket, whom, limit).await?),
            None => Ok(false),
        }
    }
}
