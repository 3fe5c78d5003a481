//! Lists of users: people for everybody, accounts for staff (USR-01, USR-03, USR-06).

use crate::{
    client::{Api, Person, answer},
    people::finding::members,
};
use serde_json::{Value, json};

async fn list(api: &Api, viewer: &Person, path: &str) -> Value {
    api.get(path, &viewer.access).await.ok()
}

#[tokio::test]
async fn everybody_lists_the_people_who_are_there_for_them_newest_first() {
    let api = Api::alone().await;
    let [jane, john, joan] = api.people().await;
    for path in ["/api/users/", "/api/profiles/", "/api/v1/users"] {
        let all = list(&api, &jane, path).await;
        assert_eq!(members(&all, "id"), [&joan.id, &john.id, &jane.id], "{path}");
        assert_eq!((&all["count"], &all["results"][1]["email"]), (&json!(3), &Value::Null));
    }
    let second = list(&api, &jane, "/api/users?page_size=2&page=2").await;
    assert_eq!((members(&second, "id"), &second["next"]), (vec![jane.id.as_str()], &Value::Null));

    api.block(&john, &jane.id).await.is(201);

    for (viewer, there) in [(&jane, [&joan, &jane]), (&john, [&joan, &john])] {
        for path in ["/api/users/", "/api/profiles/"] {
            let all = list(&api, viewer, path).await;
            assert_eq!(
                (members(&all, "id"), &all["count"]),
                (there.map(|p| p.id.as_str()).to_vec(), &json!(2))
            );
        }
    }
    let one = list(&api, &joan, &format!("/api/users/{}", jane.username)).await;
    assert_eq!((&one["id"], &one["email"], &one["role"]), (&json!(jane.id), &Value::Null, &Value::Null));
    for query in ["role=admin", "status=active", "is_verified=true", "created_from=2026-01-01T00:00:00Z"] {
        let refusal = api.get(&format!("/api/users?{query}"), &joan.access).await.refusal();
        assert_eq!(refusal, (403, "staff-only".to_owned()), "{query}");
    }
    api.into_program().stop().await;
}

#[tokio::test]
async fn staff_lists_all_accounts_by_what_they_are() {
    let api = Api::alone().await;
    let [jane, john] = api.people().await;
    let unverified = api.unverified().await;
    let staff = api.verified("admin").await;
    api.block(&john, &jane.id).await.is(201);
    let day = "2020-01-01T00:00:00Z";

    for path in ["/api/users", "/api/admin/users/"] {
        let all = list(&api, &staff, path).await;
        assert_eq!(members(&all, "id"), [&staff.id, &unverified.id, &john.id, &jane.id], "{path}");
        assert_eq!(all["results"][3]["email"], jane.email.as_str());
        for (query, found) in [
            ("role=admin".to_owned(), vec![&staff]),
            ("role=normal&page_size=1&page=2".to_owned(), vec![&john]),
            ("status=pending_verification".to_owned(), vec![&unverified]),
            ("is_verified=true&role=normal".to_owned(), vec![&john, &jane]),
            ("status=active&is_verified=false".to_owned(), vec![]),
            (format!("created_before={day}"), vec![]),
            (format!("created_from={day}&role=admin"), vec![&staff]),
            (format!("search={}&role=normal", jane.email), vec![&jane]),
        ] {
            let page = list(&api, &staff, &format!("{path}?{query}")).await;
            let ids: Vec<&str> = found.iter().map(|person| person.id.as_str()).collect();
            assert_eq!(members(&page, "id"), ids, "{path}?{query}");
        }
        for name in [&jane.id, &jane.username] {
            let one = list(&api, &staff, &format!("{}/{name}", path.trim_end_matches('/'))).await;
            assert_eq!(
                (&one["email"], &one["status"], &one["role"]),
                (&json!(jane.email), &json!("active"), &json!("normal"))
            );
        }
        for (query, parameter) in
            [("role=king", "?role"), ("status=gone", "?status"), ("created_from=x", "?created_from")]
        {
            let reply = api.get(&format!("{path}?{query}"), &staff.access).await;
            assert_eq!((reply.status, reply.field_error().0.as_str()), (400, parameter), "{query}");
        }
    }
    for path in ["/api/admin/users".to_owned(), format!("/api/admin/users/{}", john.id)] {
        assert_eq!(api.get(&path, &jane.access).await.refusal(), (403, "staff-only".to_owned()), "{path}");
        assert_eq!(answer(api.request("GET", &path)).await.status, 401);
    }
    let nobody = format!("/api/admin/users/{}", crate::social::follows::NOBODY);
    assert_eq!(api.get(&nobody, &staff.access).await.refusal(), (404, "account-not-found".to_owned()));
    api.into_program().stop().await;
}
