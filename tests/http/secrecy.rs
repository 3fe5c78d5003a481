//! What people entrust stands nowhere in clear, and without their key the history still replays.

use crate::client::{Api, answer};
use annals_tests::program::Program;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{fs, path::Path, sync::Arc};

const USERNAME: &str = "zebedee.q";
const EMAIL: &str = "Zebedee.Quux@example.com";
const NEW_EMAIL: &str = "zq-second@example.net";
const PASSWORD: &str = "nine purple herons";
const NEW_PASSWORD: &str = "ten yellow herons";
const AGENT: &str = "HeronBrowser";
/// Nowhere but in the subject's own read models.
const PERSONAL: [&str; 9] = [
    USERNAME,
    EMAIL,
    NEW_EMAIL,
    "Zebedee Ignatius",
    "Wisteria Lane",
    "+4917012345679",
    "collects herons",
    "Quuxville",
    AGENT,
];
const PROJECTIONS: [&str; 7] =
    ["accounts", "sessions", "profile_pages", "audit_log", "social_graph", "user_settings", "user_events"];

/// What the story leaves behind that nobody may find.
struct Story {
    id: String,
    access: String,
    secrets: Vec<String>,
    codes: Vec<String>,
}

async fn put(api: &Api, method: &str, path: &str, token: &str, body: Value) -> Value {
    let request = api.request(method, path).json(&body).header("user-agent", AGENT);
    let reply = answer(if token.is_empty() { request } else { request.bearer_auth(token) }).await;
    assert!(reply.status < 300, "{path}: {reply:?}");
    reply.json()
}

async fn story(api: &Api) -> Story {
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
    let mut secrets = vec![PASSWORD.to_owned(), NEW_PASSWORD.to_owned(), reset, access.clone()];
    for tokens in [&tokens, &again] {
        secrets.extend([token(tokens, "access_token"), token(tokens, "refresh_token")]);
    }
    Story { id: token(&registered, "user_id"), access, secrets, codes: vec![first, second] }
}

async fn connect(program: &Program, database: &str) -> PgPool {
    let url =
        program.status().await["postgres"].as_str().unwrap().replace("/annals?", &format!("/{database}?"));
    PgPool::connect(&url).await.unwrap()
}

/// Every table of schemas like these, and every row as text.
async fn rows(pool: &PgPool, schemas: &str) -> Vec<(String, String)> {
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

fn files(directory: &Path) -> Vec<(String, String)> {
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A value as it is, as the database shows bytes, and as Base64.
fn shapes(value: &str) -> Vec<String> {
    let lower = value.to_lowercase();
    vec![hex(value.as_bytes()), hex(lower.as_bytes()), STANDARD.encode(value).to_lowercase(), lower]
}

fn hidden(values: &[&str], places: &[(String, String)]) {
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

#[tokio::test]
async fn planted_values_are_nowhere_in_clear() {
    let api = Api::alone().await;
    let story = story(&api).await;
    let pool = connect(&api, "annals").await;

    let tables = rows(&pool, "^(es|workers|projections|p_audit_log|public)$").await;
    for table in ["es.events", "es.claims", "es.secrets", "workers.jobs", "p_audit_log.audit_log"] {
        assert!(tables.iter().any(|(name, _)| name == table), "{table} was looked at");
    }
    let mut values = PERSONAL.to_vec();
    values.extend(story.secrets.iter().map(String::as_str));
    hidden(&values, &tables);
    hidden(&values, &rows(&connect(&api, "annals_keys").await, "^keys$").await);
    let streams = files(&api.data_dir.join("nats"));
    assert!(
        streams.iter().any(|(_, text)| text.contains("profile_updated")),
        "the events are in these files"
    );
    hidden(&values, &streams);
    let mut log = vec![("program.log".to_owned(), api.log())];
    for file in ["postgres.log", "nats.log"] {
        log.push((
            file.to_owned(),
            fs::read_to_string(api.data_dir.join("run").join(file)).unwrap_or_default(),
        ));
    }
    assert!(log[0].1.contains("/api/auth/verify"), "requests are logged");
    hidden(&values, &log);
    codes_are_hidden(&story, &tables, &log);
    no_hash_is_in_an_event(&story, &tables);
    pool.close().await;
    api.into_program().stop().await;
}

/// Six digits are found by chance in longer numbers: only whole words count.
fn codes_are_hidden(story: &Story, tables: &[(String, String)], log: &[(String, String)]) {
    for (place, text) in tables.iter().chain(log) {
        for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
            assert!(!story.codes.iter().any(|code| code == word), "the code {word} in {place}: {text}");
        }
    }
}

fn no_hash_is_in_an_event(story: &Story, tables: &[(String, String)]) {
    let secrets = story.secrets.iter().chain(&story.codes);
    let hashes: Vec<String> = secrets
        .flat_map(|secret| {
            let hash = digest(&SHA256, secret.as_bytes());
            [hex(hash.as_ref()), STANDARD.encode(hash).to_lowercase()]
        })
        .collect();
    for (_, text) in tables.iter().filter(|(table, _)| table == "es.events") {
        let text = text.to_lowercase();
        assert!(!text.contains("argon2"), "{text}");
        assert!(!hashes.iter().any(|hash| text.contains(hash)), "{text}");
    }
}

#[tokio::test]
async fn history_replays_without_the_key_and_staff_see_that_it_is_gone() {
    let mut api = Api::alone().await;
    let story = story(&api).await;
    let staff = api.verified("owner").await;
    let keys = connect(&api, "annals_keys").await;
    let destroyed = sqlx::query(
        "UPDATE keys.subjects SET wrapped = NULL, destroyed_at = now() WHERE subject = $1::uuid AND wrapped IS NOT NULL",
    )
    .bind(&story.id)
    .execute(&keys)
    .await
    .unwrap();
    assert_eq!(destroyed.rows_affected(), 1);
    keys.close().await;
    let mut program = api.into_program();
    program.interrupt().await;
    api = Api::of(Arc::new(program.restart().await));

    for name in PROJECTIONS {
        let output = api.command(&["rebuild", name]).output().await.unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }

    let pool = connect(&api, "annals").await;
    hidden(&PERSONAL, &rows(&pool, "^(es|workers|projections|public|p_.*)$").await);
    let filter = format!("/api/admin/audit?entity_id={}&page_size=100", story.id);
    let audit = api.get(&filter, &staff.access).await;
    assert!(audit.ok()["results"].as_array().unwrap().len() >= 5, "{}", audit.body);
    assert!(audit.body.contains("[erased]"), "{}", audit.body);
    let trail = api.get("/api/audit/events?limit=100", &staff.access).await;
    trail.ok();
    assert!(trail.body.contains("[erased]"));
    hidden(&PERSONAL, &[("audit".into(), audit.body), ("trail".into(), trail.body)]);
    nobody_fails_over_them(&api, &story).await;
    pool.close().await;
    api.into_program().stop().await;
}

async fn nobody_fails_over_them(api: &Api, story: &Story) {
    for identifier in [USERNAME, NEW_EMAIL, &story.id] {
        let login =
            api.post("/api/auth/login", json!({ "identifier": identifier, "password": NEW_PASSWORD })).await;
        assert_eq!(login.refusal(), (401, "login-failed".to_owned()), "{identifier}");
    }
    for path in ["/api/me", "/api/users/profile", "/api/sessions"] {
        let reply = api.get(path, &story.access).await;
        assert!(reply.status < 500, "{path}: {}", reply.body);
    }
    let change = api.send("PATCH", "/api/users/profile", &story.access, json!({ "city": "Porto" })).await;
    assert!(change.status < 500, "{}", change.body);
    assert_eq!(api.post("/api/auth/forgot-password", json!({ "email": NEW_EMAIL })).await.status, 202);
}
