//! What people did, in the words that clients know (EVT-01).

use crate::{
    account::accounts::spellings,
    client::{Api, Person, answer},
    social::follows::NOBODY,
};
use serde_json::{Value, json};

const EVENTS: &str = "/api/events";

impl Api {
    /// The events that a person is shown, newest first.
    async fn events(&self, person: &Person, query: &str) -> Vec<Value> {
        // A change of nothing tells how far the log is by now.
        let newest = self.send("PATCH", "/api/settings", &person.access, json!({})).await.position();
        let request = self.request("GET", &format!("{EVENTS}{query}")).bearer_auth(&person.access);
        let page = answer(request.header("annals-min-position", newest)).await.ok();
        page["results"].as_array().unwrap().clone()
    }
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event_type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn own_events_are_listed_newest_first_at_every_path() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    api.send("PATCH", "/api/settings", &person.access, json!({ "theme": "dark" })).await.ok();
    api.send("PATCH", "/api/users/profile", &person.access, json!({ "bio": "walks" })).await.ok();
    let wrong = json!({ "username": person.username, "password": "a long walk at dawn" });
    assert_eq!(api.post("/api/auth/login", wrong).await.status, 401);

    let events = api.events(&person, "").await;

    assert_eq!(types(&events[..4]), ["login_failed", "profile_updated", "settings_updated", "login"]);
    for event in &events {
        assert_eq!(event["user"], person.id.as_str());
    }
    let failed = &events[0];
    assert_eq!((&failed["severity"], &failed["success"]), (&json!("medium"), &json!(false)));
    assert_eq!((&failed["is_security_event"], &failed["risk_score"]), (&json!(true), &json!(50)));
    assert_eq!(failed["error_message"], "credentials-wrong");
    let settings = &events[2];
    assert_eq!((&settings["session"], &settings["risk_score"]), (&json!(person.session), &json!(10)));
    for path in spellings(EVENTS) {
        assert_eq!(api.get(&path, &person.access).await.ok()["results"], json!(events), "{path}");
        assert_eq!(answer(api.request("GET", &path)).await.status, 401);
    }
    let page = api.get("/api/events?page_size=2", &person.access).await.ok();
    assert_eq!(page["results"].as_array().unwrap()[..], events[..2]);
    let next = api.get(page["next"].as_str().unwrap(), &person.access).await.ok();
    assert_eq!(next["results"].as_array().unwrap()[..], events[2..4]);
}

#[tokio::test]
async fn person_is_not_told_from_which_session_somebody_else_acted() {
    let api = Api::shared().await;
    let (person, staff) = (api.verified("normal").await, api.verified("admin").await);
    for (act, body) in [("suspend", json!({ "reason": "spam" })), ("reinstate", json!({}))] {
        let path = format!("/api/admin/users/{}/{act}", person.id);
        api.send("POST", &path, &staff.access, body).await.ok();
    }
    let person = api.log_in(&person.username, &person.email).await;

    let own = api.events(&person, "").await;
    let for_staff = api.events(&staff, &format!("?user={}", person.id)).await;
    let of_staff = api.events(&staff, &format!("?user={}", staff.id)).await;

    assert_eq!(types(&own[..2]), ["login", "account_reinstated"]);
    assert_eq!(own[0]["session"], person.session.as_str(), "one's own is told");
    let acts = |events: &[Value], session: Value| {
        let acts = events.iter().filter(|e| e["event_type"].as_str().unwrap().starts_with("account_"));
        acts.filter(|event| event["session"] == session).count()
    };
    assert_eq!(acts(&own, Value::Null), 2, "{own:?}");
    assert_eq!(acts(&for_staff, json!(staff.session)), 2, "{for_staff:?}");
    assert!(!json!(own).to_string().contains(&staff.session), "{own:?}");
    assert!(of_staff.iter().any(|event| event["session"] == staff.session.as_str()), "{of_staff:?}");
}

#[tokio::test]
async fn filters_narrow_and_what_they_cannot_hold_is_refused() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    api.send("PATCH", "/api/settings", &person.access, json!({ "theme": "dark" })).await.ok();
    let all = api.events(&person, "").await;
    let from = all[0]["created_at"].as_str().unwrap();

    assert_eq!(types(&api.events(&person, "?event_type=login").await), ["login"]);
    assert_eq!(api.events(&person, "?success=false").await, Vec::<Value>::new());
    assert_eq!(api.events(&person, "?severity=low&success=true&requires_review=false").await, all);
    assert_eq!(types(&api.events(&person, &format!("?from={from}")).await), ["settings_updated"]);
    assert_eq!(api.events(&person, &format!("?to={from}")).await[..], all[1..]);
    for (query, name) in [
        ("event_type=nothing", "?event_type"),
        ("severity=mild", "?severity"),
        ("success=perhaps", "?success"),
        ("from=yesterday", "?from"),
        ("cursor=7", "?cursor"),
        ("page_size=101", "?page_size"),
        ("user=me", "?user"),
        ("who=me", "?who"),
    ] {
        let refused = api.get(&format!("{EVENTS}?{query}"), &person.access).await;
        assert_eq!(refused.refusal(), (400, "malformed-query".to_owned()), "{query}");
        assert_eq!(refused.field_error().0, name);
    }
}

#[tokio::test]
async fn events_of_others_are_for_staff() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let admin = api.verified("admin").await;
    api.block(&jane, &john.id).await.is(201);
    let about = |person: &Person| format!("?user={}&page_size=100", person.id);

    let blocks = api.events(&jane, "?event_type=block").await;
    assert_eq!((blocks.len(), &blocks[0]["target_user"]), (1, &json!(john.id)));
    assert!(!types(&api.events(&john, "").await).contains(&"block"), "the blocked is told nothing");
    let refused = api.get(&format!("{EVENTS}{}", about(&jane)), &john.access).await;
    assert_eq!(refused.refusal(), (403, "staff-only".to_owned()));
    let nobody = api.get(&format!("{EVENTS}?user={NOBODY}"), &john.access).await;
    assert_eq!(nobody.refusal(), (403, "staff-only".to_owned()));

    let own = api.events(&jane, "?page_size=100").await;
    assert_eq!(api.events(&admin, &about(&jane)).await, own);
    let everybody = api.events(&admin, "?event_type=block&page_size=100").await;
    assert!(everybody.contains(&blocks[0]), "{everybody:?}");
}
