//! What people and things may be called, and how people are found by what they are called (PRO-02, PRO-03, AUTH-01).

use crate::{
    client::{Api, PASSWORD, new_name},
    people::finding::members,
};
use serde_json::{Value, json};

/// What cannot be seen, or turns the line round.
const UNSEEN: [&str; 6] = [
    "Jane\u{202e}eoD",
    "Ja\u{200b}ne",
    "\u{3164}",
    "\u{2066}Jane\u{2069}",
    "\u{301}\u{302}",
    "J\u{300}\u{301}\u{302}\u{303}\u{304}ane",
];

#[tokio::test]
async fn shown_names_are_seen_whole_and_in_their_order() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    for name in UNSEEN {
        for (method, path, token, body, pointer) in [
            ("PATCH", "/api/users/profile", &jane, json!({ "full_name": name }), "/full_name"),
            ("PATCH", "/api/users/profile", &jane, json!({ "title": name }), "/title"),
            ("PATCH", "/api/users/profile", &jane, json!({ "city": name }), "/city"),
            ("PATCH", "/api/users/profile", &jane, json!({ "skills": [name] }), "/skills"),
            ("POST", "/api/badges", &admin, crate::badges::definitions::definition(name), "/name"),
        ] {
            let refused = api.send(method, path, &token.access, body).await;
            let shown = name.escape_unicode().to_string();
            assert_eq!(refused.status, 422, "{shown} at {pointer}: {}", refused.body);
            let code = if pointer == "/skills" { refused.field_error().1 } else { "text-invalid".to_owned() };
            assert_eq!(refused.field_error(), (pointer.to_owned(), code), "{shown}");
        }
    }
    for name in
        ["Đặng Thị Hân", "王小明", "می\u{200c}خواهم", "क\u{94d}\u{200d}ष", "👩\u{200d}💻 Jane", "مُحَمَّد"]
    {
        let profile = api.set(&jane, json!({ "full_name": name })).await;
        assert_eq!(profile["full_name"], name);
    }
}

#[tokio::test]
async fn people_are_found_whatever_the_accents_and_by_parts_where_there_are_no_spaces() {
    let api = Api::shared().await;
    let mark = new_name().0;
    for (name, texts) in [
        ("Björk Guðmundsdóttir", vec!["bjork", "BJÖRK", "gudmunds", "bjork gudmundsdottir"]),
        ("Đặng Văn Lâm", vec!["dang van", "Đặng", "lam van"]),
        ("Łukasz Groß", vec!["lukasz", "gross", "GROSS"]),
        ("王小明", vec!["小明", "王小明", "王", "明", "王 小明"]),
        ("김민수", vec!["민수", "김", "수"]),
        ("山田ガブリエル", vec!["ガブリエル", "ｶﾞﾌﾞﾘ", "田"]),
        ("Ｊｕｌｉａｎｅ", vec!["juliane"]),
        ("Νίκος Παππάς", vec!["νικος", "ΠΑΠΠΑΣ"]),
    ] {
        let person = api.verified("normal").await;
        api.set(&person, json!({ "full_name": format!("{name} {mark}") })).await;
        for text in texts {
            let found = api.search(&person, &format!("{text} {mark}")).await;
            // Behind it stand names that are spelt a little like it.
            assert_eq!(members(&found, "id").first(), Some(&person.id.as_str()), "{text} finds {name}");
        }
    }
}

#[tokio::test]
async fn words_of_paths_values_and_authority_are_nobodys_username() {
    let api = Api::shared().await;
    let admin = api.verified("admin").await;
    for username in [
        "profile",
        "Wallet",
        "kyc",
        "analytics",
        "admin",
        "null",
        "undefined",
        "sup-port",
        "0f8fad5bd9cb469fa16570867728950e",
    ] {
        let (_, email) = new_name();
        let body = json!({ "username": username, "email": email, "password": PASSWORD });
        let refused = api.post("/api/auth/register", body).await;
        assert_eq!(refused.status, 422, "{username}");
        assert_eq!(
            refused.field_error(),
            ("/username".to_owned(), "username-reserved".to_owned()),
            "{username}"
        );
        let invited = json!({ "username": username, "email": email, "role": "normal" });
        let refused = api.send("POST", "/api/users", &admin.access, invited).await;
        assert_eq!(refused.field_error().1, "username-reserved", "{username}");
    }
}

#[tokio::test]
async fn address_is_one_whichever_way_its_domain_is_written_and_whatever_blanks_are_around_it() {
    let api = Api::shared().await;
    let (username, _) = new_name();
    let (typed, stored) =
        (format!(" {username}@Bücher.example\t"), format!("{username}@xn--bcher-kva.example"));
    let body = json!({ "username": username, "email": typed, "password": PASSWORD });
    let made = api.post("/api/auth/register", body).await.is(201);
    assert_eq!(made["email"], stored.as_str());

    let code = api.code(&stored, 1).await;
    api.post("/api/auth/verify", json!({ "username": username, "code": code })).await.ok();

    for spelling in [typed.as_str(), stored.as_str(), &format!("{}@BÜCHER.example", username.to_uppercase())]
    {
        let body = json!({ "email": spelling, "password": PASSWORD });
        let session = api.post("/api/auth/login", body).await.ok();
        let me = api.get("/api/me", session["access_token"].as_str().unwrap()).await.ok();
        assert_eq!(me["email"], stored.as_str(), "{spelling}");
    }
    let admin = api.verified("admin").await;
    for spelling in [format!("{username}@bücher.example"), stored.clone()] {
        let encoded: String = spelling.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let found = api.get(&format!("/api/admin/users?search={encoded}"), &admin.access).await.ok();
        assert!(members(&found, "username").contains(&username.as_str()), "{spelling}: {found}");
    }
    let other = api.verified("normal").await;
    let change = json!({ "email": format!("{username}@bücher.example "), "current_password": PASSWORD });
    let taken = api.send("PUT", "/api/me", &other.access, change).await;
    assert_ne!(taken.json()["email"], Value::String(stored), "it is somebody's already: {}", taken.body);
}
