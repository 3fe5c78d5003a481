//! What a body changes of an account's standing.

use super::*;
use domain::UserId;
use projections::{AccountRow, accounts::query::Account};
use serde_json::json;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn view(suspended: bool) -> AdminUserView {
    let began = at("2026-01-01T00:00:00Z");
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
        created_at: began,
        updated_at: began,
        last_login: None,
        password_changed_at: None,
        suspended_at: suspended.then_some(began),
        suspended_until: suspended.then(|| at("2026-03-01T00:00:00Z")),
        suspension_reason: suspended.then(|| "spam".to_owned()),
        session_epoch: 0,
        erase_after: None,
        version: 3,
    };
    AdminUserView::new(
        AccountRow { account, page: None, settings: None, last_active: None },
        at("2026-02-01T00:00:00Z"),
    )
}

fn read(body: Value, suspended: bool) -> Result<StandingChange, (String, String)> {
    let Value::Object(body) = body else { panic!("not an object") };
    StandingBody::read(body, &view(suspended)).map_err(|problem| {
        let error = &problem.field_errors()[0];
        (error.pointer.clone(), error.code.clone())
    })
}

fn suspension(body: Value, suspended: bool) -> Option<(String, Option<DateTime<Utc>>)> {
    match read(body, suspended).unwrap().suspension {
        Some(SuspensionChange::Suspend { reason, until }) => Some((reason.as_str().to_owned(), until)),
        Some(SuspensionChange::Reinstate) => Some(("reinstated".to_owned(), None)),
        None => None,
    }
}

#[test]
fn own_representation_changes_nothing() {
    for suspended in [false, true] {
        let change = read(serde_json::to_value(view(suspended)).unwrap(), suspended).unwrap();
        assert!(change.role.is_none() && change.suspension.is_none());
    }
}

#[test]
fn status_and_flag_are_two_names_of_one_thing() {
    for body in [json!({ "status": "suspended" }), json!({ "is_suspended": true })] {
        let mut body = body;
        body["suspension_reason"] = json!("spam");
        assert_eq!(suspension(body, false), Some(("spam".to_owned(), None)));
    }
    for body in [json!({ "status": "active" }), json!({ "is_suspended": false, "suspension_reason": null })] {
        assert_eq!(suspension(body, true), Some(("reinstated".to_owned(), None)));
    }
}

#[test]
fn reason_and_end_of_a_suspension_are_replaced_one_by_one() {
    let end = at("2026-03-01T00:00:00Z");

    assert_eq!(
        suspension(json!({ "suspension_reason": "fraud" }), true),
        Some(("fraud".to_owned(), Some(end)))
    );
    assert_eq!(suspension(json!({ "suspended_until": null }), true), Some(("spam".to_owned(), None)));
}

#[test]
fn what_does_not_fit_together_is_refused() {
    for (body, suspended, pointer, code) in [
        (json!({ "role": "king" }), false, "/role", "role-invalid"),
        (json!({ "status": "gone" }), false, "/status", "invalid"),
        (json!({ "is_suspended": true }), false, "/suspension_reason", "missing"),
        (json!({ "suspension_reason": "spam" }), false, "/is_suspended", "missing"),
        (
            json!({ "status": "suspended", "is_suspended": true, "suspension_reason": " " }),
            false,
            "/suspension_reason",
            "text-invalid",
        ),
        (json!({ "bio": "by staff" }), false, "/bio", "read-only"),
        (json!({ "email": "x@example.com" }), false, "/email", "read-only"),
        (json!({ "nickname": "x" }), false, "/nickname", "unknown-field"),
    ] {
        assert_eq!(
            read(body.clone(), suspended).unwrap_err(),
            (pointer.to_owned(), code.to_owned()),
            "{body}"
        );
    }
}
