//! What people entrust stands nowhere in clear, and without their key the history still replays.

use crate::{
    client::Api,
    operations::planted::{
        NEW_EMAIL, NEW_PASSWORD, PERSONAL, PROJECTIONS, Story, USERNAME, connect, files, hex, hidden, rows,
        story,
    },
};
use annals_tests::program::{Program, new_directory};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use std::{fs, sync::Arc};

#[tokio::test]
async fn planted_values_are_nowhere_in_clear() {
    let program =
        Program::start_in(new_directory(), &[("SQL_LOG", "true"), ("ANNALS_SLOW_SQL_MS", "0")]).await;
    let api = Api::of(Arc::new(program));
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
    assert!(log[0].1.contains("sqlx::query"), "statements are logged");
    assert!(log[0].1.contains("slow statement") && log[0].1.contains("es.append"), "slow ones are warned of");
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
