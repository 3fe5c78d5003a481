//! What staff and operators read (AUD-01, AUD-03, OPS-01 to OPS-04), and that nobody else does.

use crate::{
    account::accounts::spellings,
    client::{Api, answer},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn rows(reply: &Value) -> &Vec<Value> {
    reply["results"].as_array().unwrap()
}

#[tokio::test]
async fn audit_shows_who_changed_what_from_what() {
    let api = Api::shared().await;
    let (staff, person) = (api.verified("admin").await, api.verified("normal").await);
    api.send("PATCH", "/api/users/profile", &person.access, json!({ "city": "Porto" })).await.ok();
    let changed = api.send("PATCH", "/api/users/profile", &person.access, json!({ "city": "Faro" })).await;
    for path in spellings("/api/admin/audit") {
        let query = format!("{path}?entity_type=profile&entity_id={}&action=profile_updated", person.id);
        let request = api.request("GET", &query).bearer_auth(&staff.access);
        let audit = answer(request.header("annals-min-position", changed.position())).await.ok();

        let newest = &rows(&audit)[0];
        assert_eq!((rows(&audit).len(), &newest["position"]), (2, &json!(changed.position())), "{path}");
        assert_eq!(
            (&newest["old_values"]["city"], &newest["new_values"]["city"]),
            (&json!("Porto"), &json!("Faro"))
        );
        assert_eq!(newest["actor"], format!("user:{}", person.id));
        assert_eq!(newest["request_id"].as_str(), changed.header("x-request-id"));
        assert_eq!(newest["ip_address"], "127.0.0.1");
        assert_eq!(rows(&api.get(&format!("{query}&actor={}", staff.id), &staff.access).await.ok()).len(), 0);
    }
}

#[tokio::test]
async fn old_values_are_of_the_changed_fields_only() {
    let api = Api::shared().await;
    let (staff, person) = (api.verified("admin").await, api.verified("normal").await);
    let changed = api.send("PATCH", "/api/users/profile", &person.access, json!({ "city": "Porto" })).await;
    let query = format!("/api/admin/audit?entity_id={}&action=profile_updated", person.id);
    let request = api.request("GET", &query).bearer_auth(&staff.access);
    let audit = answer(request.header("annals-min-position", changed.position())).await.ok();

    let old = rows(&audit)[0]["old_values"].as_object().unwrap();

    assert!(!old.contains_key("user"), "whose profile it is did not change: {old:?}");
}

#[tokio::test]
async fn audit_is_paged_without_gap_or_repetition() {
    let api = Api::shared().await;
    let (staff, person) = (api.verified("owner").await, api.verified("normal").await);
    let mut last = 0;
    for n in 0..7 {
        last = api
            .send("PATCH", "/api/users/profile", &person.access, json!({ "city": format!("T{n}") }))
            .await
            .position();
    }
    let request = api.request("GET", &format!("/api/admin/audit?entity_id={}&page_size=3", person.id));
    let mut page = answer(request.bearer_auth(&staff.access).header("annals-min-position", last)).await.ok();
    let mut seen: Vec<i64> = Vec::new();
    loop {
        seen.extend(rows(&page).iter().map(|row| row["position"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str().map(str::to_owned) else { break };
        page = api.get(&next, &staff.access).await.ok();
    }
    assert!(seen.len() >= 9 && seen.is_sorted_by(|a, b| a > b), "{seen:?}");
}

#[tokio::test]
async fn trail_is_the_whole_log_in_order() {
    let api = Api::shared().await;
    let (staff, person) = (api.verified("owner").await, api.verified("normal").await);
    for path in spellings("/api/audit/events") {
        let mut page = api.get(&format!("{path}?from=1&limit=100"), &staff.access).await.ok();
        let mut seen: Vec<i64> = Vec::new();
        for _ in 0..3 {
            seen.extend(rows(&page).iter().map(|row| row["position"].as_i64().unwrap()));
            let Some(next) = page["next"].as_str().map(str::to_owned) else { break };
            page = api.get(&next, &staff.access).await.ok();
        }
        assert_eq!(seen, (1..=i64::try_from(seen.len()).unwrap()).collect::<Vec<_>>(), "{path}");
        let stream = format!("{path}?aggregate_type=user&aggregate_id={}", person.id);
        let stream = api.get(&stream, &staff.access).await.ok();
        assert_eq!(rows(&stream)[0]["event_type"], "user_registered", "{stream}");
        assert_eq!(rows(&stream)[0]["payload"]["email"], person.email, "opened");
    }
}

#[tokio::test]
async fn history_is_for_staff_only() {
    let api = Api::shared().await;
    let unverified = api.unverified().await;
    for role in ["normal", "moderator", "professional", "data_provider"] {
        let person = api.verified(role).await;
        for path in ["/api/admin/audit", "/api/audit/events"].iter().flat_map(|path| spellings(path)) {
            assert_eq!(
                api.get(&path, &person.access).await.refusal(),
                (403, "staff-only".to_owned()),
                "{role}"
            );
            assert_eq!(
                api.get(&path, &unverified.access).await.refusal(),
                (403, "contact-unverified".to_owned())
            );
            assert_eq!(
                answer(api.request("GET", &path)).await.refusal(),
                (401, "credentials-missing".to_owned())
            );
        }
    }
}

#[tokio::test]
async fn bad_queries_are_named() {
    let api = Api::shared().await;
    let staff = api.verified("owner").await;
    for (path, parameter) in [
        ("/api/admin/audit?category=x", "?category"),
        ("/api/admin/audit?cursor=%F0%9F%92%A9", "?cursor"),
        ("/api/admin/audit?since=yesterday", "?since"),
        ("/api/admin/audit?page_size=101", "?page_size"),
        ("/api/admin/audit?who=me", "?who"),
        ("/api/audit/events?from=-5", "?from"),
        ("/api/audit/events?from=99999999999999999999", "?from"),
        ("/api/audit/events?aggregate_type=user", "?aggregate_id"),
        ("/api/sessions?page=0", "?page"),
        ("/api/sessions?page=4294967296", "?page"),
    ] {
        let reply = api.get(path, &staff.access).await;
        assert_eq!((reply.status, reply.field_error().0.as_str()), (400, parameter), "{path}");
    }
    for path in [
        "/api/audit/events?from=9223372036854775807",
        "/api/audit/events?aggregate_type=%00&aggregate_id=x",
        "/api/admin/audit?since=0000-01-01T00:00:00Z",
        "/api/admin/audit?since=-99999-01-01T00:00:00Z",
        "/api/admin/audit?until=%2B262142-12-31T23:59:59Z",
        "/api/admin/audit?entity_id=%00",
        "/api/sessions?page=4294967295&page_size=100",
    ] {
        let reply = api.get(path, &staff.access).await;
        assert!(reply.status == 200 || reply.refusal().0 < 500, "{path}: {reply:?}");
    }
}

#[tokio::test]
async fn operators_are_told_how_it_is() {
    let api = Api::shared().await;
    let open = async |path: &str| answer(api.request("GET", path)).await;
    for slash in ["", "/"] {
        assert_eq!(open(&format!("/health/live{slash}")).await.ok()["status"], "ok");
        let ready = open(&format!("/health/ready{slash}")).await.ok();
        assert!(ready["checks"].as_array().unwrap().iter().all(|check| check["ok"] == true), "{ready}");
        let problem = open(&format!("/problems/validation-failed{slash}")).await.ok();
        assert_eq!(
            (&problem["status"], &problem["type"]),
            (&json!(422), &json!("/problems/validation-failed"))
        );
    }
    assert_eq!(open("/problems/nothing").await.refusal(), (404, "not-found".to_owned()));
    let line = logged(&api, "/problems/{slug}").await;
    assert!(line["request_id"].is_string() && line["status"].is_number(), "{line}");
}

/// A request's line of the log, which is written a little later.
async fn logged(api: &Api, route: &str) -> Value {
    let begun = Instant::now();
    loop {
        let log = api.log();
        let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        if let Some(line) = lines.find(|line| line["route"] == route) {
            return line;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "nothing is logged of {route}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
