//! What an event says of whom, as facts. Most say nothing.

use super::world::World;
use crate::{envelope::Envelope, projection::ProjectionError};
use chrono::NaiveDate;
use domain::{
    AnyEvent, FollowId, ObjectId, UserId,
    activity::{ActivityEvent, Deed},
    badge::criteria::{Action, Fact, FactKind},
    follow::FollowEvent,
    profile::ProfileEvent,
    user::UserEvent,
    values::Role,
};

/// Facts of one event, each with its person.
pub(super) type Told = Vec<(UserId, Fact)>;

/// What the event tells, given the world so far, which it changes.
pub(super) fn told(envelope: &Envelope, world: &mut World) -> Result<Told, ProjectionError> {
    let stream = UserId::from_uuid(envelope.stream_id()?);
    let today = envelope.recorded.recorded_at.date_naive();
    let mut kinds: Vec<(UserId, NaiveDate, FactKind)> = Vec::new();
    if let Some(event) = envelope.event.user() {
        kinds.extend(of_user(event, world).into_iter().map(|kind| (stream, today, kind)));
    }
    if let Some(event) = envelope.event.profile() {
        kinds.extend(of_profile(event).map(|(user, kind)| (user, today, kind)));
    }
    if let Some(event) = envelope.event.follow() {
        kinds.extend(of_follow(event, today, world));
    }
    if let Some(event) = envelope.event.activity() {
        kinds.extend(of_activity(event));
    }
    let position = u64::try_from(envelope.recorded.position).unwrap_or(0);
    let at = match envelope.event.activity() {
        Some(ActivityEvent::ActivityRecorded(e)) => e.occurred_at,
        Some(ActivityEvent::ActivityReversed(e)) => e.reversed_at,
        Some(ActivityEvent::ActiveDayRecorded(e)) => e.recorded_at,
        None => envelope.recorded.recorded_at,
    };
    Ok(kinds.into_iter().map(|(user, day, what)| (user, Fact { position, at, day, what })).collect())
}

/// Whether the event can say anything, or changes what others say.
pub(crate) fn matters(event: &AnyEvent) -> bool {
    let of_user = |event: &UserEvent| {
        matches!(
            event,
            UserEvent::UserRegistered(_)
                | UserEvent::ContactVerified(_)
                | UserEvent::RoleChanged(_)
                | UserEvent::UserErased(_)
        )
    };
    let of_follow =
        |event: &FollowEvent| matches!(event, FollowEvent::FollowAccepted(_) | FollowEvent::Unfollowed(_));
    event.user().is_some_and(of_user)
        || matches!(event.profile(), Some(ProfileEvent::ProfileCompleted(_)))
        || event.follow().is_some_and(of_follow)
        || event.activity().is_some()
        || event.badge().is_some()
        || event.calendar().is_some()
}

const fn moderates(role: Role) -> bool {
    matches!(role, Role::Owner | Role::Admin | Role::Moderator)
}

const fn of_profile(event: &ProfileEvent) -> Option<(UserId, FactKind)> {
    match event {
        ProfileEvent::ProfileCompleted(e) => Some((e.user, FactKind::ProfileComplete(true))),
        ProfileEvent::ProfileCreated(_)
        | ProfileEvent::ProfileUpdated(_)
        | ProfileEvent::FeaturedBadgesChanged(_) => None,
    }
}

fn of_user(event: &UserEvent, world: &mut World) -> Vec<FactKind> {
    match event {
        UserEvent::UserRegistered(e) => {
            let mut kinds = vec![FactKind::Registered { ordinal: world.register() }];
            if moderates(e.role) {
                kinds.push(FactKind::Moderates(true));
            }
            kinds
        }
        UserEvent::ContactVerified(_) => vec![FactKind::Verified(true)],
        UserEvent::RoleChanged(e) => vec![FactKind::Moderates(moderates(e.role))],
        UserEvent::VerificationRequested(_)
        | UserEvent::AddressCorrected(_)
        | UserEvent::PasswordResetRequested(_)
        | UserEvent::PasswordChanged(_)
        | UserEvent::SessionsInvalidated(_)
        | UserEvent::UserSuspended(_)
        | UserEvent::UserReinstated(_)
        | UserEvent::UserInvited(_)
        | UserEvent::EmailChangeCancelled(_)
        | UserEvent::UserDeletionRequested(_)
        | UserEvent::UserDeletionCancelled(_)
        | UserEvent::UserErased(_)
        | UserEvent::ErasureCertified(_) => Vec::new(),
    }
}

fn of_follow(event: &FollowEvent, today: NaiveDate, world: &mut World) -> Vec<(UserId, NaiveDate, FactKind)> {
    let (follower, followed, day, undone) = match event {
        FollowEvent::FollowAccepted(e) => {
            world.follow(FollowId::of(e.follower, e.followed), today);
            (e.follower, e.followed, today, false)
        }
        // Only what was accepted has counted.
        FollowEvent::Unfollowed(e) => match world.unfollow(FollowId::of(e.follower, e.followed)) {
            Some(day) => (e.follower, e.followed, day, true),
            None => return Vec::new(),
        },
        FollowEvent::FollowRequested(_)
        | FollowEvent::FollowRejected(_)
        | FollowEvent::UserBlocked(_)
        | FollowEvent::UserUnblocked(_)
        | FollowEvent::UserMuted(_)
        | FollowEvent::UserUnmuted(_) => return Vec::new(),
    };
    vec![
        (follower, day, FactKind::Did { action: Action::Follow, quality: None, undone }),
        (followed, day, FactKind::Followers { gained: !undone }),
    ]
}

fn of_activity(event: &ActivityEvent) -> Vec<(UserId, NaiveDate, FactKind)> {
    match event {
        ActivityEvent::ActiveDayRecorded(e) => {
            vec![(e.user, e.day, FactKind::Did { action: Action::Login, quality: None, undone: false })]
        }
        ActivityEvent::ActivityRecorded(e) => of_deed(&e.deed, false),
        ActivityEvent::ActivityReversed(e) => of_deed(&e.deed, true),
    }
}

/// What a deed says of whoever did it and of whom it was done to.
fn of_deed(deed: &Deed, undone: bool) -> Vec<(UserId, NaiveDate, FactKind)> {
    let Some(action) = deed.kind.action().filter(|_| deed.counted) else { return Vec::new() };
    let mut kinds = vec![(deed.user, deed.day, FactKind::Did { action, quality: deed.quality, undone })];
    if let Some(target) = deed.target {
        // What has no name is a thing of its own.
        let object = deed.object.unwrap_or_else(|| ObjectId::from_uuid(deed.id.uuid()));
        kinds.push((target, deed.day, FactKind::Received { action, object, undone }));
    }
    kinds
}
