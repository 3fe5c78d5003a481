//! The notification centre: what people are told of, and what they have read (NTF-01, BDG-24, TSK-21).

use crate::{
    account::accounts::spellings,
    account::api_keys::text,
    audit::event_stream::Stream,
    badges::user_badges::takes,
    client::{Answer, Api, Person, answer},
    social::follows::id,
};
use serde_json::{Value, json};

const CENTRE: &str = "/api/me/notifications";

impl Api {
    /// A new badge of staff's, given to a person; the award, and where it is in the log.
    async fn honour(&self, staff: &Person, person: &Person) -> (Value, i64) {
        let slug = text(&self.badge(staff, json!({ "points": 20 })).await["slug"]);
        let given = self.give(&staff.access, person, &slug).await;
        (given.is(201), given.position())
    }

    /// The caller's notifications, not older than a position.
    async fn told(&self, query: &str, person: &Person, position: i64) -> Value {
        let request = self.request("GET", &format!("{CENTRE}{query}")).bearer_auth(&person.access);
        answer(request.header("annals-min-position", position)).await.ok()
    }

    async fn reads(&self, person: &Person, notification: &str) -> Answer {
        self.act("POST", &format!("{CENTRE}/{notification}/read"), person).await
    }

    async fn reads_up_to(&self, person: &Person, notification: &str) -> Answer {
        let through = json!({ "through": notification });
        self.send("POST", &format!("{CENTRE}/read"), &person.access, through).await
    }
}

/// Ids, as they are listed.
fn ids(page: &Value) -> Vec<String> {
    page["results"].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn award_is_told_to_its_person_and_read_once() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let owner = api.verified("owner").await;
    let key = api
        .ask_for_service_key(&owner, &crate::account::service_keys::new_service(), &["badges:award"])
        .await;
    let badge = api.badge(&admin, json!({ "points": 20 })).await;

    let given = api.give(&text(&key.is(201)["key"]), &jane, &text(&badge["slug"])).await;

    let (award, name) = (given.is(201), text(&badge["name"]));
    let page = api.told("", &jane, given.position()).await;
    assert_eq!((&page["count"], &page["unread_count"]), (&json!(1), &json!(1)));
    assert_eq!((&page["next"], &page["previous"]), (&Value::Null, &Value::Null));
    let told = &page["results"][0];
    let request = api.request("GET", "/api/events?event_type=badge_earned").bearer_auth(&jane.access);
    let events = answer(request.header("annals-min-position", given.position())).await.ok();
    let event = &events["results"][0];
    assert_eq!((&told["id"], &told["position"]), (&event["id"], &event["position"]), "it is the event");
    assert_eq!(told["type"], "badge_earned");
    assert_eq!((&told["is_read"], &told["read_at"]), (&json!(false), &Value::Null));
    assert_eq!((&told["created_at"], &told["award_id"]), (&award["awarded_at"], &award["id"]));
    assert_eq!(told["title"], format!("Badge earned: {name}"));
    assert_eq!(told["message"], format!("You earned the badge {name}, worth 20 points."));
    let look = json!({ "id": badge["id"], "name": name, "points": 20, "slug": badge["slug"],
        "icon": badge["icon"], "rarity": badge["rarity"] });
    assert_eq!(told["badge"], look);
    assert!(text(&told["url"]).ends_with(&format!("/api/public/badges/{}", id(&award))), "{told}");
    for path in spellings(CENTRE).into_iter().chain(spellings("/api/notifications")) {
        assert_eq!(ids(&api.get(&path, &jane.access).await.ok()), ids(&page), "{path}");
    }

    let read = api.reads(&jane, &id(told)).await;
    let again = api.reads(&jane, &id(told)).await.ok();
    assert!(read.position() > given.position());
    let read = read.ok();
    assert_eq!((&read["id"], &read["is_read"]), (&told["id"], &json!(true)));
    assert!(read["read_at"].is_string() && again == read, "{read} {again}");
    assert_eq!(api.get(&format!("{CENTRE}/{}", id(told)), &jane.access).await.ok(), read);
    let page = api.get(CENTRE, &jane.access).await.ok();
    assert_eq!((&page["unread_count"], &page["results"][0]), (&json!(0), &read));
}

#[tokio::test]
async fn everything_is_read_up_to_a_notification_or_to_the_last_one() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let path = format!("{CENTRE}/read");
    assert_eq!(api.act("POST", &path, &jane).await.ok(), json!({ "unread_count": 0 }), "there is nothing");
    let mut last = 0;
    for _ in 0..3 {
        last = api.honour(&admin, &jane).await.1;
    }
    let told = ids(&api.told("", &jane, last).await);

    assert_eq!(api.reads_up_to(&jane, &told[1]).await.ok(), json!({ "unread_count": 1 }));
    assert_eq!(ids(&api.told("?unread=true", &jane, last).await), told[..1]);
    assert_eq!(ids(&api.told("?unread=false", &jane, last).await), told[1..]);
    let all = api.send("POST", &path, &jane.access, json!({})).await;
    assert_eq!(all.ok()["unread_count"], 0);
    let again = api.act("POST", &path, &jane).await;
    assert_eq!(again.ok()["unread_count"], 0);
    assert_eq!(api.reads_up_to(&jane, &told[2]).await.ok()["unread_count"], 0, "nothing becomes unread");

    let (_, position) = api.honour(&admin, &jane).await;
    let page = api.told("", &jane, position).await;
    assert_eq!((&page["count"], &page["unread_count"]), (&json!(4), &json!(1)), "what comes later is unread");
}

#[tokio::test]
async fn notifications_are_their_persons_alone() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let john = api.verified("normal").await;
    let (_, position) = api.honour(&admin, &jane).await;
    let told = ids(&api.told("", &jane, position).await).remove(0);

    let absent = (404, "notification-not-found".to_owned());
    for other in [&john, &admin] {
        assert_eq!(api.get(&format!("{CENTRE}/{told}"), &other.access).await.refusal(), absent);
        assert_eq!(api.reads(other, &told).await.refusal(), absent);
        assert_eq!(api.reads_up_to(other, &told).await.refusal(), absent);
        assert!(!ids(&api.told("", other, position).await).contains(&told));
    }
    let anonymous = answer(api.request("GET", CENTRE)).await;
    assert_eq!(anonymous.refusal(), (401, "credentials-missing".to_owned()));
    assert_eq!(api.told("", &jane, position).await["unread_count"], 1, "nobody else read it");

    let missing = (403, "scope-missing".to_owned());
    let (_, reader) = api.key_of(&jane, &["notifications:read"]).await;
    let (_, marker) = api.key_of(&jane, &["notifications:write"]).await;
    let path = format!("{CENTRE}/{told}/read");
    assert_eq!(api.get(CENTRE, &reader).await.ok()["unread_count"], 1);
    assert_eq!(api.get(CENTRE, &marker).await.refusal(), missing);
    assert_eq!(api.send("POST", &path, &reader, json!({})).await.refusal(), missing);
    assert_eq!(api.send("POST", &path, &marker, json!({})).await.ok()["is_read"], true);
    assert_eq!(api.get(CENTRE, &reader).await.ok()["unread_count"], 0);
}

#[tokio::test]
async fn notifications_are_turned_by_cursor_and_refuse_what_they_do_not_know() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let mut last = 0;
    for _ in 0..3 {
        last = api.honour(&admin, &jane).await.1;
    }
    let all = ids(&api.told("", &jane, last).await);

    let first = api.told("?unread=true&page_size=2", &jane, last).await;
    assert_eq!((ids(&first), &first["previous"]), (all[..2].to_vec(), &Value::Null));
    let rest = api.get(&text(&first["next"]), &jane.access).await.ok();
    assert_eq!((ids(&rest), &rest["next"], &rest["count"]), (all[2..].to_vec(), &Value::Null, &json!(3)));
    let back = api.get(&text(&rest["previous"]), &jane.access).await.ok();
    assert_eq!(ids(&back), all[..2]);

    for query in ["?unread=perhaps", "?page_size=0", "?page_size=101", "?cursor=2", "?page=2", "?user=x"] {
        let reply = api.get(&format!("{CENTRE}{query}"), &jane.access).await;
        assert_eq!(reply.refusal(), (400, "malformed-query".to_owned()), "{query}");
    }
    for (body, status) in [(json!({ "through": "x" }), 422), (json!({ "until": all[0] }), 422)] {
        assert_eq!(api.send("POST", &format!("{CENTRE}/read"), &jane.access, body).await.refusal().0, status);
    }
    assert_eq!(api.get(&format!("{CENTRE}/x"), &jane.access).await.status, 404);
    assert_eq!(api.get(&format!("{CENTRE}/read"), &jane.access).await.status, 405);
}

#[tokio::test]
async fn badge_that_is_taken_away_takes_its_notification_along() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let (award, position) = api.honour(&admin, &jane).await;
    let told = ids(&api.told("", &jane, position).await).remove(0);

    let taken = takes(&api, &admin, &award).await;
    taken.ok();
    let page = api.told("", &jane, taken.position()).await;
    assert_eq!((&page["count"], &page["unread_count"]), (&json!(0), &json!(0)));
    let absent = (404, "notification-not-found".to_owned());
    assert_eq!(api.get(&format!("{CENTRE}/{told}"), &jane.access).await.refusal(), absent);
    assert_eq!(api.reads(&jane, &told).await.refusal(), absent);

    let over = json!({ "user": jane.id, "badge": award["badge"]["slug"], "over_revocation": true });
    let back = api.send("POST", "/api/user-badges", &admin.access, over).await;
    let page = api.told("", &jane, back.position()).await;
    assert_eq!((&page["unread_count"], &page["results"][0]["award_id"]), (&json!(1), &award["id"]));
    assert_ne!(ids(&page), [told]);
}

#[tokio::test]
async fn stream_of_events_leads_to_the_notification() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let (mut stream, _) = Stream::open_with(&api, &jane.access, None).await;

    let (award, _) = api.honour(&admin, &jane).await;

    let block = stream.block().await.unwrap();
    assert_eq!(block.event.as_deref(), Some("badge_earned"), "{block:?}");
    let request = api.request("GET", &format!("{CENTRE}/{}", id(&block.data))).bearer_auth(&jane.access);
    let request = request.header("annals-min-position", block.data["position"].to_string());
    let told = answer(request).await.ok();
    assert_eq!((&told["award_id"], &told["position"]), (&award["id"], &block.data["position"]));
}

#[tokio::test]
async fn award_is_mailed_to_its_person_once() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let (award, _) = api.honour(&admin, &jane).await;
    api.give(&admin.access, &jane, &text(&award["badge"]["slug"])).await.ok();

    // The second badge's letter is asked for after the first one's.
    let (later, _) = api.honour(&admin, &jane).await;
    let to = format!("To: {}", jane.email);
    let letters = async || {
        let mut mails = api.outbox();
        mails.retain(|mail| mail.lines().any(|line| line.trim() == to));
        mails
    };
    for _ in 0..500 {
        if letters().await.len() >= 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let letters = letters().await;

    assert_eq!(letters.len(), 2, "{letters:?}");
    for award in [award, later] {
        let name = text(&award["badge"]["name"]);
        let about =
            letters.iter().filter(|mail| mail.contains(&format!("badge {name}, worth"))).collect::<Vec<_>>();
        assert_eq!(about.len(), 1, "{name}: {letters:?}");
        assert!(about[0].contains("Subject: You earned a badge"), "{}", about[0]);
    }
}
