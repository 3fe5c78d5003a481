//! The traits of every aggregate, and the list-like macro that writes its enums.
//!
//! An aggregate folder holds `mod.rs` (the list), `events.rs`, `state.rs`, `error.rs` and one file per decision.

use crate::{
    decode::DecodeError,
    ids::{SecretId, UserId},
    refusal::BusinessError,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A command that decides against the state of `A`. Pure: time, ids and facts are its fields.
pub trait Decide<A: EventSourced> {
    /// The events that make it true; none if it is true already, so that a repeat is harmless.
    fn decide(&self, state: &A) -> Result<Vec<A::Event>, A::Error>;
}

/// The command enum of an aggregate: what the executor needs to know of it.
pub trait CommandSet: Clone + Send + Sync + 'static {
    /// Every command of the aggregate, by the name of its type.
    const NAMES: &'static [&'static str];

    /// The type name of this one.
    fn name(&self) -> &'static str;
}

/// The event enum of an aggregate, as the log knows it.
pub trait EventSet: Sized {
    /// Wire name and version.
    fn kind(&self) -> EventKind;

    /// Reads a recorded payload, sealed or opened, of any version that this binary knows: every reader of the log
    /// comes through here.
    fn decode(event_type: &str, version: &str, payload: &str) -> Result<Self, DecodeError>;
}

/// An aggregate whose state is a fold of its stream.
pub trait EventSourced:
    cqrs_es::Aggregate<Services = (), Event: EventSet, Error: BusinessError> + Clone + 'static
{
    /// Its stream's id.
    type Id: Copy + std::fmt::Display + Into<Uuid> + From<Uuid> + Send + Sync + 'static;

    /// True where nothing opens the stream: before its first event it is there, and a refusal means what it says
    /// instead of the stream's absence.
    const ALWAYS_THERE: bool = false;

    /// Whose stream it is, for authority; none before the first event, where the id alone does not tell.
    fn owner(&self, _id: Self::Id) -> Option<UserId> {
        None
    }

    /// Claims and secrets that the event takes, releases, stores or deletes in the same append.
    /// `self` is the state before the event.
    fn consequences(&self, _event: &Self::Event) -> Vec<Consequence> {
        Vec::new()
    }
}

/// Effects of an event on what the append guards beside the streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// Takes a unique value for this stream; the append is refused when another stream holds it.
    Claim(ClaimKind, String),
    /// Takes a unique value for ever, as this occurrence: the append is refused to every other one, those of this
    /// stream included. A claim that names the occurrence is never given back.
    ClaimOnce(ClaimKind, String, Uuid),
    /// Gives a unique value back.
    Release(ClaimKind, String),
    /// Stores the secret of this id, whose bytes accompany the command.
    Keep(SecretId),
    /// Deletes a superseded or used secret.
    Forget(SecretId),
}

impl Consequence {
    /// The unique value that it takes.
    pub(crate) fn into_claim(self) -> Option<(ClaimKind, String)> {
        match self {
            Self::Claim(kind, value) | Self::ClaimOnce(kind, value, _) => Some((kind, value)),
            Self::Release(..) | Self::Keep(_) | Self::Forget(_) => None,
        }
    }
}

/// Values that must be unique over all streams. The wire name is part of the claim's HMAC: **frozen**.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    Username,
    Email,
    /// An address that nobody of this account has verified yet. Many accounts may wait for one: it is an index, and
    /// refuses nobody.
    AwaitedEmail,
    Phone,
    /// One of the places that a holder has for API keys, see [`crate::api_key::Slot`].
    ApiKeySlot,
    /// A deed, by its id: whichever day it was first recorded on.
    Deed,
    /// The name of a badge, case-folded.
    BadgeName,
    BadgeSlug,
    /// An entry of a person's ledger, see [`crate::ledger::entry_claim`].
    LedgerEntry,
    /// A person's place for one thing that they own, see [`crate::owned::slot`].
    OwnedSlot,
    /// A name that a person uses for one thing of a kind.
    OwnedName,
}

impl ClaimKind {
    /// Whether any number of streams may hold one value.
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::AwaitedEmail)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
            Self::AwaitedEmail => "awaited_email",
            Self::Phone => "phone",
            Self::ApiKeySlot => "api_key_slot",
            Self::Deed => "deed",
            Self::BadgeName => "badge_name",
            Self::BadgeSlug => "badge_slug",
            Self::LedgerEntry => "ledger_entry",
            Self::OwnedSlot => "owned_slot",
            Self::OwnedName => "owned_name",
        }
    }
}

/// One line of the event catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventKind {
    pub aggregate: &'static str,
    /// Wire name, snake case.
    pub event_type: &'static str,
    /// The version that this binary writes.
    pub version: &'static str,
}

/// Writes the command and event enums of an aggregate from its lists, and ties them to cqrs-es.
///
/// The state type needs `fn evolve(&mut self, event: &Event)`.
/// `former` lists the versions that are read and not written any more, each with what makes the present one of it.
macro_rules! aggregate {
    (
        $state:ident = $wire:literal, id $id:ty, error $error:ty;
        commands $command:ident { $($c:ident),* $(,)? }
        events $event:ident { $($(#[$doc:meta])* $e:ident = $name:literal $version:literal),* $(,)? }
        $(former { $($old_name:literal $old_version:literal => $upcast:path),* $(,)? })?
    ) => {
        #[derive(Clone, Debug)]
        #[allow(clippy::large_enum_variant, reason = "short-lived: boxing costs more than copying")]
        pub enum $command { $($c($c)),* }

        $(impl From<$c> for $command {
            fn from(command: $c) -> Self { Self::$c(command) }
        })*

        impl $crate::aggregate::Decide<$state> for $command {
            fn decide(&self, state: &$state) -> Result<Vec<$event>, $error> {
                match self { $(Self::$c(command) => command.decide(state)),* }
            }
        }

        impl $crate::aggregate::CommandSet for $command {
            const NAMES: &'static [&'static str] = &[$(stringify!($c)),*];

            fn name(&self) -> &'static str {
                match self { $(Self::$c(_) => stringify!($c)),* }
            }
        }

        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "type")]
        #[allow(clippy::large_enum_variant, reason = "short-lived: boxing costs more than copying")]
        pub enum $event { $($(#[$doc])* #[serde(rename = $name)] $e($e)),* }

        $(impl From<$e> for $event {
            fn from(event: $e) -> Self { Self::$e(event) }
        })*

        impl $event {
            /// Every event of the aggregate, with the version that this binary writes.
            pub const KINDS: &'static [$crate::aggregate::EventKind] = &[$(
                $crate::aggregate::EventKind { aggregate: $wire, event_type: $name, version: $version }
            ),*];

            /// The stored sample of each of `KINDS`, as it lies in the log: an event without one does not compile.
            pub const SAMPLES: &'static [&'static str] = &[$(
                include_str!(concat!(
                    env!("CARGO_MANIFEST_DIR"), "/samples/", $wire, ".", $name, ".v", $version, ".json"
                ))
            ),*];

            /// Versions of before, which are read for ever and not written.
            pub const FORMER: &'static [$crate::decode::FormerVersion] = &[$($(
                $crate::decode::FormerVersion {
                    kind: $crate::aggregate::EventKind {
                        aggregate: $wire, event_type: $old_name, version: $old_version,
                    },
                    sample: include_str!(concat!(
                        env!("CARGO_MANIFEST_DIR"), "/samples/", $wire, ".", $old_name, ".v", $old_version, ".json"
                    )),
                    upcast: $upcast,
                }
            ),*)?];

            pub const fn kind(&self) -> $crate::aggregate::EventKind {
                match self { $(Self::$e(_) => $crate::aggregate::EventKind {
                    aggregate: $wire, event_type: $name, version: $version,
                }),* }
            }
        }

        const _: fn($id) -> <$state as $crate::aggregate::EventSourced>::Id = |id| id;

        impl $crate::aggregate::EventSet for $event {
            fn kind(&self) -> $crate::aggregate::EventKind { Self::kind(self) }

            fn decode(
                event_type: &str,
                version: &str,
                payload: &str,
            ) -> Result<Self, $crate::decode::DecodeError> {
                let known = (Self::KINDS, Self::FORMER);
                $crate::decode::decode(known, $wire, (event_type, version), payload)
            }
        }

        impl cqrs_es::DomainEvent for $event {
            fn event_type(&self) -> String { self.kind().event_type.to_owned() }
            fn event_version(&self) -> String { self.kind().version.to_owned() }
        }

        impl cqrs_es::Aggregate for $state {
            const TYPE: &'static str = $wire;
            type Command = $command;
            type Event = $event;
            type Error = $error;
            type Services = ();

            async fn handle(
                &mut self,
                command: $command,
                (): &(),
                sink: &cqrs_es::event_sink::EventSink<Self>,
            ) -> Result<(), $error> {
                for event in $crate::aggregate::Decide::decide(&command, self)? {
                    sink.write(event, self).await;
                }
                Ok(())
            }

            fn apply(&mut self, event: $event) { self.evolve(&event); }
        }
    };
}
pub(crate) use aggregate;
