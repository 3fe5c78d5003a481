//! The key store's table is written anew by its owner's functions, which lose no row, whoever calls them and when.

use crate::roles::{FORBIDDEN, code_of, session};
use annals_tests::{Db, Lab};
use domain::Subject;
use sqlx::{Connection, PgConnection};
use std::collections::HashSet;
use store::{Step, Store};
use uuid::Uuid;

/// Of a function that refuses by its own word.
const REFUSED: &str = "P0001";

async fn with_keys(count: u128) -> (Db, Store) {
    let db = Lab::db().await;
    let store = db.store().await;
    make(&store, 1..=count).await;
    (db, store)
}

fn subject(number: u128) -> Subject {
    Subject::from_uuid(Uuid::from_u128(number))
}

async fn make(store: &Store, numbers: impl IntoIterator<Item = u128>) {
    let subjects: HashSet<Subject> = numbers.into_iter().map(subject).collect();
    store.keys().ensure(&subjects).await.unwrap();
}

type Row = (Uuid, Option<Vec<u8>>, bool);

async fn rows(db: &Db) -> Vec<Row> {
    let sql = "SELECT subject, wrapped, destroyed_at IS NOT NULL FROM keys.subjects ORDER BY subject";
    let mut owner = session(&db.keys_url).await;
    sqlx::query_as(sql).fetch_all(&mut owner).await.unwrap()
}

async fn file(db: &Db) -> i64 {
    let sql = "SELECT pg_relation_filenode('keys.subjects')::bigint";
    sqlx::query_scalar(sql).fetch_one(&mut session(&db.keys_url).await).await.unwrap()
}

async fn call(session: &mut PgConnection, function: &str) {
    assert_eq!(code_of(session, &format!("SELECT keys.{function}()")).await, "allowed", "{function}");
}

#[tokio::test]
async fn rewritten_key_store_has_the_same_rows_in_another_file() {
    let (db, store) = with_keys(50).await;
    store.keys().destroy(subject(7)).await.unwrap();
    let (before, place) = (rows(&db).await, file(&db).await);

    for _ in 0..2 {
        assert_eq!(store.keys().rewrite().await.unwrap(), Step::Done);
    }

    assert_eq!(rows(&db).await, before);
    assert_ne!(file(&db).await, place);
    assert!(store.keys().ensure(&[subject(7)].into()).await.is_err(), "a tombstone stays one");
    make(&store, 40..60).await;
    assert_eq!(rows(&db).await.len(), 59);
}

#[tokio::test]
async fn keys_are_read_made_and_destroyed_while_their_table_is_copied() {
    let (db, store) = with_keys(20).await;
    let mut program = session(&db.keys_role_url).await;
    call(&mut program, "begin_rewrite").await;
    make(&store, [100]).await;
    let mut copying = program.begin().await.unwrap();
    call(&mut copying, "copy_subjects").await;

    store.keys().destroy(subject(3)).await.unwrap();
    make(&store, [101]).await;
    let other = db.store().await;
    assert!(other.keys().find(&[subject(5)].into()).await.unwrap()[&subject(5)].is_some());

    copying.commit().await.unwrap();
    make(&store, [102]).await;
    store.keys().destroy(subject(102)).await.unwrap();
    let before = rows(&db).await;
    call(&mut program, "end_rewrite").await;

    assert_eq!(rows(&db).await, before);
    assert_eq!(before.len(), 23);
    assert_eq!(before.iter().filter(|row| row.2).count(), 2);
}

#[tokio::test]
async fn whoever_calls_the_steps_out_of_turn_loses_no_key() {
    let (db, store) = with_keys(20).await;
    let before = rows(&db).await;
    let mut program = session(&db.keys_role_url).await;

    assert_ne!(code_of(&mut program, "SELECT keys.end_rewrite()").await, "allowed");
    call(&mut program, "begin_rewrite").await;
    assert_eq!(code_of(&mut program, "SELECT keys.end_rewrite()").await, REFUSED);
    assert_eq!(code_of(&mut program, "SELECT keys.note_change()").await, FORBIDDEN);
    for sql in [
        "DELETE FROM keys.next",
        "SELECT * FROM keys.next",
        "INSERT INTO keys.changed VALUES (gen_random_uuid())",
    ] {
        assert_eq!(code_of(&mut program, sql).await, FORBIDDEN, "{sql}");
    }
    call(&mut program, "begin_rewrite").await;
    for function in ["copy_subjects", "end_rewrite"] {
        let old = format!("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT keys.{function}()");
        assert_eq!(code_of(&mut program, &old).await, REFUSED, "{function}");
        sqlx::raw_sql("ROLLBACK").execute(&mut program).await.unwrap();
    }
    call(&mut program, "copy_subjects").await;
    assert_eq!(rows(&db).await, before);

    // What was broken off is in nobody's way.
    assert_eq!(store.keys().rewrite().await.unwrap(), Step::Done);
    assert_eq!(rows(&db).await, before);
}

#[tokio::test]
async fn role_of_an_installation_of_before_loses_its_truncate_at_the_next_start() {
    let (db, store) = with_keys(3).await;
    let role = annals::embedded::roles::KEYS;
    let mut owner = session(&db.keys_url).await;
    sqlx::raw_sql(&format!("GRANT TRUNCATE ON keys.subjects TO {role}")).execute(&mut owner).await.unwrap();
    let mut program = session(&db.keys_role_url).await;
    assert_eq!(code_of(&mut program, "BEGIN; TRUNCATE keys.subjects; ROLLBACK").await, "allowed");

    store::grant_keys(&sqlx::PgPool::connect(&db.keys_url).await.unwrap(), role).await.unwrap();

    assert_eq!(code_of(&mut program, "TRUNCATE keys.subjects").await, FORBIDDEN);
    assert_eq!(store.keys().rewrite().await.unwrap(), Step::Done);
    assert_eq!(
        code_of(&mut program, "TRUNCATE keys.subjects").await,
        FORBIDDEN,
        "nor has it one on the copy"
    );
    make(&store, [4]).await;
    assert_eq!(rows(&db).await.len(), 4);
}
