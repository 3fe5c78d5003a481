//! Writes of `sessions`.

use super::query::{SessionEnd, SessionView};
use crate::{
    batch::Batch,
    columns::columns,
    envelope::Envelope,
    projection::{Name, Projection, ProjectionError},
    registry::SESSIONS,
    rows::Rows,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{
    SessionId, UserId,
    session::{SessionEvent, SessionStarted},
    user::{SessionsInvalidated, UserEvent},
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const TABLE: Rows<SessionView> = Rows::of("sessions", &["session_id"]);
const EPOCHS: Rows<Epoch> = Rows::of("session_epochs", &["user_id"]);

columns! {
    SessionView: session_id, user_id, method, verified, epoch, generation, ip, user_agent, device,
        device_changed_at, started_at, last_refreshed_at, refresh_expires_at, expires_at, ended_at, end_cause,
        end_recorded_at, version;
    Epoch: user_id, epoch, kept, invalidated_at, recorded_at;
}

pub(crate) struct Sessions;

#[derive(Clone, Deserialize)]
struct Epoch {
    user_id: UserId,
    epoch: u32,
    kept: Option<SessionId>,
    invalidated_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
}

/// The rows that a batch touches.
struct Touched {
    sessions: BTreeMap<Uuid, SessionView>,
    epochs: BTreeMap<Uuid, Epoch>,
}

#[async_trait]
impl Projection for Sessions {
    fn name(&self) -> Name {
        SESSIONS
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn key(&self, event: &Envelope) -> String {
        match owner(event) {
            Some(user) => user.to_string(),
            None => event.recorded.aggregate_id.clone(),
        }
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let mut touched = load(batch, events).await?;
        for event in events {
            touched.evolve(event)?;
        }
        TABLE.purge(batch, events).await?;
        TABLE.store(batch, touched.sessions.into_values())?;
        EPOCHS.store(batch, touched.epochs.into_values())
    }
}

/// The user of an event, where the event itself tells.
fn owner(envelope: &Envelope) -> Option<UserId> {
    let Some(event) = envelope.event.session() else { return envelope.recorded.aggregate_id.parse().ok() };
    Some(match event {
        SessionEvent::SessionStarted(e) => e.user,
        SessionEvent::SessionRotated(e) => e.user,
        SessionEvent::SessionProlonged(e) => e.user,
        SessionEvent::RotationRepeated(e) => e.user,
        SessionEvent::RefreshReused(e) => e.user,
        SessionEvent::SessionVerified(e) => e.user,
        SessionEvent::SessionDeviceChanged(e) => e.user,
        SessionEvent::SessionEnded(e) => e.user,
        SessionEvent::SessionExpired(e) => e.user,
    })
}

async fn load(batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<Touched, ProjectionError> {
    let (mut sessions, mut starting, mut invalidated) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for envelope in events {
        if let Some(event) = envelope.event.session() {
            sessions.insert(envelope.stream_id()?);
            if let SessionEvent::SessionStarted(e) = event {
                starting.insert(e.user.uuid());
            }
        }
        if let Some(UserEvent::SessionsInvalidated(_)) = envelope.event.user() {
            invalidated.insert(envelope.stream_id()?);
        }
    }
    let mut known = TABLE.load(batch, &sessions).await?;
    let open = "user_id = ANY ($1) AND ended_at IS NULL";
    known.extend(TABLE.load_where(batch, open, &invalidated).await?);
    let epochs = EPOCHS.load(batch, &starting).await?;
    Ok(Touched {
        sessions: known.into_iter().map(|session| (session.session_id.uuid(), session)).collect(),
        epochs: epochs.into_iter().map(|epoch| (epoch.user_id.uuid(), epoch)).collect(),
    })
}

impl Touched {
    fn evolve(&mut self, envelope: &Envelope) -> Result<(), ProjectionError> {
        let id = envelope.stream_id()?;
        if let Some(event) = envelope.event.session() {
            self.evolve_session(id, event, envelope);
        }
        if let Some(event) = envelope.event.user() {
            self.evolve_user(id, event, envelope);
        }
        Ok(())
    }

    fn evolve_user(&mut self, user: Uuid, event: &UserEvent, envelope: &Envelope) {
        match event {
            UserEvent::SessionsInvalidated(e) => self.invalidate(user, e, envelope.recorded.recorded_at),
            UserEvent::UserErased(_) => {
                let erased = UserId::from_uuid(user);
                self.sessions.retain(|_, session| session.user_id != erased);
            }
            UserEvent::UserRegistered(_)
            | UserEvent::VerificationRequested(_)
            | UserEvent::AddressCorrected(_)
            | UserEvent::ContactVerified(_)
            | UserEvent::PasswordResetRequested(_)
            | UserEvent::PasswordChanged(_)
            | UserEvent::UserDeletionRequested(_)
            | UserEvent::UserDeletionCancelled(_)
            | UserEvent::ErasureCertified(_)
            | UserEvent::RoleChanged(_)
            | UserEvent::UserSuspended(_)
            | UserEvent::UserReinstated(_)
            | UserEvent::UserInvited(_)
            | UserEvent::EmailChangeCancelled(_) => {}
        }
    }

    fn evolve_session(&mut self, id: Uuid, event: &SessionEvent, envelope: &Envelope) {
        if let SessionEvent::SessionStarted(e) = event {
            self.start(id, e, envelope);
        }
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.version = envelope.recorded.sequence;
        match event {
            SessionEvent::SessionStarted(_)
            | SessionEvent::RotationRepeated(_)
            // The end that it causes is an event of its own.
            | SessionEvent::RefreshReused(_) => {}
            SessionEvent::SessionRotated(e) => {
                session.generation = e.generation;
                session.last_refreshed_at = Some(e.rotated_at);
                session.refresh_expires_at = e.refresh_expires_at;
            }
            SessionEvent::SessionProlonged(e) => {
                session.last_refreshed_at = Some(e.prolonged_at);
                session.refresh_expires_at = e.refresh_expires_at;
            }
            SessionEvent::SessionVerified(_) => session.verified = true,
            SessionEvent::SessionDeviceChanged(e) => session.device_changed_at = Some(e.changed_at),
            SessionEvent::SessionEnded(e) => {
                end(session, e.cause.into(), e.ended_at, envelope.recorded.recorded_at);
            }
            SessionEvent::SessionExpired(e) => {
                end(session, SessionEnd::Expired, e.expired_at, envelope.recorded.recorded_at);
            }
        }
    }

    fn start(&mut self, id: Uuid, e: &SessionStarted, envelope: &Envelope) {
        let mut session = SessionView {
            session_id: SessionId::from_uuid(id),
            user_id: e.user,
            method: e.method,
            verified: e.verified,
            epoch: e.epoch,
            generation: 1,
            ip: envelope.ip.clone(),
            user_agent: envelope.user_agent.clone(),
            device: e.device,
            device_changed_at: None,
            started_at: e.started_at,
            last_refreshed_at: None,
            refresh_expires_at: e.refresh_expires_at,
            expires_at: e.expires_at,
            ended_at: None,
            end_cause: None,
            end_recorded_at: None,
            version: 0,
        };
        if let Some(epoch) = self.epochs.get(&e.user.uuid()) {
            epoch.end_older(&mut session, envelope.recorded.recorded_at);
        }
        self.sessions.insert(id, session);
    }

    fn invalidate(&mut self, user: Uuid, e: &SessionsInvalidated, recorded_at: DateTime<Utc>) {
        let user_id = UserId::from_uuid(user);
        let SessionsInvalidated { epoch, kept, invalidated_at, .. } = *e;
        let epoch = Epoch { user_id, epoch, kept, invalidated_at, recorded_at };
        for session in self.sessions.values_mut().filter(|session| session.user_id == user_id) {
            epoch.end_older(session, recorded_at);
        }
        self.epochs.insert(user, epoch);
    }
}

impl Epoch {
    /// The session that is kept is carried over.
    fn end_older(&self, session: &mut SessionView, recorded_at: DateTime<Utc>) {
        if session.epoch < self.epoch && self.kept != Some(session.session_id) {
            end(session, SessionEnd::Invalidated, self.invalidated_at, recorded_at);
        }
    }
}

/// The first end counts.
fn end(session: &mut SessionView, cause: SessionEnd, at: DateTime<Utc>, recorded_at: DateTime<Utc>) {
    if session.ended_at.is_none() {
        session.ended_at = Some(at);
        session.end_recorded_at = Some(recorded_at);
        session.end_cause = Some(cause);
    }
}
