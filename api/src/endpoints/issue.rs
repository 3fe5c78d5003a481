//! Signs the access token that goes with a session's refresh token.

use crate::{
    App,
    problem::{ApiResult, Problem, catalogue as kind},
    tokens::Bearer,
    views::TokensView,
};
use commands::SessionTokens;
use secrecy::ExposeSecret;

/// The tokens to show; a replay shows none.
pub fn tokens(app: &App, session: SessionTokens) -> ApiResult<TokensView> {
    if session.receipt.replayed {
        return Err(Problem::of(&kind::SECRET_SHOWN_ONCE));
    }
    let SessionTokens { user, session, role, epoch, verified, refresh_token, .. } = session;
    let bearer = Bearer { user, session, role, epoch, verified };
    let access_token =
        app.tokens().issue(bearer, app.edge().mint_id(), app.now()).map_err(Problem::internal)?;
    Ok(TokensView {
        user_id: user.uuid(),
        access_token,
        refresh_token: refresh_token.expose_secret().to_owned(),
        token_type: "Bearer",
        expires_in: app.tokens().lifetime().num_seconds(),
        session_id: session.uuid(),
        verified,
    })
}
