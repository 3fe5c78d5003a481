//! What a body changes of an account.

use super::*;
use chrono::{DateTime, Utc};
use domain::{UserId, values::Role};
use projections::{accounts::query::Account, user_settings::query::SettingsRow};
use serde_json::json;

fn view() -> AccountView {
    let at: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let account = Account {
        user_id: UserId::from_uuid(uuid::Uuid::from_u128(1)),
        username: Some("jane".to_owned()),
        email: Some("jane@example.com".to_owned()),
        email_verified: true,
        pending_email: None,
        pending_email_since: None,
        phone_number: None,
        is_verified: true,
        role: Role::Normal,
        created_at: at,
        updated_at: at,
        last_login: Some(at),
        password_changed_at: None,
        suspended_at: None,
        suspended_until: None,
        suspension_reason: None,
        erase_after: None,
        session_epoch: 0,
        version: 3,
    };
    let chosen = SettingsRow::by_default(account.user_id, at);
    AccountView::new(account, None, chosen)
}

fn read(body: Value) -> ApiResult<Changes> {
    let Value::Object(body) = body else { panic!("not an object") };
    AccountChange::read(body, &view())
}

fn errors(body: Value) -> Vec<(String, String)> {
    let problem = read(body).err().unwrap();
    problem.field_errors().iter().map(|e| (e.pointer.clone(), e.code.clone())).collect()
}

#[test]
fn own_representation_changes_nothing() {
    let changes = read(serde_json::to_value(view()).unwrap()).ok().unwrap();

    assert_eq!(changes.profile, ProfilePatch::default());
    assert_eq!(changes.settings, SettingsPatch::default());
    assert!(changes.email.is_none());
}

#[test]
fn new_address_needs_the_current_password() {
    let missing = errors(json!({ "email": "new@example.com" }));
    assert_eq!(missing, [("/current_password".to_owned(), "missing".to_owned())]);

    let changes = read(json!({ "email": "new@example.com", "current_password": "x" })).ok().unwrap();
    assert_eq!(changes.email.unwrap().0.as_str(), "new@example.com");
}

#[test]
fn unchanged_address_needs_none() {
    assert!(read(json!({ "email": "jane@example.com", "name": "Jane" })).ok().unwrap().email.is_none());
}

#[test]
fn present_address_with_the_password_takes_a_change_back() {
    let body = json!({ "email": "jane@example.com", "current_password": "x" });

    assert_eq!(read(body).ok().unwrap().email.unwrap().0.as_str(), "jane@example.com");
}

#[test]
fn synonyms_write_the_same_field() {
    for body in [json!({ "name": "Jane Doe" }), json!({ "full_name": "Jane Doe" })] {
        let changes = read(body).ok().unwrap();
        assert_eq!(changes.profile.full_name, Patch::Set("Jane Doe".parse().unwrap()));
    }
}

#[test]
fn what_is_not_written_here_is_refused() {
    for (body, pointer, code) in [
        (json!({ "role": "owner" }), "/role", "read-only"),
        (json!({ "is_verified": false }), "/is_verified", "read-only"),
        (json!({ "password": "x" }), "/password", "unknown-field"),
        (json!({ "email": "nobody" }), "/email", "email-invalid"),
        (json!({ "email": null, "current_password": 7 }), "/current_password", "wrong-type"),
    ] {
        assert_eq!(errors(body), [(pointer.to_owned(), code.to_owned())]);
    }
}

#[test]
fn second_command_of_a_request_has_a_key_of_its_own() {
    let idempotency =
        Some(commands::IdempotencyKey { key: "k".to_owned(), route: String::new(), fingerprint: [0; 32] });
    let caller = commands::Caller { idempotency, ..commands::Caller::anonymous() };

    assert_ne!(part_of(&caller).idempotency.unwrap().key, "k");
    assert_eq!(part_of(&commands::Caller::anonymous()).idempotency, None);
}
