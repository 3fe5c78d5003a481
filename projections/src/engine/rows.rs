//! The rows of a table, any number of them in one statement: loaded, purged and stored by one list of columns. Readers
//! get them as JSON: a row is a serde type whose fields are the table's columns.

use crate::{
    batch::{Batch, Pending},
    columns::{Column, Columns},
    envelope::Envelope,
    projection::ProjectionError,
    queries::QueryError,
};
use serde::de::DeserializeOwned;
use sqlx::{PgPool, Postgres, postgres::PgArguments, query::Query};
use std::{collections::BTreeSet, marker::PhantomData};
use uuid::Uuid;

/// With its parameters bound.
pub(crate) type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// From so many rows on they are unnested. That makes a tuple store for each column, which one row is not worth; a value
/// that is found by its subscript costs the more, the more of them stand before it. Measured on profiles, of 29 columns:
/// one row 17 µs by subscript, 151 µs unnested, 45 µs as JSON; a thousand 24 ms, 6.5 ms and 14 ms.
const MANY: usize = 64;

/// A table, and the type of its rows.
pub(crate) struct Rows<R> {
    pub table: &'static str,
    /// By these columns a row that is stored takes the place of the one before.
    pub key: &'static [&'static str],
    /// What a stored row changes beside its columns, as an assignment.
    also: &'static str,
    rows: PhantomData<fn() -> R>,
}

impl<R> Rows<R> {
    pub const fn of(table: &'static str, key: &'static [&'static str]) -> Self {
        Self { table, key, also: "", rows: PhantomData }
    }

    pub const fn also(self, also: &'static str) -> Self {
        Self { also, ..self }
    }

    /// Deletes the rows of these people.
    pub async fn purge_of(&self, batch: &mut Batch<'_>, people: &[Uuid]) -> Result<(), ProjectionError> {
        if !people.is_empty() {
            let sql = format!("DELETE FROM {} WHERE user_id = ANY ($1)", self.table);
            sqlx::query(&sql).bind(people).execute(batch.writing().await?).await?;
        }
        Ok(())
    }

    /// Deletes the rows of people who are erased in a batch. Before anything is stored: somebody else may have their
    /// name by the end of the batch.
    pub async fn purge(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let erased: Vec<Uuid> = events.iter().filter_map(|envelope| envelope.erased()).collect();
        self.purge_of(batch, &erased).await
    }
}

impl<R: Columns + DeserializeOwned> Rows<R> {
    /// Those that have one of these ids as their key, or the first column of it.
    pub async fn load(&self, batch: &mut Batch<'_>, ids: &BTreeSet<Uuid>) -> Result<Vec<R>, ProjectionError> {
        let key = self.key.first().copied().unwrap_or_default();
        self.load_where(batch, &format!("{key} = ANY ($1)"), ids).await
    }

    /// Those that a condition on ids, `$1`, is true of.
    pub async fn load_where(
        &self,
        batch: &mut Batch<'_>,
        condition: &str,
        ids: &BTreeSet<Uuid>,
    ) -> Result<Vec<R>, ProjectionError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = ids.iter().copied().collect();
        let sql = format!("{} WHERE {condition}", self.select());
        read(&sqlx::query_scalar(&sql).bind(ids).fetch_all(batch.reading()).await?)
    }

    pub async fn load_all(&self, batch: &mut Batch<'_>) -> Result<Vec<R>, ProjectionError> {
        read(&sqlx::query_scalar(&self.select()).fetch_all(batch.reading()).await?)
    }
}

impl<R: Columns> Rows<R> {
    /// A statement up to its condition that reads rows as JSON. Numbers without bound are texts there: a number of JSON
    /// would be read as a float.
    pub fn select(&self) -> String {
        let value = |column: &Column| {
            let cast = if column.values.is_numeric() { "::text" } else { "" };
            format!("{}{cast}", column.name)
        };
        let values: Vec<String> = Self::columns().iter().map(value).collect();
        format!("SELECT row_to_json(r)::text FROM (SELECT {} FROM {}) AS r", values.join(", "), self.table)
    }

    /// For statements of one's own.
    pub fn names(&self) -> String {
        Self::columns().iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }

    /// Without rows.
    fn columns() -> Vec<Column> {
        columns::<R>(&[]).unwrap_or_default()
    }

    /// Each in the place of the row that has its key. Together with others it runs as of the same snapshot and in no
    /// order: no two of them store the same row.
    pub fn store(
        &self,
        batch: &mut Batch<'_>,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(), ProjectionError> {
        self.write(batch, rows, |columns| self.conflict(columns))
    }

    /// All are new.
    pub fn append(
        &self,
        batch: &mut Batch<'_>,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(), ProjectionError> {
        self.write(batch, rows, |_| String::new())
    }

    fn write(
        &self,
        batch: &mut Batch<'_>,
        rows: impl IntoIterator<Item = R>,
        then: impl FnOnce(&[Column]) -> String,
    ) -> Result<(), ProjectionError> {
        let rows: Vec<R> = rows.into_iter().collect();
        if rows.is_empty() {
            return Ok(());
        }
        let columns = columns(&rows.iter().collect::<Vec<_>>())?;
        let then = then(&columns);
        let insert = Insert { table: self.table, many: rows.len() >= MANY, then };
        batch.write_later(Pending::insert(insert, columns));
        Ok(())
    }

    fn conflict(&self, columns: &[Column]) -> String {
        let names = columns.iter().map(|column| column.name).filter(|name| !self.key.contains(name));
        let mut changes: Vec<String> = names.map(|name| format!("{name} = excluded.{name}")).collect();
        changes.extend((!self.also.is_empty()).then(|| self.also.to_owned()));
        format!(" ON CONFLICT ({}) DO UPDATE SET {}", self.key.join(", "), changes.join(", "))
    }
}

fn columns<R: Columns>(rows: &[&R]) -> Result<Vec<Column>, ProjectionError> {
    let mut columns = Vec::new();
    R::add_to(rows, &mut columns).map_err(ProjectionError::Row)?;
    Ok(columns)
}

/// An `INSERT` of rows that are bound by their columns.
pub(crate) struct Insert {
    table: &'static str,
    many: bool,
    /// Behind the rows.
    then: String,
}

impl Insert {
    /// Its parameters begin with this number.
    pub fn sql(&self, columns: &[Column], first: usize) -> String {
        let names = columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
        let parameters: Vec<String> =
            columns.iter().zip(first..).map(|(column, n)| format!("${n}::{}", column.values.sql())).collect();
        let rows = if self.many {
            let value = |column: &Column| format!("{}{}", column.name, column.values.cast());
            let values: Vec<String> = columns.iter().map(value).collect();
            format!("SELECT {} FROM unnest({}) AS r ({names})", values.join(", "), parameters.join(", "))
        } else {
            let value =
                |parameter: &String, column: &Column| format!("({parameter})[n]{}", column.values.cast());
            let values: Vec<String> =
                parameters.iter().zip(columns).map(|(parameter, column)| value(parameter, column)).collect();
            let any = parameters.first().map_or("", String::as_str);
            format!("SELECT {} FROM generate_subscripts({any}, 1) AS n", values.join(", "))
        };
        format!("INSERT INTO {} ({names}) {rows}{}", self.table, self.then)
    }
}

/// Rows of a table of one's own.
pub(crate) fn read<R: DeserializeOwned>(texts: &[String]) -> Result<Vec<R>, ProjectionError> {
    texts.iter().map(|text| serde_json::from_str(text).map_err(ProjectionError::Row)).collect()
}

/// One row for a reader.
pub(crate) async fn find<'q, R: DeserializeOwned>(
    pool: &PgPool,
    sql: &'q str,
    key: impl sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres> + Send + 'q,
) -> Result<Option<R>, QueryError> {
    let text: Option<String> = sqlx::query_scalar(sql).bind(key).fetch_optional(pool).await?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

pub(crate) fn parse<R: DeserializeOwned>(texts: Vec<String>) -> Result<Vec<R>, QueryError> {
    texts.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::columns as list;

    struct Inner {
        number: domain::values::Decimal,
    }
    struct Outer {
        user_id: Uuid,
        inner: Inner,
        tags: Vec<String>,
    }
    list! {
        Inner: number;
        Outer: user_id, ..inner, tags;
    }

    const ROWS: Rows<Outer> = Rows::of("outers", &["user_id"]);

    fn sql(many: bool) -> String {
        let columns = columns::<Outer>(&[]).unwrap();
        Insert { table: ROWS.table, many, then: ROWS.conflict(&columns) }.sql(&columns, 5)
    }

    #[test]
    fn few_rows_are_found_by_their_subscripts() {
        assert_eq!(
            sql(false),
            "INSERT INTO outers (user_id, number, tags) \
             SELECT ($5::uuid[])[n], ($6::text[])[n]::numeric, ($7::text[])[n]::json \
             FROM generate_subscripts($5::uuid[], 1) AS n \
             ON CONFLICT (user_id) DO UPDATE SET number = excluded.number, tags = excluded.tags"
        );
    }

    #[test]
    fn many_rows_are_unnested() {
        assert!(sql(true).starts_with(
            "INSERT INTO outers (user_id, number, tags) SELECT user_id, number::numeric, tags::json \
             FROM unnest($5::uuid[], $6::text[], $7::text[]) AS r (user_id, number, tags) ON CONFLICT"
        ));
    }

    #[test]
    fn names_are_those_of_the_list() {
        assert_eq!(ROWS.names(), "user_id, number, tags");
    }
}
