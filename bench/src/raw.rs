//! What PostgreSQL itself does on this machine.

use crate::report::Latencies;
use annals_tests::Db;
use std::{path::PathBuf, time::Duration};
use tokio::process::Command;

/// Average bytes of payload and metadata of the events in a log.
pub async fn row_size(db: &Db) -> i64 {
    let sql = "SELECT coalesce(avg(length(payload::text) + length(metadata::text)
        + length(aggregate_id) + length(event_type) + 60), 0)::bigint FROM
        (SELECT * FROM es.events ORDER BY position DESC LIMIT 1000) e";
    sqlx::query_scalar(sql).fetch_one(&db.pool().await).await.unwrap()
}

/// Latencies of inserting one row of 500 bytes, one client, prepared, durable.
pub async fn pgbench(db: &Db) -> Latencies {
    sqlx::raw_sql("CREATE TABLE raw (id bigserial PRIMARY KEY, body text NOT NULL)")
        .execute(&db.pool().await)
        .await
        .unwrap();
    let directory = std::env::temp_dir().join(format!("annals-pgbench-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let script = directory.join("insert.sql");
    std::fs::write(&script, format!("INSERT INTO raw (body) VALUES ('{}');\n", "x".repeat(500))).unwrap();
    let done = Command::new(find())
        .args(["-n", "-c", "1", "-T", "6", "-M", "prepared", "-l", "--log-prefix=raw", "-f"])
        .arg(&script)
        .arg(&db.url)
        .current_dir(&directory)
        .output()
        .await
        .expect("pgbench runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut latencies = Latencies::default();
    for entry in std::fs::read_dir(&directory).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("raw.") {
            let log = std::fs::read_to_string(entry.path()).unwrap();
            let micros = log.lines().filter_map(|line| line.split(' ').nth(2)?.parse().ok());
            micros.for_each(|micros| latencies.add(Duration::from_micros(micros)));
        }
    }
    std::fs::remove_dir_all(directory).unwrap();
    latencies
}

/// Debian keeps it beside the server.
fn find() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin/pgbench"))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| "pgbench".into())
}
