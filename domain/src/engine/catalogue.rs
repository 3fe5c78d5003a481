//! Every aggregate, once: the event catalogue, and decoding a recorded event of any of them.

use crate::{
    access_log, activity,
    aggregate::{ClaimKind, Consequence, EventKind, EventSet, EventSourced},
    api_key, award, badge, calendar, challenge,
    decode::{DecodeError, FormerVersion},
    follow, inbox, ledger, profile, session, settings, sign_in, skill, user,
};
use cqrs_es::Aggregate;

macro_rules! catalogue {
    ($($variant:ident $accessor:ident ($state:ty, $event:ty)),* $(,)?) => {
        /// Every aggregate, without an event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum AggregateKind { $($variant),* }

        impl AggregateKind {
            /// In the order of the catalogue.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As it is stored; the reading methods of [`AnyEvent`] have the same names.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => <$state>::TYPE),* }
            }
        }

        /// An event of any aggregate.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(clippy::large_enum_variant, reason = "short-lived: boxing costs more than copying")]
        pub enum AnyEvent { $($variant($event)),* }

        /// Every event that this binary writes, by aggregate.
        pub const CATALOGUE: &[&[EventKind]] = &[$(<$event>::KINDS),*];

        /// The stored sample of each event of the catalogue, in its order.
        pub const SAMPLES: &[&[&str]] = &[$(<$event>::SAMPLES),*];

        /// The versions that are read and not written any more, by aggregate, in the order of the catalogue.
        pub const FORMER: &[&[FormerVersion]] = &[$(<$event>::FORMER),*];

        impl AnyEvent {
            /// Reads a payload of the log, sealed or opened, of any aggregate and any version that is known.
            pub fn decode(
                aggregate: &str,
                event_type: &str,
                version: &str,
                payload: &str,
            ) -> Result<Self, DecodeError> {
                match aggregate {
                    $(<$state>::TYPE => {
                        <$event as EventSet>::decode(event_type, version, payload).map(Self::$variant)
                    })*
                    _ => Err(DecodeError::Unknown {
                        aggregate: aggregate.to_owned(),
                        event_type: event_type.to_owned(),
                        version: version.to_owned(),
                    }),
                }
            }

            /// The payload as it is stored, but for the sealing.
            pub fn to_json(&self) -> serde_json::Result<serde_json::Value> {
                match self { $(Self::$variant(event) => serde_json::to_value(event)),* }
            }

            pub const fn kind(&self) -> EventKind {
                match self { $(Self::$variant(event) => event.kind()),* }
            }

            /// The unique values that it takes. They stand in the event itself; what it releases may not, and needs
            /// the state before it.
            pub fn claims(&self) -> Vec<(ClaimKind, String)> {
                let consequences = match self {
                    $(Self::$variant(event) => <$state>::default().consequences(event)),*
                };
                consequences.into_iter().filter_map(Consequence::into_claim).collect()
            }

            pub const fn aggregate(&self) -> AggregateKind {
                match self { $(Self::$variant(_) => AggregateKind::$variant),* }
            }

            $(
                /// The event, if it is one of this aggregate.
                pub const fn $accessor(&self) -> Option<&$event> {
                    if let Self::$variant(event) = self { Some(event) } else { None }
                }
            )*
        }

        $(impl From<$event> for AnyEvent {
            fn from(event: $event) -> Self { Self::$variant(event) }
        })*
    };
}

catalogue! {
    User user(user::User, user::UserEvent),
    Session session(session::Session, session::SessionEvent),
    SignIn sign_in(sign_in::SignIn, sign_in::SignInEvent),
    Challenge challenge(challenge::Challenge, challenge::ChallengeEvent),
    Profile profile(profile::Profile, profile::ProfileEvent),
    Follow follow(follow::Follow, follow::FollowEvent),
    AccessLog access_log(access_log::AccessLog, access_log::AccessLogEvent),
    Settings settings(settings::Settings, settings::SettingsEvent),
    Activity activity(activity::Activity, activity::ActivityEvent),
    ApiKey api_key(api_key::ApiKey, api_key::ApiKeyEvent),
    Calendar calendar(calendar::Calendar, calendar::CalendarEvent),
    Badge badge(badge::Badge, badge::BadgeEvent),
    Award award(award::Award, award::AwardEvent),
    Ledger ledger(ledger::Ledger, ledger::LedgerEvent),
    Inbox inbox(inbox::Inbox, inbox::InboxEvent),
    Skill skill(skill::Skill, skill::SkillEvent),
}

const PREAMBLE: &str = "\
# Events

Generated from the catalogue and the samples in `domain/samples`; a test keeps it current \
(`ANNALS_BLESS=1 cargo test -p domain` writes it).

Every payload is JSON and names its `type`.
A value under `~p` is personal: sealed under the key of the subject that it names, and `\"erased\": true` instead once that key is destroyed.
Identifiers are UUIDs; times are UTC, RFC 3339.
";

/// The document `docs/events.md`: every event by aggregate, with its version and a payload as it is stored, and the
/// former versions that are read for ever.
pub fn event_catalogue_markdown() -> String {
    let aggregates = CATALOGUE.iter().zip(SAMPLES).zip(FORMER).filter_map(|((kinds, samples), former)| {
        let title = kinds.first()?.aggregate;
        let written = kinds.iter().zip(*samples).map(|(kind, sample)| event_markdown(kind, "", sample));
        let former =
            former.iter().map(|it| event_markdown(&it.kind, " (read, not written any more)", it.sample));
        let events: String = written.chain(former).collect();
        Some(format!("\n## {title}\n{events}"))
    });
    std::iter::once(PREAMBLE.to_owned()).chain(aggregates).collect()
}

fn event_markdown(kind: &EventKind, remark: &str, sample: &str) -> String {
    let EventKind { event_type, version, .. } = kind;
    format!("\n### {event_type}, version {version}{remark}\n\n```json\n{}\n```\n", sample.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_aggregates_are_those_of_the_catalogue() {
        let of_kinds: Vec<&str> = AggregateKind::ALL.iter().map(|kind| kind.name()).collect();
        let of_events: Vec<&str> =
            CATALOGUE.iter().filter_map(|kinds| Some(kinds.first()?.aggregate)).collect();

        assert_eq!(of_kinds, of_events);
    }
}
