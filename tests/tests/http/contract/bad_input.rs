//! Whatever is sent to whichever route that takes a body: the right problem document, never a 5xx.

use crate::client::{Answer, Api, Person, answer};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const METHODS: [&str; 3] = ["post", "put", "patch"];
const FORM: &str = "application/x-www-form-urlencoded";

/// A route that takes a body.
struct Route {
    method: String,
    path: String,
    /// The body may be left out.
    optional: bool,
    /// RFC 7662 wants forms where tokens are introspected.
    takes_forms: bool,
    /// None where nothing is to be said.
    members: Vec<String>,
}

/// Every one of the document that the program itself serves.
async fn routes(api: &Api) -> Vec<Route> {
    let document = answer(api.request("GET", "/api/openapi.json")).await.ok();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if METHODS.contains(&method.as_str()) && operation["requestBody"].is_object() {
                let content = &operation["requestBody"]["content"];
                routes.push(Route {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    optional: operation["requestBody"]["required"] != true,
                    takes_forms: content[FORM].is_object(),
                    members: members(&document, &content["application/json"]["schema"]),
                });
            }
        }
    }
    assert!(routes.len() >= 24, "all routes are looked at, not {}", routes.len());
    routes
}

fn members(document: &Value, schema: &Value) -> Vec<String> {
    let named = schema["$ref"].as_str().or_else(|| schema["oneOf"][0]["$ref"].as_str()).expect("a schema");
    let members = &document["components"]["schemas"][named.rsplit('/').next().unwrap()]["properties"];
    members.as_object().into_iter().flat_map(|members| members.keys().cloned()).collect()
}

impl Route {
    /// About the person's own account, where the path names one.
    fn request(&self, api: &Api, person: &Person) -> RequestBuilder {
        api.request(&self.method, &self.path.replace("{id}", &person.id)).bearer_auth(&person.access)
    }

    async fn send(&self, api: &Api, person: &Person, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
        answer(self.request(api, person).header("content-type", kind).body(body)).await
    }

    /// One that it knows, if it knows any.
    fn member(&self) -> &str {
        self.members.first().map_or("anything", String::as_str)
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Where the members of a body are compared with what is there, which is looked up first.
const LOOKED_UP_FIRST: [&str; 3] = ["/api/badges/{id}", "/api/skills/{id}", "/api/user-badges/{id}"];

/// What is wrong with a body, and the answer to it.
fn broken(member: &str) -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(5_000), close.repeat(5_000)).into_bytes();
    let mut invalid = format!("{{\"{member}\": \"").into_bytes();
    invalid.extend([0xff, 0xfe, b'"', b'}']);
    let text = |text: String| text.into_bytes();
    vec![
        ("cut off", text(format!("{{\"{member}\": ")), 400, "malformed-body"),
        ("no JSON", b"jane=doe&x=1".to_vec(), 400, "malformed-body"),
        ("a comma too much", text(format!("{{\"{member}\": \"x\",}}")), 400, "malformed-body"),
        ("more after it", text(format!("{{\"{member}\": \"x\"}} {{}}")), 400, "malformed-body"),
        ("invalid UTF-8", invalid, 400, "malformed-body"),
        ("U+0000", text(format!("{{\"{member}\": \"\\u0000\"}}")), 400, "malformed-body"),
        ("half a surrogate", text(format!("{{\"{member}\": \"\\ud800\"}}")), 400, "malformed-body"),
        ("deep arrays", deep("[", "]"), 400, "malformed-body"),
        ("deep objects", [deep("{\"a\":", ""), deep("", "}")].concat(), 400, "malformed-body"),
        ("too large", text(format!("{{\"{member}\": \"{}\"}}", "x".repeat(70_000))), 413, "body-too-large"),
        (
            "an unknown member",
            text(format!("{{\"{member}\": \"x\", \"no_such_member\": 1}}")),
            422,
            "validation-failed",
        ),
        ("an unknown member alone", text("{\"__proto__\": {}}".into()), 422, "validation-failed"),
        ("an array", text("[]".into()), 422, "validation-failed"),
        ("a string", text("\"jane\"".into()), 422, "validation-failed"),
        ("a number", text("1e400".into()), 400, "malformed-body"),
        ("a number in a member", text(format!("{{\"{member}\": 12}}")), 422, "validation-failed"),
        (
            "an object in a member",
            text(format!("{{\"{member}\": {{\"a\": [1]}}}}")),
            422,
            "validation-failed",
        ),
    ]
}

#[tokio::test]
async fn every_route_refuses_broken_bodies() {
    let api = Api::shared().await;
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for route in routes(&api).await {
        let staff = api.verified("owner").await;
        for (what, body, status, slug) in broken(route.member()) {
            // The value of a member that nobody knows is not looked at.
            if route.members.is_empty() && what == "half a surrogate" {
                continue;
            }
            let reply = route.send(&api, &staff, "application/json", body).await;
            let got = (reply.status, if reply.status >= 400 { reply.problem() } else { String::new() });
            if LOOKED_UP_FIRST.contains(&route.path.as_str()) && status == 422 && got.0 == 404 {
                continue;
            }
            if got != (status, slug.to_owned()) {
                wrong
                    .entry(format!("{what}: {status} {slug}"))
                    .or_default()
                    .push(format!("{} {got:?}", route.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn every_route_wants_json_declared() {
    let api = Api::shared().await;
    for route in routes(&api).await {
        // A logout may end the session.
        let staff = api.verified("owner").await;
        let body = json!({ route.member(): "x" }).to_string();
        for kind in [
            "text/plain",
            FORM,
            "multipart/form-data; boundary=x",
            "application/json; charset=latin1",
            "json",
            "",
            "\u{e4}",
        ] {
            if route.takes_forms && kind == FORM {
                continue;
            }
            let reply = route.send(&api, &staff, kind, body.clone()).await;
            assert_eq!(
                reply.refusal(),
                (415, "unsupported-media-type".to_owned()),
                "{} as {kind}",
                route.name()
            );
        }
        let reply = answer(route.request(&api, &staff)).await;
        if !route.optional {
            assert_eq!(
                reply.refusal(),
                (415, "unsupported-media-type".to_owned()),
                "{} without a body",
                route.name()
            );
            let empty = route.send(&api, &staff, "application/json", "").await;
            assert_eq!(empty.refusal(), (400, "malformed-body".to_owned()), "{}", route.name());
        }
    }
}

/// Values that have made other programs fall over.
fn strange() -> Vec<Value> {
    let texts = [
        "",
        " ",
        "\u{202e}",
        "'; DROP TABLE es.events; --",
        "${jndi:ldap://x}",
        "../../etc/passwd",
        "\u{1f4a9}",
        "%00",
        "\r\nX: y",
    ];
    let mut values: Vec<Value> = texts.iter().map(|text| json!(text)).collect();
    values.extend([
        json!("x".repeat(3_000)),
        json!(null),
        json!(true),
        json!(-1),
        json!(1e308),
        json!([]),
        json!({}),
    ]);
    values
}

#[tokio::test]
async fn strange_values_in_any_member_are_no_servers_fault() {
    let api = Api::shared().await;
    for route in routes(&api).await {
        let person = api.verified("normal").await;
        for value in strange() {
            let one = json!({ route.member(): value });
            let every = route.members.iter().map(|name| (name.clone(), value.clone()));
            let all = Value::Object(every.collect());
            for body in [one, all] {
                let reply = answer(route.request(&api, &person).json(&body)).await;
                assert!(reply.status < 500, "{} {body}: {}", route.name(), reply.body);
                if reply.status >= 400 {
                    reply.problem();
                }
            }
        }
    }
}

#[tokio::test]
async fn oversized_bodies_are_answered_and_not_cut_off() {
    let api = Api::shared().await;
    for size in [70_000, 200_000, 1_000_000] {
        for _ in 0..10 {
            let body = json!({ "username": "x".repeat(size) });
            let reply = api.post("/api/auth/login", body).await;
            assert_eq!(reply.refusal(), (413, "body-too-large".to_owned()), "{size}");
        }
    }
}
