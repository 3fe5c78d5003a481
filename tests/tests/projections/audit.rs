//! The audit log: what changed and what stood there before, readable only with the person's key.

use crate::{
    story::{BIO, EMAIL, NAME, NEW_EMAIL, Story},
    world::{ADDRESS, AGENT, World},
};
use domain::Subject;
use projections::{
    Order, Queries, Stretch,
    audit_log::{AuditFilter, query::AuditEntry, trail::TrailScope},
};
use serde_json::{Value, json};

const ALL: Stretch = Stretch { order: Order::OldestFirst, seek: None, limit: 100 };

async fn entries(queries: &Queries, story: &Story, entity_type: &str) -> Vec<AuditEntry> {
    let filter = AuditFilter {
        entity_type: Some(entity_type.into()),
        entity_id: Some(story.user.to_string()),
        ..AuditFilter::default()
    };
    queries.list_audit(&filter, ALL).await.unwrap().results
}

async fn told() -> (World, Story) {
    let world = World::new().await;
    let story = world.story().await;
    let running = world.run();
    world.caught_up().await;
    running.stop().await;
    (world, story)
}

#[tokio::test]
async fn old_values_are_what_the_entity_held_before() {
    let (world, story) = told().await;

    let profile = entries(&world.queries(), &story, "profile").await;

    let [created, first, completed, second, featured] = profile.as_slice() else {
        panic!("five entries: {profile:?}")
    };
    assert_eq!(featured.action, "featured_badges_changed");
    assert_eq!(Value::Object(created.old_values.clone()), json!({}));
    // Named again, but not changed.
    assert_eq!(first.new_values["user"], json!(story.user));
    assert_eq!(Value::Object(first.old_values.clone()), json!({}));
    assert_eq!(first.new_values["full_name"], "Jane Former");
    assert_eq!(first.new_values["skills"], json!(["Rust", "SQL"]));
    assert_eq!(completed.action, "profile_completed");
    assert_eq!(second.old_values["full_name"], "Jane Former");
    assert_eq!(second.old_values["cover_media_type"], "image");
    assert_eq!(second.new_values["full_name"], NAME);
    assert_eq!(second.new_values["cover_media_type"], Value::Null);
    assert!(!second.old_values.contains_key("bio") && second.new_values.contains_key("bio"));
}

#[tokio::test]
async fn entry_tells_who_did_it_from_where_within_what() {
    let (world, story) = told().await;

    let user = entries(&world.queries(), &story, "user").await;

    let entry = &user[0];
    assert_eq!((entry.action.as_str(), entry.position, entry.sequence), ("user_registered", 1, 1));
    assert_eq!(entry.actor, Some(format!("user:{}", story.user)));
    assert_eq!((entry.request_id.as_deref(), entry.correlation_id.as_deref()), (Some("r-1"), Some("c-1")));
    assert_eq!((entry.ip_address.as_deref(), entry.user_agent.as_deref()), (Some(ADDRESS), Some(AGENT)));
    assert_eq!(entry.occurred_at, annals_tests::samples::noon());
    assert_eq!(entry.new_values["username"], story.username.as_str());
    let verified = user.iter().find(|entry| entry.action == "contact_verified").unwrap();
    assert_eq!(verified.old_values["address"], NEW_EMAIL);
}

#[tokio::test]
async fn tables_hold_no_clear_personal_data() {
    let (world, story) = told().await;
    let planted = [
        NAME,
        EMAIL,
        NEW_EMAIL,
        BIO,
        ADDRESS,
        AGENT,
        "Jane Former",
        "Planted Street",
        story.username.as_str(),
    ];

    for table in ["audit_log", "audit_state"] {
        let text: String =
            sqlx::query_scalar(&format!("SELECT string_agg(t::text, ' ') FROM p_audit_log.{table} t"))
                .fetch_one(&world.pool)
                .await
                .unwrap();
        assert!(text.contains("sealed"), "{table} is looked at");
        for word in planted {
            assert!(!text.contains(word), "{table} holds {word}");
        }
    }
}

#[tokio::test]
async fn erased_person_is_gone_from_the_audit_log_and_the_trail() {
    let (world, story) = told().await;
    world.store.keys().destroy(Subject::of(story.user)).await.unwrap();
    let queries = world.queries();

    let profile = entries(&queries, &story, "profile").await;
    let stream = TrailScope::Stream { aggregate_type: "user".into(), aggregate_id: story.user.to_string() };
    let trail = queries.list_events(&stream, 0, 1).await.unwrap().results;

    let last = profile.iter().rfind(|entry| entry.action == "profile_updated").unwrap();
    assert_eq!(
        (&last.old_values["full_name"], &last.new_values["full_name"]),
        (&json!("[erased]"), &json!("[erased]"))
    );
    assert_eq!(
        (last.ip_address.as_deref(), last.user_agent.as_deref()),
        (Some("[erased]"), Some("[erased]"))
    );
    assert_eq!(trail[0].payload["username"], "[erased]");
    assert_eq!(trail[0].metadata["ip"], "[erased]");
}

#[tokio::test]
async fn read_models_made_after_an_erasure_hold_nothing_of_the_person() {
    let world = World::new().await;
    let story = world.story().await;
    world.store.keys().destroy(Subject::of(story.user)).await.unwrap();
    let running = world.run();
    world.caught_up().await;
    let queries = world.queries();

    let account = queries.find_account(story.user).await.unwrap().unwrap();
    let page = queries.find_profile(story.user).await.unwrap().unwrap();
    let session = queries.find_session(story.kept).await.unwrap().unwrap();

    assert_eq!((account.username, account.email), (None, None));
    assert_eq!((page.full_name.as_deref(), page.bio.as_deref(), page.display_name()), (None, None, None));
    assert_eq!((session.ip, session.user_agent), (None, None));
    running.stop().await;
}
