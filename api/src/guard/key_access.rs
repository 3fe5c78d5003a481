//! API keys in front of an act: what [`crate::access`] is for sessions (KEY-01, SESS-07).
//!
//! A key has scopes and no role: whoever's it is, it never acts or sees as staff.

use crate::{
    App,
    access::Access,
    guard::{Admitted, Arrival},
    problem::{ApiResult, Problem, catalogue as kind},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use commands::{LiveApiKey, key_text::MARK};
use domain::values::Scope;
use secrecy::{ExposeSecret, SecretString};

/// What an act asks of a key. What is privileged asks for a session whatever a key's scopes are: passwords, addresses,
/// sessions, keys themselves, the end of the account, and everything that staff do. What staff read of people and of the
/// history is for services, too, whose scopes no key of a person has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAccess {
    /// Anyone may call it; a key makes no difference and is not looked at.
    Open,
    /// Any key that counts.
    Any,
    Scope(Scope),
    /// It asks for a session.
    Never,
}

/// The key of a request that was let in by one; in its extensions.
#[derive(Clone, Debug)]
pub struct Keyed(pub LiveApiKey);

impl<S: Send + Sync> FromRequestParts<S> for Keyed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Problem::of(&kind::API_KEY_REQUIRED))
    }
}

/// The key of `Authorization: Bearer annals_…` or `Authorization: Token annals_…`; of several such headers, none counts.
/// What looks like one is judged as one, and as nothing else.
pub fn presented(access: Access, headers: &HeaderMap) -> Option<SecretString> {
    if access == Access::Anyone {
        return None;
    }
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, key) = value.to_str().ok()?.trim().split_once(' ')?;
    let known = ["bearer", "token"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let key = key.trim();
    (known && key.starts_with(MARK)).then(|| key.into())
}

/// Who comes with a key.
pub(crate) async fn arrival(app: &App, asked: KeyAccess, text: SecretString) -> Arrival {
    let known = app.commands().accounts.check_api_key(text.expose_secret()).await.map_err(Problem::from);
    let key = known.as_ref().ok();
    let share = key.map(|key| format!("api_key:{}", key.id));
    let principal = key.map(LiveApiKey::principal);
    let admitted = known.and_then(|key| permitted(asked, &key).map(|()| Admitted::Key(key)));
    Arrival { share, principal, admitted }
}

fn permitted(asked: KeyAccess, key: &LiveApiKey) -> ApiResult<()> {
    match asked {
        KeyAccess::Open | KeyAccess::Any => Ok(()),
        KeyAccess::Never => Err(Problem::of(&kind::SESSION_REQUIRED)),
        KeyAccess::Scope(scope) if key.scopes.contains(&scope) => Ok(()),
        KeyAccess::Scope(scope) => {
            // RFC 6750, section 3.1.
            let challenge =
                format!("Bearer realm=\"annals\", error=\"insufficient_scope\", scope=\"{scope}\"");
            let problem = Problem::of(&kind::SCOPE_MISSING).detail(format!("the scope {scope} is required"));
            Err(match HeaderValue::try_from(challenge) {
                Ok(challenge) => problem.header(header::WWW_AUTHENTICATE, challenge),
                Err(_) => problem,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use domain::{ApiKeyId, UserId, api_key::Holder};

    fn shown(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        presented(Access::SignedIn, &headers).map(|key| key.expose_secret().to_owned())
    }

    #[test]
    fn one_key_counts_in_either_scheme_and_a_token_is_none() {
        for value in
            ["Bearer annals_key_x", "bearer  annals_key_x ", "Token annals_key_x", "TOKEN annals_key_x"]
        {
            assert_eq!(shown(&[value]).as_deref(), Some("annals_key_x"), "{value}");
        }
        let twice = ["Bearer annals_key_x"; 2];
        for values in
            [&["Bearer a.b.c"][..], &["Token abc"], &["Basic annals_key_x"], &["annals_key_x"], &twice, &[]]
        {
            assert_eq!(shown(values), None, "{values:?}");
        }
    }

    #[test]
    fn where_anyone_may_come_a_key_is_not_looked_at() {
        let headers =
            HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static("Bearer annals_x"))]);

        assert!(presented(Access::Anyone, &headers).is_none());
    }

    #[test]
    fn key_is_let_in_by_the_scope_of_the_act_and_nowhere_else() {
        let key = LiveApiKey {
            id: ApiKeyId::default(),
            holder: Holder::User(UserId::default()),
            name: None,
            scopes: [Scope::ProfileRead].into(),
            created_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH,
        };
        let refusal = |asked| permitted(asked, &key).err().map(|problem| problem.kind().slug);

        assert_eq!(refusal(KeyAccess::Scope(Scope::ProfileRead)), None);
        assert_eq!(refusal(KeyAccess::Any), None);
        assert_eq!(refusal(KeyAccess::Scope(Scope::ProfileWrite)), Some("scope-missing"));
        assert_eq!(refusal(KeyAccess::Never), Some("session-required"));
    }
}
