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
    BAD_REQUEST = BAD_REQUEST "bad-request", "The request cannot be read",
        "The detail says what is wrong with it.";
    MALFORMED_BODY = BAD_REQUEST "malformed-body", "The body is not JSON",
        "Send one JSON text in UTF-8, nested at most 64 deep. The detail names the byte at which reading stopped.";
    MALFORMED_QUERY = BAD_REQUEST "malformed-query", "The query string cannot be read",
        "Each parameter is listed in the OpenAPI document; an unknown one is refused. `errors` names the parameter.";
    MALFORMED_HEADER = BAD_REQUEST "malformed-header", "A request header cannot be read",
        "The detail names the header and its form.";
    POSITION_AHEAD = BAD_REQUEST "position-ahead", "This position lies beyond the end of the log",
        "`Annals-Min-Position` repeats an `Annals-Position` that this log gave out. After a restore, drop the positions kept from before.";
    CREDENTIALS_MISSING = UNAUTHORIZED "credentials-missing", "This needs an access token",
        "Send `Authorization: Bearer <access_token>`, or the session cookie; log in to get them.";
    TOKEN_INVALID = UNAUTHORIZED "token-invalid", "The access token is not valid",
        "It was not issued here, or was changed on the way. Log in again.";
    COOKIE_INVALID = UNAUTHORIZED "cookie-invalid", "The session cookie is not valid",
        "It was not issued here, or was changed on the way. Log in again.";
    TOKEN_EXPIRED = UNAUTHORIZED "token-expired", "The access token has expired",
        "Exchange the refresh token at `/api/auth/refresh`.";
    SESSION_ENDED = UNAUTHORIZED "session-ended", "The session has ended",
        "It was logged out, ended from elsewhere, or expired. Log in again.";
    API_KEY_INVALID = UNAUTHORIZED "api-key-invalid", "The API key is not valid",
        "It was not made here, or was changed on the way.";
    API_KEY_REVOKED = UNAUTHORIZED "api-key-revoked", "The API key was revoked",
        "Make another at `/api/me/api-keys`.";
    API_KEY_EXPIRED = UNAUTHORIZED "api-key-expired", "The API key has expired",
        "Make another at `/api/me/api-keys`.";
    API_KEY_DORMANT = UNAUTHORIZED "api-key-dormant", "The API key sleeps",
        "The detail says why. While the account is suspended or is to be erased, the key counts again when its person may sign in again; after a reset of the password its person confirms it at `/api/me/api-keys/{id}/confirm`. A service's key waits in the same way for whoever answers for it, or for an owner who takes it over at `/api/admin/service-keys/{id}/take-over`.";
    LOGIN_FAILED = UNAUTHORIZED "login-failed", "The login was refused",
        "The account or the password is wrong; which of them is not told.";
    REFRESH_REFUSED = UNAUTHORIZED "refresh-refused", "The refresh token does not count",
        "It is unknown, spent or expired, or its session has ended. Log in again.";
    INSUFFICIENT_CREDITS = PAYMENT_REQUIRED "insufficient-credits", "There are not enough credits for this",
        "`GET /api/users/wallet` tells how many there are; more are granted every month.";
    FORBIDDEN = FORBIDDEN "forbidden", "You may not do this",
        "The account's role does not allow it.";
    HTTPS_ONLY = FORBIDDEN "https-only", "This is answered over HTTPS only",
        "Ask again over HTTPS. What was sent in clear may have been read on the way: change the password or token that was in it.";
    CSRF_REFUSED = FORBIDDEN "csrf-refused", "Another site's page may have asked for this",
        "With a session cookie every change needs `X-CSRF-Token`: the `csrf_token` of the login, or of `GET /api/auth/csrf`.";
    ACCESS_TOKEN_NEEDED = FORBIDDEN "access-token-needed", "A session cookie alone is not enough for this",
        "`POST /api/auth/refresh` with the cookie, `X-CSRF-Token` and no body gives an access token: send it as `Authorization: Bearer`.";
    PROOF_NEEDED = FORBIDDEN "proof-needed", "Prove first that this is worth some work",
        "Find a number so that the SHA-256 of `challenge.token`, a full stop and the number begins with `challenge.difficulty` zero bits, and ask again with that text in `Annals-Proof`.";
    BOT_REFUSED = FORBIDDEN "bot-refused", "This looks like the work of a program",
        "A field of the form that is to stay empty was filled in. Leave out `fax_number`.";
    STAFF_ONLY = FORBIDDEN "staff-only", "Only staff may do this",
        "It needs the role admin or owner.";
    CONTACT_UNVERIFIED = FORBIDDEN "contact-unverified", "The account's contact is not verified yet",
        "Send the code from the e-mail to `/api/auth/verify`; `/api/auth/resend-code` sends another.";
    OWNER_ONLY = FORBIDDEN "owner-only", "Only an owner may do this",
        "An admin acts on accounts that are not staff, makes nobody staff, and makes no keys of services.";
    OWN_STANDING = FORBIDDEN "own-standing", "Nobody changes their own role or status",
        "Another member of staff does; for an owner, another owner.";
    OWN_AWARD = FORBIDDEN "own-award", "Nobody gives a badge to themselves",
        "Another member of staff gives it, and another takes it away.";
    SESSION_REQUIRED = FORBIDDEN "session-required", "This is not for API keys",
        "Log in, and send the session's access token.";
    SCOPE_MISSING = FORBIDDEN "scope-missing", "The API key's scopes do not allow this",
        "The detail names the scope. A key's scopes never change: make another.";
    OWN_LEDGER = FORBIDDEN "own-ledger", "Nobody adjusts their own ledger",
        "Another member of staff does.";
    API_KEY_REQUIRED = FORBIDDEN "api-key-required", "This is for API keys",
        "It tells a key what it is; `/api/auth/session/check` does so for a session.";
    ACCOUNT_SUSPENDED = FORBIDDEN "account-suspended", "The account is suspended",
        "The detail says until when, if it ends by itself. Staff can reinstate it.";
    PASSWORD_WRONG = FORBIDDEN "password-wrong", "The current password is wrong",
        "Changing how an account is reached or entered asks for its current password.";
    PASSWORD_NEEDED = FORBIDDEN "password-needed", "This asks for the password once more",
        "Send `current_password` in the body, or log in again and ask within five minutes (`ANNALS_FRESH_LOGIN`). An account without a password logs in again.";
    FOLLOWS_DECLINED = FORBIDDEN "follows-declined", "This person accepts no followers",
        "It is their choice; those who follow already stay.";
    STAFF_NOT_BLOCKABLE = FORBIDDEN "staff-not-blockable", "Staff can not be blocked",
        "Mute them, or report them to an owner.";
    DELETION_REQUESTED = FORBIDDEN "deletion-requested", "This account is to be erased",
        "Log in with `\"cancel_deletion\": true` to keep it.";
    LIST_PRIVATE = FORBIDDEN "list-private", "This list is not shown to you",
        "A private profile's lists are for its owner and accepted followers; requests are for their addressee.";
    NOT_FOUND = NOT_FOUND "not-found", "There is no such resource",
        "Nothing answers here, or it is not yours to see. `/api/openapi.json` lists every path.";
    ACCOUNT_NOT_FOUND = NOT_FOUND "account-not-found", "There is no such account",
        "It was never registered, or was erased.";
    SESSION_NOT_FOUND = NOT_FOUND "session-not-found", "There is no such session",
        "It does not exist or is not yours.";
    PROFILE_NOT_FOUND = NOT_FOUND "profile-not-found", "There is no such profile",
        "It comes with the registration.";
    ERASURE_NOT_FOUND = NOT_FOUND "erasure-not-found", "Nobody asked for this deletion",
        "There is a certificate only for who was erased.";
    FOLLOW_NOT_FOUND = NOT_FOUND "follow-not-found", "There is no such follow",
        "It does not exist or is not yours.";
    BLOCK_NOT_FOUND = NOT_FOUND "block-not-found", "There is no such block",
        "It does not exist or is not yours.";
    MUTE_NOT_FOUND = NOT_FOUND "mute-not-found", "There is no such mute",
        "It does not exist or is not yours.";
    API_KEY_NOT_FOUND = NOT_FOUND "api-key-not-found", "There is no such API key",
        "It does not exist or is not yours.";
    BADGE_NOT_FOUND = NOT_FOUND "badge-not-found", "There is no such badge",
        "It is named by its id, its slug or its name.";
    AWARD_NOT_FOUND = NOT_FOUND "award-not-found", "There is no such award",
        "This person does not have this badge.";
    NOTIFICATION_NOT_FOUND = NOT_FOUND "notification-not-found", "There is no such notification",
        "It does not exist or is not yours, or what it told of was taken back.";
    SKILL_NOT_FOUND = NOT_FOUND "skill-not-found", "There is no such skill",
        "It does not exist, was removed or is not yours.";
    HOLD_NOT_FOUND = NOT_FOUND "hold-not-found", "There is no such hold",
        "It was never made, or was closed more than 30 days ago.";
    METHOD_NOT_ALLOWED = METHOD_NOT_ALLOWED "method-not-allowed", "This method is not offered here",
        "The `Allow` header lists those that are.";
    REQUEST_TIMEOUT = REQUEST_TIMEOUT "request-timeout", "The request took too long to arrive",
        "Send it again; with an `Idempotency-Key` a command happens once.";
    CONFLICT = CONFLICT "conflict", "Somebody else changed this at the same time",
        "Read it again, and decide again.";
    USERNAME_TAKEN = CONFLICT "username-taken", "This username is taken",
        "Choose another; letter case makes no difference.";
    EMAIL_TAKEN = CONFLICT "email-taken", "This e-mail address is taken",
        "Another account has verified it.";
    PHONE_TAKEN = CONFLICT "phone-taken", "This phone number is taken",
        "Another account has verified it.";
    BADGE_NAME_TAKEN = CONFLICT "badge-name-taken", "The name of this badge is taken",
        "Letter case and spaces make no difference, and the names of retired badges stay taken.";
    BADGE_NOT_OFFERED = CONFLICT "badge-not-offered", "Nobody can get this badge now",
        "It is not active, or this is not the time for it; the detail says which.";
    AWARD_REVOKED = CONFLICT "award-revoked", "Staff have taken this badge away",
        "It stays away until staff give it back.";
    SHOWCASE_FULL = CONFLICT "showcase-full", "There are as many featured badges as there may be",
        "Take one out of the showcase first: it has room for six.";
    ALREADY_TAKEN = CONFLICT "already-taken", "This value is taken",
        "It must be unique, and another holds it.";
    ALREADY_DONE = CONFLICT "already-done", "This has already happened",
        "The detail says what; nothing was changed.";
    OWNER_STAYS = CONFLICT "owner-stays", "An owner's account is not deleted",
        "It is given another role first.";
    INSUFFICIENT_FUNDS = CONFLICT "insufficient-funds", "There is not enough on the account",
        "The wallet tells what can be spent; what is set aside can not.";
    ACCOUNT_FULL = CONFLICT "account-full", "The account can not receive so much",
        "Over its lifetime an account receives at most 1000000000000.";
    ENTRY_REUSED = CONFLICT "entry-reused", "This entry was made already, and said something else",
        "Give a new entry an id of its own.";
    REVOCATION_TOO_LARGE = CONFLICT "revocation-too-large", "No more is taken back than was granted",
        "Take back what was granted.";
    TOO_MANY_HOLDS = CONFLICT "too-many-holds", "There are as many holds as there may be",
        "At most 100 are open at once: wait until something that is under way has ended.";
    HOLD_CLOSED = CONFLICT "hold-closed", "This hold was captured or refunded already",
        "Nothing was changed.";
    CAPTURE_TOO_LARGE = CONFLICT "capture-too-large", "No more is captured than is held",
        "Capture at most what was reserved, on the same account.";
    BLOCKED_BY_YOU = CONFLICT "blocked-by-you", "You have blocked this person",
        "Delete the block first.";
    FOLLOW_NOT_PENDING = CONFLICT "follow-not-pending", "This request to follow does not wait for an answer",
        "It was answered or taken back; a follower is removed by deleting the follow.";
    API_KEY_OVER = CONFLICT "api-key-over", "This API key was revoked",
        "A revoked key stays as it is.";
    TOO_MANY_API_KEYS = CONFLICT "too-many-api-keys", "There are as many API keys as there may be",
        "Revoke one first: there are at most 20 for a person, and for a service.";
    TOO_MANY_SKILLS = CONFLICT "too-many-skills", "There are as many skills as there may be",
        "Remove one first: a person has at most 200.";
    NAME_IN_USE = CONFLICT "name-in-use", "You use this name already",
        "Choose another, or change the one that has it; letter case and spaces make no difference.";
    NO_PASSWORD = CONFLICT "no-password", "This account has no password",
        "It is entered in another way; set a first password by a reset.";
    SECRET_SHOWN_ONCE = CONFLICT "secret-shown-once", "This was done, and its reply is shown once only",
        "The command with this `Idempotency-Key` succeeded earlier. Its tokens are not kept: log in to get new ones, or revoke the API key and make another.";
    PRECONDITION_FAILED = PRECONDITION_FAILED "precondition-failed", "The resource has changed since it was read",
        "Read it again, and send its new `ETag` in `If-Match`.";
    BODY_TOO_LARGE = PAYLOAD_TOO_LARGE "body-too-large", "The body is too large",
        "The detail says how large it may be.";
    UNSUPPORTED_MEDIA_TYPE = UNSUPPORTED_MEDIA_TYPE "unsupported-media-type", "The body is not declared as JSON",
        "Send `Content-Type: application/json`, in UTF-8.";
    MISDIRECTED = MISDIRECTED_REQUEST "misdirected-request", "This is not a host of this API",
        "Ask for it by a name that its operator has listed.";
    VALIDATION_FAILED = UNPROCESSABLE_ENTITY "validation-failed", "The request does not hold what it should",
        "`errors` says what is wrong where.";
    SELF_FOLLOW = UNPROCESSABLE_ENTITY "self-follow", "Nobody follows themselves",
        "Name another person.";
    SELF_BLOCK = UNPROCESSABLE_ENTITY "self-block", "Nobody blocks themselves",
        "Name another person.";
    SELF_MUTE = UNPROCESSABLE_ENTITY "self-mute", "Nobody mutes themselves",
        "Name another person.";
    METHOD_DISABLED = UNPROCESSABLE_ENTITY "method-disabled", "This way of proving identity is not offered",
        "This deployment takes passwords; leave out `verification_token`.";
    CODE_REFUSED = UNPROCESSABLE_ENTITY "code-refused", "The code or token does not count",
        "It is wrong, used, expired, or a newer one was asked for. Ask for another.";
    REFUSED = UNPROCESSABLE_ENTITY "refused", "The request was refused",
        "The detail says why.";
    IDEMPOTENCY_MISMATCH = UNPROCESSABLE_ENTITY "idempotency-mismatch", "This Idempotency-Key was used for another request",
        "A key belongs to one method, path and body. Make a new key for a new command.";
    TOO_SOON = TOO_MANY_REQUESTS "too-soon", "This was asked for a moment ago",
        "Wait for as many seconds as `Retry-After` says.";
    TOO_MANY_REQUESTS = TOO_MANY_REQUESTS "too-many-requests", "Too many requests",
        "Wait for as many seconds as `Retry-After` says.";
    HEAD_TOO_LARGE = REQUEST_HEADER_FIELDS_TOO_LARGE "head-too-large", "The request's head is too large",
        "Send a shorter path, fewer or shorter headers, fewer cookies.";
    INTERNAL = INTERNAL_SERVER_ERROR "internal", "Something went wrong here",
        "It was logged under the `request_id`; say it when you report this.";
    BUSY = SERVICE_UNAVAILABLE "busy", "Too much is going on at the moment",
        "Nothing happened; try again after as many seconds as `Retry-After` says.";
    UNAVAILABLE = SERVICE_UNAVAILABLE "unavailable", "The service cannot answer at the moment",
        "Try again after as many seconds as `Retry-After` says; with an `Idempotency-Key` a command happens once.";
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
