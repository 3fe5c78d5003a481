//! Writes of `accounts`.

use super::query::Account;
use crate::{
    batch::Batch,
    columns::columns,
    envelope::{Envelope, known},
    projection::{Name, Projection, ProjectionError},
    registry::ACCOUNTS,
    rows::Rows,
};
use async_trait::async_trait;
use domain::{
    UserId,
    session::{SessionEvent, SessionStarted},
    user::{ContactKind, ContactVerified, PasswordCause, UserEvent, UserRegistered, VerificationRequested},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const TABLE: Rows<Account> = Rows::of("accounts", &["user_id"]);

columns! {
    Account: user_id, username, email, email_verified, pending_email, pending_email_since, phone_number,
        is_verified, role, created_at, updated_at, last_login, password_changed_at, suspended_at,
        suspended_until, suspension_reason, session_epoch, erase_after, version;
}

pub(crate) struct Accounts;

#[async_trait]
impl Projection for Accounts {
    fn name(&self) -> Name {
        ACCOUNTS
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let mut touched = BTreeSet::new();
        for event in events {
            touched.extend(touches(event)?);
        }
        let known = TABLE.load(batch, &touched).await?;
        let mut accounts: BTreeMap<Uuid, Account> =
            known.into_iter().map(|account| (account.user_id.uuid(), account)).collect();
        for event in events {
            if let Some(id) = touches(event)? {
                evolve(&mut accounts, id, event);
            }
        }
        TABLE.purge(batch, events).await?;
        TABLE.store(batch, accounts.into_values())
    }
}

/// The account that an event changes.
fn touches(envelope: &Envelope) -> Result<Option<Uuid>, ProjectionError> {
    if envelope.event.user().is_some() {
        return Ok(Some(envelope.stream_id()?));
    }
    Ok(envelope.event.session().and_then(started).map(|e| e.user.uuid()))
}

/// All that an account shows of its sessions.
const fn started(event: &SessionEvent) -> Option<&SessionStarted> {
    match event {
        SessionEvent::SessionStarted(e) => Some(e),
        SessionEvent::SessionRotated(_)
        | SessionEvent::SessionProlonged(_)
        | SessionEvent::RotationRepeated(_)
        | SessionEvent::RefreshReused(_)
        | SessionEvent::SessionVerified(_)
        | SessionEvent::SessionDeviceChanged(_)
        | SessionEvent::SessionEnded(_)
        | SessionEvent::SessionExpired(_) => None,
    }
}

fn evolve(accounts: &mut BTreeMap<Uuid, Account>, id: Uuid, envelope: &Envelope) {
    if let Some(UserEvent::UserRegistered(e)) = envelope.event.user() {
        accounts.insert(id, registered(id, e));
    }
    if envelope.erased().is_some() {
        accounts.remove(&id);
    }
    let Some(account) = accounts.get_mut(&id) else { return };
    if let Some(event) = envelope.event.user() {
        account.version = envelope.recorded.sequence;
        change(account, event);
    }
    if let Some(e) = envelope.event.session().and_then(started) {
        account.last_login = account.last_login.max(Some(e.started_at));
    }
}

fn change(account: &mut Account, event: &UserEvent) {
    match event {
        UserEvent::VerificationRequested(e) => pend(account, e),
        UserEvent::EmailChangeCancelled(_) => no_change(account),
        UserEvent::UserRegistered(_)
        | UserEvent::PasswordResetRequested(_)
        | UserEvent::UserInvited(_)
        | UserEvent::UserErased(_)
        | UserEvent::ErasureCertified(_) => {}
        UserEvent::UserDeletionRequested(e) => {
            no_change(account);
            account.erase_after = Some(e.erase_after);
        }
        UserEvent::UserDeletionCancelled(_) => account.erase_after = None,
        UserEvent::AddressCorrected(e) => {
            account.email = known(&e.address);
            account.updated_at = e.corrected_at;
        }
        UserEvent::ContactVerified(e) => verify(account, e),
        UserEvent::PasswordChanged(e) if e.cause == PasswordCause::Rehashed => {}
        UserEvent::PasswordChanged(e) => {
            no_change(account);
            account.password_changed_at = Some(e.changed_at);
            account.updated_at = e.changed_at;
        }
        UserEvent::SessionsInvalidated(e) => {
            no_change(account);
            account.session_epoch = e.epoch;
        }
        UserEvent::RoleChanged(e) => {
            account.role = e.role;
            account.updated_at = e.changed_at;
        }
        UserEvent::UserSuspended(e) => {
            no_change(account);
            account.suspended_at = Some(e.suspended_at);
            account.suspended_until = e.until;
            account.suspension_reason = known(&e.reason);
            account.updated_at = e.suspended_at;
        }
        UserEvent::UserReinstated(e) => {
            account.suspended_at = None;
            account.suspended_until = None;
            account.suspension_reason = None;
            account.updated_at = e.reinstated_at;
        }
    }
}

/// As the account's own fold has it: before a contact is verified, a code is for the first one.
fn pend(account: &mut Account, e: &VerificationRequested) {
    if !account.is_verified {
        return;
    }
    let address = known(&e.address);
    let again = match (&account.pending_email, &address) {
        (Some(former), Some(address)) => former.eq_ignore_ascii_case(address),
        _ => false,
    };
    account.pending_email_since = account.pending_email_since.filter(|_| again).or(Some(e.requested_at));
    account.pending_email = address;
}

/// Whatever says "this is not me" drops the change that is pending.
fn no_change(account: &mut Account) {
    account.pending_email = None;
    account.pending_email_since = None;
}

fn verify(account: &mut Account, e: &ContactVerified) {
    no_change(account);
    account.is_verified = true;
    account.updated_at = e.verified_at;
    match e.contact {
        ContactKind::Email => {
            account.email = known(&e.address);
            account.email_verified = true;
        }
        ContactKind::Phone => account.phone_number = known(&e.address),
    }
}

fn registered(id: Uuid, e: &UserRegistered) -> Account {
    Account {
        user_id: UserId::from_uuid(id),
        username: known(&e.username),
        email: known(&e.email),
        email_verified: false,
        pending_email: None,
        pending_email_since: None,
        phone_number: None,
        is_verified: false,
        role: e.role,
        created_at: e.registered_at,
        updated_at: e.registered_at,
        last_login: None,
        password_changed_at: None,
        suspended_at: None,
        suspended_until: None,
        suspension_reason: None,
        session_epoch: 0,
        erase_after: None,
        version: 0,
    }
}
