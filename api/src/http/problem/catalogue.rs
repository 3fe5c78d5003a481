//! Every kind of problem that this API answers with: slug, status, title, and what to do about it.
//!
//! `GET /problems/{slug}` shows a row. A slug is stable for ever; the sentences may change.

use axum::http::{HeaderValue, StatusCode};

/// One kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    pub slug: &'static str,
    pub status: StatusCode,
    pub title: &'static str,
    /// What a client does about it.
    pub help: &'static str,
}

impl Kind {
    /// The `type` of the problem document.
    pub fn url(&self) -> String {
        format!("/problems/{}", self.slug)
    }

    /// `WWW-Authenticate` of a 401: RFC 6750 names an error only where a token was presented.
    pub fn challenge(&self) -> HeaderValue {
        match self.slug {
            "token-invalid" | "token-expired" | "session-ended" | "api-key-invalid" | "api-key-revoked"
            | "api-key-expired" | "api-key-dormant" => {
                HeaderValue::from_static("Bearer realm=\"annals\", error=\"invalid_token\"")
            }
            _ => HeaderValue::from_static("Bearer realm=\"annals\""),
        }
    }
}

/// The row with this slug.
pub fn find(slug: &str) -> Option<&'static Kind> {
    CATALOGUE.iter().copied().find(|kind| kind.slug == slug)
}

macro_rules! catalogue {
    ($($name:ident = $status:ident $slug:literal, $title:literal, $help:literal;)*) => {
        $(pub static $name: Kind =
            Kind { slug: $slug, status: StatusCode::$status, title: $title, help: $help };)*

        /// Every row, in the order of the status.
        pub static CATALOGUE: &[&Kind] = &[$(&$name),*];
    };
}

catalogue! {
    BAD_REQUEST = BAD_REQUEST "bad-request", "The request is malformed",
        "See `detail` for the cause.";
    MALFORMED_BODY = BAD_REQUEST "malformed-body", "The body is not valid JSON",
        "Send one JSON text in UTF-8, nested at most 64 levels deep. `detail` names the byte at which parsing failed.";
    MALFORMED_QUERY = BAD_REQUEST "malformed-query", "The query string is invalid",
        "The OpenAPI document lists every parameter; unknown parameters are rejected. `errors` names the invalid parameter.";
    MALFORMED_HEADER = BAD_REQUEST "malformed-header", "A request header is invalid",
        "`detail` names the header and the expected format.";
    POSITION_AHEAD = BAD_REQUEST "position-ahead", "The position is beyond the end of the log",
        "Use an `Annals-Position` that this log returned. After a restore, discard positions from before it.";
    CREDENTIALS_MISSING = UNAUTHORIZED "credentials-missing", "Authentication is required",
        "Send `Authorization: Bearer <access_token>`, or the session cookie. Log in to get one.";
    TOKEN_INVALID = UNAUTHORIZED "token-invalid", "The access token is invalid",
        "It was not issued by this service, or it was modified. Log in again.";
    COOKIE_INVALID = UNAUTHORIZED "cookie-invalid", "The session cookie is invalid",
        "It was not issued by this service, or it was modified. Log in again.";
    TOKEN_EXPIRED = UNAUTHORIZED "token-expired", "The access token has expired",
        "Get a new one with the refresh token at `/api/auth/refresh`.";
    SESSION_ENDED = UNAUTHORIZED "session-ended", "The session has ended",
        "It was logged out, ended from another device, or has expired. Log in again.";
    API_KEY_INVALID = UNAUTHORIZED "api-key-invalid", "The API key is invalid",
        "It was not issued by this service, or it was modified.";
    API_KEY_REVOKED = UNAUTHORIZED "api-key-revoked", "The API key was revoked",
        "Create a new key at `/api/me/api-keys`.";
    API_KEY_EXPIRED = UNAUTHORIZED "api-key-expired", "The API key has expired",
        "Create a new key at `/api/me/api-keys`.";
    API_KEY_DORMANT = UNAUTHORIZED "api-key-dormant", "The API key is disabled for now",
        "See `detail` for the reason. If the account is suspended or about to be erased, the key works again when its owner can log in again. After a password reset, the owner confirms the key at `/api/me/api-keys/{id}/confirm`. For a service key, this applies to the person who is responsible for it; an owner can take it over at `/api/admin/service-keys/{id}/take-over`.";
    LOGIN_FAILED = UNAUTHORIZED "login-failed", "The login failed",
        "The account or the password is wrong. For security, the reply does not say which.";
    REFRESH_REFUSED = UNAUTHORIZED "refresh-refused", "The refresh token is invalid",
        "It is unknown, used or expired, or its session has ended. Log in again.";
    INSUFFICIENT_CREDITS = PAYMENT_REQUIRED "insufficient-credits", "There are not enough credits",
        "`GET /api/users/wallet` shows the balance. New credits are granted every month.";
    FORBIDDEN = FORBIDDEN "forbidden", "You are not allowed to do this",
        "The role of the account does not allow it.";
    HTTPS_ONLY = FORBIDDEN "https-only", "HTTPS is required",
        "Repeat the request over HTTPS. The plain request may have been read by others: change any password or token that it contained.";
    CSRF_REFUSED = FORBIDDEN "csrf-refused", "The CSRF check failed",
        "With a session cookie, every change needs the header `X-CSRF-Token`: the `csrf_token` from the login, or from `GET /api/auth/csrf`.";
    ACCESS_TOKEN_NEEDED = FORBIDDEN "access-token-needed", "A session cookie is not enough for this request",
        "Call `POST /api/auth/refresh` with the cookie, `X-CSRF-Token` and no body. Send the access token from its reply as `Authorization: Bearer`.";
    PROOF_NEEDED = FORBIDDEN "proof-needed", "A proof of work is required",
        "Find a number so that the SHA-256 of `challenge.token`, a full stop and the number begins with `challenge.difficulty` zero bits. Repeat the request with that text in the header `Annals-Proof`.";
    BOT_REFUSED = FORBIDDEN "bot-refused", "The request looks like it was sent by a bot",
        "A hidden form field that must stay empty has a value. Leave out `fax_number`.";
    STAFF_ONLY = FORBIDDEN "staff-only", "Only staff can do this",
        "The role admin or owner is required.";
    CONTACT_UNVERIFIED = FORBIDDEN "contact-unverified", "The contact of the account is not verified",
        "Send the code from the e-mail to `/api/auth/verify`. `/api/auth/resend-code` sends the code again.";
    OWNER_ONLY = FORBIDDEN "owner-only", "Only an owner can do this",
        "An admin can change accounts that are not staff. An admin cannot grant a staff role, and cannot create service keys.";
    OWN_STANDING = FORBIDDEN "own-standing", "You cannot change your own role or status",
        "Ask another member of staff; if you are an owner, ask another owner.";
    OWN_AWARD = FORBIDDEN "own-award", "You cannot give a badge to yourself",
        "Another member of staff must give it or revoke it.";
    SESSION_REQUIRED = FORBIDDEN "session-required", "API keys cannot do this",
        "Log in, and send the access token of the session.";
    SCOPE_MISSING = FORBIDDEN "scope-missing", "The API key does not have the required scope",
        "`detail` names the scope. The scopes of a key never change: create another key.";
    OWN_LEDGER = FORBIDDEN "own-ledger", "You cannot adjust your own ledger",
        "Another member of staff must do it.";
    API_KEY_REQUIRED = FORBIDDEN "api-key-required", "An API key is required",
        "This endpoint describes an API key to its holder; `/api/auth/session/check` does this for a session.";
    ACCOUNT_SUSPENDED = FORBIDDEN "account-suspended", "The account is suspended",
        "`detail` says until when, if the suspension has an end. Staff can reinstate the account.";
    PASSWORD_WRONG = FORBIDDEN "password-wrong", "The current password is wrong",
        "A change of the address or of the password needs the current password.";
    PASSWORD_NEEDED = FORBIDDEN "password-needed", "The password is required again",
        "Send `current_password` in the body, or log in again and repeat the request within five minutes (`ANNALS_FRESH_LOGIN`). If the account has no password, log in again.";
    FOLLOWS_DECLINED = FORBIDDEN "follows-declined", "This person does not accept followers",
        "It is the person's setting; existing followers stay.";
    STAFF_NOT_BLOCKABLE = FORBIDDEN "staff-not-blockable", "Staff cannot be blocked",
        "Mute them, or report them to an owner.";
    DELETION_REQUESTED = FORBIDDEN "deletion-requested", "This account is about to be erased",
        "To keep it, log in with `\"cancel_deletion\": true`.";
    LIST_PRIVATE = FORBIDDEN "list-private", "You cannot see this list",
        "Only the owner and accepted followers see the lists of a private profile. Only the recipient sees requests.";
    NOT_FOUND = NOT_FOUND "not-found", "The resource was not found",
        "The path does not exist, or you cannot see the resource. `/api/openapi.json` lists every path.";
    ACCOUNT_NOT_FOUND = NOT_FOUND "account-not-found", "The account was not found",
        "It was never registered, or it was erased.";
    SESSION_NOT_FOUND = NOT_FOUND "session-not-found", "The session was not found",
        "It does not exist, or it is not yours.";
    PROFILE_NOT_FOUND = NOT_FOUND "profile-not-found", "The profile was not found",
        "A profile is created with the registration of an account.";
    ERASURE_NOT_FOUND = NOT_FOUND "erasure-not-found", "The deletion was not found",
        "No deletion was requested for this account. Only an erased person has a certificate.";
    FOLLOW_NOT_FOUND = NOT_FOUND "follow-not-found", "The follow was not found",
        "It does not exist, or it is not yours.";
    BLOCK_NOT_FOUND = NOT_FOUND "block-not-found", "The block was not found",
        "It does not exist, or it is not yours.";
    MUTE_NOT_FOUND = NOT_FOUND "mute-not-found", "The mute was not found",
        "It does not exist, or it is not yours.";
    API_KEY_NOT_FOUND = NOT_FOUND "api-key-not-found", "The API key was not found",
        "It does not exist, or it is not yours.";
    BADGE_NOT_FOUND = NOT_FOUND "badge-not-found", "The badge was not found",
        "Use the id, the slug or the name of a badge.";
    AWARD_NOT_FOUND = NOT_FOUND "award-not-found", "The award was not found",
        "This person does not have this badge.";
    NOTIFICATION_NOT_FOUND = NOT_FOUND "notification-not-found", "The notification was not found",
        "It does not exist, it is not yours, or its subject was withdrawn.";
    SKILL_NOT_FOUND = NOT_FOUND "skill-not-found", "The skill was not found",
        "It does not exist, was removed, or is not yours.";
    HOLD_NOT_FOUND = NOT_FOUND "hold-not-found", "The hold was not found",
        "It never existed, or it was closed more than 30 days ago.";
    METHOD_NOT_ALLOWED = METHOD_NOT_ALLOWED "method-not-allowed", "This method is not allowed here",
        "The header `Allow` lists the allowed methods.";
    REQUEST_TIMEOUT = REQUEST_TIMEOUT "request-timeout", "The request took too long to arrive",
        "Send it again. With an `Idempotency-Key`, a command is executed only once.";
    CONFLICT = CONFLICT "conflict", "The resource was changed at the same time",
        "Read it again, and repeat the change if it still makes sense.";
    USERNAME_TAKEN = CONFLICT "username-taken", "This username is taken",
        "Choose another one. Upper and lower case are the same.";
    EMAIL_TAKEN = CONFLICT "email-taken", "This e-mail address is taken",
        "Another account has verified it.";
    PHONE_TAKEN = CONFLICT "phone-taken", "This phone number is taken",
        "Another account has verified it.";
    BADGE_NAME_TAKEN = CONFLICT "badge-name-taken", "The name of this badge is taken",
        "Upper and lower case and spaces make no difference. The name of a retired badge stays taken.";
    BADGE_NOT_OFFERED = CONFLICT "badge-not-offered", "This badge is not available now",
        "It is not active, or it is outside its period. `detail` says which.";
    AWARD_REVOKED = CONFLICT "award-revoked", "Staff have revoked this badge",
        "It stays revoked until staff give it back.";
    SHOWCASE_FULL = CONFLICT "showcase-full", "There are too many featured badges",
        "At most six badges can be featured. Remove one first.";
    ALREADY_TAKEN = CONFLICT "already-taken", "This value is taken",
        "The value must be unique, and it is already in use.";
    ALREADY_DONE = CONFLICT "already-done", "This was already done",
        "Nothing was changed. See `detail`.";
    OWNER_STAYS = CONFLICT "owner-stays", "The account of an owner cannot be deleted",
        "Give it another role first.";
    INSUFFICIENT_FUNDS = CONFLICT "insufficient-funds", "The balance is too low",
        "The wallet shows the available balance. Reserved amounts are not available.";
    ACCOUNT_FULL = CONFLICT "account-full", "The account cannot receive this amount",
        "An account can receive at most 1000000000000 over its lifetime.";
    ENTRY_REUSED = CONFLICT "entry-reused", "The entry id was used for another entry",
        "Use a new id for a new entry.";
    REVOCATION_TOO_LARGE = CONFLICT "revocation-too-large", "The amount is larger than what was granted",
        "Revoke at most the amount that was granted.";
    TOO_MANY_HOLDS = CONFLICT "too-many-holds", "There are too many open holds",
        "At most 100 holds can be open. Wait until one is captured or refunded.";
    HOLD_CLOSED = CONFLICT "hold-closed", "This hold was already captured or refunded",
        "Nothing was changed.";
    CAPTURE_TOO_LARGE = CONFLICT "capture-too-large", "The amount is larger than the hold",
        "Capture at most the reserved amount, on the same account.";
    BLOCKED_BY_YOU = CONFLICT "blocked-by-you", "You have blocked this person",
        "Delete the block first.";
    FOLLOW_NOT_PENDING = CONFLICT "follow-not-pending", "This follow request is not pending",
        "It was answered or withdrawn. To remove a follower, delete the follow.";
    API_KEY_OVER = CONFLICT "api-key-over", "This API key was revoked",
        "A revoked key cannot be changed.";
    TOO_MANY_API_KEYS = CONFLICT "too-many-api-keys", "There are too many API keys",
        "A person or a service can have at most 20 keys. Revoke one first.";
    TOO_MANY_SKILLS = CONFLICT "too-many-skills", "There are too many skills",
        "A person can have at most 200 skills. Remove one first.";
    NAME_IN_USE = CONFLICT "name-in-use", "You already use this name",
        "Choose another name, or change the one that has it. Case and spaces are ignored.";
    NO_PASSWORD = CONFLICT "no-password", "This account has no password",
        "Its owner logs in another way. A password reset sets a first password.";
    SECRET_SHOWN_ONCE = CONFLICT "secret-shown-once", "The reply was already sent and cannot be repeated",
        "The command with this `Idempotency-Key` succeeded earlier. Its tokens are not stored: log in to get new ones, or revoke the API key and create another.";
    PRECONDITION_FAILED = PRECONDITION_FAILED "precondition-failed", "The resource has changed since it was read",
        "Read it again, and send its new `ETag` in `If-Match`.";
    BODY_TOO_LARGE = PAYLOAD_TOO_LARGE "body-too-large", "The body is too large",
        "`detail` says the limit.";
    UNSUPPORTED_MEDIA_TYPE = UNSUPPORTED_MEDIA_TYPE "unsupported-media-type", "The content type must be JSON",
        "Send `Content-Type: application/json`, in UTF-8.";
    MISDIRECTED = MISDIRECTED_REQUEST "misdirected-request", "This is not a host of this API",
        "Use a host name that the operator has configured.";
    VALIDATION_FAILED = UNPROCESSABLE_ENTITY "validation-failed", "The request is not valid",
        "`errors` lists each invalid field.";
    SELF_FOLLOW = UNPROCESSABLE_ENTITY "self-follow", "You cannot follow yourself",
        "Name another person.";
    SELF_BLOCK = UNPROCESSABLE_ENTITY "self-block", "You cannot block yourself",
        "Name another person.";
    SELF_MUTE = UNPROCESSABLE_ENTITY "self-mute", "You cannot mute yourself",
        "Name another person.";
    METHOD_DISABLED = UNPROCESSABLE_ENTITY "method-disabled", "This verification method is not available",
        "This deployment uses passwords. Leave out `verification_token`.";
    CODE_REFUSED = UNPROCESSABLE_ENTITY "code-refused", "The code or token is invalid",
        "It is wrong, used or expired, or a newer one was requested. Request a new one.";
    REFUSED = UNPROCESSABLE_ENTITY "refused", "The request was rejected",
        "See `detail` for the reason.";
    IDEMPOTENCY_MISMATCH = UNPROCESSABLE_ENTITY "idempotency-mismatch", "This Idempotency-Key was used for another request",
        "A key belongs to one method, path and body. Use a new key for a new command.";
    TOO_SOON = TOO_MANY_REQUESTS "too-soon", "This was requested a moment ago",
        "Wait for the number of seconds in `Retry-After`.";
    TOO_MANY_REQUESTS = TOO_MANY_REQUESTS "too-many-requests", "There were too many requests",
        "Wait for the number of seconds in `Retry-After`.";
    HEAD_TOO_LARGE = REQUEST_HEADER_FIELDS_TOO_LARGE "head-too-large", "The request headers are too large",
        "Send a shorter path, fewer or shorter headers, or fewer cookies.";
    INTERNAL = INTERNAL_SERVER_ERROR "internal", "An internal error occurred",
        "It was logged with the `request_id`. Send this id when you report the error.";
    BUSY = SERVICE_UNAVAILABLE "busy", "The service is overloaded",
        "Nothing was changed. Try again after the number of seconds in `Retry-After`.";
    UNAVAILABLE = SERVICE_UNAVAILABLE "unavailable", "The service is unavailable",
        "Try again after the number of seconds in `Retry-After`. With an `Idempotency-Key`, a command is executed only once.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn slugs_are_unique_and_kebab_case() {
        let mut seen = HashSet::new();
        for kind in CATALOGUE {
            assert!(seen.insert(kind.slug), "{} twice", kind.slug);
            assert!(kind.slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", kind.slug);
        }
    }

    #[test]
    fn every_row_is_an_error_and_stands_in_the_order_of_the_status() {
        assert!(CATALOGUE.iter().all(|kind| kind.status.is_client_error() || kind.status.is_server_error()));
        assert!(CATALOGUE.is_sorted_by_key(|kind| kind.status));
    }
}
