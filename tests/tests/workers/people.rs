//! What people do, as events in the log.

use crate::rig::{Rig, at};
use annals_tests::samples::{event, metadata, new_user, random, registered, user_stream};
use chrono::{DateTime, Utc};
use domain::{
    AnyEvent, ApiKeyId, ChallengeId, ClaimKind, Personal, SecretId, Subject, UserId,
    api_key::{ApiKeyCreated, ApiKeyEvent, Holder},
    challenge::{ChallengeEvent, ChallengeIssued, ChallengePassed, ChallengePurpose},
    session::{LoginMethod, SessionEvent, SessionStarted},
    user::{
        ContactKind, ContactVerified, DeletionBy, PasswordCause, PasswordChanged, PasswordResetRequested,
        User, UserDeletionCancelled, UserDeletionRequested, UserEvent, VerificationRequested,
    },
    values::Scope,
};
use serde::Serialize;
use std::collections::BTreeSet;
use store::{ClaimChange, NewEvent, StreamRef, StreamWrite, Submission};

/// Somebody with an account.
pub struct Person {
    pub id: UserId,
    pub email: String,
    /// Events in their stream.
    version: i64,
}

fn address(user: UserId, email: &str) -> Personal<String> {
    Personal::new(Subject::of(user), email.to_owned())
}

fn new_challenge() -> ChallengeId {
    ChallengeId::mint(at(0), random())
}

fn issued(user: UserId, purpose: ChallengePurpose, email: &str) -> ChallengeEvent {
    let channel = ContactKind::Email;
    let address = address(user, email);
    ChallengeIssued { user, purpose, channel, address, issued_at: at(0), expires_at: at(600), attempts: 5 }
        .into()
}

fn on<E: Into<AnyEvent> + Serialize + Clone>(stream: StreamRef, version: i64, what: &E) -> StreamWrite {
    StreamWrite::new(stream, version, vec![event(what)])
}

fn challenge_stream(id: ChallengeId) -> StreamRef {
    StreamRef { aggregate_type: "challenge", id: id.uuid() }
}

impl Rig {
    async fn append(&self, writes: Vec<StreamWrite>, claims: Vec<ClaimChange>) {
        let submission = Submission { writes, claims, metadata: metadata(), ..Submission::default() };
        self.store.submit(submission).await.unwrap();
    }

    /// An account with an unverified address.
    pub async fn registers(&self, email: &str) -> Person {
        let id = new_user();
        let events: Vec<NewEvent> = vec![event(&registered(id, &id.to_string(), email))];
        self.append(vec![StreamWrite::new(user_stream(id), 0, events)], Vec::new()).await;
        Person { id, email: email.to_owned(), version: 1 }
    }

    pub async fn does(&self, person: &mut Person, what: UserEvent, claims: Vec<ClaimChange>) {
        self.append(vec![on(user_stream(person.id), person.version, &what)], claims).await;
        person.version += 1;
    }

    async fn asks(&self, person: &mut Person, purpose: ChallengePurpose, what: UserEvent, id: ChallengeId) {
        let challenge = issued(person.id, purpose, &person.email);
        let writes =
            vec![on(user_stream(person.id), person.version, &what), on(challenge_stream(id), 0, &challenge)];
        self.append(writes, Vec::new()).await;
        person.version += 1;
    }

    /// Asks for the deletion, two weeks from now.
    pub async fn asks_for_the_deletion(&self, person: &mut Person) {
        let (erase_after, by, requested_at) = (at(14 * 86_400), DeletionBy::Owner, at(0));
        self.does(person, UserDeletionRequested { erase_after, by, requested_at }.into(), Vec::new()).await;
    }

    pub async fn takes_the_deletion_back(&self, user: UserId) {
        let version = self.store.load_fresh::<User>(user).await.unwrap().version;
        let what: UserEvent = UserDeletionCancelled { cancelled_at: at(1) }.into();
        self.append(vec![on(user_stream(user), version, &what)], Vec::new()).await;
    }

    /// A code for the account's address.
    pub async fn asks_for_a_code(&self, person: &mut Person) -> ChallengeId {
        let challenge = new_challenge();
        let (contact, address) = (ContactKind::Email, address(person.id, &person.email));
        let what = VerificationRequested { contact, address, challenge, requested_at: at(0) }.into();
        self.asks(person, ChallengePurpose::VerifyEmail, what, challenge).await;
        challenge
    }

    pub async fn asks_for_a_reset(&self, person: &mut Person) -> ChallengeId {
        let challenge = new_challenge();
        let what = PasswordResetRequested { challenge, requested_at: at(0) }.into();
        self.asks(person, ChallengePurpose::ResetPassword, what, challenge).await;
        challenge
    }

    pub async fn answers(&self, person: &Person, challenge: ChallengeId) {
        let passed: ChallengeEvent = ChallengePassed { user: person.id, passed_at: at(1) }.into();
        self.append(vec![on(challenge_stream(challenge), 1, &passed)], Vec::new()).await;
    }

    /// Verifies and claims an address, which becomes the account's.
    pub async fn verifies(&self, person: &mut Person, email: &str) {
        person.email = email.to_owned();
        let (contact, address) = (ContactKind::Email, address(person.id, email));
        let what = ContactVerified { contact, address, challenge: None, verified_at: at(1) }.into();
        let value = email.to_ascii_lowercase();
        let claim = ClaimChange { kind: ClaimKind::Email, value, owner: person.id.uuid(), take: true };
        self.does(person, what, vec![claim]).await;
    }

    /// A session with these ends: of its refresh token, and of itself.
    pub async fn starts_a_session(
        &self,
        person: &Person,
        id: u128,
        refresh_expires_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) {
        let (user, method, started_at) = (person.id, LoginMethod::Password, at(0));
        let what: SessionEvent = SessionStarted {
            user,
            epoch: 0,
            method,
            verified: true,
            started_at,
            refresh_expires_at,
            expires_at,
            device: None,
        }
        .into();
        let stream = StreamRef { aggregate_type: "session", id: uuid::Uuid::from_u128(id) };
        self.append(vec![on(stream, 0, &what)], Vec::new()).await;
    }

    /// An API key of this holder.
    pub async fn makes_a_key(&self, holder: Holder) {
        let (created_at, expires_at) = (at(1), at(9));
        let scopes = BTreeSet::from([Scope::ProfileRead]);
        let what: ApiKeyEvent = ApiKeyCreated {
            holder,
            name: None,
            scopes,
            slot: 0,
            created_at,
            expires_at,
            epoch: None,
            made_by: None,
        }
        .into();
        let id = ApiKeyId::mint(at(1), random());
        let stream = StreamRef { aggregate_type: "api_key", id: id.uuid() };
        self.append(vec![on(stream, 0, &what)], Vec::new()).await;
    }

    pub async fn changes_password(&self, person: &mut Person, cause: PasswordCause) {
        let password = SecretId::mint(at(1), random());
        self.does(person, PasswordChanged { password, cause, changed_at: at(1) }.into(), Vec::new()).await;
    }
}
