//! The body that proves the person is present, for actions that a stolen access token alone must not allow.

use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

/// Without `current_password` the session's own login must be a moment old (five minutes, `ANNALS_FRESH_LOGIN`).
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofBody {
    #[schema(format = Password)]
    current_password: Option<String>,
}

impl ProofBody {
    pub fn password(body: Option<Self>) -> Option<SecretString> {
        body.and_then(|body| body.current_password).map(SecretString::from)
    }
}
