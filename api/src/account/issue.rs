//! Tokens and cookie of a session: the access token that belongs to its refresh token, and the browser cookie (C-04).

use crate::{
    App,
    account::views::TokensView,
    cookies::{self, csrf, csrf::OwnPage},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::Reply,
    tokens::Bearer,
};
use axum::http::StatusCode;
use commands::{SessionCookie, SessionTokens};
use secrecy::ExposeSecret;

/// The reply with the tokens, which are shown once: a replay shows none. The cookie is set but for another site's page.
pub fn tokens(
    app: &App,
    status: StatusCode,
    session: SessionTokens,
    OwnPage(own_page): OwnPage,
) -> ApiResult<Reply<TokensView>> {
    if session.receipt.replayed {
        return Err(Problem::of(&kind::SECRET_SHOWN_ONCE));
    }
    let now = app.now();
    let expires_at = session.refresh_expires_at.min(session.expires_at);
    let SessionTokens { user, session, role, epoch, verified, refresh_token, .. } = session;
    let bearer = Bearer { user, session, role, epoch, verified, proved_at: now };
    let access_token = app.tokens().issue(bearer, app.edge().mint_id(), now).map_err(Problem::internal)?;
    let value = SessionCookie { session, user, epoch, issued_at: now, expires_at };
    let value = own_page.then(|| app.commands().accounts.codes().session_cookie(&value));
    let view = TokensView {
        user_id: user.uuid(),
        access_token,
        refresh_token: refresh_token.map(|token| token.expose_secret().to_owned()),
        token_type: "Bearer",
        expires_in: app.tokens().lifetime().num_seconds(),
        session_id: session.uuid(),
        verified,
        csrf_token: own_page.then(|| csrf::token(app, session)),
    };
    Ok(Reply::new(status, view).cookie(value.and_then(|value| cookies::set(&value, expires_at, now))))
}
