//! A password login.

use super::{
    AccountError, Accounts, SessionTokens,
    live_sessions::Beginning,
    lookup::Identifier,
    password_check::Checked,
    prove::{Proven, told_after},
    races::{Races, changed_meanwhile},
};
use crate::{Caller, CommandError, Refusal, Unit, Warrant, passwords::Verdict, throttles::Spellings};
use chrono::{DateTime, Utc};
use domain::{
    SecretId, SessionId, Subject, UserId,
    session::{LoginMethod, Session},
    sign_in::{FailureCause, RefusalCause},
    user::{CancelDeletion, ChangePassword, PasswordCause, User},
};
use secrecy::SecretString;

/// How somebody logs in, but for who they are.
#[derive(Clone, Debug, Default)]
pub struct LoginTerms {
    /// Whether this login cancels a pending deletion (C-39).
    pub stays: bool,
    /// Live sessions that came with the request: those of the same account end with the login.
    pub instead_of: Vec<SessionId>,
}

/// One login, however often it is looked at.
struct Attempt<'a> {
    identifier: &'a str,
    password: SecretString,
    terms: &'a LoginTerms,
    /// What guesses at the account are counted under.
    spellings: Option<&'a Spellings>,
    /// Whom the password proved, and against what: it is not hashed again for the same secret.
    checked: Option<(UserId, Checked)>,
}

impl Accounts {
    /// Signs in by username or e-mail address (C-06) and starts a session. Of more sessions than an account may have the
    /// oldest ends.
    ///
    /// Every failure, and every refusal of a right password, is recorded on a `sign_in` stream, never on the account's own.
    /// A hash by an older scheme is replaced on the way (AUTH-08). What changes the account meanwhile, another login
    /// included, is no reason to refuse: the login is decided again on what the account is by then.
    ///
    /// # Errors
    /// [`AccountError::WrongCredentials`]; if the password was right [`AccountError::Suspended`] (USR-07),
    /// [`AccountError::ContactUnverified`], [`AccountError::DeletionRequested`];
    /// [`CommandError::Throttled`] after too many failures (RL-01); [`CommandError::Busy`] if hundreds log in to it at once.
    pub async fn login(
        &self,
        identifier: &str,
        password: SecretString,
        terms: &LoginTerms,
        caller: &Caller,
    ) -> Result<SessionTokens, CommandError> {
        // What is shown once is not shown again, whoever asks: before anything is looked up, so that the key tells nothing.
        if self.executor.replayed(caller).await?.is_some() {
            return Err(CommandError::rejected(AccountError::SecretShownOnce));
        }
        let typed = identifier.trim().to_lowercase();
        // A permit is taken before the password is looked at: attempts that run side by side cannot share
        // one.
        let permit = self.throttle().login(&typed, caller).await;
        let permit = self.refusal_on_record("login", permit, caller).await?;
        let spellings = Spellings::of(&typed, self.find(&Identifier::parse(identifier)).await?, caller);
        let attempt = Attempt { identifier, password, terms, spellings: spellings.as_ref(), checked: None };
        let tokens = self.judged_login(attempt, caller).await;
        // Kept as a result, not returned by `?`: the permit below must be settled in every case.
        let tokens = self.refusal_on_record("login", tokens, caller).await;
        let failed = tokens.as_ref().err();
        let guessed = |error: &CommandError| error.reason() == Some(&AccountError::WrongCredentials);
        if let Some(spellings) = spellings.filter(|_| failed.is_some_and(guessed)) {
            self.throttle().guessed(&spellings).await?;
        }
        if let Some(permit) = permit.filter(|_| !failed.is_some_and(guessed)) {
            self.throttle().was_no_guess(&permit, failed.is_none()).await?;
        }
        tokens
    }

    /// What is spent by other names is answered as a wrong password, and not looked at.
    async fn judged_login(
        &self,
        mut attempt: Attempt<'_>,
        caller: &Caller,
    ) -> Result<SessionTokens, CommandError> {
        if let Some(spellings) = attempt.spellings
            && self.throttle().is_spent(spellings).await?
        {
            // The same hashes as for a wrong password are paid, so that the time does not tell that the
            // guesses are spent.
            self.unproven(attempt.identifier, attempt.password, caller).await?;
            return Err(CommandError::rejected(AccountError::WrongCredentials));
        }
        let (id, _) = self.proven_login(&mut attempt, caller).await?;
        // Logins of one account meet on one stream. They take turns, so that none of them loses every race.
        // After the password is proved: a stranger's guesses must not make the owner wait.
        let _turn = self.turn_of(id).await?;
        let mut races = Races::default();
        loop {
            match self.decided_login(&mut attempt, caller).await {
                Err(error) if changed_meanwhile(&error) => self.lost(&mut races).await?,
                settled => return settled,
            }
        }
    }

    /// Whom the password proves, where no wrong ones that ran beside it by other names were too many.
    async fn proven_login(
        &self,
        attempt: &mut Attempt<'_>,
        caller: &Caller,
    ) -> Result<(UserId, User), CommandError> {
        let wrong = || CommandError::rejected(AccountError::WrongCredentials);
        // The clock for the fixed reply time starts before the check, not after it.
        let refused = told_after();
        let proven = self.proven(attempt.identifier, &attempt.password, caller).await?;
        let Proven { id, user, checked } = proven.ok_or_else(wrong)?;
        if let Some(spellings) = attempt.spellings
            && self.throttle().came_too_late(spellings).await?
        {
            self.disproven(attempt.identifier, refused, caller).await?;
            return Err(wrong());
        }
        attempt.checked = Some((id, checked));
        Ok((id, user))
    }

    async fn decided_login(
        &self,
        attempt: &mut Attempt<'_>,
        caller: &Caller,
    ) -> Result<SessionTokens, CommandError> {
        let (id, user) = match self.still_proven(attempt).await? {
            Some(person) => person,
            None => self.proven_login(attempt, caller).await?,
        };
        // From here on the password is proved, so that the reply may say why the login is refused.
        if let Some(suspension) = user.suspended(self.executor.now()) {
            self.record_refusal(id, RefusalCause::Suspended, caller).await?;
            return Err(CommandError::rejected(AccountError::Suspended(suspension.until)));
        }
        if !user.is_verified() {
            self.record_failure(Some(id), FailureCause::Unverified, caller).await?;
            return Err(CommandError::rejected(AccountError::ContactUnverified { user: id }));
        }
        if let (Some(pending), false) = (user.deletion, attempt.terms.stays) {
            self.record_refusal(id, RefusalCause::DeletionRequested, caller).await?;
            let erase_after = pending.erase_after;
            return Err(CommandError::rejected(AccountError::DeletionRequested { erase_after }));
        }
        self.begin_session(id, user, attempt, caller).await
    }

    /// The account that the password proved before, if that is its password still.
    async fn still_proven(&self, attempt: &Attempt<'_>) -> Result<Option<(UserId, User)>, CommandError> {
        let Some((id, checked)) = &attempt.checked else { return Ok(None) };
        let user = self.user(*id).await?;
        // The secret's id changes with every password, so that equal ids mean the same password, without
        // another hash.
        let still = user.is_registered() && user.password == Some(checked.secret);
        Ok(still.then_some((*id, user)))
    }

    async fn begin_session(
        &self,
        id: UserId,
        user: User,
        attempt: &Attempt<'_>,
        caller: &Caller,
    ) -> Result<SessionTokens, CommandError> {
        let checked = attempt.checked.as_ref().map(|(_, checked)| checked);
        let checked = checked.ok_or_else(|| CommandError::internal("an unchecked login"))?;
        let at = self.executor.now();
        let session = self.new_session(at);
        let start = self.start_session(id, &user, LoginMethod::Password, at, caller);
        let (epoch, secret) = (user.epoch, checked.secret);
        let mut unit = Unit::new()
            .warranted(Warrant::Password)
            .by(id, Some(session))
            .begin::<Session>(session, start)
            .in_turn_on::<User>(id)
            // The append checks the account's version: a password change that commits first makes this login
            // fail.
            .reads::<User>(id, move |now| unchanged(now, epoch, secret));
        let instead_of = self.sessions_of(id, &attempt.terms.instead_of).await?;
        let instead_of = &instead_of;
        let beginning = Beginning { user: id, account: &user, session, instead_of, at };
        unit = self.seated(unit, beginning).await?;
        if user.deletion.is_some() {
            unit = unit.on::<User>(id, CancelDeletion { at });
        }
        // The clear password is at hand only now; a rehash at any other time is impossible.
        if checked.verdict == Verdict::RightButWeak {
            unit = self.rehash(unit, id, checked.secret, attempt.password.clone(), at).await?;
        }
        let done = self.executor.run_one::<Session>(unit, caller).await?;
        Ok(self.tokens(done.receipt.id.into(), &done.state, &user, done.receipt))
    }

    /// Those of these sessions that are the account's. Whose a session is never changes.
    async fn sessions_of(
        &self,
        account: UserId,
        sessions: &[SessionId],
    ) -> Result<Vec<SessionId>, CommandError> {
        let mut own = Vec::new();
        for session in sessions {
            let state = self.executor.store().load::<Session>(*session).await?.state;
            if state.is_started() && state.user == account && !own.contains(session) {
                own.push(*session);
            }
        }
        Ok(own)
    }

    async fn rehash(
        &self,
        unit: Unit,
        id: UserId,
        checked: SecretId,
        password: SecretString,
        at: DateTime<Utc>,
    ) -> Result<Unit, CommandError> {
        let new = self.new_secret(at);
        let hash = self.passwords.hash(password).await?;
        let command = ChangePassword { checked, new, cause: PasswordCause::Rehashed, at };
        Ok(unit.on::<User>(id, command).secret(new, Subject::of(id), hash))
    }
}

/// The password that was checked is still the account's, and no invalidation came between.
fn unchanged(now: &User, epoch: u32, checked: SecretId) -> Result<(), Refusal> {
    if now.epoch == epoch && now.password == Some(checked) {
        Ok(())
    } else {
        Err(Refusal::new(AccountError::ChangedMeanwhile))
    }
}
