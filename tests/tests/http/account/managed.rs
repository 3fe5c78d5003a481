//! Accounts are made and changed by staff, or changed by their own person (USR-02, USR-04).

use crate::{
    account::accounts::spellings,
    client::{Api, PASSWORD, answer, new_name},
    operations::administration::refused,
    social::follows::NOBODY,
};
use serde_json::json;

#[tokio::test]
async fn account_is_put_back_as_it_was_read_and_changed_by_what_differs() {
    let api = Api::shared().await;
    let (admin, person) = (api.verified("admin").await, api.verified("normal").await);
    let user = format!("/api/users/{}", person.id);
    let below_admin = format!("/api/admin/users/{}", person.id);
    let mut acts: Vec<(&str, String)> = spellings(&user).into_iter().map(|path| ("PUT", path)).collect();
    acts.extend(spellings(&user).into_iter().map(|path| ("PATCH", path)));
    acts.extend(spellings(&below_admin).into_iter().map(|path| ("PUT", path)));
    for (method, path) in acts {
        let read = api.send(method, &path, &admin.access, json!({})).await;
        let mut whole = read.ok();
        assert_eq!(
            api.send(method, &path, &admin.access, whole.clone()).await.ok(),
            whole,
            "{method} {path}"
        );
        whole["is_suspended"] = json!(true);
        whole["status"] = json!("suspended");
        whole["suspension_reason"] = json!("spam");
        whole["role"] = json!("moderator");
        let changed = api.send(method, &path, &admin.access, whole).await.ok();
        assert_eq!((&changed["status"], &changed["role"]), (&json!("suspended"), &json!("moderator")));
        let stale =
            api.request(method, &path).bearer_auth(&admin.access).json(&json!({ "status": "active" }));
        let stale = answer(stale.header("if-match", read.header("etag").unwrap())).await;
        assert_eq!(stale.refusal(), refused(412, "precondition-failed"));
        let body = json!({ "status": "active", "role": "normal" });
        assert_eq!(api.send(method, &path, &admin.access, body).await.ok()["status"], "active");
        let bio = api.send(method, &path, &admin.access, json!({ "bio": "by staff" })).await;
        assert_eq!(bio.field_error(), ("/bio".into(), "read-only".into()));
    }
    let nobody = api.send("PUT", &format!("/api/users/{NOBODY}"), &admin.access, json!({})).await;
    assert_eq!(nobody.refusal(), refused(404, "account-not-found"));
}

#[tokio::test]
async fn own_account_is_changed_as_far_as_me_lets_one() {
    let api = Api::shared().await;
    let [person, stranger] = api.people().await;
    for path in spellings(&format!("/api/users/{}", person.id)) {
        for method in ["PUT", "PATCH"] {
            let title = format!("{method} {path}");
            let shown = api.send(method, &path, &person.access, json!({ "title": title })).await.ok();
            assert_eq!(shown["title"], title);
            let mut again = api.send(method, &path, &person.access, shown.clone()).await.ok();
            // It may have been written down in between.
            again["last_active"] = shown["last_active"].clone();
            assert_eq!(again, shown);
            for body in [
                json!({ "role": "admin" }),
                json!({ "status": "suspended" }),
                json!({ "is_suspended": true }),
            ] {
                let reply = api.send(method, &path, &person.access, body.clone()).await;
                assert_eq!((reply.status, reply.field_error().1.as_str()), (422, "read-only"), "{body}");
            }
            let reply = api.send(method, &path, &stranger.access, json!({ "title": "x" })).await;
            assert_eq!(reply.refusal(), refused(403, "staff-only"));
        }
    }
}

#[tokio::test]
async fn invited_person_alone_knows_the_password() {
    let api = Api::shared().await;
    let (admin, known) = (api.verified("admin").await, api.verified("normal").await);
    for path in spellings("/api/users") {
        let (username, email) = new_name();
        let form = json!({ "username": username, "email": email, "role": "professional" });
        let made = api.send("POST", &path, &admin.access, form.clone()).await.is(201);
        assert_eq!(
            (&made["status"], &made["role"]),
            (&json!("pending_verification"), &json!("professional"))
        );
        let login = json!({ "username": username, "password": PASSWORD });
        assert_eq!(api.post("/api/auth/login", login).await.refusal(), refused(401, "login-failed"));
        assert!(api.mail(&email, 1).await.contains("An account was made for you"));
        let again = format!("/api/admin/users/{}/invite", made["id"].as_str().unwrap());
        let soon = api.send("POST", &again, &admin.access, json!({})).await;
        assert_eq!((soon.refusal(), soon.header("retry-after").is_some()), (refused(429, "too-soon"), true));
        let token = api.reset_token(&email, 1).await;
        let first = json!({ "token": token, "new_password": PASSWORD });
        api.post("/api/auth/reset-password", first.clone()).await.ok();
        assert_eq!(api.post("/api/auth/reset-password", first).await.refusal(), refused(422, "code-refused"));
        let person = api.log_in(&username, &email).await;
        let me = api.get("/api/me", &person.access).await.ok();
        assert_eq!((&me["status"], &me["email_verified"]), (&json!("active"), &json!(true)), "{path}");
        assert_eq!(api.send("POST", &path, &admin.access, form).await.refusal(), refused(409, "email-taken"));
        assert_eq!(
            api.send("POST", &again, &admin.access, json!({})).await.refusal(),
            refused(409, "already-done")
        );
    }
    for (form, slug) in [
        (json!({ "username": known.username, "email": "free@example.com" }), "username-taken"),
        (json!({ "username": new_name().0, "email": known.email }), "email-taken"),
        (json!({ "username": new_name().0, "email": new_name().1, "role": "admin" }), "owner-only"),
        (json!({ "username": "x", "email": "y", "role": "z" }), "validation-failed"),
        (json!({ "username": new_name().0, "email": new_name().1, "password": "x" }), "validation-failed"),
    ] {
        assert_eq!(api.send("POST", "/api/users", &admin.access, form).await.problem(), slug);
    }
}
