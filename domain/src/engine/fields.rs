//! The fields of a thing that is changed field by field, written once for what is given, held, asked and recorded.
//!
//! A list says of each field what is given and how it is stored: `Personal<…>` is sealed under its person's key.
//! `required` fields can be set and not cleared; `optional` ones are kept, set or cleared; `chosen` ones hold a default
//! until something else is chosen.

use crate::{ids::Subject, personal::Personal};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use std::str::FromStr;

/// What to do with a field. In JSON: absent keeps, null clears, a value sets; mark it `#[serde(default)]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    #[default]
    Keep,
    Set(T),
    Clear,
}

impl<T> Patch<T> {
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Converts the value to set, which may be refused.
    pub fn try_map<U, E>(self, convert: impl FnOnce(T) -> Result<U, E>) -> Result<Patch<U>, E> {
        Ok(match self {
            Self::Keep => Patch::Keep,
            Self::Set(value) => Patch::Set(convert(value)?),
            Self::Clear => Patch::Clear,
        })
    }
}

impl Patch<String> {
    /// Parses the text to set; a blank one clears, as forms send it.
    pub fn parsed<U: FromStr>(self) -> Result<Patch<U>, U::Err> {
        match self {
            Self::Set(text) if text.trim().is_empty() => Ok(Patch::Clear),
            other => other.try_map(|text| text.parse()),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// What an event says of a field that changed: `{"set": value}` or `"cleared"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change<T> {
    Set(T),
    Cleared,
}

impl<T: Clone> Change<T> {
    /// What is held after the change.
    pub fn held(&self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value.clone()),
            Self::Cleared => None,
        }
    }
}

/// How a given value is stored.
pub(crate) trait Storable<S> {
    /// `of` is whose data key seals it, where it is sealed.
    fn store(&self, of: Subject) -> S;

    /// What a field means that was never set: setting or clearing to that changes nothing.
    fn absent(_of: Subject) -> Option<S> {
        None
    }
}

/// A value that is stored as its text. `text_value!` says which ones are.
pub(crate) trait Text {
    /// What a field means that was never set.
    const ABSENT: Option<&'static str> = None;

    fn text(&self) -> &str;
}

impl<T: Text> Storable<String> for T {
    fn store(&self, _of: Subject) -> String {
        self.text().to_owned()
    }

    fn absent(_of: Subject) -> Option<String> {
        T::ABSENT.map(str::to_owned)
    }
}

impl<T: Text> Storable<Personal<String>> for T {
    fn store(&self, of: Subject) -> Personal<String> {
        Personal::new(of, self.text().to_owned())
    }

    fn absent(of: Subject) -> Option<Personal<String>> {
        T::ABSENT.map(|text| Personal::new(of, text.to_owned()))
    }
}

impl Storable<Personal<Self>> for NaiveDate {
    fn store(&self, of: Subject) -> Personal<Self> {
        Personal::new(of, *self)
    }
}

impl Storable<Personal<Vec<String>>> for crate::values::Skills {
    fn store(&self, of: Subject) -> Personal<Vec<String>> {
        Personal::new(of, self.names().to_vec())
    }
}

/// A switch that was never set is off.
impl Storable<Self> for bool {
    fn store(&self, _of: Subject) -> Self {
        *self
    }

    fn absent(_of: Subject) -> Option<Self> {
        Some(false)
    }
}

macro_rules! storable_as_they_are {
    ($($name:ty),* $(,)?) => {$(
        impl Storable<Self> for $name {
            fn store(&self, _of: Subject) -> Self {
                self.clone()
            }
        }
    )*};
}

storable_as_they_are!(
    u32,
    DateTime<Utc>,
    crate::values::MediaType,
    crate::values::FollowPolicy,
    crate::values::SkillCategory,
    crate::values::Rarity,
    crate::values::Tier,
    crate::badge::criteria::Criterion,
);

/// What a required field is changed to, if it is another value than now.
pub(crate) fn replacement<G: Storable<S>, S: PartialEq>(
    given: Option<&G>,
    now: &S,
    of: Subject,
) -> Option<S> {
    given.map(|given| given.store(of)).filter(|new| new != now)
}

/// What is recorded of an optional field; none where it means the same as before.
pub(crate) fn change<G: Storable<S>, S: PartialEq>(
    patch: &Patch<G>,
    now: Option<&S>,
    of: Subject,
) -> Option<Change<S>> {
    let absent = G::absent(of);
    let held = now.or(absent.as_ref());
    match patch {
        Patch::Keep => None,
        Patch::Set(value) => Some(value.store(of)).filter(|new| Some(new) != held).map(Change::Set),
        Patch::Clear => (held != absent.as_ref()).then_some(Change::Cleared),
    }
}

/// What is recorded of a choice; to clear it is to take the default again.
pub(crate) fn choice<T: Clone + PartialEq>(patch: &Patch<T>, now: &T, default: &T) -> Option<Change<T>> {
    match patch {
        Patch::Set(value) if value != now => Some(Change::Set(value.clone())),
        Patch::Clear if now != default => Some(Change::Cleared),
        Patch::Keep | Patch::Set(_) | Patch::Clear => None,
    }
}

/// Writes from one list of fields: `state` (what is held, with `update`), `new` (what is given, with `stored`; may be
/// left out), `patch` (what is asked, with `cleared` and `changes`), and `changes` (what an event records).
///
/// Members between the braces of a struct are its own, beside the fields.
macro_rules! fields {
    (
        $(#[$state_doc:meta])* state $state:ident { $($(#[$held_meta:meta])* $held:ident: $held_type:ty,)* }
        $(#[$new_doc:meta])* new $new:ident
        $(#[$patch_doc:meta])* patch $patch:ident { $($asked:tt)* }
        $(#[$changes_doc:meta])* changes $changes:ident { $($recorded:tt)* }
        required { $($required:ident: $given:ty => $kept:ty,)* }
        optional { $($optional:ident: $taken:ty => $stored:ty,)* }
    ) => {
        $(#[$new_doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $new {
            $(pub $required: $given,)*
            $(pub $optional: Option<$taken>,)*
        }

        impl $new {
            /// As it is held; what is personal is about `of`.
            pub fn stored(&self, of: $crate::Subject) -> $state {
                use $crate::fields::Storable;
                $state {
                    $($required: self.$required.store(of),)*
                    $($optional: self.$optional.as_ref().map(|given| given.store(of)),)*
                    $($held: Default::default(),)*
                }
            }
        }

        $crate::fields::fields! {
            $(#[$state_doc])* state $state { $($(#[$held_meta])* $held: $held_type,)* }
            $(#[$patch_doc])* patch $patch { $($asked)* }
            $(#[$changes_doc])* changes $changes { $($recorded)* }
            required { $($required: $given => $kept,)* }
            optional { $($optional: $taken => $stored,)* }
            chosen {}
        }
    };
    (
        $(#[$state_doc:meta])* state $state:ident { $($(#[$held_meta:meta])* $held:ident: $held_type:ty,)* }
        $(#[$patch_doc:meta])* patch $patch:ident { $($(#[$asked_meta:meta])* $asked:ident: $asked_type:ty,)* }
        $(#[$changes_doc:meta])* changes $changes:ident {
            $($(#[$recorded_meta:meta])* $recorded:ident: $recorded_type:ty,)*
        }
        required { $($required:ident: $given:ty => $kept:ty,)* }
        optional { $($optional:ident: $taken:ty => $stored:ty,)* }
        chosen { $($chosen:ident: $choice:ty = $default:expr,)* }
    ) => {
        $(#[$state_doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $state {
            $($(#[$held_meta])* pub $held: $held_type,)*
            $(pub $required: $kept,)*
            $(pub $chosen: $choice,)*
            $(#[serde(default, skip_serializing_if = "Option::is_none")] pub $optional: Option<$stored>,)*
        }

        impl Default for $state {
            fn default() -> Self {
                Self {
                    $($held: Default::default(),)*
                    $($required: Default::default(),)*
                    $($chosen: $default,)*
                    $($optional: None,)*
                }
            }
        }

        impl $state {
            /// Makes the changes of an event to its fields.
            pub fn update(&mut self, changes: &$changes) {
                $(if let Some(value) = &changes.$required { self.$required = value.clone(); })*
                $(if let Some(change) = &changes.$chosen { self.$chosen = change.held().unwrap_or($default); })*
                $(if let Some(change) = &changes.$optional { self.$optional = change.held(); })*
            }
        }

        $(#[$patch_doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $patch {
            $(pub $required: Option<$given>,)*
            $(pub $chosen: $crate::fields::Patch<$choice>,)*
            $(pub $optional: $crate::fields::Patch<$taken>,)*
            $($(#[$asked_meta])* pub $asked: $asked_type,)*
        }

        impl $patch {
            /// Clears every field that can be cleared.
            pub fn all_cleared() -> Self {
                Self {
                    $($chosen: $crate::fields::Patch::Clear,)*
                    $($optional: $crate::fields::Patch::Clear,)*
                    ..Self::default()
                }
            }

            /// Only the fields that differ from what is held; what is personal is about `of`.
            pub fn field_changes(&self, now: &$state, of: $crate::Subject) -> $changes {
                let _ = of;
                $changes {
                    $($required: $crate::fields::replacement(self.$required.as_ref(), &now.$required, of),)*
                    $($chosen: $crate::fields::choice(&self.$chosen, &now.$chosen, &$default),)*
                    $($optional: $crate::fields::change(&self.$optional, now.$optional.as_ref(), of),)*
                    $($recorded: Default::default(),)*
                }
            }
        }

        $(#[$changes_doc])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $changes {
            $(#[serde(default, skip_serializing_if = "Option::is_none")] pub $required: Option<$kept>,)*
            $(#[serde(default, skip_serializing_if = "Option::is_none")]
                pub $chosen: Option<$crate::fields::Change<$choice>>,)*
            $(#[serde(default, skip_serializing_if = "Option::is_none")]
                pub $optional: Option<$crate::fields::Change<$stored>>,)*
            $($(#[$recorded_meta])* #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $recorded: $recorded_type,)*
        }

        impl $changes {
            pub fn is_empty(&self) -> bool {
                *self == Self::default()
            }
        }
    };
}
pub(crate) use fields;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_null_and_value_are_three_things() {
        #[derive(Deserialize)]
        struct Body {
            #[serde(default)]
            bio: Patch<String>,
        }
        let read = |text| serde_json::from_str::<Body>(text).unwrap().bio;

        assert_eq!(read("{}"), Patch::Keep);
        assert_eq!(read(r#"{"bio": null}"#), Patch::Clear);
        assert_eq!(read(r#"{"bio": "x"}"#), Patch::Set("x".to_owned()));
    }

    #[test]
    fn what_means_the_same_as_before_is_no_change() {
        let nobody = Subject::default();

        assert_eq!(change(&Patch::Set(false), None, nobody), None);
        assert_eq!(change::<bool, _>(&Patch::Clear, Some(&false), nobody), None);
        assert_eq!(change(&Patch::Set(7_u32), Some(&7), nobody), None);
        assert_eq!(change(&Patch::Set(7_u32), None, nobody), Some(Change::Set(7)));
        assert_eq!(change::<u32, _>(&Patch::Clear, Some(&7), nobody), Some(Change::Cleared));
        assert_eq!(choice(&Patch::Clear, &3, &3), None);
    }
}
