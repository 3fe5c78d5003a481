//! The same aggregate on stock cqrs-es 0.5 and postgres-es 0.5, with the tables that they ask for.

use crate::commands::{CLIENTS, TRACE, TRACEPARENT, rate, toggle};
use annals_tests::{
    Lab,
    samples::{new_user, noon},
};
use cqrs_es::{CqrsFramework, persist::PersistedEventStore};
use domain::{
    UserId,
    profile::{CreateProfile, Profile},
};
use postgres_es::PostgresEventRepository;
use sqlx::postgres::PgPoolOptions;
use std::{collections::HashMap, sync::Arc};

type Framework = CqrsFramework<Profile, PersistedEventStore<PostgresEventRepository, Profile>>;

pub struct Stock(Arc<Framework>);

const TABLES: &str = "
CREATE TABLE events (
    aggregate_type text NOT NULL, aggregate_id text NOT NULL, sequence bigint CHECK (sequence >= 0) NOT NULL,
    event_type text NOT NULL, event_version text NOT NULL, payload json NOT NULL, metadata json NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence))";

impl Stock {
    pub async fn connect() -> Self {
        let db = Lab::db().await;
        // As many connections as clients: it has no other way to serve them at once.
        let pool = PgPoolOptions::new().max_connections(CLIENTS as u32).connect(&db.url).await.unwrap();
        sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
        let store = PersistedEventStore::new_event_store(PostgresEventRepository::new(pool));
        Self(Arc::new(CqrsFramework::new(store, Vec::new(), ())))
    }

    pub async fn hot(&self) -> f64 {
        let users: Vec<UserId> = (0..CLIENTS * 16).map(|_| new_user()).collect();
        for user in &users {
            create(&self.0, *user).await;
        }
        let (framework, users) = (Arc::clone(&self.0), Arc::new(users));
        rate(CLIENTS, move |client, n| {
            let user = users[client * 16 + n as usize % 16];
            let framework = Arc::clone(&framework);
            async move {
                let command = toggle(user, n / 16).into();
                framework.execute_with_metadata(&user.to_string(), command, metadata(user)).await.unwrap();
            }
        })
        .await
    }

    pub async fn fresh(&self) -> f64 {
        let framework = Arc::clone(&self.0);
        rate(CLIENTS, move |_, _| {
            let framework = Arc::clone(&framework);
            async move { create(&framework, new_user()).await }
        })
        .await
    }
}

async fn create(framework: &Framework, user: UserId) {
    let command = CreateProfile { user, at: noon() }.into();
    framework.execute_with_metadata(&user.to_string(), command, metadata(user)).await.unwrap();
}

/// As much as ours writes.
fn metadata(user: UserId) -> HashMap<String, String> {
    [
        ("actor", format!("user:{user}")),
        ("event_id", user.to_string()),
        ("occurred_at", noon().to_rfc3339()),
        ("session_id", user.to_string()),
        ("request_id", TRACE.to_owned()),
        ("correlation_id", TRACE.to_owned()),
        ("traceparent", TRACEPARENT.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
