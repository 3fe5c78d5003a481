//! Rate limits of anonymous attempts, counted over all nodes (RL-01, RL-03, RL-04).
//!
//! No limit lets one person lock another out: what counts against an account from everywhere does not count
//! against a network that has signed in to it before (OWASP Authentication Cheat Sheet, "device cookies").

mod queues;
mod spellings;

pub(crate) use queues::{Flight, Flights, Queues, Turn};
pub(crate) use spellings::Spellings;

use crate::{Caller, CommandError, FORM_LIFETIME, PUZZLE_LIFETIME};
use chrono::TimeDelta;
use domain::{UserId, challenge::AnswerBy};
use std::time::Duration;
use store::{Limit, Permit, Store};
use tokio::time::{Instant, sleep};

/// Each None: not limited.
#[derive(Clone, Debug)]
pub struct Throttles {
    /// Failed sign-ins from one network.
    pub login_address: Option<Limit>,
    /// Failed sign-ins to one identifier from one network.
    pub login_account: Option<Limit>,
    /// Failed sign-ins to one identifier from all networks that never succeeded.
    pub login_anywhere: Option<Limit>,
    /// Wrong passwords of a signed-in person who is asked for it again.
    pub password_check: Option<Limit>,
    /// Reset requests from one network.
    pub reset_address: Option<Limit>,
    /// Reset mails to one account. Beyond it none is sent, and nobody is told.
    pub reset_account: Option<Limit>,
    /// Mails with a code to one address, a day or so; those that strangers ask for are counted apart.
    pub code_mail: Option<Limit>,
    /// Wrong codes from one network.
    pub code_try: Option<Limit>,
    /// Registrations, and corrections of their address, from one network.
    pub registration: Option<Limit>,
    /// Logins, registrations and resets of a network of many: more are no refusal, but a sign of a program.
    pub haste: Option<Limit>,
}

impl Default for Throttles {
    fn default() -> Self {
        let limit = |burst, seconds| Some(Limit { burst, every: Duration::from_secs(seconds) });
        Self {
            login_address: limit(30, 20),
            login_account: limit(5, 60),
            login_anywhere: limit(100, 36),
            password_check: limit(10, 60),
            reset_address: limit(3, 1_200),
            // No more than one is out at a time, for ten minutes: strangers cannot use this up.
            reset_account: limit(6, 600),
            code_mail: limit(10, 8_640),
            code_try: limit(20, 60),
            registration: limit(10, 120),
            haste: limit(60, 2),
        }
    }
}

/// A network that signed in to an account is familiar with it for so long.
const FAMILIAR_FOR: Duration = Duration::from_secs(90 * 86_400);
const CODE_TRY: &str = "code try";
const FAMILIAR: &str = "familiar";
const LOGIN_ADDRESS: &str = "login address";
const LOGIN_ACCOUNT: &str = "login account";
const LOGIN_ANYWHERE: &str = "login anywhere";

/// Who finds no permit waits so long while checks run here that may give one back.
const PATIENCE: Duration = Duration::from_secs(5);
/// And so long for one that may come back from another node.
const NEIGHBOURLY: Duration = Duration::from_secs(1);
/// Until the second look; each further one comes after twice the time, up to the longest.
const FIRST_LOOK: Duration = Duration::from_millis(25);
const LONGEST_LOOK: Duration = Duration::from_millis(400);
/// So many wait for the permits of one bucket, and the first of them alone looks; others are refused at once.
const WAITING: usize = 32;

/// The limits and where they are counted.
#[derive(Clone)]
pub(crate) struct Throttle<'a> {
    pub store: &'a Store,
    pub limits: &'a Throttles,
    pub flights: &'a Flights,
    pub queues: &'a Queues,
}

/// Permits for one sign-in; they are given back if it was no guess.
pub(crate) struct LoginPermit<'a> {
    network: String,
    pair: String,
    /// The identifier, where the network was not familiar with it.
    stranger_to: Option<String>,
    _flights: Vec<Flight<'a>>,
}

impl<'a> Throttle<'a> {
    pub(crate) async fn registration(&self, caller: &Caller) -> Result<(), CommandError> {
        let Some(network) = caller.network() else { return Ok(()) };
        self.take("registration", &network, self.limits.registration).await
    }

    /// Whether or not what is asked for names an account.
    pub(crate) async fn reset(&self, caller: &Caller) -> Result<(), CommandError> {
        let Some(network) = caller.network() else { return Ok(()) };
        self.take("reset address", &network, self.limits.reset_address).await
    }

    /// Whether another reset mail may go to the account.
    pub(crate) async fn reset_mail(&self, account: UserId) -> Result<bool, CommandError> {
        allowed(self.take("reset account", &account.to_string(), self.limits.reset_account).await)
    }

    /// Whether another mail with a code may go to the address.
    pub(crate) async fn code_mail(&self, address: &str, by: AnswerBy) -> Result<bool, CommandError> {
        let bucket = if by == AnswerBy::Stranger { "code mail by strangers" } else { "code mail" };
        allowed(self.take(bucket, &address.to_lowercase(), self.limits.code_mail).await)
    }

    /// The same for somebody who knows the password, and is told to wait.
    pub(crate) async fn code_mail_to(&self, address: &str) -> Result<(), CommandError> {
        self.take("code mail", &address.to_lowercase(), self.limits.code_mail).await
    }

    /// Before the code is looked at, so that tries that run together cannot pass together.
    pub(crate) async fn code_try(&self, caller: &Caller) -> Result<(), CommandError> {
        let Some(network) = caller.network() else { return Ok(()) };
        self.take(CODE_TRY, &network, self.limits.code_try).await
    }

    /// It was no guess.
    pub(crate) async fn code_was_right(&self, caller: &Caller) -> Result<(), CommandError> {
        let Some(network) = caller.network() else { return Ok(()) };
        self.give_back(CODE_TRY, &network, self.limits.code_try).await
    }

    /// `network` as [`Caller::client_prefix`] has it.
    pub(crate) async fn haste(&self, network: &str) -> Result<(), CommandError> {
        self.take("haste", network, self.limits.haste).await
    }

    /// Once for each puzzle, for as long as it can be answered.
    pub(crate) async fn proof(&self, puzzle: &str) -> Result<(), CommandError> {
        self.once("proof", puzzle, PUZZLE_LIFETIME).await
    }

    /// Once for each form that was shown, for as long as its token counts.
    pub(crate) async fn form(&self, token: &str) -> Result<(), CommandError> {
        self.once("form", token, FORM_LIFETIME).await
    }

    async fn once(&self, bucket: &str, whom: &str, lasts: TimeDelta) -> Result<(), CommandError> {
        let every = lasts.to_std().unwrap_or_default();
        self.take(bucket, whom, Some(Limit { burst: 1, every })).await
    }

    /// Ends with the check of the password.
    pub(crate) async fn password_check(&self, account: &str) -> Result<Option<Flight<'a>>, CommandError> {
        self.take_when_free("password check", account, self.limits.password_check).await
    }

    pub(crate) async fn password_was_right(&self, account: &str) -> Result<(), CommandError> {
        self.give_back("password check", account, self.limits.password_check).await
    }

    /// `identifier` as it was typed, folded: whether it names an account makes no difference. None: a caller inside the
    /// program.
    ///
    /// Permits are taken before the password is looked at, so that guesses are counted exactly however many run at once.
    /// Right logins that run together wait for one another's instead of being refused.
    pub(crate) async fn login(
        &self,
        identifier: &str,
        caller: &Caller,
    ) -> Result<Option<LoginPermit<'a>>, CommandError> {
        let Some(network) = caller.network() else { return Ok(None) };
        let pair = format!("{network}\0{identifier}");
        let mut flights = vec![
            self.take_when_free(LOGIN_ADDRESS, &network, self.limits.login_address).await?,
            self.take_when_free(LOGIN_ACCOUNT, &pair, self.limits.login_account).await?,
        ];
        let mut stranger_to = None;
        if self.limits.login_anywhere.is_some() && !self.store.is_marked(FAMILIAR, &pair).await? {
            flights.push(self.take_when_free(LOGIN_ANYWHERE, identifier, self.limits.login_anywhere).await?);
            stranger_to = Some(identifier.to_owned());
        }
        Ok(Some(LoginPermit {
            network,
            pair,
            stranger_to,
            _flights: flights.into_iter().flatten().collect(),
        }))
    }

    pub(crate) async fn was_no_guess(
        &self,
        permit: &LoginPermit<'_>,
        signed_in: bool,
    ) -> Result<(), CommandError> {
        if signed_in {
            self.store.mark(FAMILIAR, &permit.pair, FAMILIAR_FOR).await?;
        }
        if let Some(identifier) = &permit.stranger_to {
            self.give_back(LOGIN_ANYWHERE, identifier, self.limits.login_anywhere).await?;
        }
        self.give_back(LOGIN_ACCOUNT, &permit.pair, self.limits.login_account).await?;
        self.give_back(LOGIN_ADDRESS, &permit.network, self.limits.login_address).await
    }

    /// As [`Self::take`]. Whoever finds no permit waits for a moment, for those that are out may come back.
    ///
    /// Nobody overtakes those who wait here already, and of them only the first looks.
    async fn take_when_free(
        &self,
        bucket: &str,
        whom: &str,
        limit: Option<Limit>,
    ) -> Result<Option<Flight<'a>>, CommandError> {
        let Some(limit) = limit else { return Ok(None) };
        let key = format!("{bucket}\0{whom}");
        let granted = |key| Ok(Some(self.flights.begin(key)));
        if self.queues.is_empty(&key)
            && let Permit::Granted { .. } = self.look(bucket, whom, limit).await?
        {
            return granted(key);
        }
        let begun = Instant::now();
        let Some(place) = self.queues.join(key.clone(), WAITING) else {
            self.take(bucket, whom, Some(limit)).await?;
            return granted(key);
        };
        let _turn = place.turn().await;
        let mut pause = FIRST_LOOK;
        loop {
            let Permit::Refused { retry_after } = self.look(bucket, whom, limit).await? else {
                return granted(key);
            };
            let patience = if self.flights.are_out(&key) { PATIENCE } else { NEIGHBOURLY };
            if begun.elapsed() >= patience {
                return Err(refused(bucket, retry_after));
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_LOOK);
        }
    }

    async fn take(&self, bucket: &str, whom: &str, limit: Option<Limit>) -> Result<(), CommandError> {
        let Some(limit) = limit else { return Ok(()) };
        match self.look(bucket, whom, limit).await? {
            Permit::Granted { .. } => Ok(()),
            Permit::Refused { retry_after } => Err(refused(bucket, retry_after)),
        }
    }

    async fn look(&self, bucket: &str, whom: &str, limit: Limit) -> Result<Permit, CommandError> {
        metrics::counter!("annals_throttle_looks_total", "bucket" => bucket.to_owned()).increment(1);
        Ok(self.store.take_permits(bucket, whom, limit, 1).await?)
    }

    async fn give_back(&self, bucket: &str, whom: &str, limit: Option<Limit>) -> Result<(), CommandError> {
        match limit {
            Some(limit) => Ok(self.store.return_permit(bucket, whom, limit).await?),
            None => Ok(()),
        }
    }
}

fn refused(bucket: &str, retry_after: Duration) -> CommandError {
    metrics::counter!("annals_throttled_total", "bucket" => bucket.to_owned()).increment(1);
    CommandError::throttled(retry_after)
}

/// Beyond the limit nothing is done, in silence.
fn allowed(taken: Result<(), CommandError>) -> Result<bool, CommandError> {
    match taken {
        Ok(()) => Ok(true),
        Err(CommandError::Throttled { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
