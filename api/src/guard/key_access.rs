//! API keys in front of an act: what [`crate::access`] is for sessions (SESS-07).
//!
//! A key has scopes and no role: whoever's it is, it never acts or sees as staff.

use crate::{
    App,
    access::Access,
    guard::{Admitted, Arrival},
    problem::{ApiResult, Problem, catalogue as kind},
    scopes::{self, KeyAccess},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use commands::{LiveApiKey, key_text::MARK};
use secrecy::{ExposeSecret, SecretString};

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
pub(crate) async fn arrival(app: &App, act: &str, text: SecretString) -> Arrival {
    let known = app.commands().accounts.check_api_key(text.expose_secret()).await.map_err(Problem::from);
    let key = known.as_ref().ok();
    let share = key.map(|key| format!("api_key:{}", key.id));
    let principal = key.map(LiveApiKey::principal);
    let admitted = known.and_then(|key| permitted(act, &key).map(|()| Admitted::Key(key)));
    Arrival { share, principal, admitted }
}

fn permitted(act: &str, key: &LiveApiKey) -> ApiResult<()> {
    match scopes::of(act) {
        KeyAccess::Open | KeyAccess::Any => Ok(()),
        KeyAccess::Never => Err(Problem::of(&kind::SESSION_REQUIRED)),
        KeyAccess::Scope(scope) if key.scopes.contains(&scope) => Ok(()),
        KeyAccess::Scope(scope) => {
            // RFC 6750, section 3.1.
            let challenge =
                format!("Bearer realm=\"annals\", error=\"insufficient_scope\", scope=\"{scope}\"");
            let problem =
                Problem::of(&kind::SCOPE_MISSING).detail(format!("this asks for the scope {scope}"));
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
    use domain::{ApiKeyId, UserId, api_key::Holder, values::Scope};

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
        let refusal = |act| permitted(act, &key).err().map(|problem| problem.kind().slug);

        assert_eq!((refusal("own_profile"), refusal("own_key")), (None, None));
        assert_eq!(refusal("change_profile"), Some("scope-missing"));
        for act in ["change_password", "list_api_keys", "suspend_user", "an act without a row"] {
            assert_eq!(refusal(act), Some("session-required"), "{act}");
        }
    }
}
