//! Other people's NATS clients, with the URL that `annals status` gives them.

use crate::client::Api;
use annals_tests::lab::connect_nats;
use async_nats::{Message, jetstream};
use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(10);

async fn client(api: &Api) -> async_nats::Client {
    connect_nats(api.status().await["nats"].as_str().unwrap()).await
}

fn header<'a>(message: &'a Message, name: &str) -> &'a str {
    let headers = message.headers.as_ref().expect("headers");
    headers.get(name).unwrap_or_else(|| panic!("{name} in {headers:?}")).as_str()
}

/// Checks the headers against the body, and returns the position.
fn checked(message: &Message) -> i64 {
    let body: Value = serde_json::from_slice(&message.payload).unwrap();
    let (aggregate, event) = (body["aggregate_type"].as_str().unwrap(), body["event_type"].as_str().unwrap());
    assert_eq!(message.subject.as_str(), format!("annals.events.{aggregate}.{event}"));
    assert_eq!(header(message, "ce-specversion"), "1.0");
    assert_eq!(header(message, "ce-id"), body["event_id"].as_str().unwrap());
    let version = body["event_version"].as_str().unwrap();
    assert_eq!(header(message, "ce-type"), format!("annals.{aggregate}.{event}.v{version}"));
    assert_eq!(header(message, "ce-subject"), body["aggregate_id"].as_str().unwrap());
    assert!(header(message, "ce-source").starts_with("/annals/"));
    assert!(header(message, "ce-time").parse::<chrono::DateTime<chrono::Utc>>().is_ok());
    assert_eq!(header(message, "content-type"), "application/json");
    let position: i64 = header(message, "annals-position").parse().unwrap();
    assert_eq!(body["position"], position);
    position
}

async fn make_history(api: &Api) -> i64 {
    let person = api.verified("normal").await;
    let mut last = 0;
    for city in ["Porto", "Lisbon", "Faro"] {
        last =
            api.send("PATCH", "/api/users/profile", &person.access, json!({ "city": city })).await.position();
    }
    last
}

#[tokio::test]
async fn pull_consumer_sees_every_position_from_the_first() {
    let api = Api::alone().await;
    let last = make_history(&api).await;
    let stream = jetstream::new(client(&api).await).get_stream("ANNALS").await.unwrap();
    let consumer = stream.create_consumer(jetstream::consumer::pull::Config::default()).await.unwrap();

    let wanted = usize::try_from(last).unwrap();
    let messages = consumer.messages().await.unwrap().take(wanted).map_ok(|message| checked(&message));
    let positions: Vec<i64> =
        tokio::time::timeout(WITHIN, messages.try_collect()).await.expect("in time").unwrap();

    assert_eq!(positions, (1..=last).collect::<Vec<_>>());
    api.into_program().stop().await;
}

#[tokio::test]
async fn plain_subscription_sees_what_happens_from_now_on() {
    let api = Api::alone().await;
    let client = client(&api).await;
    let mut events = client.subscribe("annals.events.>").await.unwrap();
    client.flush().await.unwrap();
    let before = api.status().await["head"].as_i64().unwrap();

    let last = make_history(&api).await;

    for position in before + 1..=last {
        let message = tokio::time::timeout(WITHIN, events.next()).await.expect("in time").unwrap();
        assert_eq!(checked(&message), position);
    }
    api.into_program().stop().await;
}

#[tokio::test]
async fn readers_can_neither_add_nor_remove() {
    let api = Api::alone().await;
    let last = make_history(&api).await;
    let client = client(&api).await;
    let stream = jetstream::new(client.clone()).get_stream("ANNALS").await.unwrap();

    client.publish("annals.events.user.user_registered", "{}".into()).await.unwrap();
    client.flush().await.unwrap();
    let purge = tokio::time::timeout(Duration::from_secs(2), stream.purge()).await;
    let delete = tokio::time::timeout(Duration::from_secs(2), stream.delete_message(1)).await;

    assert!(!matches!(purge, Ok(Ok(_))) && !matches!(delete, Ok(Ok(_))));
    let mut stream = stream;
    assert_eq!(stream.info().await.unwrap().state.messages, u64::try_from(last).unwrap());
    api.into_program().stop().await;
}
