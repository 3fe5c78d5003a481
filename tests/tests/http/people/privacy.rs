//! What a person keeps to themselves reaches nobody else, whatever is asked: driven by the OpenAPI document, so that a
//! new path is tested by itself (PRO-06).

use crate::client::{Api, Person};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

const NUMBER: &str = "+4915799988777";
const CITY: &str = "Ulm";
const ADDRESS: &str = "77 Wisteria Lane";
const BIRTH: &str = "1971-03-09";
/// Requests at a time.
const READERS: usize = 8;

/// Every path that answers to GET, with the names of its parameters. What never ends is left to its own tests: the
/// stream of events shows no personal value to anybody.
async fn reads(api: &Api, token: &str) -> Vec<(String, Vec<String>)> {
    let document = api.get("/api/openapi.json", token).await.ok();
    let paths = document["paths"].as_object().unwrap().iter();
    let queries = |operation: &Value| -> Vec<String> {
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let queries = parameters.iter().filter(|parameter| parameter["in"] == "query");
        queries.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
    };
    paths
        .filter(|(_, item)| item["get"].is_object())
        .filter(|(_, item)| !item["get"]["responses"]["200"]["content"]["text/event-stream"].is_object())
        .map(|(path, item)| (path.clone(), queries(&item["get"])))
        .collect()
}

/// A path with each of these in the place of its parameter.
fn filled(path: &str, values: &[String]) -> Vec<String> {
    match (path.find('{'), path.find('}')) {
        (Some(from), Some(to)) => {
            values.iter().map(|value| format!("{}{value}{}", &path[..from], &path[to + 1..])).collect()
        }
        _ => vec![path.to_owned()],
    }
}

struct Planted {
    jane: Person,
    /// Ids and names by which somebody may ask for what is hers.
    names: Vec<String>,
    secrets: Vec<String>,
}

/// A person who says everything and shows nothing, and is in touch with everybody else.
async fn planted(api: &Api, others: &[&Person]) -> Planted {
    let [jane] = api.people().await;
    let profile = json!({
        "full_name": "Jane Doe", "bio": "walks", "phone_number": NUMBER, "country": "DE", "city": CITY,
        "address": ADDRESS, "date_of_birth": BIRTH,
    });
    api.set(&jane, profile).await;
    let mut names = vec![jane.id.clone(), jane.username.clone(), jane.session.clone()];
    for other in others {
        let one = api.follow(&jane, &other.id).await.is(201);
        let two = api.follow(other, &jane.id).await.is(201);
        names.extend([&one, &two].map(|follow| follow["id"].as_str().unwrap().to_owned()));
    }
    let secrets = [&jane.email, NUMBER, CITY, ADDRESS, BIRTH].map(str::to_owned).to_vec();
    Planted { jane, names, secrets }
}

/// Everything that a viewer can read with these values, by path.
async fn told(api: &Api, viewer: &Person, planted: &Planted) -> Vec<(String, String)> {
    let mut told = Vec::new();
    for (path, queries) in reads(api, &viewer.access).await {
        for path in filled(&path, &planted.names) {
            let mut asked = vec![path.clone()];
            for query in &queries {
                let values =
                    [&planted.jane.id, &planted.jane.username, &planted.jane.email, &planted.names[3]];
                let words = ["followers", "requests", "100", "Jane", "%2B4915799988777", CITY];
                let values = values.into_iter().map(String::as_str).chain(words);
                asked.extend(values.map(|value| format!("{path}?{query}={value}")));
            }
            if queries.iter().any(|query| query == "user") {
                let lists = ["followers", "following", "requests"];
                asked.extend(lists.map(|list| format!("{path}?user={}&direction={list}", planted.jane.id)));
            }
            let replies = stream::iter(asked).map(async |path| (api.get(&path, &viewer.access).await, path));
            told.extend(replies.buffered(READERS).collect::<Vec<_>>().await);
        }
    }
    for (reply, path) in &told {
        assert!(reply.status < 500, "{path}: {}", reply.body);
    }
    told.into_iter().map(|(reply, path)| (path, reply.body)).collect()
}

fn leaks<'a>(told: &'a [(String, String)], secrets: &'a [String]) -> Vec<(&'a str, &'a str)> {
    let found = |body: &String, secret: &String| body.contains(&format!("\"{secret}"));
    told.iter()
        .flat_map(|(path, body)| {
            let leaked = secrets.iter().filter(move |secret| found(body, secret));
            leaked.map(|secret| (path.as_str(), secret.as_str()))
        })
        .collect()
}

#[tokio::test]
async fn hidden_address_number_and_place_reach_no_other_by_any_read() {
    let api = Api::alone().await;
    let [follower, stranger, blocked] = api.people().await;
    let staff = api.verified("owner").await;
    let planted = planted(&api, &[&follower, &blocked]).await;
    api.block(&planted.jane, &blocked.id).await.is(201);

    for private in [false, true] {
        api.set(&planted.jane, json!({ "is_private": private })).await;
        for viewer in [&follower, &stranger, &blocked] {
            let told = told(&api, viewer, &planted).await;
            assert_eq!(leaks(&told, &planted.secrets), [], "private {private}");
            if viewer.id != blocked.id {
                let shown =
                    told.iter().any(|(path, body)| path.contains("/profiles/") && body.contains("Jane Doe"));
                assert!(shown, "the viewer was told something");
            }
        }
    }
    // The same reads find all of it where it may be seen: the test can fail.
    for viewer in [&planted.jane, &staff] {
        let told = told(&api, viewer, &planted).await;
        let found = leaks(&told, &planted.secrets);
        for secret in &planted.secrets {
            assert!(found.iter().any(|(_, leaked)| leaked == secret), "{secret} is found by nobody");
        }
    }
    api.set(&planted.jane, json!({ "is_private": true, "show_email": true, "show_location": true })).await;
    let to_stranger = told(&api, &stranger, &planted).await;
    assert_eq!(leaks(&to_stranger, &planted.secrets), [], "what a private profile shows is for followers");
    let to_follower = told(&api, &follower, &planted).await;
    let mut shown: Vec<&str> = leaks(&to_follower, &planted.secrets).into_iter().map(|leak| leak.1).collect();
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(shown, [CITY, &planted.jane.email]);
    api.into_program().stop().await;
}
