//! After the certificate nothing of the person is on the disk, and whoever has the disk and the master key reads nothing.

use crate::{
    client::{Api, Person, answer},
    operations::planted::{NEW_PASSWORD, PERSONAL, USERNAME, connect, story},
};
use annals_tests::program::{Program, new_directory};
use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey},
    key_wrap::{AES_256, AesKek, KeyWrap},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, HashSet},
    fs,
    path::Path,
    sync::Arc,
    time::Duration,
};

const ADDRESS: &str = "203.0.113.77";
/// What else is known of the person, in fields of their own.
const FURTHER: [&str; 11] = [
    ADDRESS,
    "Herpetologist Emeritus",
    "https://pictures.example.net/quux.png",
    "newt husbandry",
    "hums Wagner at night",
    "shouted in the library",
    "refund for the broken aquarium",
    "for the lost salamander",
    "terrarium-layout-nine",
    "zq-third@example.org",
    "Zebedee.Quux",
];

/// More of the person, by themselves and by staff.
async fn plant(api: &Api, id: &str, access: &str, staff: &Person, other: &Person) {
    let send = async |method: &str, path: &str, token: &str, body: Value| {
        let reply = api.send(method, path, token, body).await;
        assert!(reply.status < 300, "{path}: {reply:?}");
    };
    let login = json!({ "username": USERNAME, "password": NEW_PASSWORD });
    answer(api.request("POST", "/api/auth/login").header("x-forwarded-for", ADDRESS).json(&login)).await.ok();
    let profile = json!({
        "title": "Herpetologist Emeritus", "avatar_url": "https://pictures.example.net/quux.png",
        "skills": ["newt husbandry"],
    });
    send("PATCH", "/api/users/profile", access, profile).await;
    send("PUT", "/api/me", access, json!({ "preferences": { "desk": "terrarium-layout-nine" } })).await;
    let block = json!({ "blocked": other.id, "reason": "hums Wagner at night" });
    send("POST", "/api/blocks", access, block).await;
    let adjust = json!({ "account": "points", "amount": "5", "reason": "refund for the broken aquarium" });
    send("POST", &format!("/api/admin/users/{id}/wallet/adjustments"), &staff.access, adjust).await;
    let award = json!({ "user": id, "badge": "first_post", "notes": "for the lost salamander" });
    send("POST", "/api/user-badges", &staff.access, award).await;
    let moved = json!({ "email": "zq-third@example.org", "current_password": NEW_PASSWORD });
    send("PUT", "/api/me", access, moved).await;
    api.mail("zq-third@example.org", 1).await;
    let suspend = json!({ "reason": "shouted in the library" });
    send("POST", &format!("/api/admin/users/{id}/suspend"), &staff.access, suspend).await;
}

/// Every file below, with its bytes.
fn disk(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(disk(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            found.push((path.display().to_string(), bytes));
        }
    }
    found
}

fn holds(bytes: &[u8], value: &[u8]) -> bool {
    let Some((first, rest)) = value.split_first() else { return true };
    let mut left = bytes;
    while let Some(at) = left.iter().position(|byte| byte == first) {
        left = &left[at + 1..];
        if left.starts_with(rest) {
            return true;
        }
    }
    false
}

/// Which of the values are where, whatever their case.
fn found(values: &[String], disk: &[(String, Vec<u8>)]) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (place, bytes) in disk {
        let bytes = bytes.to_ascii_lowercase();
        for value in values {
            if holds(&bytes, value.to_lowercase().as_bytes()) {
                found.insert((value.clone(), place.clone()));
            }
        }
    }
    found
}

/// Every data key that the master key unwraps from any place of these files. A wrapped key looks like noise: windows
/// that do not are passed over.
fn unwrapped(master: &[u8], disk: &[(String, Vec<u8>)]) -> HashSet<Vec<u8>> {
    const LENGTH: usize = 40;
    let mut keys = HashSet::new();
    for (_, bytes) in disk {
        let mut high = bytes.iter().take(LENGTH - 1).filter(|byte| **byte >= 0x80).count();
        for (at, window) in bytes.windows(LENGTH).enumerate() {
            high += usize::from(window[LENGTH - 1] >= 0x80);
            if high >= 8 {
                let kek = AesKek::new(&AES_256, master).unwrap();
                let mut space = [0; LENGTH];
                keys.extend(kek.unwrap(window, &mut space).ok().map(|key| key.to_vec()));
            }
            high -= usize::from(bytes[at] >= 0x80);
        }
    }
    keys
}

/// An event's stream, its place there, and what is sealed in it.
type Sealed = (String, String, i64, Vec<String>);

async fn sealed_events(api: &Api, id: &str) -> Vec<Sealed> {
    let sql =
        "SELECT aggregate_type, aggregate_id, sequence, payload::text FROM es.events WHERE aggregate_id = $1";
    let rows: Vec<(String, String, i64, String)> =
        sqlx::query_as(sql).bind(id).fetch_all(&connect(api, "annals").await).await.unwrap();
    let texts = |payload: &str| {
        let parts = payload.split('"').filter(|part| part.starts_with("v1."));
        parts.map(str::to_owned).collect::<Vec<_>>()
    };
    rows.iter().map(|(kind, id, n, payload)| (kind.clone(), id.clone(), *n, texts(payload))).collect()
}

/// How many sealed values one of the keys opens.
fn opened(keys: &HashSet<Vec<u8>>, events: &[Sealed]) -> usize {
    let mut count = 0;
    for (kind, id, sequence, texts) in events {
        let mut aad = format!("annals:v1\0{kind}\0{id}\0").into_bytes();
        aad.extend_from_slice(&sequence.to_be_bytes());
        for text in texts {
            let sealed = URL_SAFE_NO_PAD.decode(&text[3..]).unwrap();
            let (nonce, body) = sealed.split_at(12);
            count += usize::from(keys.iter().filter(|key| key.len() == 32).any(|key| {
                let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, key).unwrap());
                let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
                cipher.open_in_place(nonce, Aad::from(&aad), &mut body.to_vec()).is_ok()
            }));
        }
    }
    count
}

fn master_key(data: &Path) -> Vec<u8> {
    let secrets: Value =
        serde_json::from_str(&fs::read_to_string(data.join("secrets.json")).unwrap()).unwrap();
    let digits = secrets["keys.master"].as_str().unwrap().to_owned();
    (0..32).map(|n| u8::from_str_radix(&digits[2 * n..2 * n + 2], 16).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disk_of_a_quiet_installation_holds_nothing_of_who_was_erased() {
    let settings = [
        ("ANNALS_TRUSTED_PROXIES", "127.0.0.1"),
        ("ANNALS_FRESH_WITHIN_MS", "20000"),
        ("ANNALS_BOT_SIGNALS", "off"),
    ];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    let (staff, other) = (api.verified("owner").await, api.verified("normal").await);
    let story = story(&api).await;
    plant(&api, &story.id, &story.access, &staff, &other).await;
    let (data, sealed) = (api.data_dir.clone(), sealed_events(&api, &story.id).await);
    let wrapped: Vec<u8> = sqlx::query_scalar("SELECT wrapped FROM keys.subjects WHERE subject = $1::uuid")
        .bind(&story.id)
        .fetch_one(&connect(&api, "annals_keys").await)
        .await
        .unwrap();
    // Samples are taken, and pages written, as on any day.
    for database in ["annals", "annals_keys"] {
        sqlx::raw_sql("ANALYZE; CHECKPOINT;").execute(&connect(&api, database).await).await.ok();
        sqlx::raw_sql("ANALYZE").execute(&connect(&api, database).await).await.unwrap();
        sqlx::raw_sql("CHECKPOINT").execute(&connect(&api, database).await).await.unwrap();
    }
    let values: Vec<String> = PERSONAL.iter().chain(&FURTHER).map(|value| (*value).to_owned()).collect();
    let before = disk(&data);
    let planted: BTreeSet<String> = found(&values, &before).into_iter().map(|(value, _)| value).collect();
    for value in &values {
        assert!(planted.contains(value), "{value} was planted and is nowhere: this test sees nothing");
    }
    assert!(before.iter().any(|(_, bytes)| holds(bytes, &wrapped)));
    let master = master_key(&data);
    assert!(opened(&unwrapped(&master, &before), &sealed) > 10, "the attacker knows how");

    let deleted =
        answer(api.request("DELETE", &format!("/api/admin/users/{}", story.id)).bearer_auth(&staff.access));
    deleted.await.is(202);
    let certificate = certified(&api, &story.id, &staff).await;

    let clean = ["read_models", "key_store", "statistics", "write_ahead_log", "outbox"];
    assert_eq!(certificate["disk"]["clean"], json!(clean), "{certificate}");
    let after = disk(&data);
    assert!(after.iter().any(|(place, _)| place.contains("pg_wal")), "the write-ahead log was looked at");
    let left = found(&values, &after);
    assert!(left.is_empty(), "{left:#?}");
    let keeping: Vec<&String> =
        after.iter().filter(|(_, bytes)| holds(bytes, &wrapped)).map(|(place, _)| place).collect();
    assert!(keeping.is_empty(), "the wrapped key is in {keeping:?}");
    assert_eq!(opened(&unwrapped(&master, &after), &sealed), 0, "the attacker opened a sealed event");
    assert!(!unwrapped(&master, &after).is_empty(), "others' keys are there");
    api.get("/api/me", &other.access).await.ok();
    api.into_program().stop().await;
}

async fn certified(api: &Api, id: &str, staff: &Person) -> Value {
    for _ in 0..1200 {
        let erasure = api.get(&format!("/api/admin/erasures/{id}"), &staff.access).await.ok();
        if erasure["status"] == "certified" {
            return erasure;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{id} was not certified: {}", api.log())
}
