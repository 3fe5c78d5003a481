//! Every route of the OpenAPI document for every kind of principal, from one table (ADM-06).
//!
//! A route without a row fails: whoever adds one decides here who may call it.

use crate::{
    account::cookies::Page,
    account::session_activity::aged,
    client::{Answer, Api, Person, answer},
    contract::route_table::{
        Class::{self, Open, Session, SessionByToken, Staff, Verified, VerifiedByToken},
        TABLE,
    },
    social::follows::{NOBODY, id},
};
use serde_json::json;
use std::collections::BTreeSet;

/// How far a principal gets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// The problem that every route answers with which asks for a session.
    Out(&'static str),
    Unverified,
    Verified,
    Staff,
}

/// What somebody sends to say who they are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proof {
    Token,
    Cookie,
    /// Without an `X-CSRF-Token` that counts.
    BareCookie,
}

struct Principal {
    name: String,
    token: String,
    page: Option<Page>,
    proof: Proof,
    standing: Standing,
}

fn principal(name: &str, token: &str, standing: Standing) -> Principal {
    let (name, token) = (name.to_owned(), token.to_owned());
    Principal { name, token, page: None, proof: Proof::Token, standing }
}

fn browser(name: &str, page: Page, proof: Proof, standing: Standing) -> Principal {
    Principal { page: Some(page), proof, ..principal(name, "", standing) }
}

async fn browsers(api: &Api) -> Vec<Principal> {
    let [jane, john] = api.people().await;
    let (page, other, ended) = (api.page(&jane).await, api.page(&john).await, api.page(&john).await);
    let out = ended.asks(api.request("POST", "/api/auth/logout")).header("x-csrf-token", &ended.csrf);
    answer(out).await.ok();
    let admin = api.page(&api.verified("admin").await).await;
    let nobody = Page { cookie: "__Host-annals_session=x".to_owned(), csrf: page.csrf.clone() };
    let without = Page { csrf: String::new(), ..page.clone() };
    let wrong = Page { csrf: other.csrf.clone(), ..page.clone() };
    vec![
        browser("by cookie", page, Proof::Cookie, Standing::Verified),
        browser("by cookie without a CSRF token", without, Proof::BareCookie, Standing::Verified),
        browser("by cookie with another session's CSRF token", wrong, Proof::BareCookie, Standing::Verified),
        browser("by a forged cookie", nobody, Proof::Cookie, Standing::Out("cookie-invalid")),
        browser("by the cookie of an ended session", ended, Proof::Cookie, Standing::Out("session-ended")),
        browser("admin by cookie", admin, Proof::Cookie, Standing::Staff),
    ]
}

async fn principals(api: &Api) -> Vec<Principal> {
    let admin = api.verified("admin").await;
    let [ended, suspended, blocked, other] = api.people().await;
    let expired = aged(&other, 2_000, 900);
    api.send("POST", "/api/auth/logout", &ended.access, json!({})).await.ok();
    let path = format!("/api/admin/users/{}/suspend", suspended.id);
    api.send("POST", &path, &admin.access, json!({ "reason": "spam" })).await.ok();
    api.block(&other, &blocked.id).await.is(201);
    let mut all = vec![
        principal("anonymous", "", Standing::Out("credentials-missing")),
        principal("of a forged token", "a.b.c", Standing::Out("token-invalid")),
        principal("of an expired token", &expired, Standing::Out("token-expired")),
        principal("of an ended session", &ended.access, Standing::Out("session-ended")),
        principal("suspended", &suspended.access, Standing::Out("session-ended")),
        principal("unverified", &api.unverified().await.access, Standing::Unverified),
        principal("blocked", &blocked.access, Standing::Verified),
    ];
    for role in ["normal", "data_provider", "professional", "moderator"] {
        all.push(principal(role, &api.verified(role).await.access, Standing::Verified));
    }
    for role in ["admin", "owner"] {
        all.push(principal(role, &api.verified(role).await.access, Standing::Staff));
    }
    all.extend(browsers(api).await);
    all
}

/// What the table says of a principal at a route: the refusal, or none.
fn expected(method: &str, class: Class, who: &Principal) -> Option<(u16, &'static str)> {
    let reads = method == "GET";
    match (class, who.standing) {
        (Open, _) => None,
        (_, Standing::Out(problem)) => Some((401, problem)),
        _ if who.proof == Proof::BareCookie && !reads => Some((403, "csrf-refused")),
        (Verified | VerifiedByToken | Staff, Standing::Unverified) => Some((403, "contact-unverified")),
        (Staff, Standing::Verified) => Some((403, "staff-only")),
        (SessionByToken | VerifiedByToken | Staff, _) if who.proof == Proof::Cookie && !reads => {
            Some((403, "access-token-needed"))
        }
        (Session | SessionByToken, _)
        | (Verified | VerifiedByToken, Standing::Verified | Standing::Staff)
        | (Staff, Standing::Staff) => None,
    }
}

/// Calls a route so that nothing comes of it: the body is of no kind that is read, the resource is nobody's, a deletion
/// has a key that is refused, and a stream is asked for from nowhere.
pub async fn call(api: &Api, method: &str, path: &str, token: &str) -> Answer {
    call_as(api, method, path, &principal("", token, Standing::Verified)).await
}

async fn call_as(api: &Api, method: &str, path: &str, who: &Principal) -> Answer {
    let path =
        path.replace("{id}", NOBODY).replace("{slug}", "forbidden").replace("/stream", "/stream?after=x");
    let request = api.request(method, &path);
    let request = if who.token.is_empty() { request } else { request.bearer_auth(&who.token) };
    let request = match &who.page {
        Some(page) if page.csrf.is_empty() => page.asks(request),
        Some(page) => page.asks(request).header("x-csrf-token", &page.csrf),
        None => request,
    };
    let request = match method {
        "GET" => request,
        "DELETE" => request.header("idempotency-key", ""),
        _ => request.header("content-type", "text/plain").body("x"),
    };
    answer(request).await
}

pub fn refusal(answer: &Answer) -> Option<(u16, String)> {
    const OF_AUTHORIZATION: [&str; 16] = [
        "credentials-missing",
        "token-invalid",
        "token-expired",
        "session-ended",
        "cookie-invalid",
        "csrf-refused",
        "access-token-needed",
        "api-key-invalid",
        "api-key-revoked",
        "api-key-dormant",
        "scope-missing",
        "session-required",
        "contact-unverified",
        "staff-only",
        "owner-only",
        "forbidden",
    ];
    let refused = (answer.status >= 400).then(|| answer.refusal());
    refused.filter(|(_, problem)| OF_AUTHORIZATION.contains(&problem.as_str()))
}

#[tokio::test]
async fn every_route_has_one_row_and_every_row_a_route() {
    let api = Api::shared().await;
    let document = answer(api.request("GET", "/api/openapi.json")).await.ok();
    let mut routes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            routes.insert((method.to_uppercase(), path.clone()));
        }
    }
    let rows: BTreeSet<_> = TABLE.iter().map(|(m, path, ..)| ((*m).to_owned(), (*path).to_owned())).collect();

    assert_eq!(rows.len(), TABLE.len(), "a row stands twice");
    assert_eq!(
        routes.difference(&rows).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "without a row"
    );
    assert_eq!(
        rows.difference(&routes).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "without a route"
    );
}

#[tokio::test]
async fn every_principal_gets_as_far_as_the_table_says() {
    let api = Api::shared().await;
    let principals = principals(&api).await;
    let mut wrong = Vec::new();
    for (method, path, class, _) in TABLE {
        for who in &principals {
            let reply = call_as(&api, method, path, who).await;
            assert!(reply.status < 500, "{method} {path} {}: {reply:?}", who.name);
            let expected = expected(method, *class, who).map(|(status, slug)| (status, slug.to_owned()));
            if refusal(&reply) != expected {
                wrong.push(format!("{} {method} {path}: {} {}", who.name, reply.status, reply.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The things of one person, each with the acts on it.
async fn things(api: &Api, jane: &Person, friend: &Person) -> Vec<(&'static str, String)> {
    let follow = id(&api.follow(jane, &friend.id).await.is(201));
    let [blocked] = api.people().await;
    let block = id(&api.block(jane, &blocked.id).await.is(201));
    let mute = json!({ "user_id": blocked.id });
    let mute = id(&api.send("POST", "/api/mutes", &jane.access, mute).await.json());
    let skill = json!({ "name": "Rust", "category": "Language" });
    let skill = id(&api.send("POST", "/api/skills", &jane.access, skill).await.is(201));
    vec![
        ("GET", format!("/api/skills/{skill}")),
        ("DELETE", format!("/api/skills/{skill}")),
        ("GET", format!("/api/follows/{follow}")),
        ("POST", format!("/api/follows/{follow}/approve")),
        ("POST", format!("/api/follows/{follow}/reject")),
        ("DELETE", format!("/api/follows/{follow}")),
        ("DELETE", format!("/api/blocks/{block}")),
        ("DELETE", format!("/api/mutes/{mute}")),
        ("GET", format!("/api/sessions/{}", jane.session)),
        ("DELETE", format!("/api/sessions/{}", jane.session)),
    ]
}

#[tokio::test]
async fn things_of_one_person_are_not_there_for_others_whatever_their_role() {
    let api = Api::shared().await;
    let [jane, friend, blocked, other] = api.people().await;
    api.block(&jane, &blocked.id).await.is(201);
    let things = things(&api, &jane, &friend).await;
    let mut others = vec![blocked, other];
    for role in ["moderator", "admin", "owner"] {
        others.push(api.verified(role).await);
    }
    for (method, path) in &things {
        for person in &others {
            let reply = answer(api.request(method, path).bearer_auth(&person.access)).await;
            assert_eq!(reply.refusal().0, 404, "{method} {path}: {reply:?}");
        }
    }
    for (method, path) in things.iter().filter(|(method, _)| *method != "POST") {
        answer(api.request(method, path).bearer_auth(&jane.access)).await.ok();
    }
    assert_eq!(api.get("/api/me", &jane.access).await.refusal().0, 401, "the last act ended the session");
}
