//! A change of address: who gets codes for it, who is told of it, and whom its races leave with the account.

use crate::{
    rig::{Rig, at, until},
    smtp::{Received, SmtpServer},
};
use chrono::TimeDelta;
use commands::{
    AccountError, AccountSettings, Accounts, Caller, CommandError, LoginTerms, MadeApiKey, NewApiKey,
    Passwords, Principal, Registration, SessionTokens, SystemMint, Throttles, TypedCode,
};
use domain::{
    ChallengeId, SessionId, UserId,
    values::{ApiKeyName, Email, Role, Scope, Username},
};
use futures::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

const PASSWORD: &str = "a long walk at dusk";

/// Somebody with a password, and a session of theirs.
struct Jane {
    id: UserId,
    session: SessionId,
}

impl Jane {
    fn caller(&self) -> Caller {
        let (id, session) = (self.id, self.session);
        let principal = Principal::User { id, session, role: Role::Normal, verified: true };
        Caller { principal, ..Caller::default() }
    }
}

fn secret(text: &str) -> SecretString {
    text.into()
}

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

impl Rig {
    /// Of its own limits other tests tell.
    fn unlimited(&self) -> Accounts {
        let throttles = Throttles {
            login_address: None,
            login_account: None,
            login_anywhere: None,
            password_check: None,
            reset_address: None,
            reset_account: None,
            registration: None,
            haste: None,
            code_mail: None,
            code_try: None,
        };
        let passwords = Passwords::new(1, Arc::new(SystemMint));
        let settings = AccountSettings { throttles, ..AccountSettings::default() };
        Accounts::new(self.executor(), passwords, self.codes.clone(), settings)
    }

    async fn jane(&self) -> Jane {
        let (username, email) = (Username::parse("jane").unwrap(), email("jane@example.com"));
        let form = Registration { username, email, password: secret(PASSWORD) };
        let operator = Caller::system("cli");
        let made = self.unlimited().create_account_by_operator(form, Role::Normal, &operator).await.unwrap();
        Jane { id: made.user, session: self.logs_in(PASSWORD).await.session }
    }

    async fn logs_in(&self, password: &str) -> SessionTokens {
        let (terms, stranger) = (LoginTerms::default(), Caller::anonymous());
        self.unlimited().login("jane", secret(password), &terms, &stranger).await.unwrap()
    }

    async fn moves_to(&self, jane: &Jane, address: &str, password: &str) -> ChallengeId {
        let caller = jane.caller();
        let asked = self.unlimited().change_email(&email(address), secret(password), &caller).await.unwrap();
        asked.state.pending_change().unwrap().challenge
    }

    fn code(&self, challenge: ChallengeId) -> SecretString {
        self.codes.code(challenge).into()
    }

    async fn verify(&self, challenge: ChallengeId, caller: &Caller) -> Result<(), CommandError> {
        let code = self.code(challenge);
        let typed = TypedCode { code: &code, token: None };
        self.unlimited().verify_contact("jane", typed, &[], caller).await.map(drop)
    }

    fn later(&self, seconds: i64) {
        let now = commands::Clock::now(&self.clock);
        self.clock.set(now + TimeDelta::seconds(seconds));
    }
}

fn subject(mail: &Received) -> &str {
    mail.header("Subject")
}

const ASKED: &str = "Somebody asked to change the address of your account";

#[tokio::test]
async fn codes_without_a_session_exist_for_the_first_verification_only() {
    let rig = Rig::new().await;
    let jane = rig.jane().await;
    let first = rig.moves_to(&jane, "new@example.com", PASSWORD).await;
    let (accounts, own) = (rig.unlimited(), jane.id.to_string());
    let pending = async || rig.account(jane.id).await.verification.unwrap();
    rig.later(700);

    for name in ["jane", "jane@example.com", "new@example.com", &own] {
        accounts.resend_code(name, None, &Caller::anonymous()).await.unwrap();
    }

    assert_eq!(pending().await.challenge, first, "nobody but its person makes another code");
    accounts.resend_code(&own, None, &jane.caller()).await.unwrap();
    let again = pending().await;
    assert_ne!(again.challenge, first);
    assert_eq!((again.first, again.since), (first, at(0)), "it is the same change");
    rig.later(100);
    accounts.stop_email_change(&rig.codes.stop_token(first).into(), &Caller::anonymous()).await.unwrap();
    accounts.resend_code(&own, None, &jane.caller()).await.unwrap_err();
    assert_eq!(rig.account(jane.id).await.verification, None, "no code brings back what was stopped");
}

#[tokio::test]
async fn code_of_a_change_is_wrong_for_anybody_without_a_live_session_of_its_person_and_is_not_tried() {
    let rig = Rig::new().await;
    let jane = rig.jane().await;
    let challenge = rig.moves_to(&jane, "new@example.com", PASSWORD).await;
    let ended = Jane { id: jane.id, session: rig.logs_in(PASSWORD).await.session };
    rig.unlimited().logout(&ended.caller()).await.unwrap();
    let other = Jane { id: UserId::default(), session: jane.session };

    for caller in [Caller::anonymous(), other.caller()] {
        for _ in 0..7 {
            let refused = rig.verify(challenge, &caller).await.unwrap_err();
            assert_eq!(refused.reason(), Some(&AccountError::WrongCode));
        }
    }
    let refused = rig.verify(challenge, &ended.caller()).await.unwrap_err();
    assert_eq!(refused.reason(), Some(&AccountError::SessionEnded));
    rig.verify(challenge, &jane.caller()).await.unwrap();
    let address = rig.account(jane.id).await.verified_email.unwrap();
    assert_eq!(address.known().map(String::as_str), Some("new@example.com"));
}

#[tokio::test]
async fn reset_goes_to_the_address_that_the_account_has_and_counts_for_no_other() {
    let rig = Rig::new().await;
    let jane = rig.jane().await;
    rig.unlimited().request_reset("jane", &Caller::anonymous()).await.unwrap();
    until("the reset is out", async || rig.account(jane.id).await.reset.is_some()).await;
    let reset = rig.account(jane.id).await.reset.unwrap().challenge;
    let change = rig.moves_to(&jane, "new@example.com", PASSWORD).await;
    rig.verify(change, &jane.caller()).await.unwrap();

    let token = SecretString::from(rig.codes.reset_token(reset));
    let late =
        rig.unlimited().reset_password(&token, secret("the tide comes in"), &Caller::anonymous()).await;

    assert_eq!(late.unwrap_err().reason(), Some(&AccountError::ResetTokenInvalid));
}

#[tokio::test]
async fn former_address_is_told_at_once_once_for_each_address_that_is_asked_for() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let jane = rig.jane().await;
    let _workers = rig.workers(&server.mailer()).await;
    let first = rig.moves_to(&jane, "new@example.com", PASSWORD).await;
    server.receives(2).await;
    rig.later(100);
    rig.unlimited().resend_code(&jane.id.to_string(), None, &jane.caller()).await.unwrap();
    server.receives(3).await;
    rig.later(100);
    rig.moves_to(&jane, "third@example.com", PASSWORD).await;

    let mails = server.receives(5).await;

    let told: Vec<_> = mails.iter().filter(|mail| subject(mail) == ASKED).collect();
    let token = rig.codes.stop_token(first);
    assert_eq!(told.len(), 2);
    for mail in told {
        assert_eq!(mail.header("To"), "jane@example.com");
        assert!(mail.0.contains(&token), "one link stops the change: {}", mail.0);
    }
}

#[tokio::test]
async fn what_is_over_before_its_mail_is_sent_needs_none() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let jane = rig.jane().await;
    rig.moves_to(&jane, "new@example.com", PASSWORD).await;
    rig.unlimited().end_other_sessions(None, &jane.caller()).await.unwrap();

    let _workers = rig.workers(&server.mailer()).await;

    let outcomes: Vec<_> = rig.settles(2).await.into_iter().filter_map(|row| row.outcome).collect();
    assert_eq!(outcomes, ["superseded", "superseded"]);
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn login_is_fresh_for_five_minutes_and_the_password_is_after_that() {
    let rig = Rig::new().await;
    let jane = rig.jane().await;
    let other = rig.logs_in(PASSWORD).await.session;
    rig.later(299);
    rig.unlimited().end_session(other, None, &jane.caller()).await.unwrap();
    rig.later(1);

    let (accounts, caller) = (rig.unlimited(), jane.caller());
    let new = || NewApiKey {
        name: ApiKeyName::parse("heron feeder").unwrap(),
        scopes: [Scope::AccountRead].into(),
        expires_at: None,
    };
    for (password, refusal) in
        [(None, AccountError::PasswordNeeded), (Some("not it at all"), AccountError::WrongPassword)]
    {
        let given = || password.map(secret);
        let refused = [
            accounts.end_other_sessions(given(), &caller).await.unwrap_err(),
            accounts.create_api_key(new(), given(), &caller).await.unwrap_err(),
            accounts.request_deletion(jane.id, given(), &caller).await.unwrap_err(),
            accounts.end_session(other, given(), &caller).await.unwrap_err(),
        ];
        for error in refused {
            assert_eq!(error.reason(), Some(&refusal));
        }
    }
    accounts.create_api_key(new(), Some(secret(PASSWORD)), &caller).await.unwrap();
    accounts.request_deletion(jane.id, Some(secret(PASSWORD)), &caller).await.unwrap();
}

/// The session ended while its request was under way: whatever it was, it does nothing, and keeps nothing alive.
#[tokio::test]
async fn ended_session_is_carried_over_into_no_new_epoch() {
    let rig = Rig::new().await;
    let jane = rig.jane().await;
    let thief = Jane { id: jane.id, session: rig.logs_in(PASSWORD).await.session };
    rig.unlimited().end_other_sessions(None, &jane.caller()).await.unwrap();

    let swept = rig.unlimited().end_other_sessions(Some(secret(PASSWORD)), &thief.caller()).await;
    let new = secret("the tide comes in twice");
    let changed = rig.unlimited().change_password(secret(PASSWORD), new, &thief.caller()).await;

    for refused in [swept.unwrap_err(), changed.unwrap_err()] {
        assert_eq!(refused.reason(), Some(&AccountError::SessionEnded));
    }
    assert!(!rig.account(jane.id).await.session_is_live(0, thief.session));
}

#[tokio::test]
async fn stopped_or_done_a_change_is_either_two_hundred_times() {
    let outcomes = join_all((0..4).map(|_| async {
        let rig = Rig::new().await;
        let mut jane = rig.jane().await;
        let mut stopped = 0;
        for n in 0..50 {
            rig.later(100);
            let change = rig.moves_to(&jane, &format!("new{n}@example.com"), PASSWORD).await;
            let link = SecretString::from(rig.codes.stop_token(change));
            let (accounts, caller, stranger) = (rig.unlimited(), jane.caller(), Caller::anonymous());
            let stop = accounts.stop_email_change(&link, &stranger);
            let done = rig.verify(change, &caller);
            let (stop, done) = match n % 2 {
                0 => tokio::join!(stop, done),
                _ => {
                    let (done, stop) = tokio::join!(done, stop);
                    (stop, done)
                }
            };
            let account = rig.account(jane.id).await;
            let address = account.verified_email.as_ref().unwrap().known().cloned().unwrap();
            assert_ne!(stop.is_ok(), done.is_ok(), "{stop:?} {done:?}");
            assert_eq!(address == format!("new{n}@example.com"), done.is_ok());
            assert_eq!(account.pending_change(), None);
            if stop.is_ok() {
                stopped += 1;
                assert!(!account.session_is_live(account.epoch - 1, jane.session));
                jane.session = rig.logs_in(PASSWORD).await.session;
            }
        }
        stopped
    }))
    .await;
    let stopped: usize = outcomes.into_iter().sum();
    assert!((1..200).contains(&stopped), "both happen: {stopped}");
}

/// Somebody with the password confirms a change, makes a key and sweeps sessions while the owner resets the password.
#[tokio::test]
async fn whatever_a_thief_does_at_the_same_moment_the_owners_reset_ends_it_two_hundred_times() {
    let resets = join_all((0..4).map(|_| async {
        let rig = Rig::new().await;
        let mut jane = rig.jane().await;
        let (mut password, mut resets) = (PASSWORD.to_owned(), 0);
        let mut lasted = Duration::from_millis(25);
        for n in 0..50_u32 {
            rig.later(100);
            let change = rig.moves_to(&jane, &format!("new{n}@example.com"), &password).await;
            rig.unlimited().request_reset("jane", &Caller::anonymous()).await.unwrap();
            // A busy machine answers before the reset is in the log: the reply tells nobody whether there is one.
            until("the reset is out", async || rig.account(jane.id).await.reset.is_some()).await;
            let reset = rig.account(jane.id).await.reset.unwrap().challenge;
            let token = SecretString::from(rig.codes.reset_token(reset));
            let next = format!("the tide comes in {n} times");
            let (accounts, thief) = (rig.unlimited(), jane.caller());
            let stranger = Caller::anonymous();
            // The owner's new password is hashed first: the thief begins before, meanwhile and after, however long
            // the machine takes.
            let theft = async {
                sleep(lasted * n / 25).await;
                tokio::join!(
                    rig.verify(change, &thief),
                    accounts.create_api_key(new_key(), None, &thief),
                    accounts.end_other_sessions(None, &thief),
                )
            };
            let begun = Instant::now();
            let resetting = async {
                let reset = accounts.reset_password(&token, secret(&next), &stranger).await;
                (reset, begun.elapsed())
            };
            let ((reset, took), (done, made, swept)) = tokio::join!(resetting, theft);
            lasted = took.max(Duration::from_millis(25));
            let account = rig.account(jane.id).await;
            let address = account.verified_email.as_ref().unwrap().known().cloned().unwrap();
            assert_eq!(address == format!("new{n}@example.com"), done.is_ok());
            assert_eq!(account.pending_change(), None);
            if reset.is_ok() {
                resets += 1;
                assert!(done.is_err() && swept.is_err(), "{done:?} {swept:?}");
                assert!(!account.session_is_live(account.epoch - 1, jane.session));
                asleep(&rig, &made).await;
                password = next;
            }
            jane.session = rig.logs_in(&password).await.session;
            revoke(&rig, &jane, made).await;
        }
        resets
    }))
    .await;
    let resets: usize = resets.into_iter().sum();
    assert!(resets > 0, "the owner is never in time");
}

fn new_key() -> NewApiKey {
    let name = ApiKeyName::parse("heron feeder").unwrap();
    NewApiKey { name, scopes: [Scope::AccountRead].into(), expires_at: None }
}

async fn asleep(rig: &Rig, made: &Result<MadeApiKey, CommandError>) {
    let Ok(MadeApiKey { secret: Some(key), .. }) = made else { return };
    let refused = rig.unlimited().check_api_key(key.expose_secret()).await.unwrap_err();
    assert_eq!(refused.reason(), Some(&AccountError::ApiKeyUnconfirmed));
}

async fn revoke(rig: &Rig, jane: &Jane, made: Result<MadeApiKey, CommandError>) {
    if let Ok(made) = made {
        rig.unlimited().revoke_api_key(made.id, &jane.caller()).await.unwrap();
    }
}
