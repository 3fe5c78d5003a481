//! Roles and rights in the embedded PostgreSQL.
//!
//! ```text
//! annals         made the cluster and is its superuser: the supervisor's alone
//! annals_owner   owns both databases and every table but the read models'; nobody logs in as it
//! annals_log     the program at the event log; makes and owns the read models
//! annals_keys    the program at the key store
//! annals_reader  other people's programs: reads the event log's database
//! ```
//!
//! What each may do with tables is granted after the migrations (`store::grant_log` and its like). A data directory
//! that an earlier program made, where the superuser owned everything, is brought to this shape by the next start.

use sqlx::{Connection, PgConnection, Row};

use super::endpoints::Endpoints;

pub(super) const SUPERUSER: &str = "annals";
pub(super) const OWNER: &str = "annals_owner";
/// The program's role at the event log.
pub const LOG: &str = "annals_log";
/// The program's role at the key store.
pub const KEYS: &str = "annals_keys";
/// The role of those who only look.
pub const READER: &str = "annals_reader";

pub(super) const LOG_DATABASE: &str = "annals";
pub(super) const KEYS_DATABASE: &str = "annals_keys";

/// Makes roles and databases, and gives each role its own. Harmless when repeated.
pub(super) async fn arrange(endpoints: &Endpoints) -> sqlx::Result<()> {
    let mut admin = PgConnection::connect(&endpoints.admin_url()).await?;
    make_roles(&mut admin, endpoints).await?;
    make_databases(&mut admin).await?;
    admin.close().await?;
    let mut log = PgConnection::connect(&endpoints.supervisor_url(LOG_DATABASE)).await?;
    take_over(&mut log).await?;
    show_read_models(&mut log).await?;
    log.close().await?;
    let mut keys = PgConnection::connect(&endpoints.supervisor_url(KEYS_DATABASE)).await?;
    take_over(&mut keys).await?;
    keys.close().await
}

async fn make_roles(admin: &mut PgConnection, endpoints: &Endpoints) -> sqlx::Result<()> {
    let known: Vec<String> =
        sqlx::query_scalar("SELECT rolname::text FROM pg_roles").fetch_all(&mut *admin).await?;
    let login = |password: &str| format!("LOGIN PASSWORD '{password}'");
    let roles = [
        (OWNER, "NOLOGIN".to_owned()),
        (LOG, login(endpoints.log_password())),
        (KEYS, login(endpoints.keys_password())),
        (READER, login(endpoints.reader_password())),
    ];
    for (name, login) in roles {
        let verb = if known.iter().any(|other| other == name) { "ALTER" } else { "CREATE" };
        let may_not = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS";
        // Passwords are hexadecimal digits of our own making: nothing in them ends the literal.
        sqlx::raw_sql(&format!("{verb} ROLE {name} {may_not} {login}")).execute(&mut *admin).await?;
    }
    let reads = format!("ALTER ROLE {READER} SET default_transaction_read_only = on");
    sqlx::raw_sql(&reads).execute(admin).await?;
    Ok(())
}

async fn make_databases(admin: &mut PgConnection) -> sqlx::Result<()> {
    let known: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database").fetch_all(&mut *admin).await?;
    for database in [LOG_DATABASE, KEYS_DATABASE] {
        let statement = match known.iter().any(|other| other == database) {
            true => format!("ALTER DATABASE {database} OWNER TO {OWNER}"),
            false => format!("CREATE DATABASE {database} OWNER {OWNER}"),
        };
        sqlx::raw_sql(&statement).execute(&mut *admin).await?;
        sqlx::raw_sql(&admission(database)).execute(&mut *admin).await?;
    }
    // Where nobody has anything to do.
    sqlx::raw_sql("REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC")
        .execute(admin)
        .await?;
    Ok(())
}

/// Who gets into a database.
fn admission(database: &str) -> String {
    let revoke = format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC; ");
    let grant = match database {
        // Generations of read models are schemas.
        LOG_DATABASE => format!(
            "GRANT CONNECT, CREATE ON DATABASE {database} TO {LOG}; GRANT CONNECT ON DATABASE {database} TO {READER}"
        ),
        // Programs of before passed through a temporary table.
        _ => format!(
            "REVOKE TEMPORARY ON DATABASE {database} FROM {KEYS}; GRANT CONNECT ON DATABASE {database} TO {KEYS}"
        ),
    };
    revoke + &grant
}

/// Gives away what the superuser owns: the read models to the program, which drops and renames them, the rest to the
/// owner. Extensions stay with who made them.
async fn take_over(session: &mut PgConnection) -> sqlx::Result<()> {
    const MINE: &str = "
        WITH mine AS (
            SELECT oid, nspname, CASE WHEN nspname LIKE 'p\\_%' THEN $2 ELSE $3 END AS heir FROM pg_namespace
             WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%')
        SELECT format('ALTER SCHEMA %I OWNER TO %I', n.nspname, n.heir)
          FROM mine n JOIN pg_namespace s USING (oid)
         WHERE pg_get_userbyid(s.nspowner) = $1 AND n.nspname <> 'public'
        UNION ALL
        SELECT format('ALTER TABLE %I.%I OWNER TO %I', n.nspname, c.relname, n.heir)
          FROM pg_class c JOIN mine n ON n.oid = c.relnamespace
         WHERE pg_get_userbyid(c.relowner) = $1 AND c.relkind IN ('r', 'p', 'v', 'm')
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, n.heir)
          FROM pg_proc p JOIN mine n ON n.oid = p.pronamespace
         WHERE pg_get_userbyid(p.proowner) = $1
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')";
    let found = sqlx::query(MINE).bind(SUPERUSER).bind(LOG).bind(OWNER).fetch_all(&mut *session).await?;
    if found.is_empty() {
        return Ok(());
    }
    tracing::info!(objects = found.len(), "what the superuser owned goes to roles of its own");
    let statements: Vec<String> = found.iter().map(|row| row.get::<String, _>(0)).collect();
    sqlx::raw_sql(&statements.join("; ")).execute(session).await?;
    Ok(())
}

/// Every generation of a read model is for the reader's eyes, the present ones and those to come.
async fn show_read_models(log: &mut PgConnection) -> sqlx::Result<()> {
    let schemas: Vec<String> =
        sqlx::query_scalar("SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname LIKE 'p\\_%'")
            .fetch_all(&mut *log)
            .await?;
    let mut statements = vec![
        format!("ALTER DEFAULT PRIVILEGES FOR ROLE {LOG} GRANT USAGE ON SCHEMAS TO {READER}"),
        format!("ALTER DEFAULT PRIVILEGES FOR ROLE {LOG} GRANT SELECT ON TABLES TO {READER}"),
    ];
    for schema in schemas {
        statements.push(format!("GRANT USAGE ON SCHEMA {schema} TO {READER}"));
        statements.push(format!("GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {READER}"));
    }
    sqlx::raw_sql(&statements.join("; ")).execute(log).await?;
    Ok(())
}
