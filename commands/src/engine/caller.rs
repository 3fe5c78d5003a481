//! The caller of a command: authority is checked against it, and it is in the metadata of every event.

use crate::error::CommandError;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{ApiKeyId, SessionId, Subject, UserId, values::Role};
use std::net::IpAddr;
use store::Metadata;

/// On whose behalf a command runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Principal {
    #[default]
    Anonymous,
    User {
        id: UserId,
        session: SessionId,
        role: Role,
        /// False while the session may not act (C-03).
        verified: bool,
    },
    /// A person's API key: it acts for the person, and never as staff. What its scopes allow, the edge has judged.
    Key { id: ApiKeyId, user: UserId },
    /// A service, by its name, and the API key that it sent.
    Service { name: String, key: ApiKeyId },
    /// A part of the program itself or its operator, by name: `cli`, `worker`.
    System(String),
}

impl Principal {
    /// As idempotency keys belong to it: `user:<id>`, `api_key:<id>`, `service:x`, `system:x`, `anonymous`.
    /// Metadata names it so, too, but for a person's key: there the person acts, and the key stands beside.
    pub fn actor(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::User { id, .. } => format!("user:{id}"),
            Self::Key { id, .. } => format!("api_key:{id}"),
            Self::Service { name, .. } => Self::service_actor(name),
            Self::System(name) => format!("system:{name}"),
        }
    }

    /// What a service is called: its deeds are told apart by it, whichever way they come.
    pub fn service_actor(name: &str) -> String {
        format!("service:{name}")
    }

    const fn api_key(&self) -> Option<ApiKeyId> {
        match self {
            Self::Key { id, .. } | Self::Service { key: id, .. } => Some(*id),
            Self::Anonymous | Self::User { .. } | Self::System(_) => None,
        }
    }
}

/// A request and its context.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    pub principal: Principal,
    pub request_id: Option<String>,
    pub correlation_id: Option<String>,
    /// The event that made a worker issue this command.
    pub causation_id: Option<String>,
    /// W3C Trace Context.
    pub traceparent: Option<String>,
    /// Personal: sealed under the actor's key, or under the day's visitors' key.
    pub ip: Option<IpAddr>,
    /// Personal, as `ip`.
    pub user_agent: Option<String>,
    pub idempotency: Option<IdempotencyKey>,
}

/// The client's key for this request. It belongs to the principal; a stranger's to their network and the route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    pub key: String,
    /// Method and path.
    pub route: String,
    /// HMAC of method, route and body.
    pub fingerprint: [u8; 32],
}

/// Who turned out to be acting: a login begins anonymous and ends as somebody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Actor {
    pub user: UserId,
    pub session: Option<SessionId>,
}

impl Caller {
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// A part of the program, such as `cli`.
    pub fn system(name: &str) -> Self {
        Self { principal: Principal::System(name.to_owned()), ..Self::default() }
    }

    /// The signed-in user and the acting session; none for a key: what asks for a session is not for keys.
    pub const fn user(&self) -> Option<(UserId, SessionId)> {
        match &self.principal {
            Principal::User { id, session, .. } => Some((*id, *session)),
            Principal::Anonymous
            | Principal::Key { .. }
            | Principal::Service { .. }
            | Principal::System(_) => None,
        }
    }

    /// For whom it is done, by a session or by a key.
    pub const fn person(&self) -> Option<UserId> {
        match &self.principal {
            Principal::User { id: user, .. } | Principal::Key { user, .. } => Some(*user),
            Principal::Anonymous | Principal::Service { .. } | Principal::System(_) => None,
        }
    }

    /// To whom an idempotency key of this request belongs. Strangers are not one principal: what one of them sends can be
    /// in the way of nobody elsewhere, and tells nobody elsewhere anything.
    pub(crate) fn key_owner(&self) -> String {
        match (&self.principal, &self.idempotency) {
            (Principal::Anonymous, Some(key)) => {
                let network = self.network().unwrap_or_default();
                format!("{} {network} {}", self.principal.actor(), key.route)
            }
            _ => self.principal.actor(),
        }
    }

    /// Without the idempotency key: for what a request records beside its effect.
    pub(crate) fn unkeyed(&self) -> Self {
        Self { idempotency: None, ..self.clone() }
    }

    /// The client's network, as `sign_in` streams of unknown accounts are named: IPv4 /24, IPv6 /56.
    pub(crate) fn client_prefix(&self) -> String {
        self.ip.map_or_else(|| "unknown".to_owned(), prefix)
    }

    /// None for a part of the program itself.
    pub(crate) fn network(&self) -> Option<String> {
        self.ip.map(network)
    }

    pub(crate) fn metadata(&self, at: DateTime<Utc>, proven: Option<Actor>) -> Metadata {
        let session = self.user().map(|(_, session)| session);
        let actor = proven.or_else(|| self.person().map(|user| Actor { user, session }));
        let name = actor.map_or_else(|| self.principal.actor(), |actor| format!("user:{}", actor.user));
        let session = actor.and_then(|actor| actor.session).map(|session| session.to_string());
        let clear = [
            ("actor", Some(name)),
            ("session_id", session),
            ("api_key_id", self.principal.api_key().map(|id| id.to_string())),
            ("request_id", self.request_id.clone()),
            ("correlation_id", self.correlation_id.clone()),
            ("causation_id", self.causation_id.clone()),
            ("traceparent", self.traceparent.clone()),
        ];
        Metadata { occurred_at: at, clear: present(clear), personal: self.personal(at.date_naive(), actor) }
    }

    fn personal(
        &self,
        day: NaiveDate,
        actor: Option<Actor>,
    ) -> Option<(Subject, Vec<(&'static str, String)>)> {
        let entries =
            present([("ip", self.ip.map(|ip| ip.to_string())), ("user_agent", self.user_agent.clone())]);
        let subject = actor.map_or_else(|| Subject::visitors(day), |actor| Subject::of(actor.user));
        (!entries.is_empty()).then_some((subject, entries))
    }
}

fn present<const N: usize>(entries: [(&'static str, Option<String>); N]) -> Vec<(&'static str, String)> {
    entries.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
}

/// What limits are counted by: an IPv4 address, or an IPv6 network of /56, of which one household has all.
pub fn network(ip: IpAddr) -> String {
    let ip = ip.to_canonical();
    if ip.is_ipv4() { ip.to_string() } else { prefix(ip) }
}

fn prefix(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{:x}::/56", d & 0xff00)
        }
    }
}

/// The signed-in user and the acting session.
pub(crate) fn signed_in(caller: &Caller) -> Result<(UserId, SessionId), CommandError> {
    caller.user().ok_or(CommandError::Forbidden)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_268_800, 0).unwrap()
    }

    fn jane() -> UserId {
        UserId::from_uuid(Uuid::from_u128(1))
    }

    fn from_somewhere() -> Caller {
        Caller {
            ip: Some("203.0.113.9".parse().unwrap()),
            user_agent: Some("curl".into()),
            ..Caller::default()
        }
    }

    #[test]
    fn absent_entries_are_left_out() {
        let metadata = Caller::system("cli").metadata(noon(), None);

        assert_eq!(metadata.clear, [("actor", "system:cli".to_owned())]);
        assert!(metadata.personal.is_none());
    }

    #[test]
    fn address_of_a_visitor_is_sealed_under_the_days_key() {
        let (subject, entries) = from_somewhere().metadata(noon(), None).personal.unwrap();

        assert_eq!(subject, Subject::visitors(noon().date_naive()));
        assert_eq!(entries, [("ip", "203.0.113.9".to_owned()), ("user_agent", "curl".to_owned())]);
    }

    #[test]
    fn visitor_who_proved_to_be_somebody_is_recorded_as_that() {
        let metadata = from_somewhere().metadata(noon(), Some(Actor { user: jane(), session: None }));

        assert_eq!(metadata.clear[0].1, format!("user:{}", jane()));
        assert_eq!(metadata.personal.unwrap().0, Subject::of(jane()));
    }

    #[test]
    fn person_answers_for_what_a_key_does_and_the_key_is_named_beside() {
        let id = ApiKeyId::from_uuid(Uuid::from_u128(5));
        let keyed = |principal| Caller { principal, ..from_somewhere() }.metadata(noon(), None);

        let own = keyed(Principal::Key { id, user: jane() });
        let service = keyed(Principal::Service { name: "etl".into(), key: id });

        assert_eq!(own.clear, [("actor", format!("user:{}", jane())), ("api_key_id", id.to_string())]);
        assert_eq!(own.personal.unwrap().0, Subject::of(jane()));
        assert_eq!(service.clear, [("actor", "service:etl".to_owned()), ("api_key_id", id.to_string())]);
    }

    #[test]
    fn keys_of_strangers_belong_to_network_and_route_and_those_of_others_to_whom_they_are() {
        let keyed = |ip: &str, route: &str| Caller {
            ip: ip.parse().ok(),
            idempotency: Some(IdempotencyKey { key: "k".into(), route: route.into(), fingerprint: [0; 32] }),
            ..Caller::default()
        };
        let one = keyed("203.0.113.9", "POST /a").key_owner();

        assert_eq!(one, keyed("203.0.113.9", "POST /a").key_owner());
        assert_ne!(one, keyed("203.0.113.8", "POST /a").key_owner());
        assert_ne!(one, keyed("203.0.113.9", "POST /b").key_owner());
        let known = Caller { principal: Principal::System("cli".into()), ..keyed("203.0.113.9", "POST /a") };
        assert_eq!(known.key_owner(), "system:cli");
    }

    #[test]
    fn clients_are_told_apart_by_network() {
        for (ip, expected) in [
            ("203.0.113.9", "203.0.113.0/24"),
            ("::ffff:203.0.113.9", "203.0.113.0/24"),
            ("2001:db8:1:2fff::1", "2001:db8:1:2f00::/56"),
        ] {
            assert_eq!(prefix(ip.parse().unwrap()), expected);
        }
    }
}
