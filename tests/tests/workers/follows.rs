//! Profiles that are opened to anyone: the requests to follow that waited are accepted, those and no others.

use crate::rig::{Rig, at, until};
use annals_tests::samples::{event, metadata, profile_created, profile_stream};
use commands::{Caller, Principal};
use domain::{
    PairId, SessionId, UserId,
    follow::Follow,
    profile::{Change, ProfileChanges, ProfileEvent, ProfileUpdated},
    values::{FollowPolicy, FollowStatus, Role},
};
use store::{StreamWrite, Submission};

impl Rig {
    /// A person with a profile of this policy; two events.
    async fn with_policy(&self, policy: FollowPolicy) -> UserId {
        let id = self.registers("somebody@example.com").await.id;
        self.profile(id, 0, profile_created(id)).await;
        self.profile(id, 1, policy_set(id, policy)).await;
        id
    }

    async fn profile(&self, user: UserId, version: i64, what: ProfileEvent) {
        let writes = vec![StreamWrite::new(profile_stream(user), version, vec![event(&what)])];
        self.store
            .submit(Submission { writes, metadata: metadata(), ..Submission::default() })
            .await
            .unwrap();
    }

    async fn asks_to_follow(&self, follower: UserId, followed: UserId) {
        let session = SessionId::from_uuid(uuid::Uuid::from_u128(7));
        let principal = Principal::User { id: follower, session, role: Role::Normal, verified: true };
        let caller = Caller { principal, ..Caller::default() };
        self.social().follow(followed, &caller).await.unwrap();
    }

    async fn status(&self, follower: UserId, followed: UserId) -> Option<FollowStatus> {
        let pair = self.store.load_fresh::<Follow>(PairId::of(follower, followed)).await.unwrap();
        pair.state.status(follower)
    }
}

fn policy_set(user: UserId, policy: FollowPolicy) -> ProfileEvent {
    let changes = ProfileChanges { follow_policy: Some(Change::Set(policy)), ..ProfileChanges::default() };
    ProfileUpdated { user, changes, updated_at: at(0) }.into()
}

#[tokio::test]
async fn opened_profile_accepts_what_waits_once_the_read_model_shows_it() {
    let rig = Rig::new().await;
    let jane = rig.with_policy(FollowPolicy::Approve).await;
    let (john, joan) =
        (rig.with_policy(FollowPolicy::Nobody).await, rig.with_policy(FollowPolicy::Nobody).await);
    rig.asks_to_follow(john, jane).await;
    rig.asks_to_follow(joan, jane).await;
    rig.profile(jane, 2, policy_set(jane, FollowPolicy::Anyone)).await;
    let _workers = rig.workers(&rig.no_mail()).await;
    until("the job finds the read model behind", async || {
        rig.rows().await.first().is_some_and(|job| job.last_error.as_deref() == Some("read-model-behind"))
    })
    .await;
    assert_eq!(rig.status(john, jane).await, Some(FollowStatus::Pending));

    let _projections = rig.projections();

    let jobs = rig.settles(1).await;
    assert_eq!(jobs[0].outcome.as_deref(), Some("accepted"), "{jobs:?}");
    for follower in [john, joan] {
        assert_eq!(rig.status(follower, jane).await, Some(FollowStatus::Accepted));
    }
    let sql = "SELECT count(*) FROM es.events WHERE event_type = 'follow_accepted'
        AND metadata ->> 'actor' = 'system:accept_follows' AND metadata ->> 'causation_id' IS NOT NULL";
    assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&rig.pool).await.unwrap(), 2);
}

#[tokio::test]
async fn profile_that_closed_again_accepts_nobody() {
    let rig = Rig::new().await;
    let _projections = rig.projections();
    let (jane, john) =
        (rig.with_policy(FollowPolicy::Approve).await, rig.with_policy(FollowPolicy::Nobody).await);
    rig.asks_to_follow(john, jane).await;
    rig.profile(jane, 2, policy_set(jane, FollowPolicy::Anyone)).await;
    rig.profile(jane, 3, policy_set(jane, FollowPolicy::Approve)).await;

    let _workers = rig.workers(&rig.no_mail()).await;

    let jobs = rig.settles(1).await;
    assert_eq!(jobs[0].outcome.as_deref(), Some("not-open"), "{jobs:?}");
    assert_eq!(rig.status(john, jane).await, Some(FollowStatus::Pending));
}
