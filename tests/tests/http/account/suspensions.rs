//! Suspensions over time: who tries to come in meanwhile is on record, and the end comes by itself (USR-07).

use crate::client::{Answer, Api, PASSWORD, Person, answer};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

impl Api {
    async fn suspends(&self, staff: &Person, whom: &Person, body: Value) -> Answer {
        let path = format!("/api/admin/users/{}/suspend", whom.id);
        self.send("POST", &path, &staff.access, body).await
    }

    async fn comes_in(&self, person: &Person, more: Value) -> Answer {
        let mut body = json!({ "username": person.username, "password": PASSWORD });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post("/api/auth/login", body).await
    }

    /// The failures among the person's events, newest first.
    async fn failures(&self, staff: &Person, person: &Person) -> Vec<Value> {
        let newest = self.send("PATCH", "/api/settings", &staff.access, json!({})).await.position();
        let path = format!("/api/events?user={}&event_type=login_failed", person.id);
        let request = self.request("GET", &path).bearer_auth(&staff.access);
        let page = answer(request.header("annals-min-position", newest)).await.ok();
        page["results"].as_array().unwrap().iter().map(|event| event["error_message"].clone()).collect()
    }
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn who_tries_to_come_in_while_the_account_is_shut_is_on_record() {
    let api = Api::shared().await;
    let (admin, person) = (api.verified("admin").await, api.verified("normal").await);
    api.suspends(&admin, &person, json!({ "reason": "spam" })).await.ok();
    for _ in 0..2 {
        let refused = api.comes_in(&person, json!({})).await;
        assert_eq!(refused.refusal(), (403, "account-suspended".to_owned()));
    }
    assert_eq!(api.failures(&admin, &person).await, ["account-suspended", "account-suspended"]);
    let trail = "/api/admin/audit?action=sign_in_refused&category=security&page_size=100";
    let entries = api.get(trail, &admin.access).await.ok();
    let entry = |entry: &&Value| entry["new_values"]["account"] == person.id.as_str();
    let entry = entries["results"].as_array().unwrap().iter().find(entry).expect("an entry").clone();
    assert_eq!(entry["new_values"]["cause"], "suspended");
    assert!(entry["ip_address"].is_string(), "from where: {entry}");

    let path = format!("/api/admin/users/{}/reinstate", person.id);
    api.send("POST", &path, &admin.access, json!({})).await.ok();
    let back = api.log_in(&person.username, &person.email).await;
    api.send("DELETE", "/api/me", &back.access, json!({})).await.is(202);
    assert_eq!(api.comes_in(&person, json!({})).await.refusal(), (403, "deletion-requested".to_owned()));
    assert_eq!(api.failures(&admin, &person).await[0], "deletion-requested");
    api.comes_in(&person, json!({ "cancel_deletion": true })).await.ok();
    assert_eq!(api.failures(&admin, &person).await.len(), 3, "who stays was not refused");
}

#[tokio::test]
async fn suspension_ends_by_itself_at_its_time_and_not_before() {
    let api = Api::shared().await;
    let (admin, person) = (api.verified("admin").await, api.verified("normal").await);
    let account = format!("/api/admin/users/{}", person.id);
    let shown = api.suspends(&admin, &person, json!({ "reason": "spam" })).await.ok();
    let begun = time(&shown["suspended_at"]);
    // By the program's clock, and later where the machine is slow.
    let mut seconds = 3;
    let end = loop {
        let end = begun + TimeDelta::seconds(seconds);
        let body = json!({ "reason": "spam", "until": end.to_rfc3339() });
        let reply = api.suspends(&admin, &person, body).await;
        if reply.status == 200 {
            break end;
        }
        assert_eq!(reply.field_error(), ("/until".to_owned(), "suspension-ended".to_owned()));
        seconds *= 2;
    };

    let waiting = Instant::now();
    let login = loop {
        let login = api.comes_in(&person, json!({})).await;
        if login.status == 200 {
            break login.ok();
        }
        assert_eq!(login.refusal(), (403, "account-suspended".to_owned()));
        assert!(waiting.elapsed() < Duration::from_secs(120), "it does not end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };

    let session = format!("/api/sessions/{}", login["session_id"].as_str().unwrap());
    let session = api.get(&session, login["access_token"].as_str().unwrap()).await.ok();
    assert!(time(&session["started_at"]) >= end, "it is over before its time: {session}");
    let shown = api.get(&account, &admin.access).await.ok();
    assert_eq!((&shown["status"], &shown["is_suspended"]), (&json!("active"), &json!(false)));
    for member in ["suspended_until", "suspension_reason", "suspended_at"] {
        assert_eq!(shown[member], Value::Null, "{member}");
    }
    let other = api.verified("normal").await;
    api.get(&format!("/api/profiles/{}", person.id), &other.access).await.ok();
}
