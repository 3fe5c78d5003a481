//! Comparison of two generations: whether they have the same rows.

use crate::schema;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// By table: md5 over all rows, every column, in an order of their own.
pub(super) type Digests = BTreeMap<String, String>;

pub(super) async fn of(connection: &mut PgConnection, schema: &str) -> Result<Digests, sqlx::Error> {
    let mut digests = Digests::new();
    for table in schema::tables(connection, schema).await? {
        let sql = format!(
            "SELECT md5(coalesce(string_agg(digest, '' ORDER BY digest), ''))
               FROM (SELECT md5(t::text) AS digest FROM {schema}.{table} t) AS rows"
        );
        digests.insert(table, sqlx::query_scalar(&sql).fetch_one(&mut *connection).await?);
    }
    Ok(digests)
}

/// Tables that are not in both, or not the same.
pub(super) fn differing(one: &Digests, other: &Digests) -> Vec<String> {
    let mut tables: Vec<String> = one
        .keys()
        .chain(other.keys())
        .filter(|table| one.get(*table) != other.get(*table))
        .cloned()
        .collect();
    tables.sort();
    tables.dedup();
    tables
}
