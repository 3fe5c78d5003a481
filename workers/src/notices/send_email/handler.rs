//! Writes and sends the letters that [`crate::reactors::SendEmail`] asks for.
//!
//! Addresses are read from the log and opened here, for the length of one mail. A letter that nobody needs any more
//! (expired, used, superseded, its person erased) or wants is not sent, and the job says so.

use super::{
    badge_letter::{self, Due},
    service_keys::ServiceKeys,
};
use crate::{
    jobs::{Handler, Job, JobError, JobId},
    mail::{Content, Mail, Mailer},
    notices::send_email::reactor::{KIND as SEND_EMAIL, Letter},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Clock, Codes};
use domain::{
    AnyEvent, ApiKeyId, AwardId, ChallengeId, ClaimKind, Personal, UserId,
    api_key::ApiKeyEvent,
    challenge::{Challenge, ChallengeEvent, ChallengeIssued, ChallengePurpose},
    user::{ContactKind, ContactVerified, PasswordCause, PasswordChanged, User, UserEvent},
    values::Email,
};
use std::sync::Arc;
use store::{Recorded, Store, StoreError};

const CHALLENGE: &str = "challenge";
const USER: &str = "user";
const API_KEY: &str = "api_key";
const AWARD: &str = "award";

/// Sends codes, reset tokens, security notices and notifications.
pub struct SendEmail {
    store: Store,
    mailer: Mailer,
    codes: Codes,
    clock: Arc<dyn Clock>,
    service_keys: ServiceKeys,
}

#[async_trait]
impl Handler for SendEmail {
    fn kind(&self) -> &'static str {
        SEND_EMAIL
    }

    async fn run(&self, job: &Job) -> Result<&'static str, JobError> {
        match job.payload()? {
            Letter::Challenge { challenge } => self.challenge(job.id, challenge).await,
            Letter::PasswordChanged { user, sequence } => self.password_changed(job.id, user, sequence).await,
            Letter::AddressReplaced { user, sequence } => self.address_replaced(job.id, user, sequence).await,
            Letter::EmailChangeAsked { user, sequence } => {
                self.email_change_asked(job.id, user, sequence).await
            }
            Letter::ApiKeyCreated { api_key } => self.api_key_created(job.id, api_key).await,
            Letter::DeletionRequested { user, sequence } => {
                self.deletion_requested(job.id, user, sequence).await
            }
            Letter::BadgeEarned { award, sequence } => self.badge_earned(job.id, award, sequence).await,
        }
    }
}

impl SendEmail {
    pub fn new(mailer: Mailer, codes: Codes, service_keys: ServiceKeys) -> Self {
        let (store, clock) = (service_keys.store.clone(), Arc::clone(&service_keys.clock));
        Self { store, mailer, codes, clock, service_keys }
    }

    async fn challenge(&self, id: JobId, challenge: ChallengeId) -> Result<&'static str, JobError> {
        let event = self.event(CHALLENGE, &challenge.to_string(), 1).await?;
        let AnyEvent::Challenge(ChallengeEvent::ChallengeIssued(issued)) = self.open(&event).await? else {
            return Err(JobError::permanent("event-unexpected"));
        };
        let now = self.clock.now();
        if let Some(outcome) = self.obsolete(challenge, &issued, now).await? {
            return Ok(outcome);
        }
        let Some(address) = issued.address.known() else { return Ok("erased") };
        let to = parse(address)?;
        let content = self.content(challenge, &issued, &to, now).await?;
        self.send(id, to, content).await
    }

    /// Why the challenge needs no letter any more.
    async fn obsolete(
        &self,
        id: ChallengeId,
        issued: &ChallengeIssued,
        now: DateTime<Utc>,
    ) -> Result<Option<&'static str>, JobError> {
        if now >= issued.expires_at {
            return Ok(Some("expired"));
        }
        let challenge = self.store.load_fresh::<Challenge>(id).await?.state;
        if !challenge.is_open(now) {
            return Ok(Some("used"));
        }
        let user = self.store.load_fresh::<User>(issued.user).await?.state;
        let current = match issued.purpose {
            ChallengePurpose::VerifyEmail => user.verification.map(|pending| pending.challenge),
            ChallengePurpose::ResetPassword if user.is_invited_by(id) => Some(id),
            ChallengePurpose::ResetPassword => user.reset.map(|pending| pending.challenge),
        };
        Ok((current != Some(id)).then_some("superseded"))
    }

    /// An address that belongs to another account gets no code: its owner is told instead. Whoever asked for the code
    /// cannot tell the difference.
    async fn content(
        &self,
        id: ChallengeId,
        issued: &ChallengeIssued,
        to: &Email,
        now: DateTime<Utc>,
    ) -> Result<Content, JobError> {
        // Rounded up: a mail that leaves a moment later still says the 10 minutes that were promised.
        let minutes = ((issued.expires_at - now).num_seconds() + 59) / 60;
        match issued.purpose {
            ChallengePurpose::ResetPassword if self.is_invitation(id, issued.user).await? => {
                Ok(Content::Invitation { token: self.codes.reset_token(id), hours: (minutes + 59) / 60 })
            }
            ChallengePurpose::ResetPassword => {
                Ok(Content::ResetPassword { token: self.codes.reset_token(id), minutes })
            }
            ChallengePurpose::VerifyEmail => {
                let owner = self.store.claim_owner(ClaimKind::Email, &to.folded()).await?;
                Ok(if owner.is_some_and(|owner| owner != issued.user.uuid()) {
                    Content::AlreadyRegistered
                } else {
                    let username = self.store.load_fresh::<User>(issued.user).await?.state.username;
                    let username =
                        username.as_ref().and_then(|name| name.known()).cloned().unwrap_or_default();
                    Content::VerifyEmail { code: self.codes.code(id), minutes, username }
                })
            }
        }
    }

    /// The token is for a first password, not for a new one.
    async fn is_invitation(&self, id: ChallengeId, user: UserId) -> Result<bool, JobError> {
        Ok(self.store.load_fresh::<User>(user).await?.state.is_invited_by(id))
    }

    async fn password_changed(
        &self,
        id: JobId,
        user: UserId,
        sequence: i64,
    ) -> Result<&'static str, JobError> {
        let event = self.event(USER, &user.to_string(), sequence).await?;
        let AnyEvent::User(UserEvent::PasswordChanged(PasswordChanged { changed_at: at, cause, .. })) =
            event.decode().map_err(StoreError::from)?
        else {
            return Err(JobError::permanent("event-unexpected"));
        };
        let by_reset = cause == PasswordCause::Reset;
        let services = if by_reset { self.service_keys.asleep_by_reset(user).await? } else { Vec::new() };
        self.notify_owner(id, user, Content::PasswordChanged { at, by_reset, services }).await
    }

    /// Once for each address that is asked for: another code for it needs no other mail, and what is over needs none.
    async fn email_change_asked(
        &self,
        id: JobId,
        user: UserId,
        sequence: i64,
    ) -> Result<&'static str, JobError> {
        let event = self.event(USER, &user.to_string(), sequence).await?;
        let AnyEvent::User(UserEvent::VerificationRequested(asked)) =
            event.decode().map_err(StoreError::from)?
        else {
            return Err(JobError::permanent("event-unexpected"));
        };
        let state = self.store.load_fresh::<User>(user).await?.state;
        let Some(pending) = state.pending_change() else { return Ok("superseded") };
        if pending.since != asked.requested_at {
            return Ok("superseded");
        }
        let token = self.codes.stop_token(pending.first);
        self.notify_owner(id, user, Content::EmailChangeAsked { token, at: asked.requested_at }).await
    }

    async fn api_key_created(&self, id: JobId, key: ApiKeyId) -> Result<&'static str, JobError> {
        let event = self.event(API_KEY, &key.to_string(), 1).await?;
        let AnyEvent::ApiKey(ApiKeyEvent::ApiKeyCreated(created)) =
            event.decode().map_err(StoreError::from)?
        else {
            return Err(JobError::permanent("event-unexpected"));
        };
        match created.holder.user() {
            Some(user) => {
                self.notify_owner(id, user, Content::ApiKeyCreated { at: created.created_at }).await
            }
            None => Ok("no-address"),
        }
    }

    /// While the deletion is still to come: who took it back needs no mail, and who is erased gets none.
    async fn deletion_requested(
        &self,
        id: JobId,
        user: UserId,
        sequence: i64,
    ) -> Result<&'static str, JobError> {
        let event = self.event(USER, &user.to_string(), sequence).await?;
        let AnyEvent::User(UserEvent::UserDeletionRequested(asked)) =
            event.decode().map_err(StoreError::from)?
        else {
            return Err(JobError::permanent("event-unexpected"));
        };
        let state = self.store.load_fresh::<User>(user).await?.state;
        if state.deletion.is_none_or(|pending| pending.requested_at != asked.requested_at) {
            return Ok("superseded");
        }
        self.notify_owner(id, user, Content::DeletionRequested { at: asked.erase_after }).await
    }

    async fn badge_earned(&self, id: JobId, award: AwardId, sequence: i64) -> Result<&'static str, JobError> {
        let event = self.event(AWARD, &award.to_string(), sequence).await?;
        match badge_letter::due(&self.store, &event, award, self.clock.now()).await? {
            Due::Letter(user, content) => self.notify_owner(id, user, content).await,
            Due::Not(why) => Ok(why),
        }
    }

    /// At the address that is the account's by now.
    async fn notify_owner(
        &self,
        id: JobId,
        user: UserId,
        content: Content,
    ) -> Result<&'static str, JobError> {
        match self.store.load_fresh::<User>(user).await?.state.verified_email {
            None => Ok("no-address"),
            Some(address) => self.notify(id, &address, content).await,
        }
    }

    async fn address_replaced(
        &self,
        id: JobId,
        user: UserId,
        sequence: i64,
    ) -> Result<&'static str, JobError> {
        let events = self.store.reader().stream(USER, &user.to_string(), 0, sequence).await?;
        let mut verified = Vec::new();
        for event in &events {
            let decoded = event.decode().map_err(StoreError::from)?;
            verified.extend(verified_email(&decoded).is_some().then_some(event));
        }
        let [.., former, present] = verified[..] else { return Ok("first-address") };
        let (former, present) = (self.open(former).await?, self.open(present).await?);
        let (Some(former), Some(present)) = (verified_email(&former), verified_email(&present)) else {
            return Err(JobError::permanent("event-unexpected"));
        };
        if same(&former.address, &present.address) {
            return Ok("same-address");
        }
        self.notify(id, &former.address, Content::AddressReplaced { at: present.verified_at }).await
    }

    async fn notify(
        &self,
        id: JobId,
        address: &Personal<String>,
        content: Content,
    ) -> Result<&'static str, JobError> {
        match address.known() {
            None => Ok("erased"),
            Some(address) => self.send(id, parse(address)?, content).await,
        }
    }

    async fn send(&self, id: JobId, to: Email, content: Content) -> Result<&'static str, JobError> {
        let outcome = if content == Content::AlreadyRegistered { "sent-notice" } else { "sent" };
        self.mailer.send(&Mail { id, to, at: self.clock.now(), content }).await?;
        Ok(outcome)
    }

    async fn event(&self, aggregate: &str, id: &str, sequence: i64) -> Result<Recorded, JobError> {
        let found = self.store.reader().stream(aggregate, id, sequence - 1, 1).await?;
        found.into_iter().next().ok_or_else(|| JobError::permanent("event-missing"))
    }

    /// The event with its personal values readable, or marked as erased.
    async fn open(&self, event: &Recorded) -> Result<AnyEvent, JobError> {
        let Recorded { aggregate_type, event_type, event_version, .. } = event;
        let payload = self.store.opener().open(event).await?;
        let decoded = AnyEvent::decode(aggregate_type, event_type, event_version, &payload);
        Ok(decoded.map_err(StoreError::from)?)
    }
}

fn verified_email(event: &AnyEvent) -> Option<&ContactVerified> {
    match event {
        AnyEvent::User(UserEvent::ContactVerified(e)) if e.contact == ContactKind::Email => Some(e),
        _ => None,
    }
}

fn same(one: &Personal<String>, other: &Personal<String>) -> bool {
    let folded = |address: &Personal<String>| address.known().map(|text| text.to_ascii_lowercase());
    folded(one) == folded(other)
}

fn parse(address: &str) -> Result<Email, JobError> {
    Email::parse(address).map_err(|_| JobError::permanent("invalid-address"))
}
