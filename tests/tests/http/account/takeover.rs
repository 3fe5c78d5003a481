//! Somebody has the password, or an access token: what the owner's reset ends, and what asks for the password once more
//! (AUTH-05, AUTH-06, SESS-06, KEY-01).

use crate::{
    account::api_keys::text,
    client::{Answer, Api, PASSWORD, PATIENT, Person, answer, new_name},
};
use annals_tests::program::{Program, new_directory};
use serde_json::{Value, json};
use std::sync::Arc;

const NEW: &str = "the tide comes in twice";

fn refused(status: u16, slug: &str) -> (u16, String) {
    (status, slug.to_owned())
}

impl Api {
    pub async fn asks_for_address(&self, person: &Person, email: &str) -> Answer {
        let body = json!({ "email": email, "current_password": PASSWORD });
        self.send("PUT", "/api/me", &person.access, body).await
    }

    /// The owner of an address sets another password by a mailed token.
    pub async fn resets(&self, person: &Person, password: &str) -> Answer {
        let before = self.outbox().iter().filter(|mail| is_reset(mail, &person.email)).count();
        self.post("/api/auth/forgot-password", json!({ "email": person.email })).await.is(202);
        let token = self.reset_of(&person.email, before).await;
        self.post("/api/auth/reset-password", json!({ "token": token, "new_password": password })).await
    }

    async fn reset_of(&self, email: &str, before: usize) -> String {
        let mail = self.mail_that(|mail| is_reset(mail, email), before + 1).await;
        link(&mail, "/reset-password#token=")
    }

    /// The newest mail of at least so many that are like this.
    pub async fn mail_that(&self, is: impl Fn(&str) -> bool, count: usize) -> String {
        for _ in 0..500 {
            let mut mails = self.outbox();
            mails.retain(|mail| is(mail));
            if mails.len() >= count {
                return mails.pop().unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{count} such mails did not arrive");
    }

    /// The token that stops a change, from the mail to the present address.
    pub async fn stop_link(&self, person: &Person) -> String {
        let asked = |mail: &str| has(mail, &person.email) && mail.contains("/stop-email-change#token=");
        link(&self.mail_that(asked, 1).await, "/stop-email-change#token=")
    }

    pub async fn logs_in(&self, person: &Person, password: &str) -> Person {
        let body = json!({ "username": person.username, "password": password });
        let tokens = self.post("/api/auth/login", body).await.ok();
        let (access, refresh) = (text(&tokens["access_token"]), text(&tokens["refresh_token"]));
        Person { access, refresh, session: text(&tokens["session_id"]), ..person.clone() }
    }
}

fn has(mail: &str, email: &str) -> bool {
    mail.lines().any(|line| line.trim() == format!("To: {email}"))
}

fn is_reset(mail: &str, email: &str) -> bool {
    has(mail, email) && mail.contains("/reset-password#token=")
}

fn link(mail: &str, path: &str) -> String {
    let line = mail.lines().find(|line| line.contains(path)).expect("a link");
    line.split_once("token=").unwrap().1.trim().to_owned()
}

#[tokio::test]
async fn stolen_password_does_not_survive_the_owners_reset() {
    let api = Api::shared().await;
    let owner = api.verified("normal").await;
    let thief = api.log_in(&owner.username, &owner.email).await;
    let (_, theirs) = new_name();
    api.asks_for_address(&thief, &theirs).await.is(202);
    let code = api.code(&theirs, 1).await;
    let (_, key) = api.key_of(&thief, &["account:read"]).await;

    api.resets(&owner, NEW).await.ok();

    // The thief has the code, the name, and the token of a session that is over.
    for token in ["", thief.access.as_str()] {
        let again = json!({ "username": owner.username });
        api.send("POST", "/api/auth/resend-code", token, again).await.is(202);
        let verify = json!({ "username": owner.username, "code": code });
        let verify = api.send("POST", "/api/auth/verify", token, verify).await;
        assert_eq!(verify.refusal(), refused(422, "code-refused"));
    }
    let back = api.logs_in(&owner, NEW).await;
    let me = api.get("/api/me", &back.access).await.ok();
    assert_eq!((&me["email"], &me["pending_email"]), (&json!(owner.email), &Value::Null));
    assert_eq!(api.get("/api/me", &key).await.refusal(), refused(401, "api-key-dormant"));
    let login = json!({ "email": theirs, "password": PASSWORD });
    assert_eq!(api.post("/api/auth/login", login).await.refusal(), refused(401, "login-failed"));
    let mails = |api: &Api| api.outbox().iter().filter(|mail| has(mail, &theirs)).count();
    api.post("/api/auth/forgot-password", json!({ "email": owner.email })).await.is(202);
    api.mail_that(|mail| is_reset(mail, &owner.email), 2).await;
    assert_eq!(mails(&api), 1, "nothing but the first code ever went to the thief");
}

#[tokio::test]
async fn pending_change_is_shown_and_taken_back_by_the_present_address() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let (_, email) = new_name();

    let asked = api.asks_for_address(&person, &email).await.is(202);

    let me = api.get("/api/me", &person.access).await.ok();
    assert_eq!((&asked["pending_email"], &me["pending_email"]), (&json!(email), &json!(email)));
    assert!(me["pending_email_since"].as_str() > me["created_at"].as_str(), "{me}");
    api.send("PUT", "/api/me", &person.access, me.clone()).await.ok();
    let mut before = me;
    before["pending_email"] = Value::Null;
    api.send("PUT", "/api/me", &person.access, before).await.ok();
    let wrong = json!({ "email": person.email, "current_password": "not it at all" });
    let wrong = api.send("PUT", "/api/me", &person.access, wrong).await;
    assert_eq!(wrong.refusal(), refused(403, "password-wrong"));
    assert_eq!(api.get("/api/me", &person.access).await.ok()["pending_email"], json!(email));
    let code = api.code(&email, 1).await;
    for _ in 0..2 {
        let kept = api.asks_for_address(&person, &person.email).await.ok();
        assert_eq!(
            (&kept["pending_email"], &kept["pending_email_since"]),
            (&Value::Null, &Value::Null),
            "{kept}"
        );
    }
    let verify = api.send("POST", "/api/auth/verify", &person.access, json!({ "code": code })).await;
    assert_eq!(verify.refusal(), refused(422, "code-refused"));
    let events = api.get("/api/events?page_size=100", &person.access).await.ok();
    let count = |word: &str| {
        let all = events["results"].as_array().unwrap();
        all.iter().filter(|event| event["event_type"] == word || event["type"] == word).count()
    };
    assert_eq!(count("email_change_cancelled"), 1, "{events}");
}

#[tokio::test]
async fn former_address_stops_a_change_by_its_link() {
    let api = Api::shared().await;
    let owner = api.verified("normal").await;
    let (id, key) = api.key_of(&owner, &["account:read"]).await;
    let thief = api.log_in(&owner.username, &owner.email).await;
    let (_, theirs) = new_name();
    api.asks_for_address(&thief, &theirs).await.is(202);
    let code = api.code(&theirs, 1).await;
    let token = api.stop_link(&owner).await;
    let stop = async |token: &str| api.post("/api/auth/stop-email-change", json!({ "token": token })).await;
    for forged in ["x", &code, &owner.access, &token[1..]] {
        assert_eq!(stop(forged).await.refusal(), refused(422, "code-refused"), "{forged}");
    }

    for _ in 0..2 {
        assert!(stop(&token).await.ok()["message"].as_str().unwrap().contains("new password"));
    }

    for session in [&owner, &thief] {
        assert_eq!(api.get("/api/me", &session.access).await.refusal(), refused(401, "session-ended"));
    }
    assert_eq!(api.get("/api/me", &key).await.refusal(), refused(401, "api-key-dormant"));
    let back = api.log_in(&owner.username, &owner.email).await;
    let verify = api.send("POST", "/api/auth/verify", &back.access, json!({ "code": code })).await;
    assert_eq!(verify.refusal(), refused(422, "code-refused"));
    assert_eq!(api.get("/api/me", &back.access).await.ok()["pending_email"], Value::Null);
    let row = api.get(&format!("/api/me/api-keys/{id}"), &back.access).await.ok();
    assert_eq!(row["status"], "dormant");
}

#[tokio::test]
async fn link_stops_nothing_once_the_change_is_done() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let (_, email) = new_name();
    api.asks_for_address(&person, &email).await.is(202);
    let token = api.stop_link(&person).await;
    let code = api.code(&email, 1).await;
    api.send("POST", "/api/auth/verify", &person.access, json!({ "code": code })).await.ok();

    let late = api.post("/api/auth/stop-email-change", json!({ "token": token })).await;

    assert_eq!(late.refusal(), refused(422, "code-refused"));
    api.get("/api/me", &person.access).await.ok();
}

#[tokio::test]
async fn keys_sleep_from_a_reset_until_their_person_confirms_them_one_by_one_or_all() {
    let api = Api::shared().await;
    let owner = api.verified("normal").await;
    let [one, other, third] = [(); 3].map(|()| api.key_of(&owner, &["account:read"]));
    let ((id, one), (_, other), (gone, third)) = (one.await, other.await, third.await);
    api.revoke_key(&owner, &gone).await.ok();
    api.resets(&owner, NEW).await.ok();
    let back = api.logs_in(&owner, NEW).await;
    let confirm = async |path: &str, body: Value| {
        api.send("POST", &format!("/api/me/api-keys{path}"), &back.access, body).await
    };
    for key in [&one, &other] {
        let asleep = api.get("/api/me", key).await;
        assert_eq!(asleep.refusal(), refused(401, "api-key-dormant"));
        assert!(asleep.json()["detail"].as_str().unwrap().contains("confirms"), "{}", asleep.body);
        let verdict = api.post("/api/auth/jwt/verify", json!({ "token": key })).await.ok();
        assert_eq!(verdict["active"], false);
    }
    assert_eq!(api.get("/api/me", &third).await.refusal(), refused(401, "api-key-revoked"));
    let wrong = confirm(&format!("/{id}/confirm"), json!({ "current_password": PASSWORD })).await;
    assert_eq!(wrong.refusal(), refused(403, "password-wrong"));
    assert_eq!(confirm(&format!("/{id}/confirm"), json!({})).await.field_error().0, "/current_password");

    let password = json!({ "current_password": NEW });
    for _ in 0..2 {
        let woken = confirm(&format!("/{id}/confirm"), password.clone()).await.ok();
        assert_eq!((&woken["status"], &woken["dormant_since"]), (&json!("active"), &Value::Null));
    }
    api.get("/api/me", &one).await.ok();
    assert_eq!(api.get("/api/me", &other).await.refusal(), refused(401, "api-key-dormant"));
    assert_eq!(confirm("/confirm", password.clone()).await.ok()["confirmed"].as_array().unwrap().len(), 1);
    assert_eq!(confirm("/confirm", password.clone()).await.ok()["confirmed"], json!([]));
    for key in [&one, &other] {
        api.get("/api/me", key).await.ok();
    }
    let over = confirm(&format!("/{gone}/confirm"), password.clone()).await;
    assert_eq!(over.refusal(), refused(409, "api-key-over"));
    let stranger = api.verified("normal").await;
    let path = format!("/api/me/api-keys/{id}/confirm");
    let foreign = json!({ "current_password": PASSWORD });
    let foreign = api.send("POST", &path, &stranger.access, foreign).await;
    assert_eq!(foreign.refusal(), refused(404, "api-key-not-found"));
    let listed = api.get("/api/me/api-keys", &back.access).await.ok();
    let states: Vec<_> = listed["results"].as_array().unwrap().iter().map(|k| text(&k["status"])).collect();
    assert_eq!(states.iter().filter(|state| *state == "active").count(), 2, "{states:?}");
}

#[tokio::test]
async fn change_of_the_password_by_who_knows_it_leaves_keys_awake() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let (_, key) = api.key_of(&person, &["account:read"]).await;
    let body = json!({ "current_password": PASSWORD, "new_password": NEW });

    api.send("POST", "/api/auth/password/change", &person.access, body).await.ok();

    api.get("/api/me", &key).await.ok();
    let mail = api.mail_that(|mail| has(mail, &person.email) && mail.contains("keys still work"), 1).await;
    assert!(mail.contains("Your password was changed"), "{mail}");
}

/// Where the setting says that no login is fresh: as for a token that was stolen from an old session.
#[tokio::test]
async fn access_token_alone_makes_no_key_deletes_no_account_and_ends_no_session() {
    let settings = [("ANNALS_FRESH_LOGIN", "0"), PATIENT];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    let person = api.verified("normal").await;
    let other = api.log_in(&person.username, &person.email).await;
    let one = format!("/api/sessions/{}", other.session);
    let own = format!("/api/users/{}", person.id);
    let owner = api.verified("owner").await;
    let service = json!({ "service": "heron-counter", "scopes": ["events:write"] });
    let without = api.send("POST", "/api/admin/service-keys", &owner.access, service.clone()).await;
    assert_eq!(without.refusal(), refused(403, "password-needed"));
    let mut right = service;
    right["current_password"] = json!(PASSWORD);
    let made = api.send("POST", "/api/admin/service-keys", &owner.access, right).await.is(201);
    let take_over = format!("/api/admin/service-keys/{}/take-over", text(&made["id"]));
    let without = api.send("POST", &take_over, &owner.access, json!({})).await;
    assert_eq!(without.refusal(), refused(403, "password-needed"));
    let right = json!({ "current_password": PASSWORD });
    api.send("POST", &take_over, &owner.access, right).await.ok();
    let key = json!({ "name": "heron feeder", "scopes": ["account:read"] });
    let asking = [
        ("POST", "/api/me/api-keys".to_owned(), key),
        ("DELETE", one.clone(), json!({})),
        ("POST", format!("{one}/end"), json!({})),
        ("DELETE", "/api/sessions".to_owned(), json!({})),
        ("POST", "/api/sessions/end-others".to_owned(), json!({})),
        ("DELETE", own, json!({})),
        ("POST", "/api/me/deletion".to_owned(), json!({})),
        ("DELETE", "/api/me".to_owned(), json!({})),
    ];
    for (method, path, body) in &asking {
        let without = api.send(method, path, &person.access, body.clone()).await;
        assert_eq!(without.refusal(), refused(403, "password-needed"), "{method} {path}");
        if *method == "DELETE" {
            let bare = answer(api.request(method, path).bearer_auth(&person.access)).await;
            assert_eq!(bare.refusal(), refused(403, "password-needed"), "{method} {path}");
        }
        let mut wrong = body.clone();
        wrong["current_password"] = json!("not it at all");
        let wrong = api.send(method, path, &person.access, wrong).await;
        assert_eq!(wrong.refusal(), refused(403, "password-wrong"), "{method} {path}");
    }
    api.get("/api/me", &other.access).await.ok();
    for (method, path, body) in asking {
        let mut right = body;
        right["current_password"] = json!(PASSWORD);
        let done = api.send(method, &path, &person.access, right).await;
        assert!(done.status < 300 || done.status == 401, "{method} {path}: {done:?}");
    }
    assert_eq!(api.get("/api/me", &other.access).await.status, 401);
    let deleted = json!({ "username": person.username, "password": PASSWORD });
    assert_eq!(api.post("/api/auth/login", deleted).await.refusal(), refused(403, "deletion-requested"));
}

#[tokio::test]
async fn wrong_passwords_of_who_is_asked_once_more_are_counted_together() {
    let settings = [("ANNALS_FRESH_LOGIN", "0"), ("ANNALS_THROTTLE_PASSWORD_CHECK", "3/3600"), PATIENT];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    let person = api.verified("normal").await;
    let wrong = json!({ "current_password": "not it at all" });
    for path in ["/api/sessions/end-others", "/api/me/deletion", "/api/me/api-keys/confirm"] {
        let reply = api.send("POST", path, &person.access, wrong.clone()).await;
        assert_eq!(reply.refusal(), refused(403, "password-wrong"), "{path}");
    }

    let right = json!({ "current_password": PASSWORD });
    let reply = api.send("POST", "/api/me/deletion", &person.access, right).await;

    assert_eq!(reply.refusal(), refused(429, "too-many-requests"));
    api.send("POST", "/api/auth/logout", &person.access, json!({})).await.ok();
}

#[tokio::test]
async fn own_session_is_ended_without_the_password_and_another_drops_the_change_of_address() {
    let api = Api::shared().await;
    let owner = api.verified("normal").await;
    let thief = api.log_in(&owner.username, &owner.email).await;
    let (_, theirs) = new_name();
    api.asks_for_address(&thief, &theirs).await.is(202);
    let code = api.code(&theirs, 1).await;

    let path = format!("/api/sessions/{}", thief.session);
    answer(api.request("DELETE", &path).bearer_auth(&owner.access)).await.ok();

    assert_eq!(api.get("/api/me", &owner.access).await.ok()["pending_email"], Value::Null);
    let again = api.log_in(&owner.username, &owner.email).await;
    let verify = api.send("POST", "/api/auth/verify", &again.access, json!({ "code": code })).await;
    assert_eq!(verify.refusal(), refused(422, "code-refused"));
    let path = format!("/api/sessions/{}", owner.session);
    answer(api.request("DELETE", &path).bearer_auth(&owner.access)).await.ok();
}
