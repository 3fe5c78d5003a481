//! Writes of `notifications`.

use super::query::{NotificationKind, NotificationRow};
use crate::{
    batch::Batch,
    columns::columns,
    envelope::Envelope,
    projection::{Name, Projection, ProjectionError},
    registry::NOTIFICATIONS,
    rows::Rows,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{
    AnyEvent, AwardId, UserId,
    award::{AwardEvent, BadgeAwarded},
    inbox::{InboxEvent, NotificationRead, NotificationsRead},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const TAKE: &str = "DELETE FROM notifications WHERE award_id = ANY ($1)";
const TABLE: Rows<NotificationRow> = Rows::of("notifications", &["position"]);

columns! {
    NotificationRow: position, notification_id, user_id, kind, created_at, read_at, award_id, badge_id,
        badge_name, points;
}

pub(crate) struct Notifications;

/// What a batch touches: what is new, and what its readers had not read.
#[derive(Default)]
struct Touched {
    rows: BTreeMap<i64, NotificationRow>,
    /// Awards whose notification before this batch is gone.
    taken: Vec<Uuid>,
}

#[async_trait]
impl Projection for Notifications {
    fn name(&self) -> Name {
        NOTIFICATIONS
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    /// Ids, words of the program, times and numbers only.
    fn is_in_clear(&self) -> bool {
        false
    }

    /// What a person is told, and what they read of it.
    fn key(&self, event: &Envelope) -> String {
        let user = happening(&event.event).map(|happening| happening.user().to_string());
        user.unwrap_or_else(|| event.recorded.aggregate_id.clone())
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let readers: BTreeSet<Uuid> =
            events.iter().filter_map(|envelope| happening(&envelope.event)?.reader()).collect();
        // What was read before stays as it was first read.
        let unread = "user_id = ANY ($1) AND read_at IS NULL";
        let unread = TABLE.load_where(batch, unread, &readers).await?;
        let mut touched = Touched::default();
        touched.rows.extend(unread.into_iter().map(|row| (row.position, row)));
        for envelope in events {
            touched.note(envelope)?;
        }
        TABLE.purge(batch, events).await?;
        if !touched.taken.is_empty() {
            sqlx::query(TAKE).bind(&touched.taken).execute(batch.writing().await?).await?;
        }
        TABLE.store(batch, touched.rows.into_values())
    }
}

/// What concerns notifications.
#[derive(Clone, Copy)]
enum Happening<'a> {
    Awarded(&'a BadgeAwarded),
    /// Staff took the badge away: whose it was.
    Revoked(UserId),
    Read(&'a NotificationRead),
    AllRead(&'a NotificationsRead),
}

fn happening(event: &AnyEvent) -> Option<Happening<'_>> {
    event.award().and_then(of_award).or_else(|| event.inbox().map(of_inbox))
}

const fn of_award(event: &AwardEvent) -> Option<Happening<'_>> {
    match event {
        AwardEvent::BadgeAwarded(e) => Some(Happening::Awarded(e)),
        AwardEvent::BadgeRevoked(e) => Some(Happening::Revoked(e.user)),
        AwardEvent::RevocationLifted(_) | AwardEvent::AwardNoted(_) => None,
    }
}

const fn of_inbox(event: &InboxEvent) -> Happening<'_> {
    match event {
        InboxEvent::NotificationRead(e) => Happening::Read(e),
        InboxEvent::NotificationsRead(e) => Happening::AllRead(e),
    }
}

impl Happening<'_> {
    const fn user(self) -> UserId {
        match self {
            Self::Awarded(e) => e.user,
            Self::Revoked(user) => user,
            Self::Read(e) => e.user,
            Self::AllRead(e) => e.user,
        }
    }

    /// Whose unread rows it may change.
    const fn reader(self) -> Option<Uuid> {
        match self {
            Self::Read(_) | Self::AllRead(_) => Some(self.user().uuid()),
            Self::Awarded(_) | Self::Revoked(_) => None,
        }
    }
}

impl Touched {
    fn note(&mut self, envelope: &Envelope) -> Result<(), ProjectionError> {
        if let Some(erased) = envelope.erased() {
            self.rows.retain(|_, row| row.user_id.uuid() != erased);
        }
        let position = envelope.recorded.position;
        match happening(&envelope.event) {
            Some(Happening::Awarded(e)) => {
                self.rows.insert(position, earned(envelope, e)?);
            }
            Some(Happening::Revoked(_)) => {
                let award = envelope.stream_id()?;
                self.rows.retain(|_, row| row.award_id.uuid() != award);
                self.taken.push(award);
            }
            Some(Happening::Read(e)) => {
                let this = |row: &NotificationRow| row.notification_id == e.notification;
                self.read(e.user, e.read_at, this);
            }
            Some(Happening::AllRead(e)) => {
                let up_to =
                    |row: &NotificationRow| u64::try_from(row.position).is_ok_and(|at| at <= e.through);
                self.read(e.user, e.read_at, up_to);
            }
            None => {}
        }
        Ok(())
    }

    fn read(&mut self, user: UserId, at: DateTime<Utc>, concerns: impl Fn(&NotificationRow) -> bool) {
        for row in self.rows.values_mut().filter(|row| row.user_id == user && concerns(row)) {
            row.read_at.get_or_insert(at);
        }
    }
}

fn earned(envelope: &Envelope, e: &BadgeAwarded) -> Result<NotificationRow, ProjectionError> {
    Ok(NotificationRow {
        position: envelope.recorded.position,
        notification_id: envelope.recorded.event_id,
        user_id: e.user,
        kind: NotificationKind::BadgeEarned,
        created_at: e.awarded_at,
        read_at: None,
        award_id: AwardId::from_uuid(envelope.stream_id()?),
        badge_id: e.badge,
        badge_name: e.name.clone(),
        points: i64::from(e.points),
    })
}
