//! Every aggregate, once: the event catalogue, and decoding a recorded event of any of them.

use crate::{
    access_log, activity, aggregate::EventKind, api_key, award, badge, calendar, challenge, follow, inbox,
    ledger, profile, session, settings, sign_in, user,
};
use cqrs_es::Aggregate;
use thiserror::Error;

/// Why a recorded event cannot be read by this binary.
#[derive(Debug, Error)]
pub enum DecodeError {
    /// Written by a newer binary: the node must give up its roles, never skip.
    #[error("this binary does not know {aggregate}.{event_type} version {version}")]
    Unknown { aggregate: String, event_type: String, version: String },
    /// A known version whose payload does not fit: a defect.
    #[error("the payload of {aggregate}.{event_type} cannot be read: {source}")]
    Malformed { aggregate: String, event_type: String, source: serde_json::Error },
}

macro_rules! catalogue {
    ($($variant:ident($state:ty, $event:ty)),* $(,)?) => {
        /// An event of any aggregate.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(clippy::large_enum_variant, reason = "of passing life: a box each would cost more than the copy")]
        pub enum AnyEvent { $($variant($event)),* }

        /// Every event that this binary writes, by aggregate.
        pub const CATALOGUE: &[&[EventKind]] = &[$(<$event>::KINDS),*];

        /// The stored sample of each event of the catalogue, in its order.
        pub const SAMPLES: &[&[&str]] = &[$(<$event>::SAMPLES),*];

        impl AnyEvent {
            /// Reads a payload of the log, sealed or opened. Only the versions that are written now are known:
            /// the first superseded one brings its upcaster (`cqrs_es::persist::EventUpcaster`) in here,
            /// before the check of the version.
            pub fn decode(
                aggregate: &str,
                event_type: &str,
                version: &str,
                payload: &str,
            ) -> Result<Self, DecodeError> {
                let unknown = || DecodeError::Unknown {
                    aggregate: aggregate.to_owned(),
                    event_type: event_type.to_owned(),
                    version: version.to_owned(),
                };
                match aggregate {
                    $(<$state>::TYPE => {
                        if !<$event>::KINDS.iter().any(|k| k.event_type == event_type && k.version == version) {
                            return Err(unknown());
                        }
                        serde_json::from_str(payload).map(Self::$variant).map_err(|source| {
                            DecodeError::Malformed {
                                aggregate: aggregate.to_owned(),
                                event_type: event_type.to_owned(),
                                source,
                            }
                        })
                    })*
                    _ => Err(unknown()),
                }
            }

            /// The payload as it is stored, but for the sealing.
            pub fn to_json(&self) -> serde_json::Result<serde_json::Value> {
                match self { $(Self::$variant(event) => serde_json::to_value(event)),* }
            }

            pub const fn kind(&self) -> EventKind {
                match self { $(Self::$variant(event) => event.kind()),* }
            }
        }

        $(impl From<$event> for AnyEvent {
            fn from(event: $event) -> Self { Self::$variant(event) }
        })*
    };
}

catalogue! {
    User(user::User, user::UserEvent),
    Session(session::Session, session::SessionEvent),
    SignIn(sign_in::SignIn, sign_in::SignInEvent),
    Challenge(challenge::Challenge, challenge::ChallengeEvent),
    Profile(profile::Profile, profile::ProfileEvent),
    Follow(follow::Follow, follow::FollowEvent),
    AccessLog(access_log::AccessLog, access_log::AccessLogEvent),
    Settings(settings::Settings, settings::SettingsEvent),
    Activity(activity::Activity, activity::ActivityEvent),
    ApiKey(api_key::ApiKey, api_key::ApiKeyEvent),
    Calendar(calendar::Calendar, calendar::CalendarEvent),
    Badge(badge::Badge, badge::BadgeEvent),
    Award(award::Award, award::AwardEvent),
    Ledger(ledger::Ledger, ledger::LedgerEvent),
    Inbox(inbox::Inbox, inbox::InboxEvent),
}

const PREAMBLE: &str = "\
# Events

Generated from the catalogue and the samples in `domain/samples`; a test keeps it current \
(`ANNALS_BLESS=1 cargo test -p domain` writes it).

Every payload is JSON and names its `type`.
A value under `~p` is personal: sealed under the key of the subject that it names, and `\"erased\": true` instead once that key is destroyed.
Identifiers are UUIDs; times are UTC, RFC 3339.
";

/// The document `docs/events.md`: every event by aggregate, with its version and a payload as it is stored.
pub fn event_catalogue_markdown() -> String {
    let aggregates = CATALOGUE.iter().zip(SAMPLES).filter_map(|(kinds, samples)| {
        let title = kinds.first()?.aggregate;
        let events: String =
            kinds.iter().zip(*samples).map(|(kind, sample)| event_markdown(kind, sample)).collect();
        Some(format!("\n## {title}\n{events}"))
    });
    std::iter::once(PREAMBLE.to_owned()).chain(aggregates).collect()
}

fn event_markdown(kind: &EventKind, sample: &str) -> String {
    let EventKind { event_type, version, .. } = kind;
    format!("\n### {event_type}, version {version}\n\n```json\n{}\n```\n", sample.trim_end())
}
