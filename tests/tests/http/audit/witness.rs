//! What staff look at is recorded before they see it, and so is what is refused (ADM-07, AUD-02).

use crate::client::{Api, Person, answer};
use serde_json::{Value, json};
use sqlx::PgPool;

impl Api {
    /// The records of one person's doings of this kind, newest first, up to now.
    async fn records(&self, of: &Person, action: &str, reader: &Person) -> Vec<Value> {
        let city = json!({ "city": format!("to be at the end: {action}") });
        self.send("PATCH", "/api/users/profile", &reader.access, json!({ "city": "Ulm" })).await.ok();
        let position = self.send("PATCH", "/api/users/profile", &reader.access, city).await.position();
        let path = format!("/api/admin/audit?entity_type=access_log&actor={}&action={action}", of.id);
        let request = self.request("GET", &path).bearer_auth(&reader.access);
        let page = answer(request.header("annals-min-position", position)).await.ok();
        page["results"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn each_page_that_staff_see_of_others_is_one_record_of_whom() {
    let api = Api::shared().await;
    let (admin, reader) = (api.verified("admin").await, api.verified("owner").await);
    let person = api.verified("normal").await;
    for (view, method, path, body) in [
        ("audit", "GET", format!("/api/admin/audit?entity_id={}", person.id), json!(null)),
        (
            "events",
            "GET",
            format!("/api/audit/events?aggregate_type=user&aggregate_id={}", person.id),
            json!(null),
        ),
        ("sessions", "GET", format!("/api/admin/users/{}/sessions", person.id), json!(null)),
        ("events", "GET", format!("/api/events?user={}", person.id), json!(null)),
        ("accounts", "GET", format!("/api/follows?user={}&direction=followers", person.id), json!(null)),
        ("accounts", "PUT", format!("/api/admin/users/{}", person.id), json!({})),
        ("accounts", "POST", format!("/api/admin/users/{}/reinstate", person.id), json!({})),
    ] {
        let before = api.records(&admin, "personal_data_viewed", &reader).await.len();

        api.send(method, &path, &admin.access, body).await.ok();

        let records = api.records(&admin, "personal_data_viewed", &reader).await;
        assert_eq!(records.len(), before + 1, "{path}");
        let values = &records[0]["new_values"];
        assert_eq!((&values["view"], &values["viewer"]), (&json!(view), &json!(admin.id)), "{path}");
        assert_eq!(values["subjects"], json!([person.id]), "{path}");
        assert_eq!(records[0]["category"], "admin");
    }
}

#[tokio::test]
async fn ones_own_data_is_no_view_of_others() {
    let api = Api::shared().await;
    let (admin, reader) = (api.verified("admin").await, api.verified("owner").await);

    api.get(&format!("/api/admin/audit?entity_id={}", admin.id), &admin.access).await.ok();
    api.send("PUT", &format!("/api/users/{}", admin.id), &admin.access, json!({ "title": "x" })).await.ok();

    assert_eq!(api.records(&admin, "personal_data_viewed", &reader).await, Vec::<Value>::new());
}

#[tokio::test]
async fn refusals_are_recorded_once_for_each_act_and_reason() {
    let api = Api::shared().await;
    let (admin, reader) = (api.verified("admin").await, api.verified("owner").await);
    let person = api.verified("normal").await;
    for _ in 0..3 {
        assert_eq!(api.get("/api/admin/audit", &person.access).await.status, 403);
        let path = format!("/api/admin/users/{}/role", person.id);
        assert_eq!(api.send("POST", &path, &admin.access, json!({ "role": "owner" })).await.status, 403);
    }

    for (who, act, problem) in [(&person, "list_audit", "staff-only"), (&admin, "change_role", "owner-only")]
    {
        let records = api.records(who, "access_denied", &reader).await;
        assert_eq!(records.len(), 1, "{records:?}");
        let values = &records[0]["new_values"];
        assert_eq!((&values["act"], &values["problem"]), (&json!(act), &json!(problem)));
        assert_eq!((&values["user"], &records[0]["category"]), (&json!(who.id), &json!("security")));
    }
}

#[tokio::test]
async fn misused_cookie_is_recorded_for_the_person_whose_it_is() {
    let api = Api::shared().await;
    let (person, reader) = (api.verified("normal").await, api.verified("owner").await);
    let page = api.page(&person).await;
    let settings = page.asks(api.request("PATCH", "/api/settings")).json(&json!({ "theme": "dark" }));
    let key = page.asks(api.request("POST", "/api/me/api-keys")).header("x-csrf-token", &page.csrf);

    assert_eq!(answer(settings).await.refusal(), (403, "csrf-refused".to_owned()));
    assert_eq!(answer(key.json(&json!({}))).await.refusal(), (403, "access-token-needed".to_owned()));

    let records = api.records(&person, "access_denied", &reader).await;
    let mut problems: Vec<_> = records.iter().map(|record| &record["new_values"]["problem"]).collect();
    problems.sort_by_key(|problem| problem.to_string());
    assert_eq!(problems, ["access-token-needed", "csrf-refused"]);
}

#[tokio::test]
async fn what_can_not_be_recorded_is_not_shown() {
    let api = Api::alone().await;
    let (admin, person) = (api.verified("admin").await, api.verified("normal").await);
    let pool = PgPool::connect(&api.supervisor_url("annals")).await.unwrap();
    sqlx::raw_sql(
        "CREATE FUNCTION es.refuse_records() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'no records today'; END $$;
         CREATE TRIGGER refuse_records BEFORE INSERT ON es.events FOR EACH ROW
             WHEN (NEW.aggregate_type = 'access_log') EXECUTE FUNCTION es.refuse_records();",
    )
    .execute(&pool)
    .await
    .unwrap();
    let paths = [
        format!("/api/admin/audit?entity_id={}", person.id),
        format!("/api/audit/events?aggregate_type=user&aggregate_id={}", person.id),
        format!("/api/admin/users/{}/sessions", person.id),
    ];
    for path in &paths {
        let reply = api.get(path, &admin.access).await;
        assert!(reply.refusal().0 >= 500 && !reply.body.contains(&person.email), "{path}: {reply:?}");
    }
    assert_eq!(api.get(&paths[0], &person.access).await.status, 403, "a refusal stands without its record");

    sqlx::raw_sql("DROP TRIGGER refuse_records ON es.events").execute(&pool).await.unwrap();
    pool.close().await;
    for path in &paths {
        api.get(path, &admin.access).await.ok();
    }
    api.into_program().stop().await;
}
