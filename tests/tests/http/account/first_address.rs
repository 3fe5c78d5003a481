//! The address of a registration before it is verified: forms keep it, and a mistyped one is mended (AUTH-02, AUTH-09,
//! C-06).

use crate::{
    account::accounts::spellings,
    client::{Api, PASSWORD, Person, new_name},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const OTHER: &str = "a long walk at dawn";
const CORRECT: &str = "/api/auth/correct-email";

impl Api {
    async fn registers(&self, email: &str, password: &str) -> (String, String) {
        let (username, _) = new_name();
        let form = json!({ "username": username, "email": email, "password": password });
        let id = self.post("/api/auth/register", form).await.is(201)["id"].as_str().unwrap().to_owned();
        (username, id)
    }

    async fn login_refusal(&self, email: &str, password: &str) -> (u16, String) {
        self.post("/api/auth/login", json!({ "email": email, "password": password })).await.refusal()
    }
}

fn unverified() -> (u16, String) {
    (403, "contact-unverified".to_owned())
}

fn failed() -> (u16, String) {
    (401, "login-failed".to_owned())
}

#[tokio::test]
async fn form_that_kept_the_address_goes_all_the_way() {
    let api = Api::shared().await;
    let (_, email) = new_name();
    let shouted = email.to_uppercase();
    let (_, id) = api.registers(&email, PASSWORD).await;
    assert_eq!(api.login_refusal(&shouted, PASSWORD).await, unverified());
    assert_eq!(api.login_refusal(&email, OTHER).await, failed());
    api.post("/api/auth/resend-code", json!({ "email": email })).await.is(202);
    let code = api.code(&email, 1).await;

    let verified = api.post("/api/auth/verify", json!({ "email": shouted, "code": code })).await.ok();

    assert_eq!(verified["user_id"], id);
    let again = json!({ "email": email, "code": code });
    assert_eq!(api.post("/api/auth/verify", again).await.ok()["user_id"], id, "the same code again");
    let login = json!({ "email": email, "password": PASSWORD });
    assert_eq!(api.post("/api/auth/login", login).await.ok()["user_id"], id);
}

#[tokio::test]
async fn code_names_the_registration_among_those_that_wait_for_its_address() {
    let api = Api::shared().await;
    let (_, email) = new_name();
    let mut waiting = Vec::new();
    for n in 1..=3 {
        let (_, id) = api.registers(&email, PASSWORD).await;
        waiting.push((id, api.code(&email, n).await));
    }
    let verify =
        async |code: &str| api.post("/api/auth/verify", json!({ "email": email, "code": code })).await;

    assert_eq!(verify(&waiting[1].1).await.ok()["user_id"], waiting[1].0);

    for late in [&waiting[0].1, &waiting[2].1] {
        assert_eq!(verify(late).await.refusal(), (409, "email-taken".to_owned()));
    }
    let login = json!({ "email": email, "password": PASSWORD });
    assert_eq!(api.post("/api/auth/login", login).await.ok()["user_id"], waiting[1].0);
}

#[tokio::test]
async fn password_by_a_waiting_address_counts_if_it_fits_exactly_one() {
    let api = Api::shared().await;
    let (_, email) = new_name();
    api.registers(&email, PASSWORD).await;
    api.registers(&email, OTHER).await;

    assert_eq!(api.login_refusal(&email, PASSWORD).await, unverified());
    assert_eq!(api.login_refusal(&email, OTHER).await, unverified());
    assert_eq!(api.login_refusal(&email, "a long walk at noon").await, failed());

    api.registers(&email, OTHER).await;
    assert_eq!(api.login_refusal(&email, OTHER).await, failed(), "of two nobody knows which is meant");
    assert_eq!(api.login_refusal(&email, PASSWORD).await, unverified());
}

#[tokio::test]
async fn ones_own_registration_does_not_tell_whether_its_address_has_an_account() {
    let api = Api::shared().await;
    let verified = api.verified("normal").await;
    for address in [verified.email.clone(), new_name().1] {
        api.registers(&address, OTHER).await;

        let begun = Instant::now();
        assert_eq!(api.login_refusal(&address, OTHER).await, unverified(), "{address}");
        assert!(begun.elapsed() >= Duration::from_millis(300), "{address}: {:?}", begun.elapsed());
        let corrects = json!({ "email": new_name().1, "identifier": address, "password": OTHER });
        api.post(CORRECT, corrects).await.is(202);
        assert_eq!(api.login_refusal(&address, OTHER).await, failed(), "it waits for another: {address}");
    }
    api.registers(&verified.email, PASSWORD).await;
    let login = json!({ "email": verified.email, "password": PASSWORD });
    let owner = api.post("/api/auth/login", login).await.ok();
    assert_eq!(owner["user_id"], verified.id, "whoever has verified the address comes first");
}

async fn corrected(api: &Api, person: &Person, former: &str, new: &str) {
    assert_eq!(api.login_refusal(former, PASSWORD).await, failed());
    assert_eq!(api.login_refusal(new, PASSWORD).await, unverified());
    let code = api.code(new, 1).await;
    let verified = api.post("/api/auth/verify", json!({ "email": new, "code": code })).await.ok();
    assert_eq!(verified["user_id"], person.id);
    let me = api.get("/api/me", &api.log_in(&person.username, new).await.access).await.ok();
    assert_eq!((&me["email"], &me["email_verified"]), (&json!(new), &json!(true)));
}

#[tokio::test]
async fn mistyped_address_is_corrected_by_whoever_registered() {
    let api = Api::shared().await;
    for (nth, path) in spellings(CORRECT).into_iter().enumerate() {
        let person = api.unverified().await;
        let former = api.code(&person.email, 1).await;
        let (_, new) = new_name();
        let proof =
            |name: &str, password: &str| json!({ "identifier": name, "password": password, "email": new });
        assert_eq!(api.post(&path, proof(&person.username, OTHER)).await.refusal(), failed(), "{path}");
        assert_eq!(api.post(&path, json!({ "email": new })).await.field_error().0, "/password");
        let (token, body) = match nth {
            0 => (person.access.as_str(), json!({ "email": new })),
            1 => ("", json!({ "username": person.username, "password": PASSWORD, "email": new })),
            2 => ("", proof(&person.email, PASSWORD)),
            _ => ("", proof(&person.username, PASSWORD)),
        };

        let reply = api.send("POST", &path, token, body).await.is(202);

        assert_eq!(api.get("/api/me", &person.access).await.ok()["email"], new, "{path}");
        let old =
            json!({ "username": person.username, "code": former, "request_token": reply["request_token"] });
        assert_eq!(
            api.post("/api/auth/verify", old).await.status,
            422,
            "what went to the wrong address is void"
        );
        corrected(&api, &person, &person.email, &new).await;
        let late = api.post(&path, proof(&person.username, PASSWORD)).await;
        assert_eq!(late.refusal(), (409, "already-done".to_owned()));
    }
}

#[tokio::test]
async fn staff_correct_a_mistyped_address_on_record_and_it_is_verified_all_the_same() {
    let api = Api::shared().await;
    let admin = api.verified("admin").await;
    let person = api.unverified().await;
    let path = format!("/api/admin/users/{}", person.id);
    let (_, new) = new_name();

    let shown = api.send("PUT", &path, &admin.access, json!({ "email": new })).await.ok();

    assert_eq!((&shown["email"], &shown["is_verified"]), (&json!(new), &json!(false)));
    let owner = api.verified("owner").await;
    let audit = api.get("/api/admin/audit?page_size=100", &owner.access).await.ok();
    let is_it = |row: &&Value| row["action"] == "address_corrected" && row["entity_id"] == person.id;
    let row = audit["results"].as_array().unwrap().iter().find(is_it).expect("it is on record");
    assert_eq!(row["actor"], format!("user:{}", admin.id));
    corrected(&api, &person, &person.email, &new).await;
    let late = api.send("PUT", &path, &admin.access, json!({ "email": new_name().1 })).await;
    assert_eq!((late.status, late.field_error()), (422, ("/email".to_owned(), "read-only".to_owned())));
}

#[tokio::test]
async fn invitation_follows_the_corrected_address_and_the_former_one_is_void() {
    let api = Api::shared().await;
    let admin = api.verified("admin").await;
    let ((username, mistyped), (_, right)) = (new_name(), new_name());
    let form = json!({ "username": username, "email": mistyped });
    let made = api.send("POST", "/api/users", &admin.access, form).await.is(201);
    let former = api.reset_token(&mistyped, 1).await;
    let path = format!("/api/admin/users/{}", made["id"].as_str().unwrap());

    api.send("PUT", &path, &admin.access, json!({ "email": right })).await.ok();

    let accept = |token: String| json!({ "token": token, "new_password": PASSWORD });
    let late = api.post("/api/auth/reset-password", accept(former)).await;
    assert_eq!(late.refusal(), (422, "code-refused".to_owned()));
    let token = api.reset_token(&right, 1).await;
    api.post("/api/auth/reset-password", accept(token)).await.ok();
    assert_eq!(api.get("/api/me", &api.log_in(&username, &right).await.access).await.ok()["email"], right);
}
