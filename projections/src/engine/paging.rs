//! Pages of lists that change while they are read: each page goes on beside the row that ended the last one, so that what
//! comes and goes meanwhile makes nobody appear twice or not at all. Whoever names a page by its number gets that one.
//!
//! A list is sorted by a [`SortKey`] and then by id. A cursor holds both of one row, also of one that is gone since.

use crate::page::{Numbered, Page, exact};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike, Utc};
use sqlx::{QueryBuilder, postgres::Postgres};
use uuid::Uuid;

type Sql = QueryBuilder<'static, Postgres>;

/// What a list is sorted by, before the id.
pub trait SortKey: Clone + Send + Sync {
    /// The greatest comes first.
    const FALLING: bool;

    /// Within a cursor.
    fn to_text(&self) -> String;

    fn from_text(text: &str) -> Option<Self>;

    /// Its values, as many as the list has columns for it, between commas.
    fn push_values(&self, sql: &mut Sql);
}

/// A time: the latest first.
impl SortKey for DateTime<Utc> {
    const FALLING: bool = true;

    fn to_text(&self) -> String {
        self.timestamp_micros().to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        let micros: i64 = text.parse().ok()?;
        // No list has an older row, and PostgreSQL holds no time much later: a client may write a cursor of its own.
        Self::from_timestamp_micros(micros).filter(|at| micros >= 0 && at.year() < 10_000)
    }

    fn push_values(&self, sql: &mut Sql) {
        sql.push_bind(*self);
    }
}

/// How well a search finds somebody: the best first. A decimal text, so that it is compared to its last digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weight(pub(crate) String);

impl SortKey for Weight {
    const FALLING: bool = true;

    fn to_text(&self) -> String {
        self.0.clone()
    }

    fn from_text(text: &str) -> Option<Self> {
        let fits = text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_digit());
        let decimal = text.chars().all(|c| c.is_ascii_digit() || c == '.') && text.matches('.').count() <= 1;
        (fits && decimal).then(|| Self(text.to_owned()))
    }

    fn push_values(&self, sql: &mut Sql) {
        sql.push_bind(self.0.clone()).push("::numeric");
    }
}

/// A category, and a name within it, in the order of the alphabet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    pub category: String,
    pub name: String,
}

impl SortKey for Shelf {
    const FALLING: bool = false;

    fn to_text(&self) -> String {
        format!("{}\0{}", self.category, self.name)
    }

    fn from_text(text: &str) -> Option<Self> {
        let (category, name) = text.split_once('\0')?;
        // PostgreSQL takes no other.
        (!name.contains('\0')).then(|| Self { category: category.to_owned(), name: name.to_owned() })
    }

    fn push_values(&self, sql: &mut Sql) {
        sql.push_bind(self.category.clone()).push(", ").push_bind(self.name.clone());
    }
}

/// A list as a search finds it or as it is without one: each goes on by a key of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Newest(DateTime<Utc>),
    Best(Weight),
}

impl SortKey for Found {
    const FALLING: bool = true;

    fn to_text(&self) -> String {
        match self {
            Self::Newest(at) => format!("t{}", at.to_text()),
            Self::Best(weight) => format!("w{}", weight.to_text()),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        match text.split_at_checked(1)? {
            ("t", at) => SortKey::from_text(at).map(Self::Newest),
            ("w", weight) => SortKey::from_text(weight).map(Self::Best),
            _ => None,
        }
    }

    fn push_values(&self, sql: &mut Sql) {
        match self {
            Self::Newest(at) => at.push_values(sql),
            Self::Best(weight) => weight.push_values(sql),
        }
    }
}

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn<K> {
    /// Where the list begins.
    First,
    /// The page of this number, from 1.
    Number(u32),
    /// What follows this row.
    After(K, Uuid),
    /// What leads up to this row.
    Before(K, Uuid),
}

/// A page, and how many rows it has at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging<K> {
    pub turn: Turn<K>,
    pub size: u32,
}

impl Paging<Found> {
    /// It is a page of such a list: of what a search finds, or of the newest.
    pub fn is_for(&self, is_search: bool) -> bool {
        match &self.turn {
            Turn::First | Turn::Number(_) => true,
            Turn::After(key, _) | Turn::Before(key, _) => matches!(key, Found::Best(_)) == is_search,
        }
    }
}

impl<K> From<Numbered> for Paging<K> {
    fn from(Numbered { number, size }: Numbered) -> Self {
        Self { turn: Turn::Number(number), size }
    }
}

impl<K: SortKey> Turn<K> {
    /// The cursor that a client sends back; none for a page that a number names.
    pub fn cursor(&self) -> Option<String> {
        let (way, key, id) = match self {
            Self::After(key, id) => (b'a', key, id),
            Self::Before(key, id) => (b'b', key, id),
            Self::First | Self::Number(_) => return None,
        };
        let bytes = [&[way], id.as_bytes().as_slice(), key.to_text().as_bytes()].concat();
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// None: it is no cursor of such a list.
    pub fn from_cursor(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (way, rest) = bytes.split_first()?;
        let (id, key) = rest.split_at_checked(16)?;
        let (id, key) = (Uuid::from_slice(id).ok()?, K::from_text(std::str::from_utf8(key).ok()?)?);
        match way {
            b'a' => Some(Self::After(key, id)),
            b'b' => Some(Self::Before(key, id)),
            _ => None,
        }
    }
}

/// The columns that a list is sorted by: those of its key, and the id.
#[derive(Clone, Copy)]
pub(crate) struct By {
    pub key: &'static [&'static str],
    pub id: &'static str,
}

impl<K: SortKey> Paging<K> {
    fn backwards(&self) -> bool {
        matches!(self.turn, Turn::Before(..))
    }

    /// The rest of a statement whose condition is open: from where on, in which order, and one row more than fits.
    pub(crate) fn push_to(&self, sql: &mut Sql, by: By) {
        self.push_bound(sql, by);
        self.push_order(sql, by);
    }

    /// ` AND` the row is beyond the cursor's.
    pub(crate) fn push_bound(&self, sql: &mut Sql, by: By) {
        let (Turn::After(key, id) | Turn::Before(key, id)) = &self.turn else { return };
        let columns = by.key.join(", ");
        let beyond = if K::FALLING == self.backwards() { '>' } else { '<' };
        // The bound by itself is what an index is entered by.
        sql.push(format!(" AND ({columns}) {beyond}= ("));
        key.push_values(sql);
        sql.push(format!(") AND (({columns}) {beyond} ("));
        key.push_values(sql);
        let later = if self.backwards() { '<' } else { '>' };
        sql.push(format!(") OR {} {later} ", by.id)).push_bind(*id).push(")");
    }

    pub(crate) fn push_order(&self, sql: &mut Sql, by: By) {
        let ways = if K::FALLING == self.backwards() { ("", " DESC") } else { (" DESC", "") };
        // Ids rise where the list is read forwards, whichever way the key goes.
        let (of_key, of_id) = (ways.0, if self.backwards() { " DESC" } else { "" });
        let key: Vec<String> = by.key.iter().map(|column| format!("{column}{of_key}")).collect();
        sql.push(format!(" ORDER BY {}, {}{of_id} LIMIT ", key.join(", "), by.id));
        sql.push_bind(i64::from(self.size) + 1);
        if let Turn::Number(number) = self.turn {
            sql.push(" OFFSET ").push_bind(i64::from(number.saturating_sub(1)) * i64::from(self.size));
        }
    }

    /// The page, when one row more than fits was read in the order of [`Self::push_order`].
    pub(crate) fn page<T>(
        &self,
        counted: i64,
        mut rows: Vec<T>,
        place: impl Fn(&T) -> (K, Uuid),
    ) -> Page<T, Turn<K>> {
        let more = rows.len() > self.size as usize;
        rows.truncate(self.size as usize);
        if self.backwards() {
            rows.reverse();
        }
        let after = rows.last().map(&place).map(|(key, id)| Turn::After(key, id));
        let before = rows.first().map(&place).map(|(key, id)| Turn::Before(key, id));
        let (next, previous) = match self.turn {
            Turn::Number(number) => (
                more.then(|| Turn::Number(number.saturating_add(1))),
                (number > 1).then(|| Turn::Number(number - 1)),
            ),
            Turn::First => (after.filter(|_| more), None),
            Turn::After(..) => (after.filter(|_| more), before),
            Turn::Before(..) => (after, before.filter(|_| more)),
        };
        Page { count: exact(counted), next, previous, results: rows }
    }
}

#[cfg(test)]
#[path = "paging_tests.rs"]
mod tests;
