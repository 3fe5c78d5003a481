//! The one table from what commands, queries and the domain refuse to the problem that a client sees.

use super::{FieldError, Kind, Problem, catalogue as kind};
use axum::http::StatusCode;
use commands::{CommandError, Refusal};
use domain::{BusinessError, ClaimKind};
use projections::QueryError;
use std::error::Error;

/// Every code of a business error. Where the error names a field, `errors` points at it with the code.
const REFUSALS: &[(&str, &Kind)] = &[
    // user
    ("already-registered", &kind::ALREADY_DONE),
    ("account-not-found", &kind::ACCOUNT_NOT_FOUND),
    ("contact-already-verified", &kind::ALREADY_DONE),
    ("code-requested-too-soon", &kind::TOO_SOON),
    ("verification-not-pending", &kind::CODE_REFUSED),
    ("no-email-change", &kind::CODE_REFUSED),
    ("reset-not-pending", &kind::CODE_REFUSED),
    ("no-password", &kind::NO_PASSWORD),
    ("password-superseded", &kind::CONFLICT),
    ("reset-without-token", &kind::CODE_REFUSED),
    ("deletion-not-requested", &kind::CONFLICT),
    ("deletion-not-due", &kind::CONFLICT),
    ("not-erased", &kind::CONFLICT),
    ("owner-stays", &kind::OWNER_STAYS),
    ("own-standing", &kind::OWN_STANDING),
    ("owner-only", &kind::OWNER_ONLY),
    ("suspension-ended", &kind::VALIDATION_FAILED),
    ("has-password", &kind::ALREADY_DONE),
    ("invitation-not-pending", &kind::CODE_REFUSED),
    // session
    ("session-already-started", &kind::ALREADY_DONE),
    ("session-not-found", &kind::SESSION_NOT_FOUND),
    ("session-ended", &kind::REFRESH_REFUSED),
    ("session-expired", &kind::REFRESH_REFUSED),
    ("refresh-token-unknown", &kind::REFRESH_REFUSED),
    ("session-not-yours", &kind::SESSION_NOT_FOUND),
    // challenge
    ("challenge-already-issued", &kind::ALREADY_DONE),
    ("challenge-not-found", &kind::CODE_REFUSED),
    ("code-already-used", &kind::CODE_REFUSED),
    ("code-expired", &kind::CODE_REFUSED),
    ("code-exhausted", &kind::CODE_REFUSED),
    // profile
    ("profile-not-found", &kind::PROFILE_NOT_FOUND),
    ("date-of-birth-invalid", &kind::VALIDATION_FAILED),
    ("showcase-full", &kind::SHOWCASE_FULL),
    ("showcase-changed", &kind::CONFLICT),
    // calendar
    ("day-not-over", &kind::CONFLICT),
    // settings
    ("preferences-invalid", &kind::VALIDATION_FAILED),
    ("preferences-too-large", &kind::VALIDATION_FAILED),
    // api key
    ("api-key-already-created", &kind::ALREADY_DONE),
    ("api-key-not-found", &kind::API_KEY_NOT_FOUND),
    ("api-key-is-revoked", &kind::API_KEY_OVER),
    ("too-many-api-keys", &kind::TOO_MANY_API_KEYS),
    ("scopes-missing", &kind::VALIDATION_FAILED),
    ("scope-unsuitable", &kind::VALIDATION_FAILED),
    ("expiry-invalid", &kind::VALIDATION_FAILED),
    ("api-key-not-named", &kind::VALIDATION_FAILED),
    ("api-key-not-personal", &kind::API_KEY_NOT_FOUND),
    ("api-key-invalid", &kind::API_KEY_INVALID),
    ("api-key-revoked", &kind::API_KEY_REVOKED),
    ("api-key-expired", &kind::API_KEY_EXPIRED),
    ("api-key-dormant", &kind::API_KEY_DORMANT),
    ("api-key-unconfirmed", &kind::API_KEY_DORMANT),
    // activity
    ("activity-day-full", &kind::TOO_MANY_REQUESTS),
    ("activity-not-found", &kind::VALIDATION_FAILED),
    ("activity-id-taken", &kind::VALIDATION_FAILED),
    ("activity-not-for-clients", &kind::VALIDATION_FAILED),
    ("activity-time-invalid", &kind::VALIDATION_FAILED),
    ("activity-metadata-invalid", &kind::VALIDATION_FAILED),
    // badge
    ("badge-not-found", &kind::BADGE_NOT_FOUND),
    ("points-out-of-band", &kind::VALIDATION_FAILED),
    ("availability-invalid", &kind::VALIDATION_FAILED),
    ("badge-not-active", &kind::BADGE_NOT_OFFERED),
    ("badge-not-available", &kind::BADGE_NOT_OFFERED),
    // award
    ("award-not-found", &kind::AWARD_NOT_FOUND),
    ("award-is-revoked", &kind::AWARD_REVOKED),
    ("own-award", &kind::OWN_AWARD),
    ("badge-changed", &kind::CONFLICT),
    // ledger
    ("insufficient-funds", &kind::INSUFFICIENT_FUNDS),
    ("insufficient-credits", &kind::INSUFFICIENT_CREDITS),
    ("account-full", &kind::ACCOUNT_FULL),
    ("entry-reused", &kind::ENTRY_REUSED),
    ("revocation-too-large", &kind::REVOCATION_TOO_LARGE),
    ("too-many-holds", &kind::TOO_MANY_HOLDS),
    ("hold-not-found", &kind::HOLD_NOT_FOUND),
    ("hold-closed", &kind::HOLD_CLOSED),
    ("capture-too-large", &kind::CAPTURE_TOO_LARGE),
    ("own-ledger", &kind::OWN_LEDGER),
    // follow
    ("self-follow", &kind::SELF_FOLLOW),
    ("self-block", &kind::SELF_BLOCK),
    ("self-mute", &kind::SELF_MUTE),
    ("person-not-found", &kind::ACCOUNT_NOT_FOUND),
    ("blocked-by-you", &kind::BLOCKED_BY_YOU),
    ("follows-declined", &kind::FOLLOWS_DECLINED),
    ("follow-not-pending", &kind::FOLLOW_NOT_PENDING),
    ("staff-not-blockable", &kind::STAFF_NOT_BLOCKABLE),
    ("person-changed", &kind::CONFLICT),
    // skill
    ("skill-already-added", &kind::ALREADY_DONE),
    ("skill-not-found", &kind::SKILL_NOT_FOUND),
    ("too-many-skills", &kind::TOO_MANY_SKILLS),
    // values
    ("username-invalid", &kind::VALIDATION_FAILED),
    ("username-reserved", &kind::VALIDATION_FAILED),
    ("email-invalid", &kind::VALIDATION_FAILED),
    ("phone-number-invalid", &kind::VALIDATION_FAILED),
    ("country-invalid", &kind::VALIDATION_FAILED),
    ("city-unknown", &kind::VALIDATION_FAILED),
    ("url-invalid", &kind::VALIDATION_FAILED),
    ("skills-invalid", &kind::VALIDATION_FAILED),
    ("text-invalid", &kind::VALIDATION_FAILED),
    ("service-invalid", &kind::VALIDATION_FAILED),
    ("language-invalid", &kind::VALIDATION_FAILED),
    ("timezone-invalid", &kind::VALIDATION_FAILED),
    ("slug-invalid", &kind::VALIDATION_FAILED),
    ("category-invalid", &kind::VALIDATION_FAILED),
    ("icon-invalid", &kind::VALIDATION_FAILED),
    ("color-invalid", &kind::VALIDATION_FAILED),
    ("amount-invalid", &kind::VALIDATION_FAILED),
    // accounts
    ("credentials-wrong", &kind::LOGIN_FAILED),
    ("contact-unverified", &kind::CONTACT_UNVERIFIED),
    ("account-suspended", &kind::ACCOUNT_SUSPENDED),
    ("staff-only", &kind::STAFF_ONLY),
    ("secret-shown-once", &kind::SECRET_SHOWN_ONCE),
    ("code-wrong", &kind::CODE_REFUSED),
    ("password-needed", &kind::PASSWORD_NEEDED),
    ("stop-token-invalid", &kind::CODE_REFUSED),
    ("password-wrong", &kind::PASSWORD_WRONG),
    ("reset-token-invalid", &kind::CODE_REFUSED),
    ("refresh-token-invalid", &kind::REFRESH_REFUSED),
    ("refresh-token-reused", &kind::REFRESH_REFUSED),
    ("deletion-requested", &kind::DELETION_REQUESTED),
    ("changed-meanwhile", &kind::CONFLICT),
    ("sessions-changed", &kind::CONFLICT),
    ("reset-too-soon", &kind::TOO_SOON),
    // passwords
    ("password-too-short", &kind::VALIDATION_FAILED),
    ("password-too-long", &kind::VALIDATION_FAILED),
    ("password-too-common", &kind::VALIDATION_FAILED),
    ("password-contains-name", &kind::VALIDATION_FAILED),
    ("password-contains-context", &kind::VALIDATION_FAILED),
];

/// The field that a refusal is about, where the domain does not say it because other callers have no such field.
fn member(code: &str) -> Option<&'static str> {
    match code {
        "showcase-full" => Some("is_featured"),
        "insufficient-funds" | "insufficient-credits" | "account-full" => Some("amount"),
        _ => None,
    }
}

/// Refusals that say no more than the title of their kind: the detail is what to do about it.
const SAID_BY_THE_TITLE: &[&str] = &[
    "account-not-found",
    "profile-not-found",
    "session-not-found",
    "badge-not-found",
    "award-not-found",
    "api-key-not-found",
    "skill-not-found",
    "api-key-invalid",
    "api-key-revoked",
    "api-key-expired",
    "contact-unverified",
    "no-password",
    "staff-only",
];

fn row(code: &str) -> &'static Kind {
    REFUSALS.iter().find(|(known, _)| *known == code).map_or(&kind::REFUSED, |(_, kind)| kind)
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Rejected(refusal) => refusal.into(),
            CommandError::Forbidden => Self::of(&kind::FORBIDDEN),
            CommandError::NotFound => Self::of(&kind::NOT_FOUND),
            CommandError::Conflict { .. } => Self::of(&kind::CONFLICT),
            CommandError::Duplicate(claim) => taken(claim),
            CommandError::IdempotencyMismatch => Self::of(&kind::IDEMPOTENCY_MISMATCH),
            CommandError::PreconditionFailed { version } => {
                Self::of(&kind::PRECONDITION_FAILED).detail(format!("the current version is {version}"))
            }
            CommandError::Throttled { retry_after } => {
                Self::of(&kind::TOO_MANY_REQUESTS).retry_after(u64::try_from(retry_after).unwrap_or(1))
            }
            CommandError::Busy => Self::of(&kind::BUSY).retry_after(1),
            CommandError::Unavailable(source) => {
                Self::of(&kind::UNAVAILABLE).retry_after(1).cause(chain(&*source))
            }
            CommandError::Internal(source) => Self::internal(chain(&*source)),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let kind = row(refusal.code());
        let field = refusal.field().or_else(|| member(refusal.code()));
        let error =
            field.map(|field| FieldError::new(format!("/{field}"), refusal.code(), refusal.to_string()));
        let problem = Self::of(kind).errors(error.into_iter().collect());
        // With 422 the errors say it all.
        let problem = match kind.status {
            StatusCode::UNPROCESSABLE_ENTITY if field.is_some() => problem,
            _ if SAID_BY_THE_TITLE.contains(&refusal.code()) => problem.detail(kind.help),
            _ => problem.detail(refusal.to_string()),
        };
        match refusal.retry_after().and_then(|seconds| u64::try_from(seconds).ok()) {
            Some(seconds) => problem.retry_after(seconds),
            None => problem,
        }
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        match error {
            // What the log says is not told apart here; far most often it cannot be reached.
            QueryError::Unavailable(_) | QueryError::Gathered(_) | QueryError::Store(_) => {
                Self::of(&kind::UNAVAILABLE).retry_after(1).cause(chain(&error))
            }
            QueryError::Row(_) => Self::internal(chain(&error)),
        }
    }
}

/// What a value's own rule says about the field that held it.
pub fn field_error(pointer: &str, error: &impl BusinessError) -> FieldError {
    FieldError::new(pointer, error.code(), error.to_string())
}

fn taken(claim: ClaimKind) -> Problem {
    let (kind, member) = match claim {
        ClaimKind::Username => (&kind::USERNAME_TAKEN, Some("/username")),
        ClaimKind::Email => (&kind::EMAIL_TAKEN, Some("/email")),
        ClaimKind::Phone => (&kind::PHONE_TAKEN, Some("/phone_number")),
        // Of so many requests at once that the places changed hands all the time.
        ClaimKind::ApiKeySlot | ClaimKind::OwnedSlot | ClaimKind::Deed | ClaimKind::AwaitedEmail => {
            (&kind::CONFLICT, None)
        }
        ClaimKind::OwnedName => (&kind::NAME_IN_USE, Some("/name")),
        ClaimKind::BadgeName | ClaimKind::BadgeSlug => (&kind::BADGE_NAME_TAKEN, Some("/name")),
        // A use case tells a repeat from another entry of the same id before this.
        ClaimKind::LedgerEntry => (&kind::ENTRY_REUSED, None),
    };
    let error = member.map(|member| FieldError::new(member, kind.slug, kind.help));
    Problem::of(kind).errors(error.into_iter().collect())
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
#[path = "mapping_tests.rs"]
mod tests;
