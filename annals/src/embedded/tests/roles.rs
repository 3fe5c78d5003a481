//! What belongs to whom in PostgreSQL, also where an earlier program made the data directory.

use super::*;

const ROLES: &str = "annals_owner, annals_log, annals_keys, annals_reader";

/// Whose each object is: `name=owner`, in order.
async fn owners(url: &str) -> Vec<String> {
    let sql = "
        SELECT nspname || '=' || nspowner::regrole FROM pg_namespace WHERE nspname IN ('es', 'p_pages')
        UNION ALL SELECT relname || '=' || relowner::regrole FROM pg_class WHERE relname IN ('events', 'page')
        UNION ALL SELECT proname || '=' || proowner::regrole FROM pg_proc WHERE proname = 'told'
        UNION ALL SELECT datname || '=' || datdba::regrole FROM pg_database WHERE datname LIKE 'annals%'
        ORDER BY 1";
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
}

/// As programs left it that knew the superuser only.
async fn make_as_before(endpoints: &Endpoints, data: &Path) {
    for database in ["annals", "annals_keys"] {
        let url = endpoints.supervisor_url(database);
        execute(&url, format!("REASSIGN OWNED BY {ROLES} TO annals").as_str()).await;
        // One by one: PostgreSQL drops the default rights of one to another twice where it is told of both.
        for role in ROLES.split(", ") {
            execute(&url, format!("DROP OWNED BY {role}").as_str()).await;
        }
    }
    execute(&endpoints.admin_url(), format!("DROP ROLE {ROLES}").as_str()).await;
    let log = endpoints.supervisor_url("annals");
    for statement in [
        "CREATE SCHEMA es",
        "CREATE TABLE es.events (n int)",
        "CREATE FUNCTION es.told() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA p_pages",
        "CREATE TABLE p_pages.page AS SELECT 7 AS n",
        "CREATE EXTENSION pg_trgm WITH SCHEMA public",
    ] {
        execute(&log, statement).await;
    }
    let file = data.join("servers.json");
    let mut known: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    for password in ["log_password", "keys_password", "reader_password"] {
        known.as_object_mut().unwrap().remove(password).unwrap();
    }
    fs::write(file, known.to_string()).unwrap();
}

#[tokio::test]
async fn directory_where_the_superuser_owned_everything_gets_roles_of_its_own() {
    let scratch = Scratch::new("roles");
    let first = scratch.start().await;
    make_as_before(first.endpoints(), &scratch.data()).await;
    assert_eq!(
        owners(&first.endpoints().supervisor_url("annals")).await,
        [
            "annals=annals",
            "annals_keys=annals",
            "es=annals",
            "events=annals",
            "p_pages=annals",
            "page=annals",
            "told=annals"
        ]
    );
    first.stop().await;

    for _ in 0..2 {
        let embedded = scratch.start().await;

        assert_eq!(
            owners(&embedded.endpoints().supervisor_url("annals")).await,
            [
                "annals=annals_owner",
                "annals_keys=annals_owner",
                "es=annals_owner",
                "events=annals_owner",
                "p_pages=annals_log",
                "page=annals_log",
                "told=annals_owner"
            ]
        );
        execute(&embedded.postgres_url(), "UPDATE p_pages.page SET n = n + 1").await;
        execute(&embedded.endpoints().reader_url(), "SELECT * FROM p_pages.page").await;
        assert!(answers(&embedded.keys_url()).await);
        embedded.stop().await;
    }
}

#[tokio::test]
async fn no_role_that_logs_in_but_the_supervisors_may_do_everything() {
    let scratch = Scratch::new("powers");
    let embedded = scratch.start().await;
    let mut admin = PgConnection::connect(&embedded.admin_url()).await.unwrap();
    let mighty: Vec<String> = sqlx::query_scalar(
        "SELECT rolname::text FROM pg_roles
          WHERE (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls) AND rolname NOT LIKE 'pg\\_%'",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    let members: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_auth_members WHERE member::regrole::text LIKE 'annals\\_%'",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();

    assert_eq!((mighty, members), (vec!["annals".to_owned()], 0));
    embedded.stop().await;
}
