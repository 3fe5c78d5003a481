//! A stranger registers: account, profile, code and perhaps a session, in one append.

use super::{Accounts, SessionTokens};
use crate::{Caller, CommandError, Outcome, Receipt, Unit, Warrant, passwords::check_new};
use chrono::{DateTime, Utc};
use domain::{
    ClaimKind, Personal, SecretId, SessionId, Subject, UserId,
    challenge::{AnswerBy, Challenge},
    profile::{CreateProfile, Profile},
    session::{LoginMethod, Session},
    user::{RegisterUser, RequestVerification, User},
    values::{Email, Role, Username},
};
use secrecy::{ExposeSecret, SecretString};

/// What a registration form says.
#[derive(Clone, Debug)]
pub struct Registration {
    pub username: Username,
    pub email: Email,
    pub password: SecretString,
}

/// A new account, its address unverified.
#[derive(Debug)]
pub struct Registered {
    pub user: UserId,
    /// Of the user's stream.
    pub receipt: Receipt,
    /// Tells who made the account: tries at its codes count by it.
    pub token: SecretString,
    /// Absent from a plain registration, and from a replayed one: tokens are shown once.
    pub session: Option<SessionTokens>,
}

impl Accounts {
    /// Registers an account with the role `normal` and sends a code to its address (AUTH-01, AUTH-09).
    ///
    /// An address that another account has verified gets the same answer; its owner is told by mail, and this
    /// account can never verify it.
    ///
    /// # Errors
    /// [`PasswordError`](crate::passwords::PasswordError); [`CommandError::Duplicate`] for a taken username;
    /// what [`Executor::run_all`](crate::Executor::run_all) refuses.
    pub async fn register(&self, form: Registration, caller: &Caller) -> Result<Registered, CommandError> {
        self.registration((form, Role::Normal), None, caller).await
    }

    /// As [`Self::register`], with the role `professional` (AUTH-10).
    ///
    /// # Errors
    /// As [`Self::register`].
    pub async fn register_professional(
        &self,
        form: Registration,
        caller: &Caller,
    ) -> Result<Registered, CommandError> {
        self.registration((form, Role::Professional), None, caller).await
    }

    /// As [`Self::register`], and starts a session that may not act until the address is verified (C-03).
    ///
    /// # Errors
    /// As [`Self::register`].
    pub async fn register_with_session(
        &self,
        form: Registration,
        caller: &Caller,
    ) -> Result<Registered, CommandError> {
        let session = self.new_session(self.executor.now());
        self.registration((form, Role::Normal), Some(session), caller).await
    }

    async fn registration(
        &self,
        form: (Registration, Role),
        session: Option<SessionId>,
        caller: &Caller,
    ) -> Result<Registered, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.registered(&outcome);
        }
        let allowed = self.throttle().registration(caller).await;
        self.refusal_on_record("register", allowed, caller).await?;
        match self.opened(form, session, caller).await {
            // A repeat that ran beside the first request finds its own name taken by it.
            Err(taken @ CommandError::Duplicate(_)) => match self.executor.replayed(caller).await? {
                Some(outcome) => self.registered(&outcome),
                None => Err(taken),
            },
            settled => settled,
        }
    }

    async fn opened(
        &self,
        (form, role): (Registration, Role),
        session: Option<SessionId>,
        caller: &Caller,
    ) -> Result<Registered, CommandError> {
        let password = self.checked_hash(&form.username, &form.email, form.password.clone()).await?;
        let at = self.executor.now();
        let user = UserId::mint(at, self.executor.mint().id_bytes());
        let mut unit = self.opening(user, &form, role, password, at);
        if self.throttle().code_mail(form.email.as_str(), AnswerBy::Registrant).await? {
            unit = self.asking_for_code(unit, user, &form.email, at);
        }
        if let Some(session) = session {
            let start = self.start_session(user, &User::default(), LoginMethod::Registration, at, caller);
            unit = Self::seated_first(unit.begin::<Session>(session, start), user, session, at);
        }
        let mut outcome = self.executor.run_all(unit.by(user, session), caller).await?;
        let mut registered = self.registered(&outcome)?;
        if let (Some(session), Some(user), Some(done)) =
            (session, outcome.take::<User>(), outcome.take::<Session>())
        {
            registered.session = Some(self.tokens(session, &done.state, &user.state, done.receipt));
        }
        Ok(registered)
    }

    /// Refuses a taken name and a bad password before the costly hash.
    pub(super) async fn checked_hash(
        &self,
        username: &Username,
        email: &Email,
        password: SecretString,
    ) -> Result<Vec<u8>, CommandError> {
        check_new(password.expose_secret(), username, email, &self.settings.context_words)
            .map_err(CommandError::rejected)?;
        let taken = self.executor.store().claim_owner(ClaimKind::Username, &username.folded()).await?;
        if taken.is_some() {
            return Err(CommandError::Duplicate(ClaimKind::Username));
        }
        self.passwords.hash(password).await
    }

    /// The part that every new account has: the account itself with its password, and an empty profile.
    pub(super) fn opening(
        &self,
        user: UserId,
        form: &Registration,
        role: Role,
        hash: Vec<u8>,
        at: DateTime<Utc>,
    ) -> Unit {
        let secret: SecretId = self.new_secret(at);
        let names = (form.username.clone(), form.email.clone());
        opening(user, names, Some(secret), role, at).secret(secret, Subject::of(user), hash)
    }

    pub(super) fn registered(&self, outcome: &Outcome) -> Result<Registered, CommandError> {
        let receipt = outcome.receipt::<User>().cloned();
        let receipt = receipt.ok_or_else(|| CommandError::internal("a registration without its account"))?;
        let token = self.codes.asker_token(receipt.id).into();
        Ok(Registered { user: UserId::from_uuid(receipt.id), token, receipt, session: None })
    }

    pub(super) fn asking_for_code(&self, unit: Unit, user: UserId, email: &Email, at: DateTime<Utc>) -> Unit {
        let challenge = self.new_challenge(at);
        let address = Personal::new(Subject::of(user), email.as_str().to_owned());
        unit.on::<User>(user, RequestVerification { challenge, at })
            .begin::<Challenge>(challenge, self.verification(user, address, at))
    }
}

/// The account and an empty profile.
pub(super) fn opening(
    user: UserId,
    (username, email): (Username, Email),
    password: Option<SecretId>,
    role: Role,
    at: DateTime<Utc>,
) -> Unit {
    Unit::new()
        .warranted(Warrant::Registration)
        .begin::<User>(user, RegisterUser { user, username, email, password, role, at })
        .begin::<Profile>(user, CreateProfile { user, at })
}
