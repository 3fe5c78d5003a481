//! Rights of each role in a database that another role owns. None of them allows a change of the log.
//!
//! The owner of a table may disable its triggers; a role that owns nothing and may only read `es.events` and call
//! `es.append` cannot. `es.append` and `es.move_claims` therefore run with their owner's rights, under a search path
//! that its caller does not choose, and so do the functions that write the key store's table anew.

use crate::error::StoreError;
use sqlx::{Executor, PgPool};

/// Held while grants are made: two of them at once would fail over the same rows of the catalogue.
const GRANTING: i64 = 7_310_868_735_422_853;

/// The program's own role at the event log. It makes read models, too, for which its database lets it create schemas.
const LOG: &str = "
    GRANT USAGE ON SCHEMA es, projections, workers, telemetry, edge TO {role};
    GRANT SELECT ON ALL TABLES IN SCHEMA es TO {role};
    GRANT DELETE ON es.idempotency TO {role};
    REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA es FROM PUBLIC;
    ALTER ROUTINE es.append SECURITY DEFINER;
    ALTER ROUTINE es.append SET search_path = pg_catalog, pg_temp;
    GRANT EXECUTE ON ROUTINE es.append TO {role};
    ALTER ROUTINE es.move_claims SECURITY DEFINER;
    ALTER ROUTINE es.move_claims SET search_path = pg_catalog, pg_temp;
    GRANT EXECUTE ON ROUTINE es.move_claims TO {role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA projections, workers, telemetry, edge TO {role};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA projections, workers, telemetry, edge TO {role};
    GRANT SELECT ON public._sqlx_migrations TO {role};
";

/// The program's own role at the key store. The owner's functions write the table anew; a role of before, which did that
/// itself, loses its TRUNCATE.
const KEYS: &str = "
    REVOKE ALL ON ALL TABLES IN SCHEMA keys FROM {role};
    GRANT USAGE ON SCHEMA keys TO {role};
    GRANT SELECT, INSERT, UPDATE ON keys.subjects TO {role};
    GRANT EXECUTE ON FUNCTION keys.begin_rewrite, keys.copy_subjects, keys.end_rewrite TO {role};
    GRANT SELECT ON public._sqlx_migrations TO {role};
";

/// Whoever looks on: everything but credentials and claims.
const READER: &str = "
    GRANT USAGE ON SCHEMA es, projections, workers, telemetry TO {role};
    GRANT SELECT ON es.events, es.log TO {role};
    GRANT SELECT ON ALL TABLES IN SCHEMA projections, workers, telemetry TO {role};
";

const LOG_HELD: &str = "
    SELECT (SELECT count(*) = 2 FROM pg_proc
             WHERE oid IN (to_regproc('es.append'), to_regproc('es.move_claims')) AND prosecdef
               AND proconfig IS NOT NULL AND has_function_privilege($1, oid, 'EXECUTE'))
       AND NOT EXISTS (
               SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'r' AND NOT has_table_privilege($1, c.oid, CASE WHEN n.nspname = 'es' THEN 'SELECT' ELSE 'DELETE' END)
                  AND n.nspname IN ('es', 'projections', 'workers', 'telemetry', 'edge'))";
const KEYS_HELD: &str = "
    SELECT has_table_privilege($1, 'keys.subjects', 'SELECT') AND has_table_privilege($1, 'keys.subjects', 'UPDATE')
       AND NOT has_table_privilege($1, 'keys.subjects', 'TRUNCATE')
       AND has_function_privilege($1, 'keys.end_rewrite()', 'EXECUTE')";
const READER_HELD: &str = "
    SELECT has_table_privilege($1, 'es.events', 'SELECT') AND NOT EXISTS (
        SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'r' AND n.nspname IN ('projections', 'workers', 'telemetry')
           AND NOT has_table_privilege($1, c.oid, 'SELECT'))";

/// Lets a role work with the event log that the pool's own role owns. Harmless when repeated.
///
/// # Errors
/// If there is no such role, or the pool's role owns nothing here.
pub async fn grant_log(pool: &PgPool, role: &str) -> Result<(), StoreError> {
    grant(pool, role, LOG_HELD, LOG).await
}

/// As [`grant_log`], for the key store.
///
/// # Errors
/// As for [`grant_log`].
pub async fn grant_keys(pool: &PgPool, role: &str) -> Result<(), StoreError> {
    grant(pool, role, KEYS_HELD, KEYS).await
}

/// Lets a role read the event log's database, apart from the read models, which their maker shows.
///
/// # Errors
/// As for [`grant_log`].
pub async fn grant_reader(pool: &PgPool, role: &str) -> Result<(), StoreError> {
    grant(pool, role, READER_HELD, READER).await
}

/// Only where something is missing: each time would invalidate the plans of sessions at work.
async fn grant(pool: &PgPool, role: &str, held: &str, statements: &str) -> Result<(), StoreError> {
    let mut tx = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(GRANTING).execute(&mut *tx).await?;
    let held: bool = sqlx::query_scalar(held).bind(role).fetch_one(&mut *tx).await?;
    if !held {
        let quoted: String =
            sqlx::query_scalar("SELECT quote_ident($1)").bind(role).fetch_one(&mut *tx).await?;
        tx.execute(statements.replace("{role}", &quoted).as_str()).await?;
    }
    Ok(tx.commit().await?)
}
