//! Accounts and profiles at every path that they answer at (AUTH-01, AUTH-02, AUTH-04, AUTH-05, AUTH-09, PRO-01).

use crate::client::{Api, PASSWORD, answer, new_name};
use serde_json::{Value, json};

/// A path as it may be written (C-01, C-02).
pub fn spellings(path: &str) -> Vec<String> {
    let below = path.replacen("/api", "/api/v1", 1);
    vec![path.to_owned(), format!("{path}/"), below.clone(), format!("{below}/")]
}

fn all(paths: &[&str]) -> Vec<String> {
    paths.iter().flat_map(|path| spellings(path)).collect()
}

const ACCOUNT: [&str; 4] = ["/api/me", "/api/auth/me", "/api/auth/user", "/api/auth/jwt/user-info"];
const PROFILE: [&str; 2] = ["/api/users/profile", "/api/accounts/profile"];

#[tokio::test]
async fn registers_at_every_path() {
    let api = Api::shared().await;
    for path in all(&["/api/auth/register", "/api/accounts/register"]) {
        let (username, email) = new_name();
        let form = json!({ "username": username, "email": email, "password": PASSWORD });

        let reply = api.post(&path, form.clone()).await;

        let view = reply.is(201);
        assert_eq!((&view["username"], &view["is_verified"]), (&json!(username), &json!(false)), "{path}");
        assert!(view.get("access_token").is_none() && reply.position() > 0);
        assert_eq!(api.post(&path, form).await.refusal(), (409, "username-taken".to_owned()), "{path}");
    }
    for path in spellings("/api/auth/register/professional") {
        let (username, email) = new_name();
        let mut form = json!({ "username": username, "email": email, "password": PASSWORD });
        form["company_name"] = json!("Doe and Sons");
        let reply = api.post(&path, form.clone()).await;
        assert_eq!(reply.field_error(), ("/company_name".to_owned(), "unknown-field".to_owned()), "{path}");
        form.as_object_mut().unwrap().remove("company_name");
        let view = api.post(&path, form).await.is(201);
        assert_eq!(
            (&view["role"], &view["status"]),
            (&json!("professional"), &json!("pending_verification"))
        );
    }
    for path in spellings("/api/auth/jwt/register") {
        let (username, email) = new_name();
        let form = json!({ "username": username, "email": email, "password": PASSWORD });
        let tokens = api.post(&path, form).await.is(201);
        assert_eq!(tokens["verified"], false, "{path}");
        assert_eq!(
            api.get("/api/me", tokens["access_token"].as_str().unwrap()).await.ok()["status"],
            "pending_verification"
        );
    }
}

#[tokio::test]
async fn registration_refuses_bad_forms_with_their_pointer() {
    let api = Api::shared().await;
    let (username, email) = new_name();
    for (member, value) in [
        ("username", json!("a b")),
        ("username", json!("x")),
        ("email", json!("nobody")),
        ("password", json!("short")),
        ("password", json!("password123")),
    ] {
        let mut form = json!({ "username": username, "email": email, "password": PASSWORD });
        form[member] = value;
        let reply = api.post("/api/auth/register", form).await;
        assert_eq!((reply.status, reply.field_error().0), (422, format!("/{member}")), "{}", reply.body);
    }
    let form = json!({ "username": username, "email": email, "verification_token": "x" });
    assert_eq!(api.post("/api/auth/register", form).await.refusal(), (422, "method-disabled".to_owned()));
}

#[tokio::test]
async fn address_of_another_account_gets_the_same_answer_and_is_never_verified() {
    let api = Api::shared().await;
    let owner = api.verified("normal").await;
    let (username, _) = new_name();
    let form = json!({ "username": username, "email": owner.email, "password": PASSWORD });

    api.post("/api/auth/register", form).await.is(201);

    assert!(api.mail(&owner.email, 1).await.contains("already"));
    let login = api.log_in(&owner.username, &owner.email).await;
    assert_eq!(login.id, owner.id);
}

#[tokio::test]
async fn verifies_by_the_mailed_code_however_the_account_is_named() {
    let api = Api::shared().await;
    for (nth, path) in spellings("/api/auth/verify").into_iter().enumerate() {
        let person = api.unverified().await;
        let code = api.code(&person.email, 1).await;
        let wrong = if code == "000000" { "111111" } else { "000000" };
        let refused = api.post(&path, json!({ "username": person.username, "code": wrong })).await;
        assert_eq!(refused.refusal(), (422, "code-refused".to_owned()), "{path}");
        // The own profile may be prepared before (C-03 bars acting on others).
        api.send("PATCH", PROFILE[0], &person.access, json!({ "city": "Porto" })).await.ok();
        let change = api.send("PUT", "/api/me", &person.access, json!({ "bio": "x" })).await;
        assert_eq!(change.refusal(), (403, "contact-unverified".to_owned()));
        let (token, body) = match nth {
            0 => ("", json!({ "username": person.username, "code": code })),
            1 => ("", json!({ "user_id": person.id, "code": code })),
            2 => ("", json!({ "identifier": person.username, "code": code })),
            _ => (person.access.as_str(), json!({ "code": code })),
        };

        let verified = api.send("POST", &path, token, body.clone()).await.ok();

        assert_eq!(
            (&verified["status"], &verified["user_id"]),
            (&json!("active"), &json!(person.id)),
            "{path}"
        );
        api.send("POST", &path, token, body).await.ok();
        let changed = api.send("PATCH", PROFILE[0], &person.access, json!({ "city": "Porto" })).await;
        assert_eq!(changed.ok()["city"], "Porto", "the token of before may act now");
    }
}

#[tokio::test]
async fn while_a_code_is_out_no_other_is_sent_and_the_answer_is_the_same_for_everybody() {
    let api = Api::shared().await;
    let person = api.unverified().await;
    api.code(&person.email, 1).await;
    for path in spellings("/api/auth/resend-code") {
        let own = api.send("POST", &path, &person.access, json!({})).await.is(202);
        for (member, name) in [
            ("username", person.username.as_str()),
            ("email", &person.email),
            ("username", "nobody-at-all"),
            ("email", "nobody-at-all@example.com"),
        ] {
            let reply = api.post(&path, json!({ member: name })).await.is(202);
            assert_eq!(reply["message"], own["message"], "{path}");
            let token = reply["request_token"].as_str().unwrap();
            assert_eq!(token.len(), own["request_token"].as_str().unwrap().len(), "{path}");
        }
        assert_eq!(api.post(&path, json!({})).await.refusal(), (422, "validation-failed".to_owned()));
    }
    assert_eq!(api.mails(&person.email), 1);
    let done = api.verified("normal").await;
    let again = api.send("POST", "/api/auth/resend-code", &done.access, json!({})).await;
    assert_eq!(again.refusal(), (409, "already-done".to_owned()));
}

#[tokio::test]
async fn logs_in_at_every_path_by_every_identifier() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let shouted = person.username.to_uppercase();
    for path in all(&["/api/auth/login", "/api/accounts/login", "/api/auth/jwt/login", "/api/sessions"]) {
        for (member, value) in [
            ("identifier", &person.email),
            ("username", &shouted),
            ("email", &person.email),
            ("identifier", &person.username),
        ] {
            let tokens = api.post(&path, json!({ member: value, "password": PASSWORD })).await.ok();
            assert_eq!(
                (&tokens["user_id"], &tokens["token_type"]),
                (&json!(person.id), &json!("Bearer")),
                "{path}"
            );
        }
        for body in [
            json!({ "username": person.username, "password": "a long walk at dawn" }),
            json!({ "username": "nobody-at-all", "password": PASSWORD }),
            json!({ "identifier": person.id, "password": PASSWORD }),
        ] {
            let reply = api.post(&path, body).await;
            assert_eq!(reply.refusal(), (401, "login-failed".to_owned()), "{path}");
        }
    }
    let both = json!({ "username": person.username, "email": person.email, "password": PASSWORD });
    assert_eq!(api.post("/api/auth/login", both).await.field_error().1, "contradiction");
    let unverified = api.unverified().await;
    let login = json!({ "username": unverified.username, "password": PASSWORD });
    assert_eq!(api.post("/api/auth/login", login).await.refusal(), (403, "contact-unverified".to_owned()));
}

#[tokio::test]
async fn own_account_is_shown_at_every_path_and_only_to_whom_it_belongs() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    for path in all(&ACCOUNT) {
        let reply = api.get(&path, &person.access).await;
        let me = reply.ok();
        assert_eq!(
            (&me["id"], &me["email"], &me["role"]),
            (&json!(person.id), &json!(person.email), &json!("normal"))
        );
        let tag = reply.header("etag").unwrap();
        let known = api.request("GET", &path).bearer_auth(&person.access).header("if-none-match", tag);
        assert_eq!(answer(known).await.status, 304, "{path}");
        assert_eq!(
            answer(api.request("GET", &path)).await.refusal(),
            (401, "credentials-missing".to_owned())
        );
    }
}

#[tokio::test]
async fn own_account_is_changed_and_accepts_its_own_representation() {
    let api = Api::shared().await;
    for path in spellings("/api/me") {
        let person = api.verified("normal").await;
        let mut me = api.get(&path, &person.access).await.ok();
        let unchanged = api.send("PUT", &path, &person.access, me.clone()).await;
        assert_eq!(unchanged.ok()["updated_at"], me["updated_at"], "{path}");

        me["name"] = json!("Jane Doe");
        me["phone"] = json!("+491701234567");
        let changed = api.send("PUT", &path, &person.access, me.clone()).await.ok();

        assert_eq!(
            (&changed["full_name"], &changed["phone_number"]),
            (&json!("Jane Doe"), &json!("+491701234567"))
        );
        let mut me = changed;
        me["role"] = json!("owner");
        let refused = api.send("PUT", &path, &person.access, me).await;
        assert_eq!((refused.status, refused.field_error()), (422, ("/role".into(), "read-only".into())));
    }
}

#[tokio::test]
async fn new_address_counts_once_its_code_is_used() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let (_, email) = new_name();
    let without = api.send("PUT", "/api/me", &person.access, json!({ "email": email })).await;
    assert_eq!((without.status, without.field_error().0), (422, "/current_password".to_owned()));
    let wrong = json!({ "email": email, "current_password": "a long walk at dawn" });
    let wrong = api.send("PUT", "/api/me", &person.access, wrong).await;
    assert_eq!(wrong.refusal(), (403, "password-wrong".to_owned()));

    let body = json!({ "email": email, "current_password": PASSWORD });
    let waiting = api.send("PUT", "/api/me", &person.access, body).await.is(202);
    let code = api.code(&email, 1).await;
    api.send("POST", "/api/auth/verify", &person.access, json!({ "code": code })).await.ok();

    assert_eq!(waiting["email"], person.email);
    assert_eq!(api.get("/api/me", &person.access).await.ok()["email"], email);
    let login = |email: &str| api.post("/api/auth/login", json!({ "email": email, "password": PASSWORD }));
    login(&email).await.ok();
    assert_eq!(login(&person.email).await.status, 401);
}

#[tokio::test]
async fn profile_is_read_and_changed_at_every_path() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let profile = json!({
        "full_name": "Jane Doe", "title": "Walker", "bio": "walks", "date_of_birth": "1990-12-31",
        "address": "Sea Road 1", "phone_number": "+491701234567", "avatar_url": "https://example.com/j.png",
        "cover_media": "https://example.com/c.png", "cover_media_type": "image", "country": "PT",
        "city": "Porto", "skills": ["rust", "sql"], "is_private": true, "show_email": true,
        "show_phone": false, "show_location": true,
    });
    for path in all(&PROFILE) {
        let set = api.send("PATCH", &path, &person.access, profile.clone()).await.ok();
        for (member, value) in profile.as_object().unwrap() {
            assert_eq!(&set[member], value, "{path} {member}");
        }
        let cleared = json!({ "full_name": null, "bio": "", "skills": [], "address": null });
        let cleared = api.send("PUT", &path, &person.access, cleared).await.ok();
        assert_eq!(
            (&cleared["full_name"], &cleared["bio"], &cleared["city"]),
            (&Value::Null, &Value::Null, &json!("Porto"))
        );
        let shown = api.get(&path, &person.access).await.ok();
        assert_eq!(shown, cleared, "{path}");
        for (member, value) in [
            ("country", json!("Portugal")),
            ("date_of_birth", json!("31.12.1990")),
            ("phone_number", json!("0170")),
            ("avatar_url", json!("javascript:alert(1)")),
            ("nickname", json!("j")),
            ("user", json!("somebody else")),
            ("full_name", json!("x".repeat(5_000))),
        ] {
            let refused = api.send("PATCH", &path, &person.access, json!({ member: value })).await;
            assert_eq!(
                (refused.status, refused.field_error().0),
                (422, format!("/{member}")),
                "{}",
                refused.body
            );
        }
        assert_eq!(answer(api.request("PATCH", &path)).await.status, 401);
    }
}

#[tokio::test]
async fn document_and_its_page_are_served() {
    let api = Api::shared().await;
    for path in spellings("/api/openapi.json") {
        assert_eq!(answer(api.request("GET", &path)).await.ok()["openapi"], "3.1.0", "{path}");
    }
    for path in ["/docs", "/docs/"] {
        let page = answer(api.request("GET", path)).await;
        assert!(page.status == 200 && page.body.contains("<html"), "{path}");
    }
}
