//! Things that one person owns: each on a stream of its own, added, revised field by field, and removed.
//!
//! `owned!` writes such an aggregate from one list, see [`crate::skill`]. How many a person has is bounded by slots, which
//! are claimed; so is a name that a person uses once. What the person wrote is sealed under their key.

use crate::{
    Personal,
    aggregate::{ClaimKind, Consequence, EventSourced},
    ids::UserId,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An aggregate that `owned!` wrote.
pub trait Owned: EventSourced {
    /// What a new one is made of.
    type New: Clone + Send + Sync + 'static;
    /// What is asked to be changed.
    type Patch: Clone + Default + Send + Sync + 'static;

    /// As many a person has at most.
    const MOST: u16;

    fn mint(at: DateTime<Utc>, random: [u8; 10]) -> Self::Id;

    /// `slot` is one of the person's [`Self::MOST`] that is free.
    fn add(user: UserId, new: Self::New, slot: u16, at: DateTime<Utc>) -> Self::Command;

    fn revise(patch: Self::Patch, at: DateTime<Utc>) -> Self::Command;

    fn remove(at: DateTime<Utc>) -> Self::Command;

    /// Every slot is taken.
    fn full() -> Self::Error;

    fn standing(&self) -> &Standing;

    /// Whose thing an event is about.
    fn owner_of(event: &Self::Event) -> UserId;
}

/// Whose a thing is, and since when. Before it is added it is the default: no `user`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    pub user: Option<UserId>,
    pub slot: u16,
    pub added_at: DateTime<Utc>,
    /// Of the last change.
    pub revised_at: DateTime<Utc>,
    pub removed_at: Option<DateTime<Utc>>,
}

impl Standing {
    /// Whose it is, unless it was removed or never was.
    pub const fn present(&self) -> Option<UserId> {
        if self.removed_at.is_some() { None } else { self.user }
    }
}

/// A person's place for one thing of a kind. Its text is claimed: **frozen**.
pub fn slot(kind: &str, user: UserId, number: u16) -> String {
    format!("{kind}:{user}:{number}")
}

/// A name that a person uses once for things of a kind. Its text is claimed: **frozen**.
fn name(kind: &str, user: UserId, folded: &str) -> String {
    format!("{kind}:{user}:{folded}")
}

/// A change of what is claimed, `before` and `after`, each with the name in the form that is compared.
pub(crate) fn renamed(
    kind: &str,
    user: UserId,
    (before, after): (Option<String>, Option<String>),
) -> Vec<Consequence> {
    if before == after {
        return Vec::new();
    }
    let claim = after.map(|folded| Consequence::Claim(ClaimKind::OwnedName, name(kind, user, &folded)));
    let release = before.map(|folded| Consequence::Release(ClaimKind::OwnedName, name(kind, user, &folded)));
    claim.into_iter().chain(release).collect()
}

/// A name in the form that is compared: lower case, single spaces. None where it cannot be read.
pub(crate) fn folded(name: &Personal<String>) -> Option<String> {
    name.known().map(|name| crate::values::fold_badge_name(name))
}

/// Writes an aggregate that a person owns. `once` names the required text that a person uses for one thing at a time.
macro_rules! owned {
    (
        $(#[$doc:meta])*
        $thing:ident = $wire:literal, id $id:ty, at most $most:literal, once by $unique:ident;
        commands $command:ident { $add:ident, $revise:ident, $remove:ident }
        events $event:ident {
            $added:ident = $added_name:literal,
            $revised:ident = $revised_name:literal,
            $removed:ident = $removed_name:literal,
        }
        refusals $error:ident { $there:literal, $absent:literal, $full:literal }
        fields $fields:ident, new $new:ident, patch $patch:ident, changes $changes:ident;
        required { $($required:tt)* }
        optional { $($optional:tt)* }
    ) => {
        $crate::fields::fields! {
            /// What it says.
            state $fields {}
            /// What a new one says.
            new $new
            /// One change of any number of fields.
            patch $patch {}
            /// Each field present only where it changed.
            changes $changes {}
            required { $($required)* }
            optional { $($optional)* }
        }

        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $thing {
            pub standing: $crate::owned::Standing,
            /// Empty before it is added and after it is removed.
            pub fields: $fields,
        }

        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $added {
            pub user: $crate::UserId,
            #[serde(flatten)]
            pub fields: $fields,
            /// Which of the person's places it takes.
            pub slot: u16,
            pub added_at: chrono::DateTime<chrono::Utc>,
        }

        /// Only what changed is present.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $revised {
            pub user: $crate::UserId,
            #[serde(flatten)]
            pub changes: $changes,
            pub revised_at: chrono::DateTime<chrono::Utc>,
        }

        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $removed {
            pub user: $crate::UserId,
            pub removed_at: chrono::DateTime<chrono::Utc>,
        }

        #[derive(Clone, Debug)]
        pub struct $add {
            pub user: $crate::UserId,
            pub new: $new,
            /// A fact: one of the person's places that is free.
            pub slot: u16,
            pub at: chrono::DateTime<chrono::Utc>,
        }

        /// What differs in nothing gives no event.
        #[derive(Clone, Debug)]
        pub struct $revise {
            pub patch: $patch,
            pub at: chrono::DateTime<chrono::Utc>,
        }

        /// Repeated, it changes nothing.
        #[derive(Clone, Debug)]
        pub struct $remove {
            pub at: chrono::DateTime<chrono::Utc>,
        }

        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum $error {
            #[error("this {} is there already", $wire)]
            AlreadyThere,
            #[error("there is no such {}", $wire)]
            NotThere,
            #[error("there are {} already: remove one first", $most)]
            Full,
        }

        impl $crate::BusinessError for $error {
            fn code(&self) -> &'static str {
                match self {
                    Self::AlreadyThere => $there,
                    Self::NotThere => $absent,
                    Self::Full => $full,
                }
            }
        }

        impl $crate::Decide<$thing> for $add {
            fn decide(&self, thing: &$thing) -> Result<Vec<$event>, $error> {
                if thing.standing.user.is_some() {
                    return Err($error::AlreadyThere);
                }
                if self.slot >= $most {
                    return Err($error::Full);
                }
                let fields = self.new.stored($crate::Subject::of(self.user));
                Ok(vec![$added { user: self.user, fields, slot: self.slot, added_at: self.at }.into()])
            }
        }

        impl $crate::Decide<$thing> for $revise {
            fn decide(&self, thing: &$thing) -> Result<Vec<$event>, $error> {
                let user = thing.standing.present().ok_or($error::NotThere)?;
                let changes = self.patch.field_changes(&thing.fields, $crate::Subject::of(user));
                if changes.is_empty() {
                    return Ok(Vec::new());
                }
                Ok(vec![$revised { user, changes, revised_at: self.at }.into()])
            }
        }

        impl $crate::Decide<$thing> for $remove {
            fn decide(&self, thing: &$thing) -> Result<Vec<$event>, $error> {
                let user = thing.standing.user.ok_or($error::NotThere)?;
                if thing.standing.removed_at.is_some() {
                    return Ok(Vec::new());
                }
                Ok(vec![$removed { user, removed_at: self.at }.into()])
            }
        }

        $crate::aggregate::aggregate! {
            $thing = $wire, id $id, error $error;
            commands $command { $add, $revise, $remove }
            events $event {
                $added = $added_name "1",
                $revised = $revised_name "1",
                $removed = $removed_name "1",
            }
        }

        impl $thing {
            fn evolve(&mut self, event: &$event) {
                match event {
                    $event::$added(e) => {
                        self.standing = $crate::owned::Standing {
                            user: Some(e.user),
                            slot: e.slot,
                            added_at: e.added_at,
                            revised_at: e.added_at,
                            removed_at: None,
                        };
                        self.fields = e.fields.clone();
                    }
                    $event::$revised(e) => {
                        self.fields.update(&e.changes);
                        self.standing.revised_at = e.revised_at;
                    }
                    $event::$removed(e) => {
                        self.fields = $fields::default();
                        self.standing.removed_at = Some(e.removed_at);
                    }
                }
            }
        }

        impl $crate::EventSourced for $thing {
            type Id = $id;

            fn owner(&self, _id: $id) -> Option<$crate::UserId> {
                self.standing.user
            }

            fn consequences(&self, event: &$event) -> Vec<$crate::Consequence> {
                use $crate::owned::{folded, renamed, slot};
                let before = || folded(&self.fields.$unique);
                match event {
                    $event::$added(e) => {
                        let place = slot($wire, e.user, e.slot);
                        let mut all = vec![$crate::Consequence::Claim($crate::ClaimKind::OwnedSlot, place)];
                        all.extend(renamed($wire, e.user, (None, folded(&e.fields.$unique))));
                        all
                    }
                    $event::$revised(e) => {
                        let after = e.changes.$unique.as_ref().map(folded);
                        after.map_or_else(Vec::new, |after| renamed($wire, e.user, (before(), after)))
                    }
                    $event::$removed(e) => {
                        let place = slot($wire, e.user, self.standing.slot);
                        let mut all = vec![$crate::Consequence::Release($crate::ClaimKind::OwnedSlot, place)];
                        all.extend(renamed($wire, e.user, (before(), None)));
                        all
                    }
                }
            }
        }

        impl $crate::owned::Owned for $thing {
            type New = $new;
            type Patch = $patch;

            const MOST: u16 = $most;

            fn mint(at: chrono::DateTime<chrono::Utc>, random: [u8; 10]) -> $id {
                <$id>::mint(at, random)
            }

            fn add(
                user: $crate::UserId,
                new: $new,
                slot: u16,
                at: chrono::DateTime<chrono::Utc>,
            ) -> $command {
                $add { user, new, slot, at }.into()
            }

            fn revise(patch: $patch, at: chrono::DateTime<chrono::Utc>) -> $command {
                $revise { patch, at }.into()
            }

            fn remove(at: chrono::DateTime<chrono::Utc>) -> $command {
                $remove { at }.into()
            }

            fn full() -> $error {
                $error::Full
            }

            fn standing(&self) -> &$crate::owned::Standing {
                &self.standing
            }

            fn owner_of(event: &$event) -> $crate::UserId {
                match event {
                    $event::$added(e) => e.user,
                    $event::$revised(e) => e.user,
                    $event::$removed(e) => e.user,
                }
            }
        }
    };
}
pub(crate) use owned;
