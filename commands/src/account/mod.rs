//! Use cases of accounts that need facts: password checks, codes, claims, several streams at once.
//!
//! One file each: it looks up its facts, builds a [`Unit`](crate::Unit) and runs it.
//! No reply tells a stranger whether an e-mail address belongs to an account.

pub(crate) mod api_key_use;
mod api_keys;
mod asker;
mod bots;
mod change_email;
mod change_password;
pub mod codes;
mod confirm_api_keys;
pub(crate) mod cookies;
mod correct_address;
pub(crate) mod device;
mod devices;
mod erasure;
mod error;
mod expire_registrations;
pub(crate) mod forms;
mod invite;
pub mod key_text;
mod live_sessions;
mod login;
mod lookup;
mod operator;
mod password_check;
pub mod passwords;
pub(crate) mod proofs;
mod prove;
mod races;
mod refresh;
mod register;
mod resend_code;
mod reset_password;
mod service_keys;
mod sessions;
mod sign_in_records;
pub(crate) mod staff;
mod step_up;
pub(crate) mod throttles;
mod verify_contact;

pub use api_key_use::LiveApiKey;
pub use api_keys::{MadeApiKey, NewApiKey};
pub use change_password::ChangedPassword;
pub use confirm_api_keys::ConfirmedApiKeys;
pub use correct_address::{Corrected, Proof};
pub use erasure::Erasing;
pub use error::AccountError;
pub use invite::Invitation;
pub use login::LoginTerms;
pub use operator::OperatedAccount;
pub use register::{Registered, Registration};
pub use service_keys::{NewServiceKey, ServiceKeyStanding};
pub use staff::{StandingChange, SuspensionChange};
pub use verify_contact::TypedCode;

use crate::{
    Caller, Codes, CommandError, Executor, Passwords, Receipt, Throttles,
    caller::signed_in,
    passwords::ContextWords,
    throttles::{Flights, Queues, Throttle},
};
use chrono::{DateTime, TimeDelta, Utc};
use devices::SeenDevices;
use domain::{
    ChallengeId, Personal, SecretId, SessionId, UserId,
    challenge::{ChallengePurpose, IssueChallenge},
    session::{LoginMethod, Session, StartSession},
    user::{ContactKind, User},
    values::Role,
};
use secrecy::SecretString;
use sign_in_records::RecordedRefusals;
use std::sync::Arc;

/// Lifetimes and limits. The defaults are capability section 7's.
#[derive(Clone, Debug)]
pub struct AccountSettings {
    /// Of a refresh token: 7 days (C-08).
    pub refresh_lifetime: TimeDelta,
    /// Of a session, however often it is refreshed: 30 days.
    pub session_lifetime: TimeDelta,
    /// Of an e-mailed code: 10 minutes (AUTH-09).
    pub code_lifetime: TimeDelta,
    /// Wrong answers to a code: 5 (AUTH-09), and as many of strangers.
    pub code_attempts: u32,
    /// Of a reset token: 10 minutes (AUTH-06, ASVS 6.5.5).
    pub reset_lifetime: TimeDelta,
    /// Between one's own wish to be erased and the erasure: 14 days (C-39).
    pub deletion_grace: TimeDelta,
    /// How long backups of the key store are kept: until then an erased person could be brought back from one.
    pub key_backups_kept: TimeDelta,
    /// Of the token of an invitation: 3 days.
    pub invitation_lifetime: TimeDelta,
    /// Sessions of one account that live at once: 20 (section 7).
    pub max_sessions: usize,
    /// Of a registration that nobody verifies: 3 days; none: for ever.
    pub registration_lifetime: Option<TimeDelta>,
    /// After a login its session shows for so long that its person is there; zero: the password is asked for always.
    pub fresh_login: TimeDelta,
    /// No password contains them.
    pub context_words: ContextWords,
    pub throttles: Throttles,
}

impl Default for AccountSettings {
    fn default() -> Self {
        Self {
            refresh_lifetime: TimeDelta::seconds(7 * 86_400),
            session_lifetime: TimeDelta::seconds(30 * 86_400),
            code_lifetime: TimeDelta::seconds(600),
            code_attempts: 5,
            reset_lifetime: TimeDelta::seconds(600),
            deletion_grace: TimeDelta::seconds(14 * 86_400),
            key_backups_kept: TimeDelta::seconds(35 * 86_400),
            invitation_lifetime: TimeDelta::seconds(3 * 86_400),
            max_sessions: 20,
            registration_lifetime: Some(TimeDelta::seconds(3 * 86_400)),
            fresh_login: TimeDelta::seconds(300),
            context_words: ContextWords::default(),
            throttles: Throttles::default(),
        }
    }
}

/// The accounts' use cases. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    executor: Executor,
    passwords: Passwords,
    codes: Codes,
    settings: Arc<AccountSettings>,
    seen: Arc<SeenDevices>,
    refusals: Arc<RecordedRefusals>,
    flights: Arc<Flights>,
    queues: Arc<Queues>,
}

/// What a login, a registration or a refresh hands out. The access token is the edge's to sign.
#[derive(Debug)]
pub struct SessionTokens {
    pub user: UserId,
    pub session: SessionId,
    pub role: Role,
    /// The user's session epoch under which the session began.
    pub epoch: u32,
    /// False while the session may not act (C-03).
    pub verified: bool,
    /// None where a session was prolonged by its cookie: its refresh token stays what it is.
    pub refresh_token: Option<SecretString>,
    pub refresh_expires_at: DateTime<Utc>,
    /// The session's absolute end.
    pub expires_at: DateTime<Utc>,
    /// Of the session's stream.
    pub receipt: Receipt,
}

impl Accounts {
    pub fn new(executor: Executor, passwords: Passwords, codes: Codes, settings: AccountSettings) -> Self {
        Self {
            executor,
            passwords,
            codes,
            settings: Arc::new(settings),
            seen: Arc::default(),
            refusals: Arc::default(),
            flights: Arc::default(),
            queues: Arc::default(),
        }
    }

    /// For what is shown to clients and recognised when it comes back.
    pub const fn codes(&self) -> &Codes {
        &self.codes
    }

    fn throttle(&self) -> Throttle<'_> {
        let (flights, queues) = (&self.flights, &self.queues);
        Throttle { store: self.executor.store(), limits: &self.settings.throttles, flights, queues }
    }

    fn tokens(&self, id: SessionId, session: &Session, user: &User, receipt: Receipt) -> SessionTokens {
        SessionTokens {
            user: session.user,
            session: id,
            role: user.role,
            epoch: session.epoch,
            verified: session.verified,
            refresh_token: Some(self.codes.refresh_token(id, session.generation).into()),
            refresh_expires_at: session.refresh_expires_at,
            expires_at: session.expires_at,
            receipt,
        }
    }

    fn start_session(
        &self,
        user: UserId,
        state: &User,
        method: LoginMethod,
        at: DateTime<Utc>,
        caller: &Caller,
    ) -> StartSession {
        StartSession {
            user,
            epoch: state.epoch,
            method,
            verified: state.is_verified(),
            device: Some(self.device(user, caller)),
            at,
            refresh_lifetime: self.settings.refresh_lifetime,
            absolute_lifetime: self.settings.session_lifetime,
        }
    }

    fn verification(&self, user: UserId, address: Personal<String>, at: DateTime<Utc>) -> IssueChallenge {
        IssueChallenge {
            user,
            purpose: ChallengePurpose::VerifyEmail,
            channel: ContactKind::Email,
            address,
            at,
            lifetime: self.settings.code_lifetime,
            attempts: self.settings.code_attempts,
        }
    }

    fn new_challenge(&self, at: DateTime<Utc>) -> ChallengeId {
        ChallengeId::mint(at, self.executor.mint().id_bytes())
    }

    fn new_secret(&self, at: DateTime<Utc>) -> SecretId {
        SecretId::mint(at, self.executor.mint().id_bytes())
    }

    fn new_session(&self, at: DateTime<Utc>) -> SessionId {
        SessionId::mint(at, self.executor.mint().id_bytes())
    }

    /// The account with everything committed by now.
    async fn user(&self, id: UserId) -> Result<User, CommandError> {
        Ok(self.executor.store().load_fresh::<User>(id).await?.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every use case is awaited in handlers that move between threads; this need not run, only compile.
    #[expect(dead_code, reason = "a check of types")]
    fn use_cases_may_move_between_threads(accounts: &Accounts, caller: &Caller, form: Registration) {
        fn may_move(_: impl Send) {}
        let secret = SecretString::from("x");
        may_move(accounts.register_with_session(form.clone(), caller));
        may_move(accounts.create_account_by_operator(form, Role::Owner, caller));
        may_move(accounts.login("jane", secret.clone(), &LoginTerms::default(), caller));
        may_move(accounts.certify_erasure(UserId::default(), None, caller));
        may_move(accounts.refresh(&secret, caller));
        may_move(accounts.prolong(caller));
        let typed = TypedCode { code: &secret, token: None };
        may_move(accounts.verify_contact("jane", typed, &[], caller));
        may_move(accounts.resend_code("jane", None, caller));
        may_move(accounts.stop_email_change(&secret, caller));
        may_move(accounts.confirm_api_keys(secret.clone(), caller));
        may_move(accounts.end_other_sessions(None, caller));
        may_move(accounts.change_password(secret.clone(), secret.clone(), caller));
        may_move(accounts.request_reset("jane", caller));
        may_move(accounts.reset_password(&secret, secret.clone(), caller));
        may_move(accounts.change_standing(UserId::default(), StandingChange::default(), None, caller));
        may_move(accounts.logout_by_refresh_token(&secret, caller));
    }
}
