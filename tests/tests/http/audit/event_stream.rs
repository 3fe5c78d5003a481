//! Events as they happen, over connections that are cut (server-sent events).

use crate::client::{Answer, Api, PATIENT, Person, answer};
use annals_tests::program::{Program, new_directory};
use reqwest::Response;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const STREAM: &str = "/api/events/stream";
/// Longer than anything takes here: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection to the stream.
pub struct Stream {
    response: Response,
    text: String,
}

/// What stands between two empty lines; comments are none.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    id: i64,
    pub event: Option<String>,
    pub data: Value,
}

impl Stream {
    /// After a position, or from now on; the position that it begins after.
    async fn open(api: &Api, person: &Person, after: Option<i64>) -> (Self, i64) {
        Self::open_with(api, &person.access, after).await
    }

    /// The same by a token or a key.
    pub async fn open_with(api: &Api, token: &str, after: Option<i64>) -> (Self, i64) {
        let mut request = api.request("GET", STREAM).bearer_auth(token);
        if let Some(position) = after {
            request = request.header("last-event-id", position);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self { response, text: String::new() };
        let hello = stream.block().await.unwrap();
        assert_eq!((&hello.event, &hello.data), (&None, &Value::Null), "{hello:?}");
        (stream, hello.id)
    }

    /// None: the stream has ended.
    pub async fn block(&mut self) -> Option<Block> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(block) = read(&block) {
                    return Some(block);
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("in time");
            self.text += std::str::from_utf8(&chunk.ok().flatten()?).unwrap();
        }
    }

    pub async fn ends(mut self) {
        while self.block().await.is_some() {}
    }
}

fn read(block: &str) -> Option<Block> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let id = field("id:")?.parse().unwrap();
    let data = field("data:").map_or(Value::Null, |data| serde_json::from_str(data).unwrap());
    Some(Block { id, event: field("event:").map(str::to_owned), data })
}

/// One event of the person each.
async fn change(api: &Api, person: &Person, theme: &str) -> i64 {
    let changed = api.send("PATCH", "/api/settings", &person.access, json!({ "theme": theme })).await;
    changed.ok();
    changed.position()
}

#[tokio::test]
async fn own_events_come_as_they_are_listed_and_others_do_not() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let (mut stream, begun) = Stream::open(&api, &jane, None).await;

    change(&api, &john, "dark").await;
    let position = change(&api, &jane, "dark").await;

    let block = stream.block().await.unwrap();
    assert!(begun < position);
    assert_eq!((block.id, block.event.as_deref()), (position, Some("settings_updated")));
    assert_eq!((&block.data["user"], &block.data["position"]), (&json!(jane.id), &json!(position)));
    let (mut again, _) = Stream::open(&api, &jane, Some(begun)).await;
    assert_eq!(again.block().await.unwrap(), block, "what was missed is the same");
}

#[tokio::test]
async fn staff_cut_fifty_times_sees_every_event_of_the_log_once_and_in_order() {
    let api = Api::shared().await;
    let [jane] = api.people().await;
    let admin = api.verified("admin").await;
    let (mut stream, begun) = Stream::open(&api, &admin, None).await;
    let (writer, writing) = (jane.clone(), api.clone());
    let writes = tokio::spawn(async move {
        let mut last = 0;
        for turn in 0..100 {
            last = change(&writing, &writer, if turn % 2 == 0 { "dark" } else { "light" }).await;
        }
        last
    });

    let mut seen = Vec::new();
    for _ in 0..50 {
        for _ in 0..2 {
            seen.push(stream.block().await.unwrap());
        }
        stream = Stream::open(&api, &admin, seen.last().map(|block| block.id)).await.0;
    }
    let last = writes.await.unwrap();
    while seen.last().unwrap().id < last {
        seen.push(stream.block().await.unwrap());
    }

    for (expected, block) in (begun + 1..).zip(&seen) {
        assert_eq!((block.id, &block.data["position"]), (expected, &json!(expected)));
    }
    let own = seen.iter().filter(|block| block.data["aggregate_id"] == jane.id.as_str());
    assert_eq!(own.count(), 100);
}

#[tokio::test]
async fn person_cut_again_and_again_misses_nothing() {
    let api = Api::shared().await;
    let [jane] = api.people().await;
    let mut last = Stream::open(&api, &jane, None).await.1;
    for turn in 0..20 {
        // While nobody listens, and while somebody does.
        let missed = change(&api, &jane, if turn % 2 == 0 { "dark" } else { "light" }).await;
        let (mut stream, begun) = Stream::open(&api, &jane, Some(last)).await;
        assert_eq!(begun, last);
        let heard = change(&api, &jane, "system").await;

        let ids = [stream.block().await.unwrap().id, stream.block().await.unwrap().id];

        assert_eq!(ids, [missed, heard]);
        last = heard;
    }
}

#[tokio::test]
async fn staff_sees_no_personal_value() {
    let api = Api::shared().await;
    let [jane] = api.people().await;
    let admin = api.verified("admin").await;
    let (mut stream, _) = Stream::open(&api, &admin, None).await;
    api.set(&jane, json!({ "full_name": "Janina Planted" })).await;

    let block = loop {
        let block = stream.block().await.unwrap();
        if block.event.as_deref() == Some("profile_updated") && block.data["aggregate_id"] == jane.id.as_str()
        {
            break block;
        }
    };

    assert_eq!(block.data["payload"]["full_name"], "[sealed]");
    assert!(!block.data.to_string().contains("Planted"), "{block:?}");
    assert_eq!(block.data["metadata"]["ip"], "[sealed]");
}

#[tokio::test]
async fn stream_ends_with_its_session_and_not_with_another() {
    let api = Api::shared().await;
    let [jane] = api.people().await;
    let other = api.log_in(&jane.username, &jane.email).await;
    let (first, _) = Stream::open(&api, &jane, None).await;
    let (mut second, _) = Stream::open(&api, &other, None).await;

    answer(api.request("POST", "/api/auth/logout").bearer_auth(&jane.access)).await.ok();

    first.ends().await;
    assert_eq!(second.block().await.unwrap().event.as_deref(), Some("logout"));
    let position = change(&api, &other, "dark").await;
    assert_eq!(second.block().await.unwrap().id, position);
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused() {
    let api = Api::shared().await;
    let [jane] = api.people().await;
    let ask = async |id: &str| -> Answer {
        answer(api.request("GET", STREAM).bearer_auth(&jane.access).header("last-event-id", id)).await
    };

    assert_eq!(ask("9007199254740991").await.refusal(), (400, "position-ahead".to_owned()));
    for bad in ["-1", "x", "99999999999999999999"] {
        assert_eq!(ask(bad).await.refusal(), (400, "malformed-header".to_owned()), "{bad}");
    }
    let query = api.get(&format!("{STREAM}?after=-1"), &jane.access).await;
    assert_eq!(query.refusal(), (400, "malformed-query".to_owned()));
    assert_eq!(answer(api.request("GET", STREAM)).await.status, 401);
}

#[tokio::test]
async fn shutdown_ends_streams_and_does_not_wait_for_them() {
    let api = Api::alone().await;
    let jane = api.verified("normal").await;
    let (stream, _) = Stream::open(&api, &jane, None).await;
    let mut program = api.into_program();

    let stopped = tokio::time::timeout(PATIENCE, program.interrupt()).await.expect("in time");

    assert_eq!(stopped.code(), Some(0));
    stream.ends().await;
}

/// People, streams of each, and what all of them may take: 64 MiB for 5,000.
const CROWD: (usize, usize) = (24, 32);
const MEBIBYTES_EACH: f64 = 64.0 / 5_000.0;

#[tokio::test]
async fn idle_streams_cost_little_and_a_person_has_so_many() {
    // All of them come from one address.
    let settings = [PATIENT, ("ANNALS_CONNECTIONS_PER_NETWORK", "off")];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    let mut people = Vec::new();
    for _ in 0..CROWD.0 {
        people.push(api.verified("normal").await);
    }
    let before = api.resident_mebibytes();

    let mut streams = Vec::new();
    for person in &people {
        for _ in 0..CROWD.1 {
            streams.push(Stream::open(&api, person, None).await.0);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a number of streams")]
    let allowed = streams.len() as f64 * MEBIBYTES_EACH;
    let taken = api.resident_mebibytes() - before;
    assert!(taken <= allowed, "{} streams take {taken:.1} MiB, more than {allowed:.1}", streams.len());
    let one_more = api.get(STREAM, &people[0].access).await;
    assert_eq!(one_more.refusal(), (429, "too-many-requests".to_owned()));
    drop(streams);
    api.into_program().stop().await;
}
