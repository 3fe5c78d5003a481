//! Requests of one account that meet: within a process they take turns, and between processes whoever loses a race tries
//! again after a moment of chance. No request is refused for it.

use super::{AccountError, Accounts};
use crate::{CommandError, throttles::Turn};
use domain::{UserId, sign_in::SignInError, user::UserError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// So many logins and changed passwords of one account may wait for their turn on a node.
const QUEUED: usize = 256;
/// Whoever has the turn meets one rival for each other node, and changes of the account there: it tries for so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest pause after the first lost race; each later one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_millis(128);

/// Races that one request lost.
pub(super) struct Races {
    begun: Instant,
    pause: Duration,
}

impl Default for Races {
    fn default() -> Self {
        Self { begun: Instant::now(), pause: FIRST_PAUSE }
    }
}

impl Accounts {
    /// Waits until nobody else begins a session of this account here, in order of arrival.
    ///
    /// # Errors
    /// [`CommandError::Busy`] if hundreds wait already.
    pub(super) async fn turn_of(&self, account: UserId) -> Result<Turn<'_>, CommandError> {
        let place = self.queues.join(format!("sessions of {account}"), QUEUED);
        Ok(place.ok_or(CommandError::Busy)?.turn().await)
    }

    /// Another one was lost: all of it may be looked at again after this.
    ///
    /// # Errors
    /// [`CommandError::Busy`] after long enough.
    pub(super) async fn lost(&self, races: &mut Races) -> Result<(), CommandError> {
        if races.begun.elapsed() >= PATIENCE {
            return Err(CommandError::Busy);
        }
        let mut chance = [0; 2];
        self.executor.mint().fill(&mut chance);
        sleep(races.pause.mul_f64(f64::from(u16::from_le_bytes(chance)) / f64::from(u16::MAX))).await;
        races.pause = (races.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

/// Somebody changed the account, or signed in to it, between its check and the append: all of it may be looked at again.
pub(super) fn changed_meanwhile(error: &CommandError) -> bool {
    matches!(error, CommandError::Conflict { .. })
        || matches!(error.reason(), Some(AccountError::ChangedMeanwhile))
        || matches!(error.reason(), Some(SignInError::SessionsChanged))
        || matches!(error.reason(), Some(UserError::PasswordSuperseded))
}
