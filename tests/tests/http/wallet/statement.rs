//! Wallets and their statements, and what staff correct (WAL-01, WAL-02, C-19).

use crate::{
    account::accounts::spellings,
    client::{Answer, Api, Person, answer},
};
use serde_json::{Value, json};

const WALLET: &str = "/api/users/wallet";
const ENTRIES: &str = "/api/users/wallet/entries";

async fn adjust(api: &Api, staff: &Person, person: &Person, account: &str, amount: &str) -> Answer {
    let body = json!({ "account": account, "amount": amount, "reason": "goodwill" });
    api.send("POST", &adjustments(person), &staff.access, body).await
}

fn adjustments(person: &Person) -> String {
    format!("/api/admin/users/{}/wallet/adjustments", person.id)
}

/// Account, amount, and what was there after it.
fn rows(page: &Value) -> Vec<[String; 3]> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let lines = page["results"].as_array().unwrap().iter();
    lines.map(|row| ["account", "amount", "balance_after"].map(|name| text(row, name))).collect()
}

#[tokio::test]
async fn wallet_is_empty_until_something_comes() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    for path in spellings(WALLET) {
        let wallet = api.get(&path, &person.access).await.ok();

        assert_eq!((&wallet["balance"], &wallet["points"]), (&json!("0.00"), &json!(0)), "{path}");
        for member in
            ["current_points", "total_points", "badge_points", "ai_text_credits", "ai_image_credits"]
        {
            assert_eq!(wallet[member], 0, "{member}");
        }
        let nothing = json!({ "balance": "0.00", "points": 0, "ai_text": 0, "ai_image": 0 });
        assert_eq!((&wallet["reserved"], &wallet["owed"]), (&nothing, &nothing));
        assert_eq!(wallet["last_updated"], Value::Null);
        assert_eq!(answer(api.request("GET", &path)).await.status, 401);
    }
    for path in spellings(ENTRIES) {
        let none = json!({ "count": 0, "next": null, "previous": null, "results": [] });
        assert_eq!(api.get(&path, &person.access).await.ok(), none, "{path}");
    }
}

#[tokio::test]
async fn staff_adjust_and_the_person_reads_why() {
    let api = Api::shared().await;
    let (staff, person) = (api.verified("admin").await, api.verified("normal").await);

    let adjusted = adjust(&api, &staff, &person, "balance", "999999999999.99").await;
    assert_eq!(adjusted.is(201)["balance"], "999999999999.99");
    for (account, amount) in [("points", "10"), ("points", "-4"), ("ai_text", "3"), ("balance", "-0.09")] {
        adjust(&api, &staff, &person, account, amount).await.is(201);
    }

    let wallet = api.get(WALLET, &person.access).await.ok();
    assert_eq!((&wallet["balance"], &wallet["points"]), (&json!("999999999999.90"), &json!(6)));
    assert_eq!((&wallet["total_points"], &wallet["badge_points"]), (&json!(6), &json!(0)));
    assert_eq!((&wallet["ai_text_credits"], &wallet["ai_image_credits"]), (&json!(3), &json!(0)));
    let statement = api.get(ENTRIES, &person.access).await.ok();
    let expected = [
        ["balance", "-0.09", "999999999999.90"],
        ["ai_text", "3", "3"],
        ["points", "-4", "6"],
        ["points", "10", "10"],
        ["balance", "999999999999.99", "999999999999.99"],
    ];
    assert_eq!(rows(&statement), expected);
    let newest = &statement["results"][0];
    assert_eq!((&newest["reason"], &newest["note"]), (&json!("adjustment"), &json!("goodwill")));
    assert_eq!(newest["created_at"], wallet["last_updated"]);
    let points = api.get(&format!("{ENTRIES}?account=points&page_size=1"), &person.access).await.ok();
    assert_eq!(
        (&points["count"], rows(&points)),
        (&json!(2), vec![["points", "-4", "6"].map(str::to_owned)])
    );
    let next = api.get(points["next"].as_str().unwrap(), &person.access).await.ok();
    assert_eq!((rows(&next), &next["next"]), (vec![["points", "10", "10"].map(str::to_owned)], &Value::Null));
}

#[tokio::test]
async fn each_line_names_its_event_and_who_acted_is_in_the_audit_log() {
    let api = Api::shared().await;
    let (staff, person) = (api.verified("owner").await, api.verified("normal").await);
    let adjusted = adjust(&api, &staff, &person, "points", "5").await;
    let line = api.get(ENTRIES, &person.access).await.ok()["results"][0].clone();

    assert_eq!(line["position"], adjusted.position());
    let query = format!("/api/admin/audit?entity_type=ledger&entity_id={}", person.id);
    let request = api.request("GET", &query).bearer_auth(&staff.access);
    let audit = answer(request.header("annals-min-position", adjusted.position())).await.ok();
    let row = &audit["results"][0];
    assert_eq!((&row["position"], &row["actor"]), (&line["position"], &json!(format!("user:{}", staff.id))));
    assert_eq!((&row["action"], &row["category"]), (&json!("account_adjusted"), &json!("admin")));
    let trail = format!("/api/audit/events?from={}&limit=1", adjusted.position());
    let event = &api.get(&trail, &staff.access).await.ok()["results"][0];
    assert_eq!((&event["event_id"], &event["payload"]["amount"]), (&line["id"], &json!("5")));
    assert_eq!(event["payload"]["reason"], "goodwill", "opened");
}

#[tokio::test]
async fn adjustment_happens_once_by_its_key() {
    let api = Api::shared().await;
    let (staff, person) = (api.verified("admin").await, api.verified("normal").await);
    let send = async |amount: &str| {
        let body = json!({ "account": "points", "amount": amount, "reason": "goodwill" });
        let request = api.request("POST", &adjustments(&person)).bearer_auth(&staff.access).json(&body);
        answer(request.header("idempotency-key", "once")).await
    };

    let first = send("7").await;
    let again = send("7").await;

    assert_eq!((first.is(201), first.position()), (again.is(201), again.position()));
    assert_eq!(send("8").await.refusal(), (422, "idempotency-mismatch".to_owned()));
    assert_eq!(api.get(WALLET, &person.access).await.ok()["points"], 7);
}

#[tokio::test]
async fn adjustment_is_refused_with_its_reason() {
    let api = Api::shared().await;
    let (staff, person) = (api.verified("admin").await, api.verified("normal").await);
    adjust(&api, &staff, &person, "points", "5").await.is(201);

    for (account, amount, status, problem) in [
        ("points", "-6", 409, "insufficient-funds"),
        ("balance", "-0.01", 409, "insufficient-funds"),
        ("ai_text", "-1", 402, "insufficient-credits"),
        ("points", "999999999996", 409, "account-full"),
    ] {
        let refused = adjust(&api, &staff, &person, account, amount).await;
        assert_eq!(refused.refusal(), (status, problem.to_owned()), "{account} {amount}");
        assert_eq!(refused.field_error().0, "/amount");
    }
    for (account, amount, pointer) in [
        ("points", "0.5", "/amount"),
        ("points", "0", "/amount"),
        ("balance", "0.001", "/amount"),
        ("balance", "1e3", "/amount"),
        ("balance", "", "/amount"),
        ("balance", "1000000000000.01", "/amount"),
        ("karma", "1", "/account"),
    ] {
        let refused = adjust(&api, &staff, &person, account, amount).await;
        assert_eq!(
            (refused.status, refused.field_error().0),
            (422, pointer.to_owned()),
            "{account} {amount}"
        );
    }
    let number = json!({ "account": "points", "amount": 5, "reason": "a number" });
    assert_eq!(api.send("POST", &adjustments(&person), &staff.access, number).await.status, 422);
    let silent = json!({ "account": "points", "amount": "5", "reason": " " });
    let silent = api.send("POST", &adjustments(&person), &staff.access, silent).await;
    assert_eq!(silent.field_error().0, "/reason");
    assert_eq!(api.get(WALLET, &person.access).await.ok()["points"], 5);
    assert_eq!(api.get(&format!("{ENTRIES}?account=karma"), &person.access).await.status, 400);
    assert_eq!(api.get(&format!("{ENTRIES}?cursor=x"), &person.access).await.status, 400);
}

#[tokio::test]
async fn nobody_helps_themselves_and_admins_leave_staff_alone() {
    let api = Api::shared().await;
    let (owner, admin) = (api.verified("owner").await, api.verified("admin").await);
    let (other, person) = (api.verified("admin").await, api.verified("normal").await);

    let refused =
        async |staff: &Person, whose: &Person| adjust(&api, staff, whose, "balance", "1.00").await.refusal();
    assert_eq!(refused(&owner, &owner).await, (403, "own-ledger".to_owned()));
    assert_eq!(refused(&admin, &other).await, (403, "owner-only".to_owned()));
    assert_eq!(refused(&person, &other).await, (403, "staff-only".to_owned()));
    let nobody = Person { id: uuid::Uuid::nil().to_string(), ..person.clone() };
    assert_eq!(refused(&admin, &nobody).await, (404, "account-not-found".to_owned()));
    adjust(&api, &owner, &admin, "balance", "1.00").await.is(201);
}

#[tokio::test]
async fn staff_read_wallets_on_the_record() {
    let api = Api::shared().await;
    let (staff, person) = (api.verified("admin").await, api.verified("normal").await);
    let adjusted = adjust(&api, &staff, &person, "points", "5").await;
    let wallet = format!("/api/admin/users/{}/wallet", person.id);
    let entries = format!("{wallet}/entries");
    let read = async |path: &str, position: i64| {
        let request = api.request("GET", path).bearer_auth(&staff.access);
        answer(request.header("annals-min-position", position)).await
    };

    let shown = read(&wallet, adjusted.position()).await.ok();
    assert_eq!(shown, api.get(WALLET, &person.access).await.ok());
    let statement = read(&entries, adjusted.position()).await.ok();
    assert_eq!(statement["results"][0]["position"], adjusted.position());
    for path in [&wallet, &entries] {
        assert_eq!(api.get(path, &person.access).await.refusal(), (403, "staff-only".to_owned()));
    }
    let nobody = format!("/api/admin/users/{}/wallet", uuid::Uuid::nil());
    assert_eq!(api.get(&nobody, &staff.access).await.refusal(), (404, "account-not-found".to_owned()));
    let since = api.send("PATCH", "/api/users/profile", &person.access, json!({ "bio": "x" })).await;
    let query = format!("/api/admin/audit?action=personal_data_viewed&actor={}", staff.id);
    let records = read(&query, since.position()).await.ok()["results"].as_array().unwrap().clone();
    assert_eq!(records.len(), 3, "the adjustment and two reads: {records:?}");
    assert!(records.iter().all(|record| record["new_values"]["subjects"] == json!([person.id])));
}

#[tokio::test]
async fn wallet_has_an_entity_tag() {
    let api = Api::shared().await;
    let (staff, person) = (api.verified("admin").await, api.verified("normal").await);
    let read = api.get(WALLET, &person.access).await;
    let known = async |tag: &str| {
        let request = api.request("GET", WALLET).bearer_auth(&person.access);
        answer(request.header("if-none-match", tag)).await.status
    };

    let tag = read.header("etag").unwrap();
    assert_eq!(known(tag).await, 304);
    adjust(&api, &staff, &person, "points", "5").await.is(201);
    assert_eq!(known(tag).await, 200);
}
