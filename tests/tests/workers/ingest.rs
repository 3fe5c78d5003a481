//! What services publish becomes deeds: each once, in order, whatever comes twice, is killed, or cannot be read
//! (C-41, EVT-01).

use crate::{
    people::Person,
    rig::{Rig, until},
    way_in::{Story, WayIn},
};
use annals::embedded::{Embedded, Options};
use annals_tests::{Db, Lab};
use async_nats::HeaderMap;
use bus::ingest::{DETAIL, ID, PROBLEM};
use domain::{DeedId, UserId};
use futures::future::join_all;
use serde_json::{Value, json};

const SERVICE: &str = "content";

fn like(user: UserId, name: &str) -> Value {
    json!({ "id": name, "user": user, "event_type": "like", "object": format!("post-{name}") })
}

fn unlike(user: UserId, name: &str) -> Value {
    json!({ "user": user, "event_type": "unlike", "reverses": name })
}

fn deed(name: &str) -> DeedId {
    DeedId::of("service:content", name)
}

/// Each person likes so many things, and takes each like back in the next message; every third message comes twice.
async fn publish_stories(way: &WayIn, people: &[Person], from: usize, to: usize) {
    join_all(people.iter().map(|person| async move {
        for n in from..to {
            let name = format!("{}-{n}", person.id);
            way.publish(SERVICE, like(person.id, &name)).await;
            way.publish(SERVICE, unlike(person.id, &name)).await;
            if n % 3 == 0 {
                way.publish(SERVICE, like(person.id, &name)).await;
            }
        }
    }))
    .await;
}

async fn assert_stories(way: &WayIn, people: &[Person], to: usize) {
    let recorded = way.recorded().await;
    for person in people {
        let names = (0..to).map(|n| deed(&format!("{}-{n}", person.id)));
        let expected: Story = names.flat_map(|id| [(id, true), (id, false)]).collect();
        assert_eq!(recorded.get(&person.id), Some(&expected));
    }
    let counts = way.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.rejected), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_deeds_with_repeats_are_recorded_once_and_in_order_by_readers_that_are_killed() {
    let way = WayIn::new().await;
    let people = way.people(20).await;
    publish_stories(&way, &people, 0, 25).await;

    for part in [100, 400] {
        let reader = way.reader().await;
        until("a part is recorded", async || way.number_recorded().await >= part).await;
        drop(reader);
    }
    let _reader = way.reader().await;
    way.empties().await;

    assert_stories(&way, &people, 25).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_readers_one_takes_over_what_the_other_leaves() {
    let way = WayIn::new().await;
    let people = way.people(5).await;
    let (one, _other) = (way.reader().await, way.reader().await);

    publish_stories(&way, &people, 0, 10).await;
    drop(one);
    publish_stories(&way, &people, 10, 20).await;
    way.empties().await;

    assert_stories(&way, &people, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn message_that_is_lost_on_its_way_comes_again_before_those_behind_it() {
    let way = WayIn::new().await;
    let people = way.people(1).await;
    let _reader = way.reader().await;
    let _lost = way.loses_one().await;

    publish_stories(&way, &people, 0, 3).await;
    way.empties().await;

    assert_stories(&way, &people, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_recorded_is_set_aside_with_its_reason_and_the_rest_goes_on() {
    let way = WayIn::new().await;
    let person = way.people(1).await.remove(0);
    let id = person.id;
    let secret = "a-very-private-word";
    let nobody = "01987f3a-5b10-7c3e-9d3f-2f61a7c1d0e5";
    let bad = [
        ("content", format!("{{{secret}"), "malformed-body", "at byte"),
        ("content", json!({ "user": id, "event_type": "like", secret: 1 }).to_string(), "unknown-field", "/"),
        ("content", json!({ "user": id, "event_type": "like" }).to_string(), "missing", "/id"),
        (
            "content",
            json!({ "id": "a", "event_type": "like", "description": secret }).to_string(),
            "missing",
            "/user",
        ),
        (
            "content",
            like(id, "a").to_string().replace("like\"", "login\""),
            "event-type-invalid",
            "/event_type",
        ),
        ("content", unlike(id, secret).to_string(), "activity-not-found", "/reverses"),
        (
            "content",
            json!({ "id": secret, "user": nobody, "event_type": "like" }).to_string(),
            "person-not-found",
            "/user",
        ),
        ("content", json!({ "events": [] }).to_string(), "count-invalid", "/events"),
        (
            "content",
            json!({ "events": [like(id, "b1"), unlike(id, secret), like(id, "b2")] }).to_string(),
            "activity-not-found",
            "/events/1/reverses",
        ),
        ("no.service", like(id, "c").to_string(), "service-invalid", "subject"),
    ];
    let _reader = way.reader().await;

    for (n, (service, body, _, _)) in bad.iter().enumerate() {
        way.publish(service, body).await;
        way.publish(SERVICE, like(id, &format!("good-{n}"))).await;
    }
    way.empties().await;

    let rejected = way.rejected().await;
    assert_eq!(rejected.len(), bad.len());
    for (service, body, code, detail) in &bad {
        let (subject, headers, _) = rejected.iter().find(|(.., kept)| kept == body).unwrap();
        assert_eq!(subject, &way.names.rejected(&service.replace('.', "_")));
        let header = |name| headers.get(name).map(ToString::to_string).unwrap_or_default();
        let told = header(DETAIL);
        assert_eq!(header(PROBLEM), *code, "{told}");
        assert!(told.contains(detail) && !told.contains(nobody), "{told}");
        // The name of a member is told, no value is.
        assert!(*code == "unknown-field" || !told.contains(secret), "{told}");
    }
    let names = (0..bad.len()).map(|n| format!("good-{n}"));
    let mut expected: Vec<_> = names.map(|name| (deed(&name), true)).collect();
    expected.extend([(deed("b1"), true), (deed("b2"), true)]);
    let mut story = way.recorded().await.remove(&id).unwrap();
    story.sort_unstable();
    expected.sort_unstable();
    assert_eq!(story, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn header_names_a_deed_that_has_no_name_and_stays_with_what_is_refused() {
    let way = WayIn::new().await;
    let person = way.people(1).await.remove(0);
    let _reader = way.reader().await;
    let named = async |name: &str, body: Value| {
        let headers = HeaderMap::from_iter([("Nats-Msg-Id".parse().unwrap(), name.parse().unwrap())]);
        let subject = way.names.activity(SERVICE);
        let sent = way.sender.publish_with_headers(subject, headers, body.to_string().into()).await;
        sent.unwrap().await.unwrap();
    };

    named("m-1", json!({ "user": person.id, "event_type": "share" })).await;
    named("m-2", json!({ "user": person.id, "event_type": "login" })).await;
    way.empties().await;

    assert_eq!(way.recorded().await[&person.id], [(deed("m-1"), true)]);
    let rejected = way.rejected().await;
    assert_eq!(rejected[0].1.get(ID).unwrap().as_str(), "m-2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_servers_cost_no_deed_and_no_order() {
    Lab::get().await;
    let directory = std::env::temp_dir().join(format!("annals-lab-{}", std::process::id())).join("ingest");
    let servers = Embedded::start(Options { nats_open: true, ..Options::new(&directory) }).await.unwrap();
    let way = WayIn::on(&servers, Rig::on(Db::of(&servers, "ingest").await).await).await;
    let people = way.people(5).await;
    let _reader = way.reader().await;

    publish_stories(&way, &people, 0, 10).await;
    servers.kill_nats();
    publish_stories(&way, &people, 10, 20).await;
    servers.kill_postgres();
    publish_stories(&way, &people, 20, 30).await;
    way.empties().await;

    assert_stories(&way, &people, 30).await;
    servers.stop().await;
}
