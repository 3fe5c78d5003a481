//! The reply to a login (C-04), with the names of RFC 6749 and of all known clients.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Tokens of a session. They are shown once: a replay of the same `Idempotency-Key` is 409.
#[derive(Clone, Serialize, ToSchema)]
pub struct TokensView {
    pub user_id: Uuid,
    /// A JWT, for `Authorization: Bearer`.
    pub access_token: String,
    /// Good once, for `/api/auth/refresh`. Absent where the session cookie was used: the present one stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    pub expires_in: i64,
    pub session_id: Uuid,
    /// False: the session may not act until the account's contact is verified.
    pub verified: bool,
    /// For `X-CSRF-Token`, which every change by the session cookie needs. Absent where no cookie was set: for a page of
    /// another site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csrf_token: Option<String>,
}

/// The password is changed: tokens of the session that goes on in place of the one that asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PasswordChangedView {
    #[schema(example = "The password was changed; all other sessions have ended")]
    pub message: &'static str,
    #[serde(flatten)]
    #[schema(inline)]
    pub tokens: TokensView,
}

/// Never prints the tokens.
impl std::fmt::Debug for TokensView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokensView").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}
