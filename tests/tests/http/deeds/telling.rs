//! What people do elsewhere, said by themselves and by services (EVT-01, C-40, C-41, BDG-22).

use crate::{
    account::api_keys::text,
    client::{Answer, Api, Person, TOLD_WITHIN_DAYS},
};
use commands::{Clock, SystemClock};
use futures::future::join_all;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

static NAMES: AtomicU32 = AtomicU32::new(0);

fn new_name(kind: &str) -> String {
    format!("{kind}-{}", NAMES.fetch_add(1, Ordering::Relaxed))
}

impl Api {
    /// The key of a new service that may tell of anybody's deeds.
    pub async fn content_service(&self) -> String {
        let owner = self.verified("owner").await;
        let made = self.ask_for_service_key(&owner, &new_name("content"), &["events:write"]).await.is(201);
        text(&made["key"])
    }

    pub async fn tell(&self, token: &str, deed: Value) -> Answer {
        self.send("POST", "/api/events/", token, deed).await
    }
}

async fn told(api: &Api, person: &Person, event_type: &str) -> Vec<Value> {
    let path = format!("/api/events?event_type={event_type}");
    let listed = api.get(&path, &person.access).await.ok();
    listed["results"].as_array().unwrap().clone()
}

#[tokio::test]
async fn person_tells_of_a_share_once_and_of_nothing_that_others_know_better() {
    let api = Api::shared().await;
    let (jane, john) = (api.verified("normal").await, api.verified("normal").await);
    let share = json!({ "id": "share-1", "event_type": "share", "description": "A walk", "object": "post-9",
        "metadata": { "via": "mail" }, "target_user": john.id });

    let first = api.tell(&jane.access, share.clone()).await.is(201);
    let again = api.tell(&jane.access, share).await.is(200);

    assert_eq!((&first["status"], &again["status"]), (&json!("recorded"), &json!("repeated")));
    assert_eq!((&first["id"], &first["counted"]), (&again["id"], &json!(true)));
    assert_eq!(first["target_user"], json!(john.id));
    let events = told(&api, &jane, "share").await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["target_user"], json!(john.id));
    for (deed, refusal) in [
        (json!({ "event_type": "like" }), (422, ("/event_type", "activity-not-for-clients"))),
        (json!({ "event_type": "login" }), (422, ("/event_type", "event-type-invalid"))),
        (
            json!({ "event_type": "share", "occurred_at": "2026-01-01T00:00:00Z" }),
            (422, ("/occurred_at", "activity-time-invalid")),
        ),
        (json!({ "event_type": "share", "success": false }), (422, ("/success", "not-done"))),
        (json!({ "event_type": "share", "quality": 7 }), (422, ("/quality", "quality-invalid"))),
        (json!({ "event_type": "share", "reverses": "x" }), (422, ("/reverses", "reversal-invalid"))),
        (
            json!({ "event_type": "share", "metadata": { "~p": 1 } }),
            (422, ("/metadata", "activity-metadata-invalid")),
        ),
    ] {
        let reply = api.tell(&jane.access, deed.clone()).await;
        let (pointer, code) = reply.field_error();
        assert_eq!((reply.status, (pointer.as_str(), code.as_str())), refusal, "{deed}");
    }
    let of_john = api.tell(&jane.access, json!({ "event_type": "share", "user": john.id })).await;
    assert_eq!(of_john.refusal(), (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn idempotency_key_names_what_has_no_name_of_its_own() {
    let api = Api::shared().await;
    let jane = api.verified("normal").await;
    let send = async |key: &str| {
        let request = api.request("POST", "/api/events").bearer_auth(&jane.access);
        let request = request.header("idempotency-key", key).json(&json!({ "event_type": "share" }));
        crate::client::answer(request).await
    };

    assert_eq!((send("a").await.status, send("a").await.status, send("b").await.status), (201, 200, 201));
}

#[tokio::test]
async fn of_one_deed_sent_many_times_at_once_one_is_recorded() {
    let api = Api::shared().await;
    let (jane, service) = (api.verified("normal").await, api.content_service().await);
    let like = json!({ "id": "like-1", "user": jane.id, "event_type": "like", "object": "post-1" });

    let replies = join_all((0..20).map(|_| api.tell(&service, like.clone()))).await;

    let count = |status| replies.iter().filter(|reply| reply.status == status).count();
    assert_eq!((count(201), count(200)), (1, 19));
    assert_eq!(told(&api, &jane, "like").await.len(), 1);
}

#[tokio::test]
async fn deed_of_the_maker_of_a_services_key_counts_and_is_on_record_under_the_services_name() {
    let api = Api::shared().await;
    let owner = api.verified("owner").await;
    let service = new_name("content");
    let made = api.ask_for_service_key(&owner, &service, &["events:write"]).await.is(201);
    let deed = json!({ "user": owner.id, "event_type": "like", "object": "post-1" });

    let recorded = api.tell(&text(&made["key"]), deed).await;

    let position = recorded.position();
    assert_eq!(recorded.is(201)["counted"], true);
    let request = api.request("GET", "/api/admin/audit?action=activity_recorded&page_size=100");
    let request = request.bearer_auth(&owner.access).header("annals-min-position", position);
    let page = crate::client::answer(request).await.ok();
    let actors = page["results"].as_array().unwrap().iter().map(|entry| &entry["actor"]);
    assert!(actors.into_iter().any(|actor| *actor == format!("service:{service}")), "{page}");
}

#[tokio::test]
async fn service_takes_back_what_it_told_of_and_nothing_else() {
    let api = Api::shared().await;
    let (jane, john) = (api.verified("normal").await, api.verified("normal").await);
    let (service, other) = (api.content_service().await, api.content_service().await);
    let like = json!({ "id": "like-7", "user": jane.id, "event_type": "like", "target_user": john.id,
        "occurred_at": "2026-03-01T12:00:00Z" });
    let unlike = json!({ "user": jane.id, "event_type": "unlike", "reverses": "like-7" });
    let liked = api.tell(&service, like).await.is(201);
    assert_eq!(liked["day"], "2026-03-01");

    let refused = api.tell(&other, unlike.clone()).await;
    assert_eq!(refused.field_error(), ("/reverses".to_owned(), "activity-not-found".to_owned()));
    for _ in 0..2 {
        let back = api.tell(&service, unlike.clone()).await.is(200);
        assert_eq!((&back["id"], &back["status"]), (&liked["id"], &json!("reversed")));
    }
    assert_eq!(told(&api, &jane, "unlike").await.len(), 1);
    let wrong = json!({ "user": jane.id, "event_type": "post_delete", "reverses": "like-7" });
    let wrong = api.tell(&service, wrong).await;
    assert_eq!(wrong.field_error(), ("/reverses".to_owned(), "activity-not-found".to_owned()));
}

#[tokio::test]
async fn deed_stays_one_when_its_person_moves_and_its_sender_tells_another_day() {
    let api = Api::shared().await;
    let (jane, service) = (api.verified("normal").await, api.content_service().await);
    let post = json!({ "id": "post-1", "user": jane.id, "event_type": "post_create",
        "occurred_at": "2026-03-01T12:00:00Z" });
    let zone = async |zone: &str| {
        api.send("PATCH", "/api/settings", &jane.access, json!({ "timezone": zone })).await.ok();
    };

    zone("Pacific/Kiritimati").await;
    let first = api.tell(&service, post.clone()).await.is(201);
    zone("Pacific/Pago_Pago").await;
    let again = api.tell(&service, post).await.is(200);
    let moved = json!({ "id": "post-1", "user": jane.id, "event_type": "post_create",
        "occurred_at": "2026-03-05T12:00:00Z" });
    let moved = api.tell(&service, moved).await.is(200);

    // What happened before somebody said where they live now stays on the day that it was then.
    assert_eq!((&first["day"], &again["day"]), (&json!("2026-03-01"), &json!("2026-03-01")));
    assert_eq!((&moved["day"], &moved["status"]), (&json!("2026-03-01"), &json!("repeated")));
    let other = json!({ "id": "post-1", "user": jane.id, "event_type": "comment" });
    let other = api.tell(&service, other).await;
    assert_eq!(other.field_error(), ("/id".to_owned(), "activity-id-taken".to_owned()));
}

#[tokio::test]
async fn what_happened_too_long_ago_is_told_no_more() {
    let api = Api::shared().await;
    let (jane, service) = (api.verified("normal").await, api.content_service().await);
    let told = |days: i64| {
        let at = SystemClock.now() - chrono::TimeDelta::days(days);
        json!({ "id": format!("post {days}"), "user": jane.id, "event_type": "post_create", "occurred_at": at })
    };

    api.tell(&service, told(TOLD_WITHIN_DAYS - 1)).await.is(201);
    let late = api.tell(&service, told(TOLD_WITHIN_DAYS + 1)).await;

    assert_eq!(late.status, 422);
    assert_eq!(late.field_error(), ("/occurred_at".to_owned(), "activity-time-invalid".to_owned()));
    let detail = text(&late.json()["errors"][0]["detail"]);
    assert!(detail.contains(&TOLD_WITHIN_DAYS.to_string()), "{detail}");
}

#[tokio::test]
async fn batch_is_recorded_item_by_item_and_recognised_when_it_comes_again() {
    let api = Api::shared().await;
    let (jane, john, service) =
        (api.verified("normal").await, api.verified("normal").await, api.content_service().await);
    let nobody = "01987f3a-5b10-7c3e-9d3f-2f61a7c1d0e5";
    let batch = json!({ "events": [
        { "id": "p", "user": jane.id, "event_type": "post_create" },
        { "id": "r", "user": john.id, "event_type": "review", "metadata": { "quality": 4.5 } },
        { "id": "x", "user": nobody, "event_type": "review" },
        { "id": "q", "user": john.id, "event_type": "review", "quality": 9 },
        { "user": jane.id, "event_type": "post_delete", "reverses": "p" },
        { "id": "b1", "user": john.id, "event_type": "beta_joined" },
        { "id": "b2", "user": john.id, "event_type": "beta_joined" },
    ]});
    let send = async || api.send("POST", "/api/events/batch/", &service, batch.clone()).await.ok();

    let first = send().await;

    let statuses = |reply: &Value| {
        let results = reply["results"].as_array().unwrap().iter();
        results.map(|outcome| text(&outcome["status"])).collect::<Vec<_>>()
    };
    assert_eq!(
        statuses(&first),
        ["recorded", "recorded", "refused", "refused", "reversed", "recorded", "recorded"]
    );
    assert_eq!((&first["recorded"], &first["refused"]), (&json!(4), &json!(2)));
    assert_eq!(first["results"][1]["event"]["quality"], 4.5);
    assert_eq!(first["results"][2]["problem"]["status"], 404);
    assert_eq!(first["results"][3]["problem"]["errors"][0]["pointer"], "/events/3/quality");
    // The second on one day is beyond the cap.
    let counted = |n: usize| first["results"][n]["event"]["counted"].as_bool().unwrap();
    assert_eq!((counted(5), counted(6)), (true, false));
    assert_eq!(
        statuses(&send().await),
        ["repeated", "repeated", "refused", "refused", "reversed", "repeated", "repeated"]
    );
    let none = api.send("POST", "/api/events/batch", &service, json!({ "events": [] })).await;
    assert_eq!(none.field_error(), ("/events".to_owned(), "count-invalid".to_owned()));
}

#[tokio::test]
async fn service_says_whose_it_is_and_needs_the_scope() {
    let api = Api::shared().await;
    let (jane, service) = (api.verified("normal").await, api.content_service().await);
    let owner = api.verified("owner").await;
    let made = api.ask_for_service_key(&owner, &new_name("badges"), &["badges:award"]).await.is(201);
    let like = json!({ "user": jane.id, "event_type": "like" });

    let nobodys = api.tell(&service, json!({ "event_type": "like" })).await;
    let unscoped = api.tell(&text(&made["key"]), like.clone()).await;
    let future = api
        .tell(
            &service,
            json!({ "user": jane.id, "event_type": "like", "occurred_at": "2999-01-01T00:00:00Z" }),
        )
        .await;

    assert_eq!(nobodys.field_error(), ("/user".to_owned(), "missing".to_owned()));
    assert_eq!(unscoped.refusal(), (403, "scope-missing".to_owned()));
    assert_eq!(future.field_error(), ("/occurred_at".to_owned(), "activity-time-invalid".to_owned()));
    let unverified = api.unverified().await;
    let share = api.tell(&unverified.access, json!({ "event_type": "share" })).await;
    assert_eq!(share.refusal(), (403, "contact-unverified".to_owned()));
}
