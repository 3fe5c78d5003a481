//! Who has which badge, through the executor: counted as it is, featured as it was chosen, gone with its person.

use crate::{
    story::{at, stream},
    world::World,
};
use annals_tests::samples::{self, event};
use chrono::TimeDelta;
use commands::{Badges, Caller, Executor, FixedClock, NewAward, Principal, SystemMint};
use domain::{
    AwardId, BadgeId, SessionId, Subject, UserId,
    award::Completion,
    badge::{
        Availability, catalogue,
        criteria::{Action, Fact, FactKind},
    },
    user::{RoleChanged, UserErased, UserEvent},
    values::{RevocationReason, Role},
};
use projections::{
    Numbered, Queries, Viewer,
    badges::{query::AwardFilter, standings::BoardTimeframe},
};
use std::sync::Arc;

const EVERYTHING: Numbered = Numbered { number: 1, size: 100 };

pub struct Desk {
    pub badges: Badges,
    pub first_post: BadgeId,
    pub bug_hunter: BadgeId,
}

pub fn acting(id: UserId, role: Role) -> Caller {
    let session = SessionId::mint(samples::noon(), samples::random());
    Caller { principal: Principal::User { id, session, role, verified: true }, ..Caller::default() }
}

impl Desk {
    pub async fn new(world: &World) -> Self {
        let clock = Arc::new(FixedClock::new(at(100)));
        let badges = Badges::new(Executor::new(world.store.clone(), clock, Arc::new(SystemMint)));
        badges.install_catalogue().await.unwrap();
        let [first_post, bug_hunter] = ["first_post", "bug_hunter"].map(BadgeId::of_catalogue);
        Self { badges, first_post, bug_hunter }
    }

    pub async fn give(&self, user: UserId, badge: BadgeId) -> AwardId {
        let new = NewAward { badge, user, completion: None, notes: None, over_revocation: false };
        self.badges.award(new, &Caller::system("test")).await.unwrap();
        AwardId::of(user, badge)
    }

    /// By somebody of staff, who is told.
    pub async fn take(&self, world: &World, award: AwardId) -> Caller {
        let (admin, _) = world.register().await;
        let promoted = RoleChanged { role: Role::Admin, changed_at: at(1) };
        world.user_event(admin, promoted.into()).await;
        let reason = RevocationReason::parse("Copied").unwrap();
        let admin = acting(admin, Role::Admin);
        self.badges.revoke(award, reason, &admin).await.unwrap();
        admin
    }
}

async fn earned(queries: &Queries, badge: BadgeId) -> i64 {
    queries.find_badge(badge, at(200)).await.unwrap().unwrap().earned_count
}

async fn held(queries: &Queries, user: UserId, with_revoked: bool) -> Vec<(AwardId, bool)> {
    let filter = AwardFilter { user, badge: None, is_featured: None, with_revoked };
    let page = queries.list_awards(&filter, EVERYTHING).await.unwrap();
    page.results.into_iter().map(|row| (row.award.award_id, row.is_featured)).collect()
}

/// Points and badges on the board, of all time and of the last 30 days.
async fn standing(queries: &Queries, user: UserId) -> Vec<Option<(i64, i64)>> {
    let viewer = Viewer { user: samples::new_user(), is_staff: false, now: at(200) };
    let mut standing = Vec::new();
    for timeframe in [BoardTimeframe::AllTime, BoardTimeframe::Month] {
        let places = queries.list_leaders(viewer, timeframe).await.unwrap();
        let place = places.into_iter().find(|place| place.user_id == user);
        standing.push(place.map(|place| (place.badge_points, place.total_badges)));
    }
    standing
}

#[tokio::test(flavor = "multi_thread")]
async fn awards_are_counted_as_they_are_and_go_with_their_person() {
    let world = World::new().await;
    let (jane, _) = world.register().await;
    let (john, _) = world.register().await;
    let (running, desk, queries) = (world.run(), Desk::new(&world).await, world.queries());
    for user in [jane, john] {
        desk.give(user, desk.first_post).await;
        desk.give(user, desk.bug_hunter).await;
    }
    let first_post = AwardId::of(jane, desk.first_post);
    desk.badges.feature(first_post, true, &acting(jane, Role::Normal)).await.unwrap();
    world.caught_up().await;
    let points = queries.find_badge(desk.bug_hunter, at(200)).await.unwrap().unwrap().points;

    assert_eq!((earned(&queries, desk.first_post).await, earned(&queries, desk.bug_hunter).await), (2, 2));
    assert_eq!(standing(&queries, jane).await, [Some((points + 25, 2)); 2]);
    assert!(held(&queries, jane, false).await.contains(&(first_post, true)));

    desk.take(&world, first_post).await;
    world.caught_up().await;
    assert_eq!(earned(&queries, desk.first_post).await, 1);
    assert_eq!(standing(&queries, jane).await, [Some((points, 1)); 2]);
    assert_eq!(held(&queries, jane, false).await.len(), 1);
    assert!(held(&queries, jane, true).await.contains(&(first_post, false)), "taken away, and not shown");
    let taken = queries.find_award(first_post).await.unwrap().unwrap().award;
    assert_eq!(taken.revocation_reason.as_deref(), Some("Copied"));

    let erased: UserEvent = UserErased { requested_at: at(100), erased_at: at(101) }.into();
    world.append(Subject::of(john), stream("user", jane), vec![event(&erased)]).await;
    world.caught_up().await;
    assert_eq!((earned(&queries, desk.first_post).await, earned(&queries, desk.bug_hunter).await), (1, 1));
    assert!(held(&queries, jane, true).await.is_empty());
    assert_eq!(standing(&queries, jane).await, [None, None]);
    assert_eq!(standing(&queries, john).await, [Some((points + 25, 2)); 2]);
    for table in ["user_badges", "badge_totals", "showcases"] {
        let sql = format!("SELECT count(*) FROM p_badges.{table} WHERE user_id = '{jane}'");
        assert_eq!(world.count(&sql).await, 0, "{table}");
    }
    let analytics = queries.find_badge_analytics(at(200)).await.unwrap();
    assert_eq!((analytics.total_awards, analytics.unique_badge_holders), (2, 1));
    assert_eq!(analytics.issuance.last().map(|day| day.awards), Some(2));
    world.assert_equal_to_a_replay().await;
    running.stop().await;
}

/// The program awards the badge for what was done so many seconds after the registration.
async fn earns(world: &World, desk: &Desk, user: UserId, seconds: i64) {
    let registered = world.queries().find_account(user).await.unwrap().unwrap().created_at;
    let at = registered + TimeDelta::seconds(seconds);
    let what = FactKind::Did { action: Action::PostCreate, quality: None, undone: false };
    let fact = Fact { position: 1, at, day: at.date_naive(), what };
    let offered = catalogue::catalogue(samples::noon()).unwrap();
    let first_post = offered.into_iter().find(|one| one.badge == desk.first_post).unwrap().new;
    let earned = first_post.criteria.unwrap().first_earned_within([fact], Availability::default()).unwrap();
    let completion = Some(Completion::from(earned));
    let new = NewAward { badge: desk.first_post, user, completion, notes: None, over_revocation: false };
    desk.badges.award(new, &Caller::system("test")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn time_to_earn_is_the_median_from_the_registration_and_gifts_do_not_count() {
    let world = World::new().await;
    let (running, desk, queries) = (world.run(), Desk::new(&world).await, world.queries());
    for seconds in [90, 5_000, 40] {
        let (user, _) = world.register().await;
        world.caught_up().await;
        earns(&world, &desk, user, seconds).await;
        desk.give(user, desk.bug_hunter).await;
    }
    world.caught_up().await;

    let analytics = queries.find_badge_analytics(at(200)).await.unwrap();

    let told: Vec<_> =
        analytics.time_to_earn.iter().map(|one| (one.slug.as_str(), one.awards, one.seconds)).collect();
    assert_eq!(told, [("first_post", 3, 90)]);
    running.stop().await;
}
