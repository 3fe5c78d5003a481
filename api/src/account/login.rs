//! Login by password (AUTH-02, C-04, C-06).

use crate::{
    App,
    account::views::TokensView,
    caller::Visitor,
    cookies::{self, csrf::OwnPage},
    extract::{Checks, Form},
    problem::ApiResult,
    reply::{Prefer, Reply},
};
use crate::{
    account::issue,
    account::password_form::{PasswordForm, check_identifier, identifier},
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use commands::LoginTerms;
use domain::SessionId;
use projections::{ACCOUNTS, BADGES, ERASURES, Name, PROFILE_PAGES, SESSION_GATE, SESSIONS, SOCIAL_GRAPH};
use serde::Deserialize;
use utoipa::ToSchema;

/// Where a login shows.
const WHO_COMES: [Name; 5] = [SESSIONS, SESSION_GATE, ACCOUNTS, PROFILE_PAGES, ERASURES];
/// Where it shows that somebody stays who was leaving: counts change.
const WHO_COMES_BACK: [Name; 7] =
    [SESSIONS, SESSION_GATE, ACCOUNTS, PROFILE_PAGES, ERASURES, SOCIAL_GRAPH, BADGES];

/// The account by exactly one of `identifier`, `username`, `email`, `phone_number`: they are synonyms.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginBody {
    identifier: Option<String>,
    #[schema(example = "jane")]
    username: Option<String>,
    email: Option<String>,
    phone_number: Option<String>,
    #[schema(example = "correct horse battery", format = Password)]
    password: String,
    /// Keeps an account whose deletion was asked for.
    #[serde(default)]
    cancel_deletion: bool,
}

impl Form for LoginBody {
    fn check(&self, checks: &mut Checks) {
        let names = [
            ("identifier", &self.identifier),
            ("username", &self.username),
            ("email", &self.email),
            ("phone_number", &self.phone_number),
        ];
        check_identifier(names, checks);
    }
}

/// Starts a session, returns its tokens, and sets the session cookie.
///
/// A live session of the same account that the request comes with, by its access token or its cookie, ends: this one takes
/// its place. Of more sessions than an account may have (20), the oldest ends.
#[utoipa::path(post, path = "", tag = "session", request_body = LoginBody,
    responses((status = 200, body = TokensView), (status = 401, description = "Unknown account or wrong password"),
        (status = 403, description = "No contact of the account is verified yet")))]
pub async fn login(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    (prefer, page): (Prefer, OwnPage),
    PasswordForm(body): PasswordForm<LoginBody>,
) -> ApiResult<Reply<TokensView>> {
    let identifier = identifier([
        ("identifier", body.identifier),
        ("username", body.username),
        ("email", body.email),
        ("phone_number", body.phone_number),
    ])?;
    let instead_of = sessions_beside(&app, &visitor, &headers).await;
    let terms = LoginTerms { stays: body.cancel_deletion, instead_of };
    let session =
        app.commands().accounts.login(&identifier, body.password.into(), &terms, &visitor.command).await?;
    let read_models: &[Name] = if body.cancel_deletion { &WHO_COMES_BACK } else { &WHO_COMES };
    let settled = app.settle(session.receipt.position, read_models, prefer).await;
    Ok(issue::tokens(&app, StatusCode::OK, session, page)?.fresh(settled))
}

/// The live sessions that a request comes with. A cookie needs no proof of its page here: the password is one.
async fn sessions_beside(app: &App, visitor: &Visitor, headers: &HeaderMap) -> Vec<SessionId> {
    let by_token = visitor.command.user().map(|(_, session)| session);
    let by_cookie = match cookies::presented(headers) {
        Some(value) => cookies::authenticate(app, value).await.ok().map(|signed| signed.session),
        None => None,
    };
    by_token.into_iter().chain(by_cookie).collect()
}
