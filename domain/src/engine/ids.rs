//! Identifiers: newtypes over UUIDs, so that no bare `Uuid` appears in a signature.
//!
//! New ids are UUIDv7 made from a given time and given random bytes; derived ids are UUIDv5 of what they join.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Namespace of every derived (v5) id. **Frozen**: stored stream ids depend on it.
const NAMESPACE: Uuid = Uuid::from_u128(0x5c6f_0c1e_8a54_5b0e_9d3a_2f61_7c1d_a0e5);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an id that is already known.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// A UUIDv7 of the given time (millisecond precision) and 10 random bytes.
            pub fn mint(at: DateTime<Utc>, random: [u8; 10]) -> Self {
                Self(mint(at, random))
            }

            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl Default for $name {
            /// The nil id, which no stream carries; the state before the first event.
            fn default() -> Self {
                Self(Uuid::nil())
            }
        }
    )*};
}

ids! {
    /// A user, and the stream of the same id; also the id of the user's profile, settings, ledger and inbox streams.
    UserId,
    /// A login session and its stream.
    SessionId,
    /// One e-mailed or texted proof of possession (code or reset token) and its stream.
    ChallengeId,
    /// The failed sign-ins of one account, or of one client prefix, on one UTC day.
    SignInId,
    /// What one person was shown of others, and was refused, on one UTC day.
    AccessLogId,
    /// What one person did on one of their local days.
    ActivityId,
    /// The days of one year of UTC.
    CalendarId,
    /// Something that one person did, by the name that its sender gave it.
    DeedId,
    /// A row of `es.secrets`: a password hash and the like. Events name it, never its content.
    SecretId,
    /// Two people, whichever is named first, and the stream of what is between them.
    PairId,
    /// One person's follow of another; the same for ever, however often it ends and begins again (C-14).
    FollowId,
    /// One person's block of another; the same for ever.
    BlockId,
    /// One person's mute of another; the same for ever.
    MuteId,
    /// An API key, of a person or of a service, and its stream.
    ApiKeyId,
    /// The definition of a badge, and its stream.
    BadgeId,
    /// One person's award of one badge, and its stream; the same for ever.
    AwardId,
    /// Something that a person made and others react to, such as a post: by the name that its service gave it.
    ObjectId,
    /// One entry of a ledger, as its caller names it: the same for a repeat.
    EntryId,
    /// What is set aside of an account until it is captured or refunded.
    HoldId,
    /// What a ledger's entry belongs to: an award, a generation, an order.
    SourceId,
    /// One skill of a person, and its stream.
    SkillId,
    /// One event.
    EventId,
    /// Whose data key seals a [`crate::Personal`] value: a user, or the visitors of one day.
    Subject,
}

fn mint(at: DateTime<Utc>, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

pub(crate) fn derive(kind: &str, parts: &[&str]) -> Uuid {
    let mut name = kind.to_owned();
    for part in parts {
        name.push('\n');
        name.push_str(part);
    }
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

impl Subject {
    /// The key under which an account's personal data is sealed.
    pub const fn of(user: UserId) -> Self {
        Self(user.0)
    }

    /// The shared key of all anonymous callers of one UTC day; it is destroyed with the day's retention.
    pub fn visitors(day: NaiveDate) -> Self {
        Self(derive("visitors", &[&day.to_string()]))
    }
}

impl SignInId {
    /// Failures against a known account on one UTC day.
    pub fn of_account(user: UserId, day: NaiveDate) -> Self {
        Self(derive("sign_in:account", &[&user.to_string(), &day.to_string()]))
    }

    /// The sign-ins of a known account that succeeded, of all days.
    pub fn of_sessions(user: UserId) -> Self {
        Self(derive("sign_in:sessions", &[&user.to_string()]))
    }

    /// Failures against no account, by the client's address prefix (IPv4 /24, IPv6 /56) on one UTC day.
    pub fn of_client(prefix: &str, day: NaiveDate) -> Self {
        Self(derive("sign_in:client", &[prefix, &day.to_string()]))
    }
}

impl AccessLogId {
    /// One person's UTC day.
    pub fn of(user: UserId, day: NaiveDate) -> Self {
        Self(derive("access_log", &[&user.to_string(), &day.to_string()]))
    }

    /// The UTC day of the operator at the command line.
    pub fn of_operator(day: NaiveDate) -> Self {
        Self(derive("access_log", &["operator", &day.to_string()]))
    }

    /// The UTC day of one key of a service.
    pub fn of_key(key: ApiKeyId, day: NaiveDate) -> Self {
        Self(derive("access_log", &["api_key", &key.to_string(), &day.to_string()]))
    }
}

impl ActivityId {
    /// A day of the person's own calendar.
    pub fn of(user: UserId, day: NaiveDate) -> Self {
        Self(derive("activity", &[&user.to_string(), &day.to_string()]))
    }
}

impl CalendarId {
    /// The year of UTC.
    pub fn of(year: i32) -> Self {
        Self(derive("calendar", &[&year.to_string()]))
    }
}

impl DeedId {
    /// What the sender (`user:<id>`, `service:<name>`) calls by this name: sent again it is the same.
    pub fn of(sender: &str, name: &str) -> Self {
        Self(derive("deed", &[sender, name]))
    }
}

impl EntryId {
    /// The entry that something gives cause for; `occurrence` tells apart what may happen again, such as a month.
    pub fn of(what: &str, source: SourceId, occurrence: i64) -> Self {
        Self(derive("ledger:entry", &[what, &source.to_string(), &occurrence.to_string()]))
    }

    /// The entry that sets a hold aside.
    pub fn of_hold(hold: HoldId) -> Self {
        Self(derive("ledger:hold", &[&hold.to_string()]))
    }
}

impl PairId {
    pub fn of(one: UserId, other: UserId) -> Self {
        let (first, second) = (one.min(other), one.max(other));
        Self(derive("pair", &[&first.to_string(), &second.to_string()]))
    }
}

impl BadgeId {
    /// Of a badge of the catalogue, by its slug: it is the same wherever it is installed.
    pub fn of_catalogue(slug: &str) -> Self {
        Self(derive("badge", &[slug]))
    }
}

impl AwardId {
    pub fn of(user: UserId, badge: BadgeId) -> Self {
        Self(derive("award", &[&user.to_string(), &badge.to_string()]))
    }
}

impl ObjectId {
    /// The object that the source (a service, a kind) calls by this name.
    pub fn of(source: &str, name: &str) -> Self {
        Self(derive("object", &[source, name]))
    }
}

macro_rules! directed {
    ($($name:ident $kind:literal;)*) => {$(
        impl $name {
            /// Of what the first does toward the second.
            pub fn of(from: UserId, toward: UserId) -> Self {
                Self(derive($kind, &[&from.to_string(), &toward.to_string()]))
            }
        }
    )*};
}

directed! {
    FollowId "follow";
    BlockId "block";
    MuteId "mute";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(n: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn pair_has_no_order_and_what_one_does_toward_the_other_has() {
        let (one, other) = (user(1), user(2));

        assert_eq!(PairId::of(one, other), PairId::of(other, one));
        assert_ne!(PairId::of(one, other), PairId::of(one, user(3)));
        assert_ne!(FollowId::of(one, other), FollowId::of(other, one));
        assert_ne!(FollowId::of(one, other).uuid(), BlockId::of(one, other).uuid());
    }

    /// Frozen: stored stream ids.
    #[test]
    fn derived_ids_stay_what_they_are() {
        let (one, other) = (user(1), user(2));

        assert_eq!(PairId::of(one, other).to_string(), "00e950c5-2f53-5c6e-a109-8aac4e67ccd4");
        assert_eq!(FollowId::of(one, other).to_string(), "0546668c-3358-5676-ac51-25a962a68776");
        assert_eq!(BlockId::of(one, other).to_string(), "36ac3ce5-f27d-590b-b8c5-fe4fb83ce4e0");
        assert_eq!(MuteId::of(one, other).to_string(), "02802260-6be9-53c0-8734-3d8cd203da54");
        let badge = BadgeId::of_catalogue("first_post");
        assert_eq!(badge.to_string(), "4e063cc9-4e65-5bb6-94ca-4e4b2bac00a4");
        assert_eq!(AwardId::of(one, badge).to_string(), "6dd2f8a3-387d-5da7-9fb8-60ffed1dc7c5");
        assert_eq!(ObjectId::of("posts", "7").to_string(), "07144a55-d3d3-596c-bac4-e36d209c76c2");
        let entry = EntryId::of("badge_award", SourceId::from_uuid(Uuid::from_u128(1)), 2);
        assert_eq!(entry.to_string(), "f0dd7ccc-7819-509e-8429-89eeeeb832ae");
        let hold = EntryId::of_hold(HoldId::from_uuid(Uuid::from_u128(1)));
        assert_eq!(hold.to_string(), "da5ff9ec-cc81-5e84-8fa7-85d89992b9a7");
    }
}
