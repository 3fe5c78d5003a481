//! What sessions are used on (SESS-06, SESS-09): another device is a sign that somebody else may have the tokens.

use crate::{
    account::cookies::Page,
    client::{Answer, Api, PASSWORD, Person, answer, new_name},
};
use futures::future::join_all;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const NEWER_FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 \
                      (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

impl Api {
    async fn login_on(&self, person: &Person, agent: &str) -> Answer {
        let form = json!({ "username": person.username, "password": PASSWORD });
        answer(on(agent, self.request("POST", "/api/auth/login").json(&form))).await
    }

    async fn get_on(&self, agent: &str, path: &str, token: &str) -> Value {
        answer(on(agent, self.request("GET", path).bearer_auth(token))).await.ok()
    }

    /// What is shown of everything up to now.
    async fn newest(&self, token: &str, path: &str) -> Value {
        // A change of nothing tells how far the log is.
        let position = self.send("PATCH", "/api/settings", token, json!({})).await.position();
        let request = self.request("GET", path).bearer_auth(token);
        answer(request.header("annals-min-position", position)).await.ok()
    }

    /// What staff are shown of a session that came from elsewhere.
    async fn anomalies(&self, person: &Person, session: &Value) -> Vec<Value> {
        let owner = self.verified("owner").await;
        let path = format!("/api/events?user={}&event_type=session_anomaly&requires_review=true", person.id);
        let page = self.newest(&owner.access, &path).await;
        let mut events = page["results"].as_array().unwrap().clone();
        events.retain(|event| &event["session"] == session);
        events
    }
}

fn on(agent: &str, request: RequestBuilder) -> RequestBuilder {
    request.header("user-agent", agent)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn session_on_another_device_is_an_anomaly_once_and_lives_on() {
    let api = Api::shared().await;
    let [person] = api.people().await;
    let login = api.login_on(&person, FIREFOX).await.ok();
    let (token, session) = (text(&login["access_token"]), &login["session_id"]);
    let shown = format!("/api/sessions/{}", text(session));

    let own = api.get_on(NEWER_FIREFOX, &shown, token).await;
    assert_eq!(own["device_info"], json!({ "browser": "Firefox", "os": "Linux", "device_type": "pc" }));
    assert_eq!((text(&own["device_fingerprint"]).len(), &own["device_changed_at"]), (32, &Value::Null));
    assert_eq!(api.anomalies(&person, session).await, Vec::<Value>::new());

    join_all((0..8).map(|_| api.get_on(IPHONE, "/api/me", token))).await;
    for agent in [FIREFOX, IPHONE, NEWER_FIREFOX] {
        api.get_on(agent, "/api/auth/session/check", token).await;
    }

    let told = api.anomalies(&person, session).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let event = &told[0];
    assert_eq!((&event["severity"], &event["is_security_event"]), (&json!("high"), &json!(true)));
    assert_eq!((&event["success"], &event["risk_score"]), (&json!(true), &json!(80)));
    let moved = api.newest(&person.access, &shown).await;
    assert_eq!(
        (&moved["device_fingerprint"], &moved["is_active"]),
        (&own["device_fingerprint"], &json!(true))
    );
    assert!(moved["device_changed_at"].is_string(), "{moved}");
    let others = api.newest(&person.access, &format!("/api/sessions/{}", person.session)).await;
    assert_eq!(others["device_changed_at"], Value::Null);
    assert_ne!(others["device_fingerprint"], own["device_fingerprint"]);
}

#[tokio::test]
async fn refresh_tokens_and_cookies_from_another_device_are_anomalies() {
    let api = Api::shared().await;
    let [person] = api.people().await;
    let [token, cookie] = [api.login_on(&person, FIREFOX).await, api.login_on(&person, FIREFOX).await];
    let page = Page::of(&cookie);

    let body = json!({ "refresh_token": token.json()["refresh_token"] });
    let rotated = api.request("POST", "/api/auth/refresh").json(&body);
    answer(on(IPHONE, rotated)).await.ok();
    let exchange = page.asks(api.request("POST", "/api/auth/refresh")).header("x-csrf-token", &page.csrf);
    answer(on(IPHONE, exchange)).await.ok();

    for login in [&token, &cookie] {
        assert_eq!(api.anomalies(&person, &login.json()["session_id"]).await.len(), 1);
    }
}

#[tokio::test]
async fn session_that_begins_with_the_registration_knows_its_device() {
    let api = Api::shared().await;
    let (username, email) = new_name();
    let form = json!({ "username": username, "email": email, "password": PASSWORD });
    let tokens = answer(on(FIREFOX, api.request("POST", "/api/auth/jwt/register").json(&form))).await.is(201);
    let person = Person { id: text(&tokens["user_id"]).into(), username, email, ..Person::default() };
    let token = text(&tokens["access_token"]);

    api.get_on(FIREFOX, "/api/me", token).await;
    assert_eq!(api.anomalies(&person, &tokens["session_id"]).await.len(), 0);
    api.get_on(IPHONE, "/api/me", token).await;
    assert_eq!(api.anomalies(&person, &tokens["session_id"]).await.len(), 1);
}

#[tokio::test]
async fn session_that_is_never_the_same_does_not_fill_the_log() {
    let api = Api::shared().await;
    let [person] = api.people().await;
    let login = api.login_on(&person, FIREFOX).await.ok();
    let token = text(&login["access_token"]);

    for n in 0..20 {
        api.get_on(&format!("tool{n}/1.0"), "/api/me", token).await;
    }

    assert_eq!(api.anomalies(&person, &login["session_id"]).await.len(), domain::session::DEVICES - 1);
}
