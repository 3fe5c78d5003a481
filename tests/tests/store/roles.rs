//! What the program's own roles may not do: the log stays as it is, whoever holds their passwords.

use annals::embedded::{Embedded, Endpoints};
use annals_tests::{Db, Lab, samples::*};
use sqlx::{Connection, PgConnection};

/// PostgreSQL's `insufficient_privilege`.
pub const FORBIDDEN: &str = "42501";

pub async fn session(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

pub async fn code_of(session: &mut PgConnection, sql: &str) -> String {
    match sqlx::raw_sql(sql).execute(session).await {
        Ok(_) => "allowed".to_owned(),
        Err(sqlx::Error::Database(error)) => error.code().unwrap_or_default().into_owned(),
        Err(error) => panic!("{sql}: {error}"),
    }
}

async fn with_an_event() -> Db {
    let db = Lab::db().await;
    let (store, user) = (db.store().await, new_user());
    store.submit(submission(profile_stream(user), 0, vec![event(&profile_created(user))])).await.unwrap();
    db
}

#[tokio::test]
async fn role_of_the_program_cannot_change_the_log_nor_what_guards_it() {
    let db = with_an_event().await;
    let mut program = session(&db.log_role_url).await;
    for sql in [
        "UPDATE es.events SET event_type = 'x'",
        "DELETE FROM es.events",
        "TRUNCATE es.events",
        "INSERT INTO es.events SELECT position + 1, gen_random_uuid(), 'x', 'x', 1, 'x', '1', '{}', '{}', now() FROM es.events",
        "ALTER TABLE es.events DISABLE TRIGGER append_only",
        "ALTER TABLE es.events DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only ON es.events",
        "ALTER TABLE es.events RENAME TO gone",
        "DROP TABLE es.events",
        "DROP SCHEMA es CASCADE",
        "ALTER SCHEMA es RENAME TO gone",
        "CREATE OR REPLACE FUNCTION es.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE FUNCTION es.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER ROUTINE es.append SECURITY INVOKER",
        "SET session_replication_role = replica",
        "SET ROLE annals_owner",
        "SET ROLE annals",
        "SET SESSION AUTHORIZATION annals",
        "UPDATE es.log SET epoch = epoch + 1",
        "INSERT INTO es.claims VALUES ('\\x00', 'username', gen_random_uuid())",
        "DELETE FROM es.secrets",
        "COPY es.events TO PROGRAM 'cat'",
        "SELECT pg_read_file('postgresql.conf')",
        "CREATE TABLE public.mine (n int)",
        "CREATE ROLE mine SUPERUSER",
    ] {
        assert_eq!(code_of(&mut program, sql).await, FORBIDDEN, "{sql}");
    }
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM es.events").fetch_one(&mut program).await.unwrap();
    assert_eq!(kept, 1);
}

/// `es.append` has its owner's rights: nothing that its caller made may run within it.
#[tokio::test]
async fn caller_of_append_cannot_slip_in_functions_of_its_own() {
    let db = with_an_event().await;
    let mut program = session(&db.log_role_url).await;
    sqlx::raw_sql(
        "CREATE SCHEMA p_trap;
         CREATE FUNCTION p_trap.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS
             $$ BEGIN RAISE EXCEPTION 'caught as %', current_user; END $$;
         CREATE TABLE p_trap.events AS SELECT * FROM es.events;
         SET search_path = p_trap, pg_catalog, es;",
    )
    .execute(&mut program)
    .await
    .unwrap();
    let append = "SELECT base FROM es.append('{}','{}','{}','{}','{}','{}','{}','{}','{}',
        '{}','{}','{}','{}', '{}','{}','{}','{}','{}', '{}','{}','{}','{}', '{}','{}','{}','{}')";

    let base: i64 = sqlx::query_scalar(append).fetch_one(&mut program).await.unwrap();

    assert_eq!(base, 1);
}

#[tokio::test]
async fn each_role_sees_its_own_database_only() {
    let lab = Lab::get().await;
    let urls: &Endpoints = lab.servers.endpoints();
    let elsewhere =
        |url: String, own: &str, other: &str| url.replace(&format!("/{own}?"), &format!("/{other}?"));
    for url in [
        elsewhere(urls.postgres_url(), "annals", "annals_keys"),
        elsewhere(urls.reader_url(), "annals", "annals_keys"),
        elsewhere(urls.keys_url(), "annals_keys", "annals"),
        elsewhere(urls.postgres_url(), "annals", "postgres"),
        elsewhere(urls.keys_url(), "annals_keys", "postgres"),
    ] {
        let refused = PgConnection::connect(&url).await.expect_err("it is not let in");
        let code =
            refused.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        assert_eq!(code, FORBIDDEN, "{refused}");
    }
}

#[tokio::test]
async fn role_at_the_key_store_deletes_no_tombstone_and_owns_nothing() {
    let db = with_an_event().await;
    let mut keys = session(&db.keys_role_url).await;
    for sql in [
        "DELETE FROM keys.subjects",
        "TRUNCATE keys.subjects",
        "DROP TABLE keys.subjects",
        "ALTER TABLE keys.subjects ADD COLUMN mine int",
        "CREATE TABLE keys.mine AS SELECT * FROM keys.subjects",
        "CREATE TRIGGER mine AFTER INSERT ON keys.subjects FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE OR REPLACE FUNCTION keys.begin_rewrite() RETURNS void LANGUAGE sql AS 'SELECT'",
        "SET ROLE annals_owner",
    ] {
        assert_eq!(code_of(&mut keys, sql).await, FORBIDDEN, "{sql}");
    }
    let mut embedded = session(&Lab::get().await.servers.endpoints().keys_url()).await;
    let temporary = "CREATE TEMPORARY TABLE mine (n int)";
    assert_eq!(code_of(&mut embedded, temporary).await, FORBIDDEN, "it has no use for one");
}

#[tokio::test]
async fn url_that_is_shown_reads_and_changes_nothing() {
    let directory = std::env::temp_dir().join(format!("annals-lab-{}", std::process::id())).join("reader");
    Lab::get().await;
    let servers = Embedded::start(annals::embedded::Options::new(&directory)).await.unwrap();
    let db = Db::of(&servers, "reader").await;
    store::grant_reader(&db.pool().await, annals::embedded::roles::READER).await.unwrap();
    let mut program = session(&db.log_role_url).await;
    sqlx::raw_sql("CREATE SCHEMA p_pages; CREATE TABLE p_pages.page AS SELECT 7 AS n")
        .execute(&mut program)
        .await
        .unwrap();

    let mut reader = session(&servers.endpoints().reader_url()).await;

    for sql in ["SELECT * FROM es.events", "SELECT * FROM p_pages.page", "SELECT * FROM projections.cursors"]
    {
        assert_eq!(code_of(&mut reader, sql).await, "allowed", "{sql}");
    }
    sqlx::raw_sql("SET default_transaction_read_only = off").execute(&mut reader).await.unwrap();
    for sql in [
        "SELECT * FROM es.secrets",
        "SELECT * FROM es.claims",
        "UPDATE p_pages.page SET n = 8",
        "DELETE FROM es.events",
        "INSERT INTO projections.cursors (projection, shape) VALUES ('x', 'x')",
        "CREATE SCHEMA mine",
        "SELECT base FROM es.append('{}','{}','{}','{}','{}','{}','{}','{}','{}',
            '{}','{}','{}','{}', '{}','{}','{}','{}','{}', '{}','{}','{}','{}', '{}','{}','{}','{}')",
    ] {
        assert_eq!(code_of(&mut reader, sql).await, FORBIDDEN, "{sql}");
    }
    servers.stop().await;
}

#[tokio::test]
async fn role_that_owns_nothing_finds_the_migrations_done_and_applies_none() {
    let db = with_an_event().await;
    let program = sqlx::PgPool::connect(&db.log_role_url).await.unwrap();
    store::migrate(&program).await.unwrap();
    sqlx::raw_sql("DELETE FROM public._sqlx_migrations WHERE version = (SELECT max(version) FROM public._sqlx_migrations)")
        .execute(&db.pool().await)
        .await
        .unwrap();

    let refused = store::migrate(&program).await.unwrap_err();

    assert!(format!("{refused:?}").contains("permission denied"), "{refused:?}");
}
