//! All awards together, and one for everybody to see (BDG-18, BDG-19, BDG-24).

use crate::{
    account::api_keys::text,
    badges::user_badges::takes,
    client::{Api, Person, answer, new_name},
    social::follows::{NOBODY, id},
};
use serde_json::{Value, json};

#[tokio::test]
async fn leaderboard_has_the_best_of_those_who_show_it() {
    let api = Api::shared().await;
    let admin = api.verified("admin").await;
    let [jane, john, private, suspended] = api.people().await;
    let rich = json!({ "rarity": "legendary", "points": 1_000_000 });
    let (one, two) = (api.badge(&admin, rich.clone()).await, api.badge(&admin, rich).await);
    let (one, two) = (text(&one["slug"]), text(&two["slug"]));
    for person in [&jane, &john, &private, &suspended] {
        api.give(&admin.access, person, &one).await.is(201);
    }
    api.give(&admin.access, &jane, &two).await.is(201);
    api.set(&private, json!({ "is_private": true })).await;
    let path = format!("/api/admin/users/{}/suspend", suspended.id);
    api.send("POST", &path, &admin.access, json!({ "reason": "spam" })).await.ok();

    for timeframe in ["", "?timeframe=all_time", "?timeframe=30d"] {
        let board = api.get(&format!("/api/badges/leaderboard/{timeframe}"), &john.access).await.ok();
        let places = board["results"].as_array().unwrap();
        let place = |person: &Person| places.iter().find(|place| place["user"]["id"] == json!(person.id));
        let (first, second) = (place(&jane).unwrap(), place(&john).unwrap());
        assert_eq!((&first["badge_points"], &first["total_badges"]), (&json!(2_000_000), &json!(2)));
        assert_eq!((&second["badge_points"], &second["recent_badges"]), (&json!(1_000_000), &json!(1)));
        assert!(first["rank"].as_i64() < second["rank"].as_i64());
        assert!(place(&private).is_none() && place(&suspended).is_none(), "{board}");
    }
    api.block(&jane, &john.id).await.is(201);
    let board = api.get("/api/badges/leaderboard", &john.access).await.ok();
    assert!(!board.to_string().contains(&jane.id), "apart");
    let refused = api.get("/api/badges/leaderboard?timeframe=1d", &john.access).await;
    assert_eq!((refused.status, refused.field_error().0), (400, "?timeframe".to_owned()));
}

#[tokio::test]
async fn staff_see_all_badges_at_a_glance() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let category = new_name().0;
    let slug = text(&api.badge(&admin, json!({ "category": category })).await["slug"]);
    let before = api.get("/api/badges/analytics/", &admin.access).await.ok();

    let award = api.give(&admin.access, &jane, &slug).await.is(201);

    let after = api.get("/api/badges/analytics/", &admin.access).await.ok();
    let number = |of: &Value, name: &str| of[name].as_i64().unwrap();
    assert!(number(&after, "total_awards") > number(&before, "total_awards"));
    assert!(number(&after, "unique_badge_holders") > number(&before, "unique_badge_holders"));
    assert!(number(&after, "total_badges_defined") >= number(&after, "active_badges"));
    assert!(number(&after, "active_badges") >= 14);
    assert_eq!(after["badges_by_category"][&category], 1);
    assert!(after["rarity_distribution"]["common"].as_i64().unwrap() >= 1);
    assert!(after["recent_awards"].as_array().unwrap().iter().any(|one| one["id"] == award["id"]), "{after}");
    let days = after["issuance"].as_array().unwrap();
    assert_eq!(days.len(), 90);
    let issued = |of: &Value| -> i64 {
        of["issuance"].as_array().unwrap().iter().map(|day| day["awards"].as_i64().unwrap()).sum()
    };
    assert!(issued(&after) > issued(&before));
    assert!(after["popular_badges"].as_array().unwrap().len() <= 10);
    assert!(after["time_to_earn"].is_array());
    assert_eq!(
        api.get("/api/badges/analytics", &jane.access).await.refusal(),
        (403, "staff-only".to_owned())
    );
}

#[tokio::test]
async fn award_of_a_public_profile_can_be_shown_to_everybody() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    api.set(&jane, json!({ "full_name": "Jane <i>Doe</i>", "bio": "Unheard of" })).await;
    let award = api.give(&admin.access, &jane, "beta_tester").await.is(201);
    let path = format!("/api/public/badges/{}", id(&award));
    let open =
        async |path: &str, accept: &str| answer(api.request("GET", path).header("accept", accept)).await;

    let shown = open(&path, "application/json").await.ok();
    assert_eq!(
        (&shown["display_name"], &shown["badge"]["name"]),
        (&json!("Jane <i>Doe</i>"), &json!("Beta Tester"))
    );
    let members: Vec<&String> = shown.as_object().unwrap().keys().collect();
    assert_eq!(members.len(), 6, "{members:?}");
    let page = open(&format!("{path}/"), "text/html").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    for part in ["og:title", "og:image", "Jane &lt;i&gt;Doe&lt;/i&gt; earned Beta Tester", "/card.svg"] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
    let card = open(&format!("{path}/card.svg"), "*/*").await;
    assert_eq!((card.status, card.header("content-type")), (200, Some("image/svg+xml; charset=utf-8")));
    for reply in [&page, &card] {
        assert!(!reply.body.contains(&jane.email) && !reply.body.contains("Unheard of"), "{reply:?}");
    }

    let gone = async || {
        for path in [path.clone(), format!("{path}/card.svg")] {
            assert_eq!(open(&path, "*/*").await.refusal(), (404, "award-not-found".to_owned()), "{path}");
        }
    };
    api.set(&jane, json!({ "is_private": true })).await;
    gone().await;
    api.set(&jane, json!({ "is_private": false })).await;
    open(&path, "*/*").await.ok();
    takes(&api, &admin, &award).await.ok();
    gone().await;
    assert_eq!(open(&format!("/api/public/badges/{NOBODY}"), "*/*").await.refusal().0, 404);
}
