//! What a body changes of a profile.

use super::*;
use chrono::{DateTime, Utc};
use domain::{UserId, values::Role};
use serde_json::json;

fn page() -> (ProfilePage, FollowCounts) {
    let at: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let user_id = UserId::from_uuid(uuid::Uuid::from_u128(1));
    let page = ProfilePage {
        user_id,
        username: Some("jane".to_owned()),
        email: Some("jane@example.com".to_owned()),
        is_verified: true,
        role: Role::Normal,
        full_name: Some("Jane Doe".to_owned()),
        title: None,
        bio: None,
        date_of_birth: "1990-02-03".parse().ok(),
        address: None,
        phone_number: None,
        avatar_url: Some("https://example.com/a.png".to_owned()),
        cover_media: None,
        cover_media_type: None,
        country: Some("DE".to_owned()),
        city: None,
        skills: vec!["Rust".to_owned()],
        is_private: false,
        follow_policy: None,
        show_email: false,
        show_phone: false,
        show_location: true,
        suspended_at: None,
        suspended_until: None,
        is_profile_complete: false,
        is_leaving: false,
        created_at: at,
        updated_at: at,
        version: 3,
    };
    (page, FollowCounts { user_id, follower_count: 2, following_count: 3 })
}

fn read(body: Value) -> Result<ProfilePatch, Vec<(String, String)>> {
    let Value::Object(body) = body else { panic!("not an object") };
    ProfileChange::read(body, &shown(page()).unwrap()).map_err(|problem| {
        problem.field_errors().iter().map(|e| (e.pointer.clone(), e.code.clone())).collect()
    })
}

fn errors(body: Value) -> Vec<(String, String)> {
    read(body).unwrap_err()
}

#[test]
fn own_representation_changes_nothing() {
    let known = shown(page()).unwrap();

    assert_eq!(read(known), Ok(ProfilePatch::default()));
}

#[test]
fn repeated_change_is_no_contradiction_of_what_follows_from_it() {
    let mut known = shown(page()).unwrap();
    known["full_name"] = json!("Jane D.");
    let Value::Object(body) = known else { panic!("not an object") };
    let (page, counts) = page();
    let later = page.updated_at + chrono::TimeDelta::seconds(1);
    let changed = ProfilePage { full_name: Some("Jane D.".to_owned()), updated_at: later, ..page };

    let repeated = ProfileChange::read(body, &shown((changed, counts)).unwrap()).unwrap();

    assert_eq!(repeated, ProfilePatch::default());
}

#[test]
fn absent_keeps_null_and_blank_clear_and_a_value_sets() {
    let patch =
        read(json!({ "full_name": "Jane D.", "country": null, "bio": " ", "is_private": true })).unwrap();

    assert_eq!(patch.full_name, Patch::Set("Jane D.".parse().unwrap()));
    assert_eq!((patch.country, patch.bio), (Patch::Clear, Patch::Clear));
    assert_eq!((patch.is_private, patch.city), (Patch::Set(true), Patch::Keep));
}

#[test]
fn any_spelling_of_the_avatar_sets_it() {
    for name in PROFILE.synonyms[0] {
        let patch = read(json!({ *name: "https://example.com/b.png" })).unwrap();
        assert_eq!(patch.avatar_url, Patch::Set("https://example.com/b.png".parse().unwrap()), "{name}");
    }
}

#[test]
fn everything_wrong_is_told_at_once() {
    let found =
        errors(json!({ "country": "Germany", "avatar_url": "javascript:x", "date_of_birth": "tomorrow" }));

    let expected = [
        ("/date_of_birth", "date-of-birth-invalid"),
        ("/avatar_url", "url-invalid"),
        ("/country", "country-invalid"),
    ];
    assert_eq!(found, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
}

#[test]
fn read_only_and_unknown_members_and_wrong_types_have_their_pointers() {
    for (body, pointer, code) in [
        (json!({ "username": "john" }), "/username", "read-only"),
        (json!({ "role": "owner" }), "/role", "read-only"),
        (json!({ "nickname": "x" }), "/nickname", "unknown-field"),
        (json!({ "bio": 7 }), "/bio", "wrong-type"),
        (json!({ "skills": ["a", 7] }), "/skills/1", "wrong-type"),
        (json!({ "cover_media_type": "smell" }), "/cover_media_type", "unknown-value"),
    ] {
        assert_eq!(errors(body), [(pointer.to_owned(), code.to_owned())]);
    }
}
