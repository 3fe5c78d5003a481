//! What people are told of: as it was awarded, read, taken away and given again, and gone with its person.

use crate::{
    story::{at, stream},
    user_badges::{Desk, acting},
    world::World,
};
use annals_tests::samples::event;
use commands::{Executor, FixedClock, SystemMint};
use domain::{
    AwardId, EventId, Subject, UserId,
    inbox::{Inbox, InboxEvent, MarkAllRead, MarkRead, NotificationRead, NotificationsRead},
    user::{UserErased, UserEvent},
    values::Role,
};
use projections::{
    Order, Queries, RunnerOptions, Seek, Stretch,
    notifications::query::{Notification, NotificationFilter, NotificationKind},
};
use std::sync::Arc;

const ALL: Stretch = Stretch { order: Order::NewestFirst, seek: None, limit: 20 };

impl World {
    /// The first thing that a person is told of is read alone, and everything up to the last one with it.
    pub async fn read_what_is_told(&self, user: UserId) {
        let sql = "SELECT position, event_id FROM es.events
            WHERE event_type = 'badge_awarded' AND payload ->> 'user' = $1 ORDER BY position";
        let told: Vec<(i64, uuid::Uuid)> =
            sqlx::query_as(sql).bind(user.to_string()).fetch_all(&self.pool).await.unwrap();
        let ((first, id), (last, _)) = (told[0], told[told.len() - 1]);
        let events: [InboxEvent; 2] = [
            NotificationRead {
                user,
                notification: EventId::from_uuid(id),
                position: first.unsigned_abs(),
                read_at: at(88),
            }
            .into(),
            NotificationsRead { user, through: last.unsigned_abs(), read_at: at(89) }.into(),
        ];
        let events = events.iter().map(event).collect();
        self.append(Subject::of(user), stream("inbox", user), events).await;
    }

    fn executor(&self, minute: i64) -> Executor {
        Executor::new(self.store.clone(), Arc::new(FixedClock::new(at(minute))), Arc::new(SystemMint))
    }

    /// How many events it made.
    async fn reads(&self, user: UserId, told: &Notification, minute: i64) -> usize {
        let (notification, position) = (told.row.notification_id, told.row.position.unsigned_abs());
        let mark = MarkRead { user, notification, position, at: at(minute) };
        let caller = acting(user, Role::Normal);
        self.executor(minute).run::<Inbox>(user, mark, &caller).await.unwrap().events.len()
    }

    async fn reads_up_to(&self, user: UserId, told: &Notification, minute: i64) -> usize {
        let mark = MarkAllRead { user, through: told.row.position.unsigned_abs(), at: at(minute) };
        let caller = acting(user, Role::Normal);
        self.executor(minute).run::<Inbox>(user, mark, &caller).await.unwrap().events.len()
    }
}

async fn told(queries: &Queries, user: UserId, unread: Option<bool>) -> Vec<Notification> {
    let page = queries.list_notifications(NotificationFilter { user, unread }, ALL).await.unwrap();
    assert_eq!(page.count, i64::try_from(page.results.len()).ok());
    page.results
}

fn awards(told: &[Notification]) -> Vec<AwardId> {
    told.iter().map(|notification| notification.row.award_id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn award_is_told_under_its_event_and_read_once() {
    let world = World::new().await;
    let [(jane, _), (john, _)] = [world.register().await, world.register().await];
    let running = world.run_with(RunnerOptions { batch: 1, ..RunnerOptions::default() });
    let (desk, queries) = (Desk::new(&world).await, world.queries());
    let first = desk.give(jane, desk.first_post).await;
    let second = desk.give(jane, desk.bug_hunter).await;
    desk.give(john, desk.first_post).await;
    world.caught_up().await;

    let all = told(&queries, jane, None).await;
    assert_eq!(awards(&all), [second, first], "newest first");
    assert_eq!(queries.count_unread_notifications(jane).await.unwrap(), 2);
    let oldest = &all[1];
    let recorded = world.store.reader().after(oldest.row.position - 1, 1).await.unwrap();
    assert_eq!(recorded[0].event_id, oldest.row.notification_id);
    let row = &oldest.row;
    assert_eq!((row.kind, row.created_at, row.read_at), (NotificationKind::BadgeEarned, at(100), None));
    assert_eq!((row.badge_name.as_str(), row.points, row.badge_id), ("First Post", 25, desk.first_post));
    assert_eq!(oldest.look.as_ref().map(|look| look.slug.as_str()), Some("first_post"));

    assert_eq!((world.reads(jane, &all[0], 110).await, world.reads(jane, &all[0], 111).await), (1, 0));
    world.caught_up().await;
    assert_eq!(awards(&told(&queries, jane, Some(true)).await), [first]);
    assert_eq!(told(&queries, jane, Some(false)).await[0].row.read_at, Some(at(110)));

    let up_to = [world.reads_up_to(jane, &all[0], 120).await, world.reads_up_to(jane, &all[1], 121).await];
    assert_eq!(up_to, [1, 0]);
    let third = desk.give(jane, domain::BadgeId::of_catalogue("expert_reviewer")).await;
    world.caught_up().await;
    let read_at: Vec<_> = told(&queries, jane, None).await.iter().map(|told| told.row.read_at).collect();
    assert_eq!(read_at, [None, Some(at(110)), Some(at(120))], "as it was first read");
    assert_eq!(awards(&told(&queries, jane, Some(true)).await), [third], "what comes later is unread");
    assert_eq!(queries.count_unread_notifications(john).await.unwrap(), 1, "another's reading is another's");
    world.assert_equal_to_a_replay().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_away_is_not_told_and_given_again_it_is_told_anew() {
    let world = World::new().await;
    let (jane, _) = world.register().await;
    let running = world.run();
    let (desk, queries) = (Desk::new(&world).await, world.queries());
    let award = desk.give(jane, desk.first_post).await;
    desk.give(jane, desk.bug_hunter).await;
    world.caught_up().await;
    let before = told(&queries, jane, None).await.remove(1);
    world.reads(jane, &before, 110).await;

    let staff = desk.take(&world, award).await;
    world.caught_up().await;
    assert_eq!(told(&queries, jane, None).await.len(), 1);
    assert_eq!(queries.count_unread_notifications(jane).await.unwrap(), 1);
    assert_eq!(queries.find_notification(before.row.notification_id).await.unwrap(), None);

    desk.badges.lift(award, &staff).await.unwrap();
    world.caught_up().await;
    assert_eq!(told(&queries, jane, None).await.len(), 1, "a lifted revocation gives nothing");
    desk.give(jane, desk.first_post).await;
    world.caught_up().await;
    let again = told(&queries, jane, None).await.remove(0);
    assert_eq!((again.row.award_id, again.row.read_at), (award, None));
    assert_ne!(again.row.notification_id, before.row.notification_id);
    world.assert_equal_to_a_replay().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_erased_were_told_is_gone() {
    let world = World::new().await;
    let [(jane, _), (john, _)] = [world.register().await, world.register().await];
    let running = world.run();
    let (desk, queries) = (Desk::new(&world).await, world.queries());
    for user in [jane, john] {
        desk.give(user, desk.first_post).await;
    }
    world.caught_up().await;
    world.reads(jane, &told(&queries, jane, None).await[0], 110).await;

    let erased: UserEvent = UserErased { requested_at: at(120), erased_at: at(121) }.into();
    world.append(Subject::of(john), stream("user", jane), vec![event(&erased)]).await;
    world.caught_up().await;

    assert!(told(&queries, jane, None).await.is_empty());
    let rows = format!("SELECT count(*) FROM p_notifications.notifications WHERE user_id = '{jane}'");
    assert_eq!(world.count(&rows).await, 0);
    assert_eq!(told(&queries, john, None).await.len(), 1);
    world.assert_equal_to_a_replay().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_paged_by_position_among_those_that_are_asked_for() {
    let world = World::new().await;
    let (jane, _) = world.register().await;
    let running = world.run();
    let (desk, queries) = (Desk::new(&world).await, world.queries());
    for slug in ["first_post", "bug_hunter", "expert_reviewer", "beta_tester", "social_butterfly"] {
        desk.give(jane, domain::BadgeId::of_catalogue(slug)).await;
    }
    world.caught_up().await;
    let all = told(&queries, jane, None).await;
    world.reads(jane, &all[2], 110).await;
    world.caught_up().await;
    running.stop().await;

    let filter = NotificationFilter { user: jane, unread: Some(true) };
    let mut stretch = Stretch { limit: 3, ..ALL };
    let mut seen = Vec::new();
    loop {
        let page = queries.list_notifications(filter, stretch).await.unwrap();
        assert_eq!(page.count, Some(4));
        seen.extend(awards(&page.results));
        let Some(Seek::After(position)) = page.next else { break };
        stretch.seek = Some(Seek::After(position));
    }
    let expected: Vec<_> = [0, 1, 3, 4].map(|n: usize| all[n].row.award_id).into();
    assert_eq!(seen, expected);
}
