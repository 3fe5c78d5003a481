//! Every query, once or more.

use crate::{
    story::{EMAIL, NAME, NEW_EMAIL, Story, at, new_session, session_started},
    world::{ADDRESS, AGENT, World},
};
use annals_tests::samples::{self, noon};
use chrono::TimeDelta;
use domain::{
    session::LoginMethod,
    user::{PasswordCause, PasswordChanged},
    values::{DeviceFingerprint, Role},
};
use projections::{
    Numbered, Order, Seek, Stretch, Turn,
    audit_log::{AuditFilter, Category, trail::TrailScope},
    sessions::query::SessionEnd,
};

async fn told() -> (World, Story, projections::Queries) {
    let world = World::new().await;
    let story = world.story().await;
    let running = world.run();
    world.caught_up().await;
    running.stop().await;
    let queries = world.queries();
    (world, story, queries)
}

#[tokio::test]
async fn account_is_found_by_id_and_by_username_in_any_case() {
    let (_world, story, queries) = told().await;

    let account = queries.find_account(story.user).await.unwrap().unwrap();

    assert_eq!(account.username.as_deref(), Some(story.username.as_str()));
    assert_eq!(account.email.as_deref(), Some(NEW_EMAIL));
    assert!(account.email_verified && account.is_verified);
    assert_eq!((account.role, account.phone_number.as_deref()), (Role::Moderator, None));
    assert_eq!((account.created_at, account.updated_at), (noon(), at(64)));
    assert!(account.suspended_at.is_none() && account.suspension_reason.is_none(), "reinstated");
    assert_eq!((account.last_login, account.password_changed_at), (Some(at(33)), Some(at(50))));
    assert_eq!((account.session_epoch, account.version), (1, 13));
    let shouted = story.username.to_uppercase();
    assert_eq!(queries.find_account_by_username(&shouted).await.unwrap(), Some(account));
    assert_eq!(queries.find_account_by_username("nobody").await.unwrap(), None);
    assert_eq!(queries.find_account(samples::new_user()).await.unwrap(), None);
}

#[tokio::test]
async fn address_counts_as_given_until_one_is_verified() {
    let world = World::new().await;
    let (user, _) = world.register().await;
    let running = world.run();
    world.caught_up().await;

    let account = world.queries().find_account(user).await.unwrap().unwrap();

    assert_eq!(
        (account.email.as_deref(), account.email_verified, account.is_verified),
        (Some(EMAIL), false, false)
    );
    running.stop().await;
}

#[tokio::test]
async fn profile_page_shows_all_fields_and_what_follows_from_them() {
    let (_world, story, queries) = told().await;

    let page = queries.find_profile(story.user).await.unwrap().unwrap();

    assert_eq!((page.display_name(), page.location().as_deref()), (Some(NAME), Some("Ulm, DE")));
    assert_eq!(
        (page.username.as_deref(), page.email.as_deref()),
        (Some(story.username.as_str()), Some(NEW_EMAIL))
    );
    assert_eq!((page.skills, page.cover_media_type), (vec!["Rust".to_owned(), "SQL".to_owned()], None));
    assert!(page.is_verified && page.is_profile_complete && page.show_location && !page.is_private);
    assert_eq!(page.date_of_birth.unwrap().to_string(), "1990-05-17");
    // The password was changed after the profile (PRO-07).
    assert_eq!((page.created_at, page.updated_at, page.version), (noon(), at(50), 5));
    assert_eq!(queries.find_profile(samples::new_user()).await.unwrap(), None);
}

#[tokio::test]
async fn rehashed_password_is_no_change_to_see() {
    let world = World::new().await;
    let (user, _) = world.register().await;
    let password = domain::SecretId::mint(noon(), samples::random());
    world
        .user_event(
            user,
            PasswordChanged { password, cause: PasswordCause::Rehashed, changed_at: at(9) }.into(),
        )
        .await;
    let running = world.run();
    world.caught_up().await;
    let queries = world.queries();

    let account = queries.find_account(user).await.unwrap().unwrap();

    assert_eq!((account.updated_at, account.password_changed_at, account.version), (noon(), None, 2));
    assert_eq!(queries.find_profile(user).await.unwrap().unwrap().updated_at, noon());
    running.stop().await;
}

#[tokio::test]
async fn sessions_are_listed_newest_first_with_their_ends() {
    let (_world, story, queries) = told().await;

    let first = queries.list_sessions(story.user, Numbered { number: 1, size: 3 }).await.unwrap();
    let second = queries.list_sessions(story.user, Numbered { number: 2, size: 3 }).await.unwrap();

    let ends: Vec<_> = first
        .results
        .iter()
        .chain(&second.results)
        .map(|s| (s.session_id, s.end_cause, s.ended_at))
        .collect();
    assert_eq!(
        ends,
        [
            (story.stolen, Some(SessionEnd::RefreshReused), Some(at(41))),
            (story.left, Some(SessionEnd::Logout), Some(at(40))),
            (story.swept, Some(SessionEnd::Invalidated), Some(at(60))),
            (story.kept, None, None),
        ]
    );
    assert_eq!((first.count, first.next, first.previous), (Some(4), Some(Turn::Number(2)), None));
    assert_eq!((second.count, second.next, second.previous), (Some(4), None, Some(Turn::Number(1))));
}

#[tokio::test]
async fn session_tells_where_it_began_and_whether_it_is_active() {
    let (_world, story, queries) = told().await;

    let session = queries.find_session(story.kept).await.unwrap().unwrap();

    assert_eq!((session.ip.as_deref(), session.user_agent.as_deref()), (Some(ADDRESS), Some(AGENT)));
    let device = Some(DeviceFingerprint::from_bytes([1; 16]));
    assert_eq!((session.device, session.device_changed_at), (device, None));
    let moved = queries.find_session(story.stolen).await.unwrap().unwrap();
    assert_eq!((moved.device, moved.device_changed_at), (device, Some(at(39))));
    assert_eq!((session.method, session.generation, session.epoch), (LoginMethod::Password, 2, 0));
    assert_eq!((session.last_refreshed_at, session.version), (Some(at(35)), 4));
    assert!(session.is_active(at(61)));
    assert!(!session.is_active(at(35) + TimeDelta::days(7)));
    assert!(!queries.find_session(story.left).await.unwrap().unwrap().is_active(at(41)));
    assert_eq!(queries.find_session(new_session()).await.unwrap(), None);
}

#[tokio::test]
async fn session_of_an_outdated_epoch_begins_ended() {
    let (world, story, queries) = told().await;
    let late = new_session();
    world.session_event(story.user, late, session_started(story.user, 0, 70)).await;
    let running = world.run();
    world.caught_up().await;

    let session = queries.find_session(late).await.unwrap().unwrap();

    assert_eq!((session.end_cause, session.ended_at), (Some(SessionEnd::Invalidated), Some(at(60))));
    running.stop().await;
}

#[tokio::test]
async fn audit_log_is_paged_both_ways_in_both_orders() {
    let (world, _story, queries) = told().await;
    let head = world.watcher.head().await.unwrap();
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let mut expected: Vec<i64> = (1..=head).collect();
        if order == Order::NewestFirst {
            expected.reverse();
        }
        let (mut there, mut back) = (Vec::new(), Vec::new());
        let mut seek = None;
        loop {
            let stretch = Stretch { order, seek, limit: 5 };
            let page = queries.list_audit(&AuditFilter::default(), stretch).await.unwrap();
            assert_eq!(page.count, Some(head));
            there.extend(page.results.iter().map(|entry| entry.position));
            let Some(next) = page.next else { break };
            seek = Some(next);
        }
        seek = there.last().map(|last| Seek::Before(*last));
        while let Some(before) = seek {
            let stretch = Stretch { order, seek: Some(before), limit: 5 };
            let page = queries.list_audit(&AuditFilter::default(), stretch).await.unwrap();
            back.splice(0..0, page.results.iter().map(|entry| entry.position));
            seek = page.previous;
        }
        assert_eq!(there, expected);
        assert_eq!(back, expected[..expected.len() - 1]);
    }
}

#[tokio::test]
async fn audit_log_is_filtered_by_everything_at_once_and_by_each() {
    let (world, story, queries) = told().await;
    let head = world.watcher.head().await.unwrap();
    let stretch = Stretch { order: Order::OldestFirst, seek: None, limit: 100 };
    let count = async |filter: AuditFilter| {
        let page = queries.list_audit(&filter, stretch).await.unwrap();
        assert_eq!(page.count, Some(page.results.len() as i64));
        page.results.len() as i64
    };
    let at = |position: i64| world.count_time(position);
    let all = AuditFilter::default;

    assert_eq!(count(AuditFilter { entity_type: Some("profile".into()), ..all() }).await, 5);
    assert_eq!(count(AuditFilter { entity_id: Some(story.kept.to_string()), ..all() }).await, 4);
    // All but the day, which is closed for everybody.
    assert_eq!(count(AuditFilter { actor: Some(format!("user:{}", story.user)), ..all() }).await, head - 1);
    assert_eq!(count(AuditFilter { action: Some("session_started".into()), ..all() }).await, 4);
    assert_eq!(count(AuditFilter { category: Some(Category::Data), ..all() }).await, 20);
    assert_eq!(count(AuditFilter { from_position: Some(3), until_position: Some(7), ..all() }).await, 5);
    assert_eq!(count(AuditFilter { since: Some(at(3).await), until: Some(at(9).await), ..all() }).await, 6);
    assert_eq!(count(AuditFilter { since: Some(at(head).await + TimeDelta::days(1)), ..all() }).await, 0);
    let everything = AuditFilter {
        entity_type: Some("user".into()),
        entity_id: Some(story.user.to_string()),
        actor: Some(format!("user:{}", story.user)),
        action: Some("user_registered".into()),
        category: Some(Category::User),
        from_position: Some(1),
        until_position: Some(head),
        since: Some(at(1).await),
        until: Some(at(2).await),
    };
    assert_eq!(count(everything).await, 1);
}

impl World {
    async fn count_time(&self, position: i64) -> chrono::DateTime<chrono::Utc> {
        sqlx::query_scalar("SELECT recorded_at FROM es.events WHERE position = $1")
            .bind(position)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn trail_gives_the_events_of_all_or_of_one_stream_opened() {
    let (world, story, queries) = told().await;
    let head = world.watcher.head().await.unwrap();

    let first = queries.list_events(&TrailScope::All, 0, 4).await.unwrap();
    assert_eq!(first.results.iter().map(|event| event.position).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(first.next, Some(Seek::After(4)));
    assert_eq!(first.results[0].payload["username"], story.username.as_str());
    assert_eq!(first.results[0].metadata["ip"], ADDRESS);
    let last = queries.list_events(&TrailScope::All, head - 1, 4).await.unwrap();
    assert_eq!((last.results.len(), last.next), (1, None));

    let profile =
        TrailScope::Stream { aggregate_type: "profile".into(), aggregate_id: story.user.to_string() };
    let mut sequences = Vec::new();
    let mut after = 0;
    loop {
        let page = queries.list_events(&profile, after, 3).await.unwrap();
        sequences.extend(page.results.iter().map(|event| event.sequence));
        let Some(Seek::After(next)) = page.next else { break };
        after = next;
    }
    assert_eq!(sequences, [1, 2, 3, 4, 5]);
}
