//! Who has which badge: given, taken away, featured (BDG-02, BDG-14, BDG-20, ADM-04, C-40).

use crate::{
    account::accounts::spellings,
    account::api_keys::text,
    account::service_keys::new_service,
    badges::definitions::new_badge_name,
    client::{Answer, Api, Person, answer},
    social::follows::{NOBODY, id},
};
use serde_json::{Value, json};

impl Api {
    pub async fn give(&self, token: &str, person: &Person, badge: &str) -> Answer {
        self.send("POST", "/api/user-badges/", token, json!({ "user": person.id, "badge": badge })).await
    }

    async fn award_service(&self) -> String {
        let owner = self.verified("owner").await;
        text(&self.ask_for_service_key(&owner, &new_service(), &["badges:award"]).await.is(201)["key"])
    }

    async fn badges_of(&self, viewer: &Person, person: &Person) -> Answer {
        self.get(&format!("/api/user-badges/?user={}", person.id), &viewer.access).await
    }
}

fn own(award: &Value) -> String {
    format!("/api/user-badges/{}/", id(award))
}

pub async fn takes(api: &Api, staff: &Person, award: &Value) -> Answer {
    let body = json!({ "reason": "The posts were copied" });
    api.send("DELETE", &own(award), &staff.access, body).await
}

#[tokio::test]
async fn badge_is_given_once_and_by_any_of_its_names() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let badge = api.badge(&admin, json!({ "points": 20 })).await;
    let (badge_id, slug, name) = (id(&badge), text(&badge["slug"]), text(&badge["name"]));
    let (mut statuses, mut awards, mut position) = (Vec::new(), Vec::new(), 0);
    for path in spellings("/api/user-badges") {
        for body in [
            json!({ "user": jane.id, "badge": slug, "reason": "For the party" }),
            json!({ "user_id": jane.id, "badge_id": badge_id }),
            json!({ "user": jane.id, "name": name.to_uppercase(), "slug": slug }),
        ] {
            let reply = api.send("POST", &path, &admin.access, body).await;
            statuses.push(reply.status);
            position = reply.position();
            awards.push(reply.json());
        }
    }
    assert_eq!(statuses[0], 201);
    assert!(statuses[1..].iter().all(|status| *status == 200), "{statuses:?}");
    assert!(awards.iter().all(|award| *award == awards[0]), "{awards:?}");
    let award = &awards[0];
    assert_eq!((&award["user"], &award["awarded_by"]), (&json!(jane.id), &json!("admin")));
    assert_eq!((&award["notes"], &award["points"]), (&json!("For the party"), &json!(20)));
    assert_eq!((&award["badge"]["name"], &award["is_featured"]), (&json!(name), &json!(false)));
    assert_eq!(award["progress_data"], json!({}));

    let mine = api.get("/api/user-badges/", &jane.access).await.ok();
    assert_eq!((&mine["count"], &mine["results"][0]), (&json!(1), award));
    let profile = api.get(&format!("/api/profiles/{}", jane.id), &jane.access).await.ok();
    assert_eq!((&profile["badge_points"], &profile["content_quality_score"]), (&json!(20), &json!(null)));
    assert_eq!(api.get(&format!("/api/badges/{slug}"), &jane.access).await.ok()["earned_count"], 1);
    let request = api.request("GET", "/api/events?event_type=badge_earned").bearer_auth(&jane.access);
    let told = answer(request.header("annals-min-position", position)).await.ok();
    let told = &told["results"][0];
    assert_eq!(told["metadata"], json!({ "badge_id": badge_id, "points": 20 }));
    assert_eq!(told["description"], format!("Earned badge: {name}"));
}

#[tokio::test]
async fn only_staff_and_services_with_the_scope_give_badges() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let moderator = api.verified("moderator").await;
    let service = api.award_service().await;
    for person in [&jane, &moderator] {
        let reply = api.give(&person.access, &jane, "first_post").await;
        assert_eq!(reply.refusal(), (403, "staff-only".to_owned()));
    }
    assert_eq!(api.give(&admin.access, &admin, "first_post").await.refusal(), (403, "own-award".to_owned()));
    let other = api.content_service().await;
    assert_eq!(api.give(&other, &jane, "first_post").await.refusal(), (403, "scope-missing".to_owned()));

    let given = api.give(&service, &jane, "bug_hunter").await.is(201);

    assert!(text(&given["awarded_by"]).starts_with("service:"), "{given}");
    assert_eq!(api.give(&service, &jane, "Bug Hunter").await.status, 200);
}

#[tokio::test]
async fn what_can_not_be_given_is_refused_precisely() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let draft = text(&api.badge(&admin, json!({ "is_active": false })).await["slug"]);
    let past = json!({ "available_until": "2020-01-01T00:00:00Z" });
    let past = text(&api.badge(&admin, past).await["slug"]);
    for (body, status, problem) in [
        (json!({ "user": jane.id, "badge": "no_such_badge" }), 404, "badge-not-found"),
        (json!({ "user": NOBODY, "badge": "first_post" }), 404, "account-not-found"),
        (json!({ "user": jane.id, "badge": draft }), 409, "badge-not-offered"),
        (json!({ "user": jane.id, "badge": past }), 409, "badge-not-offered"),
        (json!({ "user": jane.id }), 422, "validation-failed"),
        (json!({ "badge": "first_post" }), 422, "validation-failed"),
        (json!({ "user": jane.id, "badge": "first_post", "slug": "bug_hunter" }), 422, "validation-failed"),
        (
            json!({ "user": jane.id, "badge": "first_post", "notes": "x".repeat(2001) }),
            422,
            "validation-failed",
        ),
        (json!({ "user": "jane", "badge": "first_post" }), 422, "validation-failed"),
    ] {
        let reply = api.send("POST", "/api/user-badges", &admin.access, body.clone()).await;
        assert_eq!(reply.refusal(), (status, problem.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn what_staff_take_away_stays_away_until_staff_give_it_back() {
    let api = Api::shared().await;
    let (admin, jane, john) =
        (api.verified("admin").await, api.verified("normal").await, api.verified("normal").await);
    let service = api.award_service().await;
    let slug = text(&api.badge(&admin, json!({})).await["slug"]);
    let award = api.give(&service, &jane, &slug).await.is(201);

    let without = answer(api.request("DELETE", &own(&award)).bearer_auth(&admin.access)).await;
    assert_eq!(without.field_error(), ("/reason".to_owned(), "missing".to_owned()));
    assert_eq!(api.act("DELETE", &own(&award), &jane).await.refusal(), (403, "staff-only".to_owned()));
    for _ in 0..2 {
        let taken = takes(&api, &admin, &award).await.ok();
        assert_eq!((&taken["status"], &taken["id"]), (&json!("revoked"), &award["id"]));
    }

    assert_eq!(api.give(&service, &jane, &slug).await.refusal(), (409, "award-revoked".to_owned()));
    assert_eq!(api.give(&admin.access, &jane, &slug).await.refusal(), (409, "award-revoked".to_owned()));
    assert_eq!(api.get(&own(&award), &john.access).await.refusal(), (404, "award-not-found".to_owned()));
    assert_eq!(api.badges_of(&john, &jane).await.ok()["count"], 0);
    let mine = api.get(&own(&award), &jane.access).await.ok();
    assert_eq!(mine["revocation_reason"], "The posts were copied");
    assert_eq!(api.get(&format!("/api/badges/{slug}"), &jane.access).await.ok()["earned_count"], 0);

    let over = json!({ "user": jane.id, "badge": slug, "over_revocation": true });
    let back = api.send("POST", "/api/user-badges", &admin.access, over).await.is(201);
    assert_eq!((&back["id"], &back["status"], &back["ordinal"]), (&award["id"], &json!("held"), &json!(2)));
    takes(&api, &admin, &award).await.ok();
    let lifted = api.act("POST", &format!("{}lift", own(&award)), &admin).await.ok();
    assert_eq!(lifted["status"], "lifted");
    assert_eq!(api.give(&service, &jane, &slug).await.is(201)["ordinal"], 3);
    let by_query = format!("{}?reason=Enough", own(&award));
    assert_eq!(
        answer(api.request("DELETE", &by_query).bearer_auth(&admin.access)).await.ok()["status"],
        "revoked"
    );
}

#[tokio::test]
async fn badges_of_a_person_are_for_whoever_sees_the_profile() {
    let api = Api::shared().await;
    let admin = api.verified("admin").await;
    let [jane, john, friend] = api.people().await;
    let award = api.give(&admin.access, &jane, "bug_hunter").await.is(201);
    let notes = json!({ "notes": "Found three" });
    assert_eq!(api.send("PATCH", &own(&award), &admin.access, notes).await.ok()["notes"], "Found three");

    let seen = api.badges_of(&john, &jane).await.ok();
    assert_eq!(
        (&seen["count"], &seen["results"][0]["notes"]),
        (&json!(1), &Value::Null),
        "notes are not for others"
    );
    assert_eq!(api.get(&own(&award), &jane.access).await.ok()["notes"], "Found three");
    let listed = api.get("/api/user-badges/?badge=first_post", &jane.access).await.ok();
    assert_eq!(listed["count"], 0);

    api.follow(&friend, &jane.id).await.is(201);
    api.set(&jane, json!({ "is_private": true })).await;
    assert_eq!(api.badges_of(&john, &jane).await.refusal(), (403, "list-private".to_owned()));
    assert_eq!(api.get(&own(&award), &john.access).await.refusal(), (404, "award-not-found".to_owned()));
    assert_eq!(api.badges_of(&friend, &jane).await.ok()["count"], 1);
    assert_eq!(api.badges_of(&admin, &jane).await.ok()["count"], 1);
    api.block(&jane, &friend.id).await.is(201);
    assert_eq!(api.badges_of(&friend, &jane).await.refusal(), (404, "account-not-found".to_owned()));
    let nobody = api.get(&format!("/api/user-badges?user={NOBODY}"), &john.access).await;
    assert_eq!(nobody.refusal(), (404, "account-not-found".to_owned()));
    let refused = api.send("PATCH", &own(&award), &jane.access, json!({ "notes": "Mine" })).await;
    assert_eq!(refused.refusal(), (403, "staff-only".to_owned()));
}

#[tokio::test]
async fn six_badges_are_featured_and_one_that_is_taken_away_makes_room() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let mut awards = Vec::new();
    for _ in 0..7 {
        let slug = text(&api.badge(&admin, json!({})).await["slug"]);
        awards.push(api.give(&admin.access, &jane, &slug).await.is(201));
    }
    let feature = async |award: &Value, featured: bool| {
        api.send("PATCH", &own(award), &jane.access, json!({ "is_featured": featured })).await
    };
    for award in &awards[..6] {
        assert_eq!(feature(award, true).await.ok()["is_featured"], true);
    }
    assert_eq!(feature(&awards[6], true).await.refusal(), (409, "showcase-full".to_owned()));
    assert_eq!(feature(&awards[0], true).await.ok()["is_featured"], true, "again");
    let forbidden = api.send("PATCH", &own(&awards[0]), &admin.access, json!({ "is_featured": false })).await;
    assert_eq!(forbidden.refusal().0, 403);

    takes(&api, &admin, &awards[0]).await.ok();
    let featured = async || {
        let path = "/api/user-badges/?is_featured=true";
        api.get(path, &jane.access).await.ok()["count"].as_i64().unwrap()
    };
    assert_eq!(featured().await, 5, "what is taken away is not shown");
    assert_eq!(feature(&awards[0], true).await.refusal(), (404, "award-not-found".to_owned()));
    assert_eq!(feature(&awards[6], true).await.ok()["is_featured"], true);
    assert_eq!(feature(&awards[1], false).await.ok()["is_featured"], false);
    assert_eq!(featured().await, 5);
}

#[tokio::test]
async fn operator_gives_a_badge_at_the_command_line() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let run = async |user: &str, badge: &str| {
        let output = api.command(&["award-badge", "--user", user, "--badge", badge]).output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };

    let (given, said) = run(&jane.username, "First Post").await;

    assert!(given, "{said}");
    assert_eq!(said.trim(), format!("Badge 'First Post' awarded to user {}", jane.username));
    let path = format!("/api/user-badges?badge=first_post&user={}", jane.id);
    let position = api.status().await["head"].as_i64().unwrap();
    let request = api.request("GET", &path).bearer_auth(&admin.access);
    let listed = answer(request.header("annals-min-position", position)).await.ok();
    let award = &listed["results"][0];
    assert_eq!((&award["awarded_by"], &award["notes"]), (&json!("admin"), &json!("Manual award")));
    for (user, badge, says) in [
        (jane.username.as_str(), "first_post", "Badge award failed"),
        (&jane.email, &new_badge_name(), "annals: Badge award failed: this badge was not found\n"),
        ("nobody-at-all", "first_post", "User not found"),
        (NOBODY, "first_post", "User not found"),
    ] {
        let (given, said) = run(user, badge).await;
        assert!(!given && said.contains(says) && said.lines().count() == 1, "{user} {badge}: {said}");
    }
}

#[tokio::test]
async fn of_many_who_give_the_same_badge_one_gives_it() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let slug = text(&api.badge(&admin, json!({})).await["slug"]);

    let given = futures::future::join_all((0..20).map(|_| api.give(&admin.access, &jane, &slug))).await;

    let mut statuses: Vec<u16> = given.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[18], statuses[19]), (200, 200, 201), "{statuses:?}");
    assert_eq!(api.get(&format!("/api/badges/{slug}"), &jane.access).await.ok()["earned_count"], 1);
}
