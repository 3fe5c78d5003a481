//! Profiles of other people: who sees what, how they are found, who changes them (PRO-02, PRO-06, PRO-07).

use crate::{
    account::accounts::spellings,
    client::{Answer, Api, Person},
    social::follows::{NOBODY, id},
};
use serde_json::{Value, json};
use std::sync::Arc;

impl Api {
    pub async fn profile_of(&self, person: &Person, viewer: &Person) -> Answer {
        self.get(&format!("/api/profiles/{}", person.id), &viewer.access).await
    }

    pub async fn search(&self, viewer: &Person, text: &str) -> Value {
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        self.get(&format!("/api/profiles/?search={encoded}"), &viewer.access).await.ok()
    }
}

pub fn members<'a>(list: &'a Value, member: &str) -> Vec<&'a str> {
    list["results"].as_array().unwrap().iter().map(|row| row[member].as_str().unwrap()).collect()
}

/// Everything that a person can say.
pub fn whole() -> Value {
    json!({
        "full_name": "Jane Doe", "title": "Engineer", "bio": "walks at dusk", "date_of_birth": "1990-02-03",
        "address": "1 Main Street", "phone_number": "+4917012345678", "avatar_url": "https://example.com/a.png",
        "cover_media": "https://example.com/c.png", "country": "DE", "city": "Ulm", "skills": ["Rust"],
    })
}

/// Members that hold something, of those that are not for everybody.
fn seen(profile: &Value) -> Vec<&'static str> {
    const GUARDED: [&str; 16] = [
        "title",
        "bio",
        "cover_media",
        "skills",
        "updated_at",
        "email",
        "phone_number",
        "country",
        "city",
        "location",
        "date_of_birth",
        "address",
        "role",
        "show_email",
        "show_phone",
        "is_profile_complete",
    ];
    let holds = |member: &&str| !profile[*member].is_null() && profile[*member] != json!([]);
    GUARDED.into_iter().filter(holds).collect()
}

const PROFILE: [&str; 5] = ["title", "bio", "cover_media", "skills", "updated_at"];
const SWITCHED: [&str; 5] = ["email", "phone_number", "country", "city", "location"];

#[tokio::test]
async fn each_kind_of_viewer_sees_what_the_person_shows_to_them() {
    let api = Api::shared().await;
    let [jane, follower, stranger, blocked, blocker] = api.people().await;
    let staff = api.verified("admin").await;
    api.set(&jane, whole()).await;
    api.follow(&follower, &jane.id).await.is(201);
    api.block(&jane, &blocked.id).await.is(201);
    api.block(&blocker, &jane.id).await.is(201);
    let all = [&PROFILE[..], &SWITCHED[..]].concat();

    for (private, shows) in [(false, false), (false, true), (true, false), (true, true)] {
        let switches = json!({ "is_private": private, "show_email": shows, "show_phone": shows, "show_location": shows });
        api.set(&jane, switches).await;
        let open = if shows { all.clone() } else { PROFILE.to_vec() };
        let to_strangers = if private { Vec::new() } else { open.clone() };
        for (viewer, expected) in [(&follower, open), (&stranger, to_strangers)] {
            let profile = api.profile_of(&jane, viewer).await.ok();
            assert_eq!(seen(&profile), expected, "private {private}, shows {shows}: {profile}");
            assert_eq!(
                (&profile["full_name"], &profile["username"]),
                (&json!("Jane Doe"), &json!(jane.username))
            );
            assert_eq!((&profile["is_private"], &profile["follower_count"]), (&json!(private), &json!(1)));
        }
        for viewer in [&jane, &staff] {
            let profile = api.profile_of(&jane, viewer).await.ok();
            assert_eq!(profile["email"], jane.email.as_str());
            assert_eq!(seen(&profile).len(), 16 - usize::from(!shows), "{profile}");
        }
        for viewer in [&blocked, &blocker] {
            for path in [format!("/api/profiles/{}", jane.id), format!("/api/users/{}", jane.username)] {
                let refusal = api.get(&path, &viewer.access).await.refusal();
                assert_eq!(refusal, (404, "account-not-found".to_owned()), "{path}");
            }
            let found = api.search(viewer, &jane.username).await;
            assert!(!members(&found, "id").contains(&jane.id.as_str()), "{found}");
        }
    }
}

#[tokio::test]
async fn profile_tells_how_the_two_stand_to_each_other() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let between = async || {
        let profile = api.profile_of(&jane, &john).await.ok();
        (profile["follow_status"].clone(), profile["follows_you"].clone(), profile["is_muted"].clone())
    };
    assert_eq!(between().await, (Value::Null, json!(false), json!(false)));

    api.set(&jane, json!({ "is_private": true })).await;
    let follow = id(&api.follow(&john, &jane.id).await.is(201));
    api.follow(&jane, &john.id).await.is(201);
    api.send("POST", "/api/mutes", &john.access, json!({ "user_id": jane.id })).await.is(201);

    assert_eq!(between().await, (json!("pending"), json!(true), json!(true)));
    api.act("POST", &format!("/api/follows/{follow}/approve"), &jane).await.ok();
    assert_eq!(between().await.0, json!("accepted"));
    api.act("DELETE", &format!("/api/follows/{follow}"), &john).await.ok();
    assert_eq!(between().await.0, Value::Null);
}

#[tokio::test]
async fn profile_is_found_by_id_and_by_username_in_any_case_at_every_spelling() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let by_id = api.profile_of(&jane, &john).await;
    assert_eq!(by_id.ok()["id"], jane.id.as_str());
    for path in spellings(&format!("/api/profiles/{}", jane.username.to_uppercase())) {
        assert_eq!(api.get(&path, &john.access).await.ok(), by_id.ok(), "{path}");
    }
    let known = api.request("GET", &format!("/api/profiles/{}", jane.id)).bearer_auth(&john.access);
    let known = known.header("if-none-match", by_id.header("etag").unwrap()).send().await.unwrap();
    assert_eq!(known.status(), 304);
    for name in [NOBODY, "nobody.of.this.name", "%20", "a%00b"] {
        for resource in ["profiles", "users"] {
            assert_eq!(api.get(&format!("/api/{resource}/{name}"), &john.access).await.status, 404, "{name}");
        }
    }
    assert_eq!(api.request("GET", "/api/profiles/").send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn people_are_found_by_beginnings_and_misspelt_names_best_first() {
    let api = Api::shared().await;
    let [viewer, one, two, three] = api.people().await;
    api.set(&one, json!({ "full_name": "Wilhelmina Zwiebelkuchen" })).await;
    api.set(&two, json!({ "full_name": "Wilhelm Zwickmühle", "bio": "bakes zwiebelkuchen" })).await;
    api.set(&three, json!({ "full_name": "Otto Normal" })).await;

    let found = async |text: &str| {
        let list = api.search(&viewer, text).await;
        members(&list, "id").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found("zwiebelkuchen").await, [one.id.clone(), two.id.clone()], "a name before a biography");
    assert_eq!(found("ZWICKM").await[0], two.id, "the beginning of a word");
    assert_eq!(found("Zwibelkuchen Wilhelmina").await[0], one.id, "misspelt");
    assert_eq!(found(&three.username).await[0], three.id, "a username");
    assert!(found("wilhelm zwickmühle").await.contains(&two.id));
    for nothing in ["qqqqxxxx", "'&|!:*", "))((", "%"] {
        assert_eq!(found(nothing).await, Vec::<String>::new(), "{nothing}");
    }
    let blank = api.search(&viewer, "  ").await;
    assert!(blank["count"].as_i64().unwrap() >= 4, "a blank search is none");
    let long = api.get(&format!("/api/profiles?search={}", "x".repeat(101)), &viewer.access).await;
    assert_eq!(long.field_error(), ("?search".to_owned(), "invalid".to_owned()));
    let page = api.get("/api/profiles?search=zwiebelkuchen&page_size=1&page=2", &viewer.access).await.ok();
    assert_eq!(
        (members(&page, "id"), &page["count"], &page["next"]),
        (vec![two.id.as_str()], &json!(2), &Value::Null)
    );
}

#[tokio::test]
async fn biography_of_a_private_profile_finds_nobody_for_strangers() {
    let api = Api::shared().await;
    let [jane, follower, stranger] = api.people().await;
    let staff = api.verified("owner").await;
    api.follow(&follower, &jane.id).await.is(201);
    api.set(&jane, json!({ "bio": "collects xylographs", "is_private": true })).await;

    for viewer in [&jane, &follower, &staff] {
        assert_eq!(members(&api.search(viewer, "xylographs").await, "id"), [&jane.id]);
    }
    assert_eq!(api.search(&stranger, "xylographs").await["count"], 0);
    api.set(&jane, json!({ "bio": null })).await;
    assert_eq!(api.search(&jane, "xylographs").await["count"], 0);
}

#[tokio::test]
async fn own_profile_is_changed_at_its_place_in_the_collection() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let one = format!("/api/profiles/{}", jane.id);
    for path in spellings("/api/profiles") {
        let made = api.act("POST", &path, &jane).await.ok();
        assert_eq!((&made["id"], &made["bio"]), (&json!(jane.id), &Value::Null), "it is there already");
    }
    let made = api.send("POST", "/api/profiles/", &jane.access, json!({ "bio": "walks" })).await.ok();
    assert_eq!(made["bio"], "walks");

    let mut whole = api.get(&one, &jane.access).await.ok();
    assert_eq!(api.send("PUT", &one, &jane.access, whole.clone()).await.ok(), whole, "a PUT of its own GET");
    whole["title"] = json!("Engineer");
    let put = api.send("PUT", &one, &jane.access, whole).await.ok();
    assert_eq!((&put["title"], &put["bio"]), (&json!("Engineer"), &json!("walks")));
    let wrong = api.send("PATCH", &one, &jane.access, json!({ "follower_count": 9, "x": 1, "bio": 7 })).await;
    assert_eq!(wrong.refusal(), (422, "validation-failed".to_owned()));
    let stale = api.request("PATCH", &one).bearer_auth(&jane.access).header("if-match", "\"1-x\"");
    assert_eq!(crate::client::answer(stale.json(&json!({ "bio": "runs" }))).await.status, 412);

    for (method, body) in
        [("PUT", json!({ "bio": "x" })), ("PATCH", json!({ "bio": "x" })), ("DELETE", json!({}))]
    {
        let reply = api.send(method, &one, &john.access, body.clone()).await;
        assert_eq!(reply.refusal(), (403, "forbidden".to_owned()), "{method}");
        api.block(&jane, &john.id).await;
        let reply = api.send(method, &one, &john.access, body).await;
        assert_eq!(reply.refusal(), (404, "account-not-found".to_owned()), "{method}");
        let block = api.get("/api/blocks", &jane.access).await.ok()["results"][0]["id"].clone();
        api.act("DELETE", &format!("/api/blocks/{}", block.as_str().unwrap()), &jane).await.ok();
    }
    assert_eq!(api.get(&one, &jane.access).await.ok()["bio"], "walks");
}

#[tokio::test]
async fn reset_clears_a_profile_and_opens_nothing() {
    let api = Api::shared().await;
    let [jane] = api.people().await;
    let staff = api.verified("admin").await;
    let one = format!("/api/profiles/{}", jane.username);
    let mut body = whole();
    body["is_private"] = json!(true);
    body["show_email"] = json!(true);
    for person in [&jane, &staff] {
        api.set(&jane, body.clone()).await;
        for _ in 0..2 {
            let reset = api.act("DELETE", &one, person).await.ok();
            for member in whole().as_object().unwrap().keys().filter(|member| *member != "skills") {
                assert_eq!(reset[member], Value::Null, "{member}");
            }
            assert_eq!((&reset["skills"], &reset["is_private"]), (&json!([]), &json!(true)));
            assert_eq!((&reset["show_email"], &reset["username"]), (&json!(false), &json!(jane.username)));
        }
    }
    assert_eq!(api.get("/api/me", &jane.access).await.ok()["username"], jane.username.as_str());
}

#[tokio::test]
async fn staff_changes_any_profile_while_they_are_staff() {
    let api = Api::shared().await;
    let [jane] = api.people().await;
    let staff = api.verified("admin").await;
    let one = format!("/api/profiles/{}", jane.id);
    let key = jane.id.as_str();
    let change = async || {
        let request = api.request("PATCH", &one).bearer_auth(&staff.access).header("idempotency-key", key);
        crate::client::answer(request.json(&json!({ "bio": "kept in order" }))).await
    };

    assert_eq!(change().await.ok()["bio"], "kept in order");
    api.set(&jane, json!({ "bio": "my own words" })).await;
    assert_eq!(change().await.ok()["bio"], "my own words", "a repeat does nothing again");
    let entry = format!("/api/admin/audit?entity_id={}&page_size=100", jane.id);
    let audit = api.get(&entry, &staff.access).await.ok();
    let actors: Vec<&Value> =
        audit["results"].as_array().unwrap().iter().map(|entry| &entry["actor"]).collect();
    assert!(actors.iter().any(|actor| actor.to_string().contains(&staff.id)), "{audit}");
}

#[tokio::test]
async fn last_activity_is_shown_once_it_is_written_down() {
    let api = Api::alone().await;
    let [jane, john] = api.people().await;
    api.get("/api/me", &jane.access).await.ok();
    let mut program = api.into_program();
    program.interrupt().await;
    let api = Api::of(Arc::new(program.restart().await));

    let reply = api.profile_of(&jane, &john).await;

    let shown = reply.ok()["last_active"].clone();
    let active = chrono::DateTime::parse_from_rfc3339(shown.as_str().unwrap()).unwrap();
    let now = chrono::DateTime::parse_from_rfc2822(reply.header("date").unwrap()).unwrap();
    // The header knows whole seconds only.
    let age = now.signed_duration_since(active) + chrono::TimeDelta::seconds(1);
    assert!((0..600).contains(&age.num_seconds()), "{shown}");
    let owner = api.verified("owner").await;
    let account = api.get(&format!("/api/admin/users/{}", jane.id), &owner.access).await.ok();
    assert_eq!(account["last_active"], shown);
    let listed = api.get(&format!("/api/admin/users?search={}", jane.username), &owner.access).await.ok();
    assert_eq!(listed["results"][0]["last_active"], shown, "{listed}");
    api.set(&jane, json!({ "is_private": true })).await;
    assert_eq!(api.profile_of(&jane, &john).await.ok()["last_active"], Value::Null);
    api.into_program().stop().await;
}
