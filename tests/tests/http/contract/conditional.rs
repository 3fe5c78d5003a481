//! Changes by somebody who has seen another version (RFC 9110, section 13.1.1).

use crate::{
    client::{Answer, Api, answer},
    contract::route_table::{Class, TABLE},
    social::follows::NOBODY,
};
use futures::future::join_all;
use serde_json::json;

/// Of no version, so that no resource needs to be there to be compared with.
const NOBODYS: &str = "\"somebody-elses\"";

#[tokio::test]
async fn of_many_who_change_the_same_version_of_an_account_one_does() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let tag = api.get("/api/me", &person.access).await.header("etag").unwrap().to_owned();
    let change = async |n: usize| {
        let body = json!({ "preferences": { "colour": n } });
        let request = api.request("PUT", "/api/me").bearer_auth(&person.access).json(&body);
        answer(request.header("if-match", &tag)).await
    };

    let replies: Vec<Answer> = join_all((0..8).map(change)).await;

    let done = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(done, 1, "{replies:?}");
    for lost in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(lost.refusal(), (412, "precondition-failed".to_owned()));
    }
    let now = api.get("/api/me", &person.access).await.header("etag").unwrap().to_owned();
    let body = json!({ "title": "Walker", "preferences": { "theme": "dark" } });
    let request = api.request("PUT", "/api/me").bearer_auth(&person.access).json(&body);
    answer(request.header("if-match", now)).await.ok();
}

#[tokio::test]
async fn version_that_was_seen_holds_for_address_profile_and_settings_at_once() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let tag = api.get("/api/me", &person.access).await.header("etag").unwrap().to_owned();
    let (_, email) = crate::client::new_name();
    let body = json!({
        "email": email, "current_password": crate::client::PASSWORD,
        "title": "Walker", "preferences": { "theme": "dark" },
    });
    let put = async || {
        let request = api.request("PUT", "/api/me").bearer_auth(&person.access).json(&body);
        answer(request.header("if-match", &tag)).await
    };

    let changed = put().await.is(202);
    assert_eq!((&changed["title"], &changed["preferences"]["theme"]), (&json!("Walker"), &json!("dark")));
    assert_eq!(put().await.refusal(), (412, "precondition-failed".to_owned()));
    api.send("PATCH", "/api/settings", &person.access, json!({ "theme": "light" })).await.ok();
    assert_eq!(put().await.refusal(), (412, "precondition-failed".to_owned()));
}

#[tokio::test]
async fn no_change_is_made_for_a_tag_that_nothing_has() {
    let api = Api::shared().await;
    let owner = api.verified("owner").await;
    for (method, path, class, _) in TABLE.iter().filter(|(method, ..)| *method != "GET") {
        let path = path.replace("{id}", NOBODY);
        let request = api.request(method, &path).header("if-match", NOBODYS).json(&json!({}));
        let request = if *class == Class::Open { request } else { request.bearer_auth(&owner.access) };
        let reply = answer(request).await;
        assert_eq!(reply.refusal(), (412, "precondition-failed".to_owned()), "{method} {path}");
    }
    api.get("/api/me", &owner.access).await.ok();
    let any = api.request("POST", "/api/auth/logout").bearer_auth(&owner.access).header("if-match", "*");
    answer(any).await.ok();
}
