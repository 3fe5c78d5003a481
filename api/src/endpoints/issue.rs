//! Signs the access token that goes with a session's refresh token.

use crate::{
    App,
    problem::{ApiResult, Problem, catalogue as kind},
    tokens::Bearer,
    views::TokensView,
};
use commands::SessionTokens;
use projections::{Freshness, SESSIONS};
use secrecy::ExposeSecret;
use std::time::Duration;

/// A token cannot be made before the session's epoch is known.
const EPOCH_WITHIN: Duration = Duration::from_secs(5);

/// The tokens to show; a replay shows none.
pub async fn tokens(app: &App, session: SessionTokens) -> ApiResult<TokensView> {
    if session.receipt.replayed {
        return Err(Problem::of(&kind::SECRET_SHOWN_ONCE));
    }
    let epoch = epoch(app, &session).await?;
    let SessionTokens { user, session, role, verified, refresh_token, .. } = session;
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

async fn epoch(app: &App, session: &SessionTokens) -> ApiResult<u32> {
    let late = || Problem::of(&kind::UNAVAILABLE).retry_after(1).cause("the read model of sessions is late");
    let watcher = app.queries().watcher();
    if watcher.wait_for(&[SESSIONS], session.receipt.position, EPOCH_WITHIN).await == Freshness::Late {
        return Err(late());
    }
    let row = app.queries().find_session(session.session).await?;
    row.map(|row| row.epoch).ok_or_else(late)
}
