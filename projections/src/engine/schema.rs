//! Generations: the schema that holds a projection's tables, and connections that find them by unqualified names.

use crate::{
    projection::{Name, Projection},
    registry,
};
use sqlx::{Connection, Executor, PgConnection, PgPool, postgres::PgConnectOptions};

/// Held while generations are made, so that two starting nodes make each once.
const MAKING: i64 = 7_310_868_735_422_851;

/// The schema that readers see.
pub(crate) fn live(name: Name) -> String {
    format!("p_{name}")
}

/// The schema that a rebuild fills.
pub(crate) fn next(name: Name) -> String {
    format!("p_{name}_next")
}

/// The schema of a generation that was replaced and is to be dropped.
pub(crate) fn old(name: Name) -> String {
    format!("p_{name}_old")
}

/// All live schemas: table names are unique over projections.
fn live_path() -> String {
    registry::NAMES.iter().map(|name| live(*name)).collect::<Vec<_>>().join(",")
}

/// From which similarity on a word of a name is taken for a misspelt one: a letter in four may be wrong.
const SIMILAR_FROM: &str = "0.4";

/// For queries.
pub(crate) fn reading_pool(like: &PgPool, connections: u32) -> PgPool {
    let settings =
        [("search_path", live_path()), ("pg_trgm.word_similarity_threshold", SIMILAR_FROM.to_owned())];
    let options = like.connect_options().as_ref().clone().options(settings);
    pool(options, connections)
}

/// For a live runner's cursors. A lock that is not to be had is one projection's trouble, not a long wait of all.
pub(crate) fn running_pool(like: &PgPool) -> PgPool {
    pool(running(like), 2)
}

/// For what a live runner writes: rows and cursor vanish together in a crash, and are applied again (ADR 5).
/// A runner that stands still within a transaction is ended by the server. It looks rows up by their keys, whatever is
/// known of a table's size: a plan made once is as good as another each time.
pub(crate) async fn running_connection(like: &PgPool) -> Result<PgConnection, sqlx::Error> {
    let options = running(like)
        .options([("synchronous_commit", "off"), ("idle_in_transaction_session_timeout", "3s")])
        .options([("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off")])
        .application_name("annals projections");
    PgConnection::connect_with(&options).await
}

fn running(like: &PgPool) -> PgConnectOptions {
    let options = like.connect_options().as_ref().clone();
    options.options([("search_path", live_path()), ("lock_timeout", "5s".to_owned())])
}

fn pool(options: PgConnectOptions, connections: u32) -> PgPool {
    store::pool_options(connections).connect_lazy_with(options.application_name("annals projections"))
}

/// For a rebuild: names resolve to the next generation, and statements may take their time.
pub(crate) async fn rebuilding_connection(like: &PgPool, name: Name) -> Result<PgConnection, sqlx::Error> {
    let options = like.connect_options().as_ref().clone().application_name("annals rebuild").options([
        ("search_path", next(name)),
        ("statement_timeout", "0".to_owned()),
        ("idle_in_transaction_session_timeout", "0".to_owned()),
    ]);
    PgConnection::connect_with(&options).await
}

/// Makes the first generation of each projection that has none yet.
pub(crate) async fn ensure_live(
    connection: &mut PgConnection,
    projections: &[std::sync::Arc<dyn Projection>],
) -> Result<(), sqlx::Error> {
    let mut tx = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MAKING).execute(&mut *tx).await?;
    for projection in projections {
        let name = projection.name();
        let made = sqlx::query(
            "INSERT INTO projections.cursors (projection, shape) VALUES ($1, md5($2)) ON CONFLICT DO NOTHING",
        )
        .bind(name.as_str())
        .bind(projection.tables())
        .execute(&mut *tx)
        .await?;
        if made.rows_affected() == 1 {
            create(&mut tx, &live(name), projection.tables()).await?;
        }
    }
    tx.commit().await
}

/// Makes an empty generation in place of whatever bears its name. To be called within a transaction.
pub(crate) async fn create(tx: &mut PgConnection, schema: &str, tables: &str) -> Result<(), sqlx::Error> {
    let sql = format!(
        "DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}; SET LOCAL search_path = {schema}; {tables}"
    );
    script(tx, &sql).await
}

/// Statements without parameters, any number of them.
pub(crate) async fn script(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    connection.execute(sql).await.map(drop)
}

/// The tables of a generation, in order of name.
pub(crate) async fn tables(connection: &mut PgConnection, schema: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = $1 ORDER BY tablename")
        .bind(schema)
        .fetch_all(connection)
        .await
}
