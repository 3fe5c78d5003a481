//! The layer before every endpoint: it counts a request, admits or rejects it, and records rejections.
//!
//! The rules for sessions are in [`crate::access`], those for API keys in [`crate::key_access`].

pub mod access;
pub mod bots;
pub mod caller;
pub mod cookies;
pub mod credentials;
pub mod denial;
pub mod key_access;
pub mod pass;
pub mod quota;
pub mod renewal;
pub mod tokens;

use crate::{
    App,
    access::{Access, Signed},
    caller::{command, principal},
    credentials::Credentials,
    edge::Context,
    key_access::{KeyAccess, Keyed},
    problem::ApiResult,
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use commands::{LiveApiKey, Principal};

/// What an act, by its id, asks of whoever calls it.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    pub act: &'static str,
    pub access: Access,
    pub key: KeyAccess,
}

/// Who comes, and whether they may.
pub(crate) struct Arrival {
    /// Whose share of requests this one is; none: the network's.
    pub share: Option<String>,
    /// For the record of a refusal; none: nobody knows who it is.
    pub principal: Option<Principal>,
    pub admitted: ApiResult<Admitted>,
}

/// Who was let in.
pub(crate) enum Admitted {
    Anyone,
    Session(Signed),
    Key(LiveApiKey),
}

/// Every request counts, also one that is refused: against its user or key, or else its network (RL-02).
pub async fn guard(
    State((app, Requirement { act, access, key })): State<(App, Requirement)>,
    request: Request,
    next: Next,
) -> Response {
    let Arrival { share, principal, admitted } = match key_access::presented(access, request.headers()) {
        Some(text) => key_access::arrival(&app, key, text).await,
        None => access::arrival(&app, access, Credentials::of(&request), request.method()).await,
    };
    let context = request.extensions().get::<Context>().cloned();
    let standing = match &context {
        Some(context) if quota::counts(&request) => match quota::count(&app, share, context).await {
            Ok(standing) => standing,
            Err(problem) => return problem.into_response(),
        },
        _ => None,
    };
    let mut response = match admitted {
        Ok(admitted) => run(&app, access, admitted, request, next).await,
        Err(problem) => problem.into_response(),
    };
    if let (Some(denied), Some(principal), Some(context)) = (denial::of(&response), principal, context) {
        denial::record(&app, act, principal, context, denied).await;
    }
    if let Some(standing) = standing {
        quota::tell(&mut response, standing);
    }
    if access != Access::Anyone {
        // What anybody may ask for says the same to everybody.
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Authorization, Cookie"));
    }
    response
}

async fn run(app: &App, access: Access, admitted: Admitted, mut request: Request, next: Next) -> Response {
    match admitted {
        Admitted::Anyone => next.run(request).await,
        Admitted::Key(key) => {
            app.activity().api_keys().visit(key.id, key.holder.user(), app.now());
            request.extensions_mut().insert(Keyed(key));
            next.run(request).await
        }
        Admitted::Session(signed) => {
            look_at_device(app, &signed, request.extensions().get()).await;
            request.extensions_mut().insert(signed.clone());
            alive(app, access, signed, request, next).await
        }
    }
}

/// What a session is used on (SESS-09). A look into memory, but for the first time that it says what it says.
async fn look_at_device(app: &App, signed: &Signed, context: Option<&Context>) {
    let Some(context) = context else { return };
    if !app.commands().accounts.knows_device(signed.session, context.user_agent.as_deref()) {
        app.commands().accounts.saw_device(&command(context.clone(), principal(Some(signed)), None)).await;
    }
}

/// Runs an act of a live session, and remembers and prolongs its life if the act is a sign of it.
async fn alive(app: &App, access: Access, signed: Signed, request: Request, next: Next) -> Response {
    if !access.is_sign_of_life() {
        return next.run(request).await;
    }
    app.activity().visit(signed.session, signed.user, app.now());
    app.commands().days.saw(signed.user).await;
    let renewal = renewal::due(app, &signed, request.headers());
    let mut response = next.run(request).await;
    if let Some(renewal) = renewal {
        renewal::renew(app, renewal, &mut response).await;
    }
    response
}
