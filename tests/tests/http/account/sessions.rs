//! Sessions and their tokens at every path (SESS-01 to SESS-03, SESS-06, AUTH-03).

use crate::{
    account::accounts::spellings,
    client::{Api, Person, answer},
};
use serde_json::{Value, json};

#[tokio::test]
async fn refresh_hands_out_new_tokens_at_every_path() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let mut token = person.refresh.clone();
    for path in ["/api/auth/refresh", "/api/auth/jwt/refresh"].iter().flat_map(|path| spellings(path)) {
        for member in ["refresh_token", "refresh"] {
            let tokens = api.post(&path, json!({ member: token })).await.ok();
            assert_eq!(
                (&tokens["session_id"], &tokens["expires_in"]),
                (&json!(person.session), &json!(900)),
                "{path}"
            );
            assert_ne!(tokens["refresh_token"], token);
            api.get("/api/me", tokens["access_token"].as_str().unwrap()).await.ok();
            token = tokens["refresh_token"].as_str().unwrap().to_owned();
        }
        for bad in ["", "x", &person.access, &"A".repeat(64), &"x".repeat(10_000)] {
            let reply = api.post(&path, json!({ "refresh_token": bad })).await;
            assert_eq!(reply.refusal(), (401, "refresh-refused".to_owned()), "{bad}");
        }
    }
}

#[tokio::test]
async fn token_is_judged_for_other_services() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    for path in spellings("/api/auth/jwt/verify") {
        let verdict = api.post(&path, json!({ "token": person.access })).await.ok();
        assert_eq!((&verdict["valid"], &verdict["active"]), (&json!(true), &json!(true)), "{path}");
        assert_eq!((&verdict["sub"], &verdict["sid"]), (&json!(person.id), &json!(person.session)));
        for token in [person.refresh.as_str(), "", "a.b.c"] {
            let verdict = api.post(&path, json!({ "token": token })).await.ok();
            assert_eq!(verdict, json!({ "valid": false, "active": false }), "{path}");
        }
    }
    api.send("POST", "/api/auth/logout", &person.access, json!({})).await.ok();
    assert_eq!(
        api.post("/api/auth/jwt/verify", json!({ "token": person.access })).await.ok()["valid"],
        false
    );
}

#[tokio::test]
async fn introspection_takes_forms_and_tells_what_the_account_is_by_now() {
    let api = Api::shared().await;
    let person = api.unverified().await;
    let form = |body: String| {
        let request = api.request("POST", "/api/auth/jwt/verify").body(body);
        answer(request.header("content-type", "application/x-www-form-urlencoded; charset=utf-8"))
    };
    let own = format!("token={}&token_type_hint=access_token", person.access);

    let verdict = form(own.clone()).await.ok();
    assert_eq!((&verdict["active"], &verdict["token_type"]), (&json!(true), &json!("Bearer")));
    assert_eq!((&verdict["sub"], &verdict["username"]), (&json!(person.id), &json!(person.username)));
    assert_eq!((&verdict["role"], &verdict["verified"]), (&json!("normal"), &json!(false)));
    assert!(["iat", "exp", "iss", "aud", "jti", "sid"].iter().all(|name| !verdict[name].is_null()));

    let code = api.code(&person.email, 1).await;
    api.post("/api/auth/verify", json!({ "username": person.username, "code": code })).await.ok();
    assert_eq!(form(own).await.ok()["verified"], true, "the token still says that it is not");
    for body in ["", "token=a&token=b", "token=a&client=b", "tok%FFen=a"] {
        assert_eq!(form(body.to_owned()).await.refusal(), (422, "validation-failed".to_owned()), "{body}");
    }
    let inactive = json!({ "valid": false, "active": false });
    assert_eq!(form("token=a.b.c".to_owned()).await.ok(), inactive);
}

async fn is_over(api: &Api, person: &Person) {
    assert_eq!(api.get("/api/me", &person.access).await.refusal(), (401, "session-ended".to_owned()));
    let refresh = api.post("/api/auth/refresh", json!({ "refresh_token": person.refresh })).await;
    assert_eq!(refresh.refusal(), (401, "refresh-refused".to_owned()));
}

#[tokio::test]
async fn logout_ends_the_session_at_every_path_with_and_without_a_body() {
    let api = Api::shared().await;
    let owner = api.verified("normal").await;
    for path in ["/api/auth/logout", "/api/accounts/logout", "/api/auth/jwt/logout"]
        .iter()
        .flat_map(|path| spellings(path))
    {
        let (with, without) = (
            api.log_in(&owner.username, &owner.email).await,
            api.log_in(&owner.username, &owner.email).await,
        );
        let body = json!({ "refresh_token": with.refresh });
        api.send("POST", &path, &with.access, body).await.ok();
        answer(api.request("POST", &path).bearer_auth(&without.access)).await.ok();
        is_over(&api, &with).await;
        is_over(&api, &without).await;
        let again = answer(api.request("POST", &path).bearer_auth(&without.access)).await;
        assert_eq!(again.refusal(), (401, "session-ended".to_owned()), "{path}");
        assert_eq!(
            answer(api.request("POST", &path)).await.refusal(),
            (401, "credentials-missing".to_owned())
        );
    }
    api.get("/api/me", &owner.access).await.ok();
}

fn ids(list: &Value) -> Vec<&str> {
    list["results"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn own_sessions_are_listed_found_and_ended() {
    let api = Api::shared().await;
    for path in spellings("/api/sessions") {
        let first = api.verified("normal").await;
        let second = api.log_in(&first.username, &first.email).await;
        let third = api.log_in(&first.username, &first.email).await;
        let list = api.get(&path, &first.access).await.ok();
        assert_eq!(ids(&list), [&third.session, &second.session, &first.session], "{path}");
        assert_eq!((&list["count"], &list["next"]), (&json!(3), &Value::Null));
        let page = api.get(&format!("{path}?page=2&page_size=2"), &first.access).await.ok();
        assert_eq!((ids(&page), page["previous"].is_string()), (vec![first.session.as_str()], true));

        let one = format!("{}/{}", path.trim_end_matches('/'), second.session);
        let shown = api.get(&one, &first.access).await.ok();
        assert_eq!((&shown["current"], &shown["is_active"]), (&json!(false), &json!(true)));
        answer(api.request("DELETE", &one).bearer_auth(&first.access)).await.ok();
        is_over(&api, &second).await;
        assert_eq!(api.get(&one, &first.access).await.ok()["end_cause"], "revoked");

        answer(api.request("DELETE", &path).bearer_auth(&first.access)).await.ok();
        is_over(&api, &third).await;
        api.get("/api/me", &first.access).await.ok();
    }
}

#[tokio::test]
async fn sessions_of_others_are_not_there() {
    let api = Api::shared().await;
    let (person, other) = (api.verified("normal").await, api.verified("owner").await);
    for id in [other.session.as_str(), "01890a5d-ac96-774b-bcce-b302099a8057"] {
        for method in ["GET", "DELETE"] {
            let request = api.request(method, &format!("/api/sessions/{id}")).bearer_auth(&person.access);
            assert_eq!(answer(request).await.refusal(), (404, "session-not-found".to_owned()), "{method}");
        }
    }
    api.get("/api/me", &other.access).await.ok();
}
