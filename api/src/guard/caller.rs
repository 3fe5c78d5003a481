//! The caller, as handlers and commands need it: [`Caller`] with a login, [`Visitor`] where anyone may call.

use crate::{
    App,
    access::Signed,
    credentials::Credential,
    edge::{Context, RawBody},
    key_access::Keyed,
    problem::{ApiResult, Problem, catalogue as kind},
};
use aws_lc_rs::hmac;
use axum::{
    extract::FromRequestParts,
    http::{Method, request::Parts},
};
use commands::{IdempotencyKey, Principal};
use domain::{SessionId, UserId};
use secrecy::ExposeSecret;
use uuid::Uuid;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A user with a live session, or with an API key where a key may do it. Only for acts whose access asks for one.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user: UserId,
    /// None for a key.
    pub session: Option<SessionId>,
    by: Credential,
    /// For the facade of commands.
    pub command: commands::Caller,
}

impl Caller {
    /// For what a session cookie alone may not do (SESS-07).
    pub fn with_token(&self) -> ApiResult<()> {
        self.by.with_token()
    }
}

/// Who reads what staff read: staff, or a service whose key has the scope of the act.
#[derive(Clone, Debug)]
pub struct Reader {
    /// For the facade of commands.
    pub command: commands::Caller,
}

/// Anyone, known or not.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Whoever sent a valid token along.
    pub user: Option<UserId>,
    /// For the facade of commands.
    pub command: commands::Caller,
}

/// Who tells of what people do: a person, of themselves, or a service by its key.
#[derive(Clone, Debug)]
pub struct Sender {
    /// None for a service.
    pub user: Option<UserId>,
    pub session: Option<Uuid>,
    pub request_id: String,
    /// For the facade of commands.
    pub command: commands::Caller,
}

impl Sender {
    /// `Idempotency-Key`, if one was sent.
    pub fn key(&self) -> Option<String> {
        self.command.idempotency.as_ref().map(|key| key.key.clone())
    }
}

impl FromRequestParts<App> for Sender {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Context { request_id, .. } = Context::from_request_parts(parts, app).await?;
        let Some(Keyed(key)) = parts.extensions.get::<Keyed>().cloned() else {
            let Caller { user, session, command, .. } = Caller::from_request_parts(parts, app).await?;
            return Ok(Self { user: Some(user), session: session.map(SessionId::uuid), request_id, command });
        };
        let command = of_request(parts, app, key.principal()).await?;
        Ok(Self { user: key.holder.user(), session: None, request_id, command })
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if let Some(Keyed(key)) = parts.extensions.get::<Keyed>().cloned() {
            // A service is nobody: no act of a person's is for it, whatever its scopes.
            let user = key.holder.user().ok_or_else(|| Problem::of(&kind::SESSION_REQUIRED))?;
            let command = of_request(parts, app, key.principal()).await?;
            return Ok(Self { user, session: None, by: Credential::ApiKey, command });
        }
        let signed: Signed =
            parts.extensions.get().cloned().ok_or_else(|| Problem::of(&kind::CREDENTIALS_MISSING))?;
        let command = of_request(parts, app, principal(Some(&signed))).await?;
        Ok(Self { user: signed.user, session: Some(signed.session), by: signed.by, command })
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match parts.extensions.get::<Keyed>().cloned() {
            Some(Keyed(key)) if key.holder.user().is_none() => {
                Ok(Self { command: of_request(parts, app, key.principal()).await? })
            }
            // What a person's key may do is told by its person; this asks for their session.
            Some(_) => Err(Problem::of(&kind::SESSION_REQUIRED)),
            None => Ok(Self { command: Caller::from_request_parts(parts, app).await?.command }),
        }
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let signed = parts.extensions.get::<Signed>().cloned();
        let command = of_request(parts, app, principal(signed.as_ref())).await?;
        Ok(Self { user: signed.map(|signed| signed.user), command })
    }
}

/// As commands know them.
pub fn principal(signed: Option<&Signed>) -> Principal {
    signed.map_or(Principal::Anonymous, |signed| Principal::User {
        id: signed.user,
        session: signed.session,
        role: signed.role,
        verified: signed.verified,
    })
}

async fn of_request(parts: &mut Parts, app: &App, principal: Principal) -> ApiResult<commands::Caller> {
    let context = Context::from_request_parts(parts, app).await?;
    let idempotency = idempotency(parts, app.options().fingerprint_key.expose_secret())?;
    Ok(command(context, principal, idempotency))
}

/// For the facade of commands.
pub fn command(
    context: Context,
    principal: Principal,
    idempotency: Option<IdempotencyKey>,
) -> commands::Caller {
    commands::Caller {
        principal,
        correlation_id: Some(context.request_id.clone()),
        request_id: Some(context.request_id),
        causation_id: None,
        traceparent: context.traceparent,
        ip: context.ip,
        user_agent: context.user_agent,
        idempotency,
    }
}

fn idempotency(parts: &Parts, secret: &[u8]) -> ApiResult<Option<IdempotencyKey>> {
    let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next().filter(|_| parts.method != Method::GET) else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| is_key(key) && values.next().is_none()).ok_or_else(|| {
        Problem::of(&kind::MALFORMED_HEADER)
            .detail("Idempotency-Key must have 1 to 255 printable ASCII characters")
    })?;
    let body = parts.extensions.get().map_or(&[][..], |RawBody(bytes)| bytes);
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    let (route, fingerprint) = (format!("{method} {path}"), fingerprint(secret, method, path, body));
    Ok(Some(IdempotencyKey { key: key.to_owned(), route, fingerprint }))
}

fn is_key(key: &str) -> bool {
    (1..=255).contains(&key.len()) && key.bytes().all(|b| (b' '..=b'~').contains(&b))
}

/// HMAC-SHA-256 over method, path and body; neither of the first two holds a line break.
fn fingerprint(secret: &[u8], method: &str, path: &str, body: &[u8]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    for part in [method.as_bytes(), b"\n", path.as_bytes(), b"\n", body] {
        context.update(part);
    }
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(context.sign().as_ref());
    fingerprint
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, extract::Request};

    fn key(method: &str, values: &[&str]) -> ApiResult<Option<IdempotencyKey>> {
        let mut request = Request::builder().method(method).uri("/api/me");
        for value in values {
            request = request.header(IDEMPOTENCY_KEY, *value);
        }
        let mut parts = request.body(Body::empty()).unwrap().into_parts().0;
        parts.extensions.insert(RawBody("{}".into()));
        idempotency(&parts, &[1; 32])
    }

    #[test]
    fn key_is_taken_with_the_fingerprint_of_the_request() {
        let taken = key("PUT", &["order 66"]).unwrap().unwrap();

        assert_eq!((taken.key.as_str(), taken.route.as_str()), ("order 66", "PUT /api/me"));
        assert_eq!(taken.fingerprint, fingerprint(&[1; 32], "PUT", "/api/me", b"{}"));
    }

    #[test]
    fn every_part_of_the_request_is_in_the_fingerprint() {
        let prints = [
            fingerprint(&[1; 32], "PUT", "/api/me", b"{}"),
            fingerprint(&[2; 32], "PUT", "/api/me", b"{}"),
            fingerprint(&[1; 32], "POST", "/api/me", b"{}"),
            fingerprint(&[1; 32], "PUT", "/api/mf", b"{}"),
            fingerprint(&[1; 32], "PUT", "/api/me", b"{ }"),
        ];

        assert!((1..5).all(|n| prints[0] != prints[n]));
    }

    #[test]
    fn bad_keys_are_refused_and_reads_need_none() {
        for values in [vec![""], vec!["a", "b"], vec!["t\tab"], vec![&"x".repeat(256)[..]]] {
            assert_eq!(key("PUT", &values).unwrap_err().kind(), &kind::MALFORMED_HEADER, "{values:?}");
        }
        assert_eq!(key("GET", &["a"]).unwrap(), None);
        assert_eq!(key("PUT", &[]).unwrap(), None);
    }
}
