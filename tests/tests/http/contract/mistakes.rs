//! What is wrong with a request is told whole, at its place, and in the words of the API.

use crate::{
    account::api_keys::text,
    client::{Answer, Api, PASSWORD, Person, answer, new_name},
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Pointer and code of each error, sorted.
fn told(reply: &Answer) -> Vec<(String, String)> {
    reply.problem();
    let errors = reply.json()["errors"].as_array().cloned().unwrap_or_default();
    let mut told: Vec<_> =
        errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect();
    told.sort();
    told
}

fn expected(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

#[tokio::test]
async fn registration_tells_all_that_is_wrong_at_once() {
    let api = Api::shared().await;
    for path in ["/api/auth/register", "/api/accounts/register", "/api/auth/jwt/register"] {
        let bad = json!({ "username": "x", "email": "nobody", "password": "password1" });
        let reply = api.post(path, bad).await;
        assert_eq!(
            told(&reply),
            expected(&[
                ("/email", "email-invalid"),
                ("/password", "password-too-common"),
                ("/username", "username-invalid")
            ]),
            "{path}"
        );
        let reply = api.post(path, json!({ "username": 7, "password": "short", "colour": "red" })).await;
        assert_eq!(
            told(&reply),
            expected(&[
                ("/colour", "unknown-field"),
                ("/email", "missing"),
                ("/password", "password-too-short"),
                ("/username", "wrong-type")
            ]),
            "{path}"
        );
    }
}

#[tokio::test]
async fn other_bodies_tell_all_that_is_wrong_at_once() {
    let api = Api::shared().await;
    let owner = api.verified("owner").await;
    for (method, path, body, errors) in [
        ("POST", "/api/auth/login", json!({ "username": "a", "email": "b", "x": 1 }), 3),
        ("POST", "/api/auth/reset-password", json!({ "new_password": "short" }), 2),
        ("POST", "/api/accounts/password_reset", json!({ "email": "a", "new_password": "short" }), 2),
        (
            "PUT",
            "/api/me",
            json!({ "name": 7, "phone": "1", "avatar": "x", "colour": 1, "role": "normal" }),
            5,
        ),
        ("PATCH", "/api/users/profile", json!({ "is_private": "yes", "country": "XX", "id": 7 }), 3),
        ("PATCH", "/api/settings", json!({ "theme": "pink", "timezone": "Mars", "x": 1 }), 3),
        ("POST", "/api/users", json!({ "username": "x", "email": "y", "role": "king" }), 3),
        ("POST", "/api/me/api-keys", json!({ "name": "", "scopes": ["x", "y"], "expires_at": "soon" }), 4),
        ("POST", "/api/admin/service-keys", json!({ "service": "?", "scopes": ["x"], "expires_at": 1 }), 3),
        ("POST", "/api/blocks", json!({ "blocked": "x", "reason": "r".repeat(501) }), 2),
        ("POST", "/api/user-badges", json!({ "user": 7, "notes": "n".repeat(2_001) }), 3),
        ("POST", "/api/badges", json!({ "name": 1, "points": -1, "tier": "tin", "available_from": "x" }), 8),
        (
            "POST",
            "/api/events",
            json!({ "event_type": "fly", "quality": "good", "user": 1, "severity": "x" }),
            4,
        ),
    ] {
        let reply = api.send(method, path, &owner.access, body.clone()).await;
        assert_eq!(told(&reply).len(), errors, "{method} {path} {body}: {}", reply.body);
    }
    let body = json!({ "preferences": { "theme": "pink", "language": "?" }, "bio": [] });
    let reply = api.send("PUT", "/api/me", &owner.access, body).await;
    assert_eq!(
        told(&reply),
        expected(&[
            ("/bio", "wrong-type"),
            ("/preferences/language", "language-invalid"),
            ("/preferences/theme", "unknown-value")
        ])
    );
}

#[tokio::test]
async fn malformed_item_of_a_batch_fails_alone() {
    let api = Api::shared().await;
    let (jane, service) = (api.verified("normal").await, api.content_service().await);
    let good = |name: &str| json!({ "id": name, "user": jane.id, "event_type": "post_create" }).to_string();
    let items = [
        good("m1"),
        r#"{"id": "m2", "user": 7, "event_type": "like", "quality": "high", "more": {}}"#.to_owned(),
        "\"a deed\"".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        format!(r#"{{"id": "m3", "id": "m4", "user": "{}", "event_type": "like"}}"#, jane.id),
        format!(
            r#"{{"id": "m5", "user": "{}", "event_type": "like", "metadata": {{"a": 1, "a": 2}}}}"#,
            jane.id
        ),
        format!(r#"{{"id": "m6\u0000", "user": "{}", "event_type": "like"}}"#, jane.id),
        format!(r#"{{"id": "m7", "user": "{}", "event_type": "like", "quality": 1e999}}"#, jane.id),
        format!(r#"{{"id": "m8", "user": "{}", "event_type": "like", "object": "\ud800"}}"#, jane.id),
        good("m9"),
    ];
    let body = format!(r#"{{"events": [{}]}}"#, items.join(","));
    let request = api.request("POST", "/api/events/batch").bearer_auth(&service);

    let reply = answer(request.header("content-type", "application/json").body(body)).await.ok();

    let pointers = |n: usize| {
        let errors = reply["results"][n]["problem"]["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| text(&error["pointer"])).collect::<BTreeSet<_>>()
    };
    let is =
        |n: usize, list: &[&str]| assert_eq!(pointers(n), list.iter().map(|p| (*p).to_owned()).collect());
    assert_eq!((&reply["recorded"], &reply["refused"]), (&json!(2), &json!(9)), "{reply:#}");
    assert_eq!(reply["results"][10]["status"], "recorded");
    is(1, &["/events/1/more", "/events/1/quality", "/events/1/user"]);
    for n in [2, 3, 4, 7, 8, 9] {
        is(n, &[&*format!("/events/{n}")]);
    }
    is(5, &["/events/5/id"]);
    is(6, &["/events/6/metadata/a"]);
    for (body, pointer) in [
        (json!({ "events": {} }), "/events"),
        (json!({}), "/events"),
        (json!({ "events": [], "x": 1 }), "/x"),
    ] {
        let reply = api.send("POST", "/api/events/batch", &service, body).await;
        assert_eq!(reply.field_error().0, pointer);
    }
}

/// A route of the document that takes a body, and the members that it knows.
async fn bodies(api: &Api) -> Vec<(String, String, Vec<String>)> {
    let document = answer(api.request("GET", "/api/openapi.json")).await.ok();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let named = schema["$ref"].as_str().or_else(|| schema["oneOf"][0]["$ref"].as_str());
            let Some(name) = named.and_then(|named| named.rsplit('/').next()) else { continue };
            let members = document["components"]["schemas"][name]["properties"].as_object();
            let members = members.map(|members| members.keys().cloned().collect()).unwrap_or_default();
            found.push((method.to_uppercase(), path.clone(), members));
        }
    }
    assert!(found.len() >= 24, "{}", found.len());
    found
}

/// About the person's own account, where the path names one.
fn path_of(path: &str, person: &Person) -> String {
    path.replace("{id}", &person.id).replace("{name}", "cleanup-expired-sessions")
}

/// No words of the API: what the program's language calls its types, and what its libraries say.
const FOREIGN: &[&str] = &[
    "u8",
    "u16",
    "u32",
    "u64",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "f32",
    "f64",
    "struct",
    "enum",
    "variant",
    "option",
    "tuple",
    "newtype",
    "serde",
    "chrono",
    "sequence",
    "unit",
    "bool",
    "boolean",
    "hashmap",
    "btreemap",
    "vec",
    "str",
    "null byte",
    "urn:uuid",
    "premature",
    "trailing input",
    "digit found",
    "borrowed",
];

/// What is said to people in a problem document, but for the names of members.
fn sentences(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    let details = errors.iter().map(|error| &error["detail"]).chain([&problem["detail"], &problem["title"]]);
    // Names stand between back-ticks.
    let prose = |text: &str| text.split('`').step_by(2).collect::<String>().to_lowercase();
    details.filter_map(Value::as_str).map(prose).collect()
}

fn foreign_words(reply: &Answer) -> Vec<String> {
    let words = |text: &str| {
        let known: Vec<String> = text
            .split(|c: char| !c.is_ascii_alphanumeric() && c != ':')
            .map(|word| word.trim_matches(':').to_owned())
            .collect();
        FOREIGN
            .iter()
            .filter(move |word| {
                known.iter().any(|k| k == *word) || (word.contains(' ') && text.contains(**word))
            })
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    sentences(&reply.json()).iter().flat_map(|text| words(text)).collect()
}

#[tokio::test]
async fn no_reply_names_a_type_of_the_programs_language() {
    let api = Api::shared().await;
    let wrong_values = [json!(-1), json!(1.5), json!("x"), json!(true), json!([7]), json!({ "a": 1 })];
    let mut foreign: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (method, path, members) in bodies(&api).await {
        let owner = api.verified("owner").await;
        for value in &wrong_values {
            let every: Map<String, Value> =
                members.iter().map(|name| (name.clone(), value.clone())).collect();
            let single = members.iter().map(|name| json!({ name: value }));
            // One by one only where it costs little: all at once finds the same.
            for body in single.take(3).chain([Value::Object(every)]) {
                let request = api.request(&method, &path_of(&path, &owner)).bearer_auth(&owner.access);
                let reply = answer(request.json(&body)).await;
                assert!(reply.status < 500, "{method} {path} {body}: {}", reply.body);
                if reply.status >= 400 {
                    foreign.entry(format!("{method} {path}")).or_default().extend(foreign_words(&reply));
                }
            }
        }
    }
    foreign.retain(|_, words| !words.is_empty());
    assert!(foreign.is_empty(), "{foreign:#?}");
}

#[tokio::test]
async fn member_given_twice_is_refused_by_every_body_at_any_depth() {
    let api = Api::shared().await;
    for (method, path, members) in bodies(&api).await {
        let Some(member) = members.first() else { continue };
        let owner = api.verified("owner").await;
        let body = format!(r#"{{"{member}": {{"a": [{{"b": 1, "b": 2}}]}}, "{member}": "x"}}"#);
        let request = api.request(&method, &path_of(&path, &owner)).bearer_auth(&owner.access);
        let reply = answer(request.header("content-type", "application/json").body(body)).await;
        let told = told(&reply);
        for pointer in [format!("/{member}"), format!("/{member}/a/0/b")] {
            assert!(
                told.contains(&(pointer.clone(), "repeated".to_owned())),
                "{method} {path} {pointer}: {}",
                reply.body
            );
        }
    }
    let jane = api.verified("normal").await;
    for (body, pointer) in [
        (r#"{"preferences": {"beta": 1, "beta": 2}}"#, "/preferences/beta"),
        (r#"{"preferences": {"extra": {"a": {"b": 1, "\u0062": 2}}}}"#, "/preferences/extra/a/b"),
    ] {
        let request = api.request("PUT", "/api/me").bearer_auth(&jane.access);
        let reply = answer(request.header("content-type", "application/json").body(body)).await;
        assert_eq!(reply.field_error(), (pointer.to_owned(), "repeated".to_owned()));
    }
    // What is for the layer against bots does not hide it.
    let (username, email) = new_name();
    let body = format!(
        r#"{{"username": "{username}", "email": "{email}", "password": "{PASSWORD}", "password": "{PASSWORD}", "fax_number": ""}}"#
    );
    let request = api.request("POST", "/api/auth/register").header("content-type", "application/json");
    assert!(
        told(&answer(request.body(body)).await).contains(&("/password".to_owned(), "repeated".to_owned()))
    );
}

#[tokio::test]
async fn query_parameter_is_given_once_and_its_form_is_told() {
    let api = Api::shared().await;
    let owner = api.verified("owner").await;
    let document = answer(api.request("GET", "/api/openapi.json")).await.ok();
    for (path, item) in document["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
            let name = text(&parameter["name"]);
            let path = path_of(path, &owner);
            let reply = api.get(&format!("{path}?{name}=1&{name}=1"), &owner.access).await;
            assert!(
                told(&reply).contains(&(format!("?{name}"), "repeated".to_owned())),
                "{path} {name}: {}",
                reply.body
            );
            let wrong = api.get(&format!("{path}?{name}=%C2%A7"), &owner.access).await;
            if wrong.status >= 400 {
                assert!(foreign_words(&wrong).is_empty(), "{path} {name}: {}", wrong.body);
            }
        }
    }
    for (path, pointer, form) in [
        ("/api/users?page=x", "?page", "expected a whole number such as 1"),
        ("/api/follows?user=x", "?user", "expected a UUID such as 01987f3a-5b10-7c3e-9d3f-2f61a7c1d0e5"),
        ("/api/me/notifications?unread=x", "?unread", "expected true or false"),
    ] {
        let reply = api.get(path, &owner.access).await;
        let error = reply.is(400)["errors"][0].clone();
        assert_eq!((text(&error["pointer"]), text(&error["detail"])), (pointer.to_owned(), form.to_owned()));
    }
}

#[tokio::test]
async fn ids_and_times_say_which_form_is_expected() {
    let api = Api::shared().await;
    let owner = api.verified("owner").await;
    let uuid = "expected a UUID such as 01987f3a-5b10-7c3e-9d3f-2f61a7c1d0e5";
    let time = "expected a time in RFC 3339 such as 2026-11-28T09:30:00Z";
    let date = "expected a date such as 2026-11-28";
    for (method, path, body, pointer, form) in [
        ("POST", "/api/follows", json!({ "following": "jane" }), "/following", uuid),
        ("POST", "/api/follows", json!({ "following": 7 }), "/following", uuid),
        ("POST", "/api/events", json!({ "event_type": "share", "occurred_at": "now" }), "/occurred_at", time),
        ("POST", "/api/events", json!({ "event_type": "share", "occurred_at": 1 }), "/occurred_at", time),
        ("PATCH", "/api/users/profile", json!({ "date_of_birth": "3.2.1990" }), "/date_of_birth", date),
    ] {
        let reply = api.send(method, path, &owner.access, body.clone()).await;
        let error = reply.is(422)["errors"][0].clone();
        assert_eq!(
            (text(&error["pointer"]), text(&error["detail"])),
            (pointer.to_owned(), form.to_owned()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn conflicts_have_a_detail_and_point_at_the_member_that_is_meant() {
    let api = Api::shared().await;
    let jane = api.verified("normal").await;
    let owner = api.verified("owner").await;
    let (_, email) = new_name();
    let taken = json!({ "username": jane.username, "email": email, "password": PASSWORD });

    let username = api.post("/api/auth/register", taken).await;
    let badge = json!({ "name": format!("Badge of {}", jane.username), "description": "x", "category": "fun",
        "icon": "fas fa-star", "color": "#FFD700" });
    api.send("POST", "/api/badges", &owner.access, badge.clone()).await.is(201);
    let badge = api.send("POST", "/api/badges", &owner.access, badge).await;
    let request = api.request("PATCH", "/api/settings").bearer_auth(&jane.access);
    let stale = answer(request.header("if-match", "\"v99.x\"").json(&json!({ "theme": "dark" }))).await;
    let (_, new) = new_name();
    let change = json!({ "email": new, "current_password": PASSWORD });
    api.send("PUT", "/api/me", &jane.access, change).await.is(202);
    let (_, newer) = new_name();
    let change = json!({ "email": newer, "current_password": PASSWORD });
    let soon = api.send("PUT", "/api/me", &jane.access, change).await;

    for (reply, status, pointer) in
        [(username, 409, "/username"), (badge, 409, "/name"), (stale, 412, ""), (soon, 429, "/email")]
    {
        assert_eq!(reply.status, status, "{}", reply.body);
        assert_eq!(reply.field_error().0, pointer, "{}", reply.body);
        assert!(reply.json()["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{}", reply.body);
    }
}
