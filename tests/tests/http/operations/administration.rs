//! What staff do to accounts, at every path (USR-04, USR-07, ADM-01, ADM-07, C-18).

use crate::{
    account::accounts::spellings,
    client::{Answer, Api, PASSWORD, Person, answer},
    social::follows::NOBODY,
};
use serde_json::{Value, json};

impl Api {
    async fn role(&self, by: &Person, whom: &str, role: &str) -> Answer {
        let path = format!("/api/admin/users/{whom}/role");
        self.send("POST", &path, &by.access, json!({ "role": role })).await
    }

    async fn suspend(&self, by: &Person, whom: &str, body: Value) -> Answer {
        self.send("POST", &format!("/api/admin/users/{whom}/suspend"), &by.access, body).await
    }

    async fn try_login(&self, person: &Person, password: &str) -> Answer {
        let body = json!({ "username": person.username, "password": password });
        self.post("/api/auth/login", body).await
    }

    /// The newest audit entry of this action about an account.
    async fn audited(&self, staff: &Person, whom: &str, action: &str, position: i64) -> Value {
        let path = format!("/api/admin/audit?entity_type=user&entity_id={whom}&action={action}");
        let request = self.request("GET", &path).bearer_auth(&staff.access);
        answer(request.header("annals-min-position", position)).await.ok()["results"][0].clone()
    }
}

pub fn refused(status: u16, slug: &str) -> (u16, String) {
    (status, slug.to_owned())
}

#[tokio::test]
async fn changed_role_counts_at_once_and_stands_in_the_audit() {
    let api = Api::shared().await;
    let (owner, person) = (api.verified("owner").await, api.verified("normal").await);
    for (path, role) in spellings(&format!("/api/admin/users/{}/role", person.id)).iter().zip([
        "admin",
        "moderator",
        "professional",
        "admin",
    ]) {
        let before = api.log_in(&person.username, &person.email).await;
        let changed = api.send("POST", path, &owner.access, json!({ "role": role })).await;
        assert_eq!(changed.ok()["role"], role, "{path}");
        assert_eq!(api.get("/api/me", &before.access).await.refusal(), refused(401, "session-ended"));
        let body = json!({ "refresh_token": before.refresh });
        assert_eq!(api.post("/api/auth/refresh", body).await.refusal(), refused(401, "refresh-refused"));
        let again = api.send("POST", path, &owner.access, json!({ "role": role })).await;
        assert_eq!(again.ok()["role"], role, "a repeat changes nothing");
        let after = api.log_in(&person.username, &person.email).await;
        let audit = api.get("/api/admin/audit", &after.access).await;
        assert_eq!(audit.status == 200, role == "admin", "{role}: {audit:?}");
    }
    let demoted = api.role(&owner, &person.id, "normal").await;
    let entry = api.audited(&owner, &person.id, "role_changed", demoted.position()).await;
    assert_eq!(
        (&entry["old_values"]["role"], &entry["new_values"]["role"]),
        (&json!("admin"), &json!("normal"))
    );
    assert_eq!(
        (&entry["category"], &entry["actor"]),
        (&json!("admin"), &json!(format!("user:{}", owner.id)))
    );
}

#[tokio::test]
async fn only_owners_make_and_unmake_staff_and_nobody_themselves() {
    let api = Api::shared().await;
    let (owner, admin) = (api.verified("owner").await, api.verified("admin").await);
    let (colleague, person) = (api.verified("admin").await, api.verified("normal").await);
    for role in ["owner", "admin"] {
        assert_eq!(api.role(&admin, &person.id, role).await.refusal(), refused(403, "owner-only"));
    }
    assert_eq!(api.role(&admin, &colleague.id, "normal").await.refusal(), refused(403, "owner-only"));
    let reason = json!({ "reason": "x" });
    for whom in [&owner, &colleague] {
        assert_eq!(api.suspend(&admin, &whom.id, reason.clone()).await.refusal(), refused(403, "owner-only"));
        let path = format!("/api/admin/users/{}/end-sessions", whom.id);
        assert_eq!(
            api.send("POST", &path, &admin.access, json!({})).await.refusal(),
            refused(403, "owner-only")
        );
    }
    for oneself in [&owner, &admin] {
        assert_eq!(api.role(oneself, &oneself.id, "normal").await.refusal(), refused(403, "own-standing"));
        assert_eq!(
            api.suspend(oneself, &oneself.id, reason.clone()).await.refusal(),
            refused(403, "own-standing")
        );
    }
    assert_eq!(
        api.role(&admin, &person.id, "king").await.field_error(),
        ("/role".into(), "role-invalid".into())
    );
    assert_eq!(api.role(&admin, NOBODY, "normal").await.refusal(), refused(404, "account-not-found"));
    assert_eq!(api.role(&admin, "x", "normal").await.refusal(), refused(404, "not-found"));
    api.role(&admin, &person.id, "moderator").await.ok();
    api.role(&owner, &colleague.id, "owner").await.ok();
}

#[tokio::test]
async fn of_two_owners_who_demote_or_suspend_each_other_one_stays() {
    let api = Api::shared().await;
    for round in 0..6 {
        let (one, other) = (api.verified("owner").await, api.verified("owner").await);
        let act = async |by: &Person, whom: &Person| match round % 2 {
            0 => api.role(by, &whom.id, "normal").await,
            _ => api.suspend(by, &whom.id, json!({ "reason": "rivalry" })).await,
        };

        let (first, second) = tokio::join!(act(&one, &other), act(&other, &one));

        let done = [&first, &second].iter().filter(|reply| reply.status == 200).count();
        assert_eq!(done, 1, "{first:?} {second:?}");
        let lost = if first.status == 200 { second } else { first };
        assert!([401, 403].contains(&lost.refusal().0), "{lost:?}");
    }
}

#[tokio::test]
async fn suspended_person_is_out_and_only_the_right_password_tells_why() {
    let api = Api::shared().await;
    let (admin, person) = (api.verified("admin").await, api.verified("normal").await);
    for path in spellings(&format!("/api/admin/users/{}/suspend", person.id)) {
        let session = api.log_in(&person.username, &person.email).await;
        let body = json!({ "reason": "spam", "until": "2099-01-01T00:00:00Z" });
        let suspended = api.send("POST", &path, &admin.access, body.clone()).await;

        let shown = suspended.ok();
        assert_eq!((&shown["is_suspended"], &shown["status"]), (&json!(true), &json!("suspended")), "{path}");
        assert_eq!(shown["suspension_reason"], "spam");
        assert_eq!(shown["suspended_until"], "2099-01-01T00:00:00Z");
        assert_eq!(api.get("/api/me", &session.access).await.refusal(), refused(401, "session-ended"));
        let refresh = json!({ "refresh_token": session.refresh });
        assert_eq!(api.post("/api/auth/refresh", refresh).await.refusal(), refused(401, "refresh-refused"));
        let told = api.try_login(&person, PASSWORD).await;
        assert_eq!(told.refusal(), refused(403, "account-suspended"));
        assert!(told.json()["detail"].as_str().unwrap().contains("2099-01-01"), "{told:?}");
        assert!(!told.body.contains("spam"), "the reason is for staff");
        assert_eq!(api.try_login(&person, "a wrong one").await.refusal(), refused(401, "login-failed"));
        let again = api.send("POST", &path, &admin.access, body).await.ok();
        assert_eq!(again["suspended_at"], shown["suspended_at"], "a repeat changes nothing");
        let entry = api.audited(&admin, &person.id, "user_suspended", suspended.position()).await;
        assert_eq!(entry["new_values"]["reason"], "spam");

        let back = path.replace("/suspend", "/reinstate");
        let shown = api.send("POST", &back, &admin.access, json!({})).await;
        assert_eq!((&shown.ok()["is_suspended"], &shown.ok()["status"]), (&json!(false), &json!("active")));
        assert_eq!(shown.ok()["suspension_reason"], Value::Null);
        assert_eq!(api.get("/api/me", &session.access).await.refusal(), refused(401, "session-ended"));
        let entry = api.audited(&admin, &person.id, "user_reinstated", shown.position()).await;
        let values = (&entry["old_values"]["status"], &entry["new_values"]["status"]);
        assert_eq!(values, (&json!("suspended"), &json!("active")));
    }
    api.log_in(&person.username, &person.email).await;
    for (body, pointer, code) in [
        (json!({ "reason": "x", "until": "2001-01-01T00:00:00Z" }), "/until", "suspension-ended"),
        (json!({ "reason": " " }), "/reason", "text-invalid"),
        (json!({ "until": null }), "/reason", "missing"),
    ] {
        let reply = api.suspend(&admin, &person.id, body).await;
        assert_eq!(reply.field_error(), (pointer.into(), code.into()));
    }
}

#[tokio::test]
async fn suspended_person_is_hidden_from_others_until_reinstated() {
    let api = Api::shared().await;
    let admin = api.verified("admin").await;
    let [jane, john, fan] = api.people().await;
    api.follow(&jane, &john.id).await.is(201);
    api.follow(&fan, &john.id).await.is(201);
    let followers = |whom: &Person| format!("/api/follows?direction=followers&user={}", whom.id);
    assert_eq!(api.get(&followers(&john), &fan.access).await.ok()["count"], 2);

    api.suspend(&admin, &jane.id, json!({ "reason": "spam" })).await.ok();

    assert_eq!(api.get(&followers(&john), &fan.access).await.ok()["count"], 1);
    assert_eq!(api.follow(&fan, &jane.id).await.refusal(), refused(404, "account-not-found"));
    assert_eq!(api.get(&followers(&jane), &fan.access).await.refusal(), refused(404, "account-not-found"));
    let path = format!("/api/admin/users/{}/reinstate", jane.id);
    answer(api.request("POST", &path).bearer_auth(&admin.access)).await.ok();
    assert_eq!(api.get(&followers(&john), &fan.access).await.ok()["count"], 2);
    api.follow(&fan, &jane.id).await.is(201);
}

#[tokio::test]
async fn staff_see_and_end_the_sessions_of_others() {
    let api = Api::shared().await;
    let (admin, person) = (api.verified("admin").await, api.verified("normal").await);
    let path = format!("/api/admin/users/{}", person.id);
    for (method, below) in [("POST", "end-sessions"), ("DELETE", "sessions")] {
        for spelled in spellings(&format!("{path}/{below}")) {
            let session = api.log_in(&person.username, &person.email).await;
            let listed = api.get(&format!("{path}/sessions"), &admin.access).await.ok();
            assert_eq!(listed["results"][0]["id"], session.session);
            assert_eq!(listed["results"][0]["current"], false);
            answer(api.request(method, &spelled).bearer_auth(&admin.access)).await.ok();
            assert_eq!(api.get("/api/me", &session.access).await.refusal(), refused(401, "session-ended"));
        }
    }
    for method in ["GET", "DELETE"] {
        let nobody = format!("/api/admin/users/{NOBODY}/sessions");
        let reply = answer(api.request(method, &nobody).bearer_auth(&admin.access)).await;
        assert_eq!(reply.refusal(), refused(404, "account-not-found"));
    }
}

#[tokio::test]
async fn nobody_but_staff_administers() {
    let api = Api::shared().await;
    let victim = api.verified("normal").await;
    let path = format!("/api/admin/users/{}", victim.id);
    for role in ["normal", "moderator", "professional", "data_provider"] {
        let person = api.verified(role).await;
        for (method, below, body) in [
            ("PUT", "", json!({ "role": "admin" })),
            ("POST", "/suspend", json!({ "reason": "x" })),
            ("POST", "/reinstate", json!({})),
            ("POST", "/role", json!({ "role": "admin" })),
            ("POST", "/invite", json!({})),
            ("POST", "/end-sessions", json!({})),
            ("GET", "/sessions", json!({})),
            ("DELETE", "/sessions", json!({})),
        ] {
            let spelled = format!("{path}{below}");
            let reply = api.send(method, &spelled, &person.access, body.clone()).await;
            assert_eq!(reply.refusal(), refused(403, "staff-only"), "{role} {method} {below}");
            assert_eq!(
                api.send(method, &spelled, "", body).await.refusal(),
                refused(401, "credentials-missing")
            );
        }
    }
    api.get("/api/me", &victim.access).await.ok();
}
