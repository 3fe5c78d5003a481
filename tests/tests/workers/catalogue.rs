//! Each badge of the catalogue is earned by what really happens, and not one event earlier (BDG-10 to BDG-12).

use crate::rig::{Rig, at, until};
use annals_tests::samples::{
    event, metadata, new_user, profile_created, profile_stream, registered, user_stream,
};
use chrono::{Days, TimeDelta};
use commands::{Activities, Caller, Principal, Said};
use domain::{
    ActivityId, ApiKeyId, AwardId, BadgeId, SessionId, UserId,
    activity::{Activity, ActivityKind, RecordActiveDay},
    award::{Award, AwardStatus},
    badge::criteria::Quality,
    user::RoleChanged,
    values::Role,
};
use projections::{BADGE_PROGRESS, Watcher};
use std::time::Duration;
use store::{StreamWrite, Submission};

/// What a content service says, as the service.
fn service() -> Caller {
    let principal = Principal::Service { name: "content".to_owned(), key: ApiKeyId::default() };
    Caller { principal, ..Caller::default() }
}

fn said(user: UserId, kind: ActivityKind, n: u64) -> Said {
    // Half an hour apart: within every cap.
    let occurred_at = Some(at(i64::try_from(n).unwrap() * 1_800));
    let name = format!("{user}-{}-{n}", kind.name());
    let (object, target, quality, description, metadata) = (None, None, None, None, None);
    Said { name, user, kind, reversal: false, object, target, quality, description, metadata, occurred_at }
}

impl Rig {
    /// Whatever is told of has happened.
    async fn a_year_later() -> Self {
        let rig = Self::new().await;
        rig.clock.set(at(366 * 86_400));
        rig
    }

    /// People with profiles, who may follow and be followed.
    async fn crowd(&self, count: usize) -> Vec<UserId> {
        let people: Vec<UserId> = (0..count).map(|_| new_user()).collect();
        let join = async |person: UserId| {
            let account = registered(person, &person.to_string(), &format!("{person}@example.com"));
            let writes = vec![
                StreamWrite::new(user_stream(person), 0, vec![event(&account)]),
                StreamWrite::new(profile_stream(person), 0, vec![event(&profile_created(person))]),
            ];
            let submission = Submission { writes, metadata: metadata(), ..Submission::default() };
            self.store.submit(submission).await.unwrap();
        };
        for some in people.chunks(100) {
            futures::future::join_all(some.iter().map(|person| join(*person))).await;
        }
        people
    }

    async fn tells(&self, deeds: Vec<Said>) {
        let activities = Activities::new(self.executor()).told_within(TimeDelta::days(400));
        let known = activities.record_all(deeds, &service()).await;
        for outcome in known {
            assert!(outcome.unwrap().deed.counted);
        }
    }

    async fn is_there(&self, user: UserId, n: u64) {
        let (day, at) = (at(0).date_naive() + Days::new(n), at(0));
        let seen = RecordActiveDay { user, day, at };
        self.executor()
            .run::<Activity>(ActivityId::of(user, day), seen, &Caller::system("activity"))
            .await
            .unwrap();
    }

    async fn follows(&self, follower: UserId, followed: UserId) {
        let session = SessionId::from_uuid(uuid::Uuid::from_u128(7));
        let principal = Principal::User { id: follower, session, role: Role::Normal, verified: true };
        let caller = Caller { principal, ..Caller::default() };
        self.social().follow(followed, &caller).await.unwrap();
    }

    /// Whether the criterion has held, once everything in the log is taken in.
    async fn has_earned(&self, user: UserId, slug: &str) -> bool {
        let head = self.store.reader().head().await.unwrap();
        let watcher = Watcher::new(self.pool.clone());
        watcher.wait_for(&[BADGE_PROGRESS], head, Duration::from_secs(60)).await;
        let sql =
            "SELECT EXISTS (SELECT FROM p_badge_progress.badge_earned WHERE user_id = $1 AND badge_id = $2)";
        let badge = BadgeId::of_catalogue(slug).uuid();
        sqlx::query_scalar(sql).bind(user.uuid()).bind(badge).fetch_one(&self.pool).await.unwrap()
    }

    /// It was not earned yet; the last thing is done, and it is awarded.
    async fn earns(&self, user: UserId, slug: &str, last: impl AsyncFnOnce()) {
        assert!(!self.has_earned(user, slug).await, "{slug} is earned too early");
        last().await;
        assert!(self.has_earned(user, slug).await, "{slug} is not earned");
        let award = AwardId::of(user, BadgeId::of_catalogue(slug));
        until(slug, async || {
            let award = self.store.load_fresh::<Award>(award).await.unwrap().state;
            award.status == Some(AwardStatus::Held)
        })
        .await;
    }

    /// So many of a kind, the last of which earns the badge.
    async fn earns_by(&self, user: UserId, slug: &str, count: u64, deed: impl Fn(u64) -> Said) {
        self.tells((1..count).map(&deed).collect()).await;
        self.earns(user, slug, async || self.tells(vec![deed(count)]).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn badges_of_ones_own_deeds() {
    let rig = Rig::a_year_later().await;
    rig.badges().install_catalogue().await.unwrap();
    let (_projections, _workers) = (rig.projections(), rig.workers(&rig.no_mail()).await);
    let jane = rig.crowd(1).await[0];
    let of = |kind| move |n| said(jane, kind, n);

    rig.earns_by(jane, "first_post", 1, of(ActivityKind::PostCreate)).await;
    rig.earns_by(jane, "beta_tester", 1, of(ActivityKind::BetaJoined)).await;
    rig.earns_by(jane, "bug_hunter", 1, of(ActivityKind::BugVerified)).await;
    rig.earns_by(jane, "comment_champion", 500, of(ActivityKind::Comment)).await;
    rig.earns_by(jane, "like_enthusiast", 1_000, of(ActivityKind::Like)).await;
    let rated =
        |tenths| move |n| Said { quality: Quality::of_tenths(tenths), ..said(jane, ActivityKind::Review, n) };
    rig.tells((100..120).map(rated(39)).collect()).await;
    rig.earns_by(jane, "expert_reviewer", 10, rated(40)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn badges_of_days_on_end() {
    let rig = Rig::a_year_later().await;
    rig.badges().install_catalogue().await.unwrap();
    let (_projections, _workers) = (rig.projections(), rig.workers(&rig.no_mail()).await);
    let jane = rig.crowd(1).await[0];
    let post = |day: u64| said(jane, ActivityKind::PostCreate, day * 48);

    // A day is left out, and comes late.
    for day in (0..30).filter(|day| *day != 11) {
        rig.is_there(jane, day).await;
        rig.tells(vec![post(day)]).await;
    }
    rig.is_there(jane, 31).await;
    rig.earns(jane, "daily_visitor", async || rig.is_there(jane, 11).await).await;
    rig.earns(jane, "consistent_contributor", async || rig.tells(vec![post(11)]).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn badges_of_what_others_do_and_of_the_role() {
    let rig = Rig::a_year_later().await;
    rig.badges().install_catalogue().await.unwrap();
    let (_projections, _workers) = (rig.projections(), rig.workers(&rig.no_mail()).await);
    let people = rig.crowd(151).await;
    let (jane, others) = people.split_first().unwrap();
    let by = |kind: ActivityKind, object: &str, n: u64| {
        let other = others[usize::try_from(n).unwrap()];
        Said { target: Some(*jane), object: Some(object.to_owned()), ..said(other, kind, n) }
    };

    rig.tells((100..150).map(|n| by(ActivityKind::Like, "another post", n)).collect()).await;
    rig.earns_by(*jane, "popular_creator", 100, |n| by(ActivityKind::Like, "post", n - 1)).await;
    rig.earns_by(*jane, "community_helper", 50, |n| by(ActivityKind::HelpfulVote, "comment", n - 1)).await;
    for other in &others[..100] {
        rig.follows(*other, *jane).await;
    }
    for other in &others[..49] {
        rig.follows(*jane, *other).await;
    }
    rig.earns(*jane, "social_butterfly", async || rig.follows(*jane, others[49]).await).await;
    rig.earns(*jane, "community_leader", async || {
        let changed = domain::user::UserEvent::from(RoleChanged { role: Role::Moderator, changed_at: at(1) });
        let writes = vec![StreamWrite::new(user_stream(*jane), 1, vec![event(&changed)])];
        let submission = Submission { writes, metadata: metadata(), ..Submission::default() };
        rig.store.submit(submission).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn badges_of_the_first_thousand_and_of_a_thousand_followers() {
    let rig = Rig::a_year_later().await;
    rig.badges().install_catalogue().await.unwrap();
    let (_projections, _workers) = (rig.projections(), rig.workers(&rig.no_mail()).await);
    let early = rig.crowd(999).await;
    let (thousandth, next) = (rig.crowd(1).await[0], rig.crowd(1).await[0]);
    assert!(rig.has_earned(thousandth, "early_adopter").await);
    assert!(!rig.has_earned(next, "early_adopter").await);

    for some in early.chunks(50) {
        futures::future::join_all(some.iter().map(|person| rig.follows(*person, next))).await;
    }
    rig.earns(next, "content_creator", async || rig.follows(thousandth, next).await).await;
}
