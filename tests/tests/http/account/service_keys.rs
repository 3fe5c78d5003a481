//! Keys of services: an owner's to make, good for what services do and for nothing of people's (SESS-07, C-40).

use crate::{
    account::api_keys::text,
    client::{Answer, Api, Person, answer},
};
use annals_tests::{
    Lab,
    samples::{event, noon, random},
};
use chrono::TimeDelta;
use commands::{
    AccountSettings, Accounts, Caller, Clock, Codes, Executor, Passwords, Registration, SystemClock,
    SystemMint, key_text::KeyKind,
};
use domain::{
    ApiKeyId,
    api_key::{ApiKeyCreated, ApiKeyEvent, Holder},
    values::{Email, Role, Scope, Username},
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use store::{Metadata, StreamRef, StreamWrite, Submission};

static NAMES: AtomicU32 = AtomicU32::new(0);

impl Api {
    pub async fn ask_for_service_key(&self, staff: &Person, service: &str, scopes: &[&str]) -> Answer {
        let body = json!({ "service": service, "scopes": scopes });
        self.send("POST", "/api/admin/service-keys", &staff.access, body).await
    }
}

/// A service that nobody knows yet.
pub fn new_service() -> String {
    format!("service-{}", NAMES.fetch_add(1, Ordering::Relaxed))
}

#[tokio::test]
async fn service_key_is_made_by_an_owner_and_listed_and_revoked_by_staff() {
    let api = Api::shared().await;
    let (admin, owner) = (api.verified("admin").await, api.verified("owner").await);
    let service = new_service();

    let refused = api.ask_for_service_key(&admin, &service, &["events:write"]).await;
    assert_eq!(refused.refusal(), (403, "owner-only".to_owned()));
    let made = api.ask_for_service_key(&owner, &service, &["events:write"]).await.is(201);

    let (id, key) = (text(&made["id"]), text(&made["key"]));
    assert!(key.starts_with("annals_svc_") && key.starts_with(&text(&made["prefix"])), "{key}");
    let own = api.get("/api/auth/key", &key).await.ok();
    assert_eq!(
        (&own["kind"], &own["service"], &own["user_id"]),
        (&json!("service"), &json!(service), &Value::Null)
    );
    assert_eq!(own["scopes"], json!(["events:write"]));
    let verdict = api.post("/api/auth/jwt/verify", json!({ "token": key })).await.ok();
    assert_eq!((&verdict["client_id"], &verdict["scope"]), (&json!(service), &json!("events:write")));
    let listed = api.get(&format!("/api/admin/service-keys?service={service}"), &admin.access).await.ok();
    assert_eq!(listed["count"], 1);
    let row = &listed["results"][0];
    assert_eq!((&row["id"], &row["created_by"]), (&json!(id), &json!(owner.id)));
    assert!(row["last_used_at"].is_string() && row["key"].is_null(), "{row}");
    let path = format!("/api/admin/service-keys/{id}");
    for _ in 0..2 {
        let revoked = answer(api.request("DELETE", &path).bearer_auth(&admin.access)).await.ok();
        assert_eq!((&revoked["status"], &revoked["created_by"]), (&json!("revoked"), &json!(owner.id)));
        assert_eq!(api.get("/api/auth/key", &key).await.refusal(), (401, "api-key-revoked".to_owned()));
    }
    assert_eq!(api.get(&path, &admin.access).await.ok()["status"], "revoked");
}

#[tokio::test]
async fn service_is_nobody_and_persons_keys_are_not_among_its() {
    let api = Api::shared().await;
    let (admin, person) = (api.verified("owner").await, api.verified("normal").await);
    let made = api.ask_for_service_key(&admin, &new_service(), &["badges:award"]).await.is(201);
    let key = text(&made["key"]);

    for path in ["/api/me", "/api/users/profile", "/api/events", "/api/profiles", "/api/admin/audit"] {
        assert_eq!(api.get(path, &key).await.refusal(), (403, "scope-missing".to_owned()), "{path}");
    }
    assert_eq!(api.get("/api/admin/erasures", &key).await.refusal(), (403, "session-required".to_owned()));
    let (own, _) = api.key_of(&person, &["account:read"]).await;
    let path = format!("/api/admin/service-keys/{own}");
    for method in ["GET", "DELETE"] {
        let reply = answer(api.request(method, &path).bearer_auth(&admin.access)).await;
        assert_eq!(reply.refusal(), (404, "api-key-not-found".to_owned()), "{method}");
    }
    let listed = api.get("/api/admin/service-keys?page_size=100", &admin.access).await.ok();
    assert!(listed["results"].as_array().unwrap().iter().all(|row| row["id"] != json!(own)));
}

#[tokio::test]
async fn what_a_service_key_shall_be_is_checked() {
    let api = Api::shared().await;
    let admin = api.verified("owner").await;
    for (service, scopes, pointer, code) in [
        ("Badge Engine", vec!["badges:award"], "/service", "service-invalid"),
        ("ab", vec!["badges:award"], "/service", "service-invalid"),
        ("badge-engine", vec![], "/scopes", "scopes-missing"),
        ("badge-engine", vec!["profile:read"], "/scopes", "scope-unsuitable"),
        ("badge-engine", vec!["everything"], "/scopes/0", "scope-unknown"),
    ] {
        let reply = api.ask_for_service_key(&admin, service, &scopes).await;
        assert_eq!(reply.status, 422, "{reply:?}");
        assert_eq!(reply.field_error(), (pointer.to_owned(), code.to_owned()), "{service} {scopes:?}");
    }
}

/// A key that may give badges, its id, and its maker.
async fn made(api: &Api) -> (String, String, Person) {
    let maker = api.verified("owner").await;
    let made = api.ask_for_service_key(&maker, &new_service(), &["badges:award"]).await.is(201);
    assert_eq!((&made["created_by"], &made["taken_over_by"]), (&json!(maker.id), &Value::Null));
    (text(&made["id"]), text(&made["key"]), maker)
}

async fn is_dormant(api: &Api, key: &str, id: &str, reader: &Person) {
    assert_eq!(api.get("/api/auth/key", key).await.refusal(), (401, "api-key-dormant".to_owned()));
    let shown = api.get(&format!("/api/admin/service-keys/{id}"), &reader.access).await.ok();
    assert_eq!(shown["status"], "dormant", "{shown}");
}

#[tokio::test]
async fn service_key_sleeps_when_its_maker_leaves_staff_until_an_owner_takes_it_over() {
    let api = Api::shared().await;
    let (owner, admin) = (api.verified("owner").await, api.verified("admin").await);
    let take_over = |id: &str, by: &Person| {
        let path = format!("/api/admin/service-keys/{id}/take-over");
        answer(api.request("POST", &path).bearer_auth(&by.access))
    };
    for (act, body, back) in [
        ("role", json!({ "role": "moderator" }), Some(("role", json!({ "role": "owner" })))),
        ("suspend", json!({ "reason": "left" }), Some(("reinstate", json!({})))),
        ("role", json!({ "role": "normal" }), None),
    ] {
        let (id, key, maker) = made(&api).await;
        api.get("/api/auth/key", &key).await.ok();
        let act_on = |act: &str, body: Value| {
            let path = format!("/api/admin/users/{}/{act}", maker.id);
            let (api, access) = (api.clone(), owner.access.clone());
            async move { api.send("POST", &path, &access, body).await.ok() }
        };

        act_on(act, body).await;

        is_dormant(&api, &key, &id, &admin).await;
        assert_eq!(take_over(&id, &admin).await.refusal(), (403, "owner-only".to_owned()));
        match back {
            Some((back, body)) => {
                act_on(back, body).await;
                assert_eq!(api.get("/api/auth/key", &key).await.status, 200, "back on the staff: {back}");
            }
            None => {
                let taken = take_over(&id, &owner).await.ok();
                assert_eq!((&taken["status"], &taken["created_by"]), (&json!("active"), &json!(maker.id)));
                assert_eq!(taken["taken_over_by"], json!(owner.id));
                take_over(&id, &owner).await.ok();
                api.get("/api/auth/key", &key).await.ok();
            }
        }
    }
    let (id, key, maker) = made(&api).await;
    let demoted = json!({ "role": "admin" });
    let path = format!("/api/admin/users/{}/role", maker.id);
    api.send("POST", &path, &owner.access, demoted).await.ok();
    assert_eq!(api.get("/api/auth/key", &key).await.status, 200, "an admin is staff");
    api.act("DELETE", &format!("/api/admin/users/{}", maker.id), &owner).await.is(202);
    is_dormant(&api, &key, &id, &admin).await;
    assert_eq!(take_over(crate::social::follows::NOBODY, &owner).await.status, 404);
    api.act("DELETE", &format!("/api/admin/service-keys/{id}"), &admin).await.ok();
    assert_eq!(take_over(&id, &owner).await.status, 409, "what was revoked stays so");
}

#[tokio::test]
async fn service_key_sleeps_from_a_reset_of_who_answers_until_they_or_another_owner_take_it_over() {
    let api = Api::shared().await;
    let other = api.verified("owner").await;
    for by_themselves in [true, false] {
        let maker = api.verified("owner").await;
        let service = new_service();
        let made = api.ask_for_service_key(&maker, &service, &["badges:award"]).await.is(201);
        let (id, key) = (text(&made["id"]), text(&made["key"]));
        api.get("/api/auth/key", &key).await.ok();

        api.resets(&maker, "the tide comes in twice").await.ok();

        is_dormant(&api, &key, &id, &other).await;
        let told = |mail: &str| {
            mail.lines().any(|line| line.trim() == format!("To: {}", maker.email))
                && mail.contains(&format!("Keys of services are disabled as well: {service}."))
        };
        api.mail_that(told, 1).await;
        let maker = api.logs_in(&maker, "the tide comes in twice").await;
        let owner = if by_themselves { &maker } else { &other };
        let path = format!("/api/admin/service-keys/{id}/take-over");
        for _ in 0..2 {
            let taken = api.send("POST", &path, &owner.access, json!({})).await.ok();
            assert_eq!((&taken["status"], &taken["taken_over_by"]), (&json!("active"), &json!(owner.id)));
        }
        api.get("/api/auth/key", &key).await.ok();
        let body = json!({ "current_password": "the tide comes in twice", "new_password": "herons stand very still" });
        api.send("POST", "/api/auth/password/change", &maker.access, body).await.ok();
        api.get("/api/auth/key", &key).await.ok();
    }
}

#[tokio::test]
async fn nobody_gives_themselves_a_badge_by_a_key_that_they_made_or_took_over() {
    let api = Api::shared().await;
    let (id, key, maker) = made(&api).await;
    let (owner, jane) = (api.verified("owner").await, api.verified("normal").await);
    let slug = text(&api.badge(&owner, json!({ "points": 20 })).await["slug"]);

    assert_eq!(api.give(&key, &maker, &slug).await.refusal(), (403, "own-award".to_owned()));
    api.give(&key, &owner, &slug).await.is(201);
    api.act("POST", &format!("/api/admin/service-keys/{id}/take-over"), &owner).await.ok();
    let other = text(&api.badge(&owner, json!({ "points": 20 })).await["slug"]);
    for (person, answer) in [(&maker, 403), (&owner, 403), (&jane, 201)] {
        assert_eq!(api.give(&key, person, &other).await.status, answer);
    }
}

/// As keys were made before their events named a maker.
#[tokio::test]
async fn maker_of_an_old_key_is_whoever_made_it_by_the_events_metadata() {
    let store = Lab::db().await.store().await;
    let executor = Executor::new(store.clone(), Arc::new(SystemClock), Arc::new(SystemMint));
    let (passwords, codes) = (Passwords::new(1, Arc::new(SystemMint)), Codes::new(&[3; 32]));
    let accounts = Accounts::new(executor, passwords, codes.clone(), AccountSettings::default());
    for (name, role, sleeps) in [("former", Role::Normal, true), ("staying", Role::Admin, false)] {
        let form = Registration {
            username: Username::parse(name).unwrap(),
            email: Email::parse(&format!("{name}@example.com")).unwrap(),
            password: crate::client::PASSWORD.into(),
        };
        let made = accounts.create_account_by_operator(form, role, &Caller::system("cli")).await.unwrap();
        let id = ApiKeyId::mint(noon(), random());
        let created: ApiKeyEvent = ApiKeyCreated {
            holder: Holder::Service(name.to_owned()),
            name: None,
            scopes: [Scope::EventsWrite].into(),
            slot: 0,
            created_at: noon(),
            expires_at: SystemClock.now() + TimeDelta::days(9),
            made_by: None,
            epoch: None,
        }
        .into();
        let clear = vec![("actor", format!("user:{}", made.user))];
        let stream = StreamRef { aggregate_type: "api_key", id: id.uuid() };
        let submission = Submission {
            writes: vec![StreamWrite::new(stream, 0, vec![event(&created)])],
            metadata: Metadata { occurred_at: noon(), clear, personal: None },
            ..Submission::default()
        };
        store.submit(submission).await.unwrap();

        let standing = accounts.service_key_standing(id).await.unwrap();

        assert_eq!((standing.made_by, standing.sleeps), (Some(made.user), sleeps), "{name}");
        let key = codes.api_key(KeyKind::Service, id);
        assert_eq!(accounts.check_api_key(&key).await.is_err(), sleeps, "{name}");
    }
}
