//! The columns of a row, each by its name and by how its Rust type lies in PostgreSQL: rows are bound as one array for
//! each column.

use crate::rows::Statement;
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use serde::Serialize;
use serde_json::{Error, Value};
use uuid::Uuid;

/// A row, by its columns in some order. [`columns!`] writes it.
pub(crate) trait Columns {
    /// Adds the columns of these rows, also if there are none.
    fn add_to(rows: &[&Self], columns: &mut Vec<Column>) -> Result<(), Error>;
}

/// One column of some rows.
pub(crate) struct Column {
    pub name: &'static str,
    pub values: Values,
}

/// The list of a row's columns: its fields, by the same name. `..field` stands for the columns of a row within it, and
/// `but field` is none. A field that is not listed does not compile.
macro_rules! columns {
    ($($row:ty: $($(..$inner:ident)? $($name:ident)?),* $(but $($without:ident),+)?;)*) => {$(
        impl $crate::columns::Columns for $row {
            fn add_to(
                rows: &[&Self],
                columns: &mut Vec<$crate::columns::Column>,
            ) -> Result<(), serde_json::Error> {
                if let Some(row) = rows.first() {
                    let Self { $($($inner: _,)? $($name: _,)?)* $($($without: _,)+)? } = row;
                }
                $(
                    $($crate::columns::Columns::add_to(
                        &rows.iter().map(|row| &row.$inner).collect::<Vec<_>>(),
                        columns,
                    )?;)?
                    $(columns.push($crate::columns::Column {
                        name: stringify!($name),
                        values: $crate::columns::values(rows.iter().map(|row| &row.$name))?,
                    });)?
                )*
                Ok(())
            }
        }
    )*};
}
pub(crate) use columns;

/// The values of a column. Where PostgreSQL makes them of texts, the column has a cast.
pub(crate) enum Values {
    Uuids(Vec<Option<Uuid>>),
    Texts(Vec<Option<String>>),
    Jsons(Vec<Option<String>>),
    Numerics(Vec<Option<String>>),
    Times(Vec<Option<DateTime<Utc>>>),
    Dates(Vec<Option<NaiveDate>>),
    Switches(Vec<Option<bool>>),
    Smalls(Vec<Option<i16>>),
    Bigs(Vec<Option<i64>>),
}

impl Values {
    /// The type of the parameter.
    pub const fn sql(&self) -> &'static str {
        match self {
            Self::Uuids(_) => "uuid[]",
            Self::Texts(_) | Self::Jsons(_) | Self::Numerics(_) => "text[]",
            Self::Times(_) => "timestamptz[]",
            Self::Dates(_) => "date[]",
            Self::Switches(_) => "boolean[]",
            Self::Smalls(_) => "smallint[]",
            Self::Bigs(_) => "bigint[]",
        }
    }

    /// Behind an element of it.
    pub const fn cast(&self) -> &'static str {
        match self {
            Self::Jsons(_) => "::json",
            Self::Numerics(_) => "::numeric",
            _ => "",
        }
    }

    pub const fn is_numeric(&self) -> bool {
        matches!(self, Self::Numerics(_))
    }

    pub fn bind_to(self, query: Statement<'_>) -> Statement<'_> {
        match self {
            Self::Uuids(values) => query.bind(values),
            Self::Texts(values) | Self::Jsons(values) | Self::Numerics(values) => query.bind(values),
            Self::Times(values) => query.bind(values),
            Self::Dates(values) => query.bind(values),
            Self::Switches(values) => query.bind(values),
            Self::Smalls(values) => query.bind(values),
            Self::Bigs(values) => query.bind(values),
        }
    }
}

/// How a Rust type lies in a column.
pub(crate) trait Field {
    type Stored;

    fn stored(&self) -> Result<Option<Self::Stored>, Error>;

    fn values(stored: Vec<Option<Self::Stored>>) -> Values;
}

pub(crate) fn values<'r, F: Field + 'r>(fields: impl Iterator<Item = &'r F>) -> Result<Values, Error> {
    Ok(F::values(fields.map(F::stored).collect::<Result<_, _>>()?))
}

impl<F: Field> Field for Option<F> {
    type Stored = F::Stored;

    fn stored(&self) -> Result<Option<F::Stored>, Error> {
        self.as_ref().map_or(Ok(None), F::stored)
    }

    fn values(stored: Vec<Option<F::Stored>>) -> Values {
        F::values(stored)
    }
}

macro_rules! field {
    ($($type:ty => $stored:ty, $values:ident, $store:expr;)*) => {$(
        impl Field for $type {
            type Stored = $stored;

            fn stored(&self) -> Result<Option<$stored>, Error> {
                let store: fn(&$type) -> Result<$stored, Error> = $store;
                store(self).map(Some)
            }

            fn values(stored: Vec<Option<$stored>>) -> Values {
                Values::$values(stored)
            }
        }
    )*};
}
pub(crate) use field;

field! {
    Uuid => Uuid, Uuids, |id| Ok(*id);
    String => String, Texts, |text| Ok(text.clone());
    &'static str => String, Texts, |text| Ok((*text).to_owned());
    // PostgreSQL's precision, rounded as PostgreSQL rounds a text.
    DateTime<Utc> => DateTime<Utc>, Times, |at| Ok(at.round_subsecs(6));
    NaiveDate => NaiveDate, Dates, |day| Ok(*day);
    bool => bool, Switches, |on| Ok(*on);
    i16 => i16, Smalls, |n| Ok(*n);
    u32 => i64, Bigs, |n| Ok(i64::from(*n));
    i64 => i64, Bigs, |n| Ok(*n);
    usize => i64, Bigs, |n| Ok(i64::try_from(*n).unwrap_or(i64::MAX));
    domain::values::Decimal => String, Numerics, |n| Ok(n.to_string());
}

/// A type whose serialised form is a text.
pub(crate) fn text<T: Serialize>(value: &T) -> Result<String, Error> {
    match serde_json::to_value(value)? {
        Value::String(text) => Ok(text),
        other => Ok(other.to_string()),
    }
}

/// A type that lies in a column as JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value)
}

/// Which types lie in columns of which kind.
macro_rules! fields {
    (ids: $($id:ty),*; texts: $($text:ty),*; jsons: $($json:ty),* $(,)?) => {
        field! {
            $($id => Uuid, Uuids, |id| Ok(Uuid::from(*id));)*
            $($text => String, Texts, text;)*
            $($json => String, Jsons, json;)*
        }
    };
}

fields! {
    ids: domain::UserId, domain::SessionId, domain::ApiKeyId, domain::AwardId, domain::BadgeId, domain::EventId,
        domain::FollowId, domain::BlockId, domain::MuteId, domain::SourceId, domain::HoldId;
    texts: domain::session::LoginMethod, domain::user::DeletionBy, domain::award::AwardStatus,
        domain::badge::BadgeStatus, domain::values::Account, domain::values::DeviceFingerprint,
        domain::values::FollowPolicy, domain::values::FollowStatus, domain::values::MediaType,
        domain::values::NotificationFrequency, domain::values::ProfileVisibility, domain::values::Rarity,
        domain::values::Role, domain::values::Theme, domain::values::Tier, crate::sessions::query::SessionEnd,
        crate::notifications::query::NotificationKind, crate::user_events::EventWord,
        crate::user_events::Severity, crate::audit_log::Category;
    jsons: Vec<String>, Vec<domain::AwardId>, std::collections::BTreeSet<domain::values::Scope>,
        domain::settings::Extra, domain::user::DiskPurge, domain::badge::criteria::Criterion,
        domain::badge::criteria::Progress, domain::badge::criteria::Tally, domain::skill::Skill
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_as_postgresql_rounds_texts() {
        let at = DateTime::from_timestamp(1_767_225_600, 123_456_700).unwrap();

        assert_eq!(at.stored().unwrap(), DateTime::from_timestamp(1_767_225_600, 123_457_000));
    }

    #[test]
    fn choices_are_texts_and_what_is_absent_is_null() {
        assert_eq!(domain::values::Role::Owner.stored().unwrap().as_deref(), Some("owner"));
        assert_eq!(None::<domain::values::Role>.stored().unwrap(), None);
    }
}
