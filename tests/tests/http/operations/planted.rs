//! A person with a story, and a look into every place where something of it could stand.

use crate::client::{Api, answer};
use annals_tests::program::Program;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{fs, path::Path};

pub const USERNAME: &str = "zebedee.q";
pub const EMAIL: &str = "Zebedee.Quux@example.com";
pub const NEW_EMAIL: &str = "zq-second@example.net";
const PASSWORD: &str = "nine purple herons";
pub const NEW_PASSWORD: &str = "ten yellow herons";
const AGENT: &str = "HeronBrowser";
/// Nowhere but in the subject's own read models.
pub const PERSONAL: [&str; 11] = [
    USERNAME,
    EMAIL,
    NEW_EMAIL,
    "Zebedee Ignatius",
    "Wisteria Lane",
    "+4917012345679",
    "collects herons",
    "Quuxville",
    "Key of Zebedee",
    "Heron whispering",
    AGENT,
];
pub const PROJECTIONS: [&str; 14] = [
    "accounts",
    "sessions",
    "profile_pages",
    "audit_log",
    "social_graph",
    "erasures",
    "user_settings",
    "user_events",
    "api_keys",
    "wallets",
    "badges",
    "badge_progress",
    "notifications",
    "skills",
];

/// What the story leaves behind that nobody may find.
pub struct Story {
    pub id: String,
    pub access: String,
    pub secrets: Vec<String>,
    pub codes: Vec<String>,
}

async fn put(api: &Api, method: &str, path: &str, token: &str, body: Value) -> Value {
    let request = api.request(method, path).json(&body).header("user-agent", AGENT);
    let reply = answer(if token.is_empty() { request } else { request.bearer_auth(token) }).await;
    assert!(reply.status < 300, "{path}: {reply:?}");
    reply.json()
}

pub async fn story(api: &Api) -> Story {
    let form = json!({ "username": USERNAME, "email": EMAIL, "password": PASSWORD });
    let registered = put(api, "POST", "/api/auth/register", "", form).await;
    let first = api.code(EMAIL, 1).await;
    put(api, "POST", "/api/auth/verify", "", json!({ "username": USERNAME, "code": first })).await;
    let wrong = json!({ "email": EMAIL, "password": "eleven herons at sea" });
    assert_eq!(api.post("/api/auth/login", wrong).await.status, 401);
    assert_eq!(api.post("/api/auth/login", json!({ EMAIL: PASSWORD })).await.status, 422);
    let tokens =
        put(api, "POST", "/api/auth/login", "", json!({ "email": EMAIL, "password": PASSWORD })).await;
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    let profile = json!({
        "full_name": "Zebedee Ignatius", "address": "12 Wisteria Lane", "phone_number": "+4917012345679",
        "bio": "collects herons", "city": "Quuxville", "date_of_birth": "1971-03-09",
    });
    put(api, "PATCH", "/api/users/profile", &access, profile).await;
    let moved = json!({ "email": NEW_EMAIL, "current_password": PASSWORD });
    put(api, "PUT", "/api/me", &access, moved).await;
    let second = api.code(NEW_EMAIL, 1).await;
    put(api, "POST", "/api/auth/verify", &access, json!({ "code": second })).await;
    // Anyone may ask this: where it came from is kept under the key of the day's visitors, not of the person.
    assert_eq!(api.post("/api/auth/forgot-password", json!({ "email": NEW_EMAIL })).await.status, 202);
    let reset = api.reset_token(NEW_EMAIL, 2).await;
    let change = json!({ "token": reset, "new_password": NEW_PASSWORD });
    put(api, "POST", "/api/auth/reset-password", "", change).await;
    let login = json!({ "username": USERNAME, "password": NEW_PASSWORD });
    let again = put(api, "POST", "/api/auth/login", "", login).await;
    let token = |tokens: &Value, name: &str| tokens[name].as_str().unwrap().to_owned();
    let access = token(&again, "access_token");
    let skill = json!({ "name": "Heron whispering", "category": "Soft" });
    put(api, "POST", "/api/skills", &access, skill).await;
    let mut secrets = vec![PASSWORD.to_owned(), NEW_PASSWORD.to_owned(), reset, access.clone()];
    let key = json!({ "name": "Key of Zebedee", "scopes": ["account:read"] });
    let key = token(&put(api, "POST", "/api/me/api-keys", &access, key).await, "key");
    put(api, "GET", "/api/me", &key, json!({})).await;
    secrets.push(key);
    for tokens in [&tokens, &again] {
        secrets.extend([token(tokens, "access_token"), token(tokens, "refresh_token")]);
    }
    Story { id: token(&registered, "user_id"), access, secrets, codes: vec![first, second] }
}

pub async fn connect(program: &Program, database: &str) -> PgPool {
    PgPool::connect(&program.supervisor_url(database)).await.unwrap()
}

/// Every table of schemas like these, and every row as text.
pub async fn rows(pool: &PgPool, schemas: &str) -> Vec<(String, String)> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
         WHERE table_schema ~ $1 AND table_type = 'BASE TABLE'",
    )
    .bind(schemas)
    .fetch_all(pool)
    .await
    .unwrap();
    let mut rows = Vec::new();
    for table in tables {
        let texts: Vec<String> =
            sqlx::query_scalar(&format!("SELECT t::text FROM {table} t")).fetch_all(pool).await.unwrap();
        rows.extend(texts.into_iter().map(|text| (table.clone(), text)));
    }
    rows
}

pub fn files(directory: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            found.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    found
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A value as it is, as the database shows bytes, and as Base64.
fn shapes(value: &str) -> Vec<String> {
    let lower = value.to_lowercase();
    vec![hex(value.as_bytes()), hex(lower.as_bytes()), STANDARD.encode(value).to_lowercase(), lower]
}

pub fn hidden(values: &[&str], places: &[(String, String)]) {
    assert!(!places.is_empty(), "nothing was looked at");
    for (place, text) in places {
        let text = text.to_lowercase();
        for value in values {
            for shape in shapes(value) {
                assert!(!text.contains(&shape), "{value} as {shape} in {place}");
            }
        }
    }
}
