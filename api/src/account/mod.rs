//! Account endpoints: registration, login, sessions, API keys, and the administration of accounts by staff.

pub mod accounts;
pub mod api_keys;
pub mod correct_email;
pub mod csrf_token;
pub mod deletion;
pub mod email_change;
pub mod form_token;
pub mod introspect;
pub mod issue;
pub mod jwks;
pub mod login;
pub mod logout;
pub mod me;
pub mod password;
pub mod password_form;
pub mod proof_body;
pub mod refresh;
pub mod register;
pub mod service_keys;
pub mod session_check;
pub mod sessions;
pub mod standing;
pub mod user_acts;
pub mod users;
pub mod verify;
pub mod views;

crate::acts::acts! {
    // method "id" "path" who key effect handler: see `crate::acts`.
    POST "register"              "/api/auth/register"              Anyone   Open               Changes  register::register,
        form Register, also ["/api/accounts/register"];
    POST "register_professional" "/api/auth/register/professional" Anyone   Open               Changes  register::register_professional,
        form Register;
    POST "register_with_tokens"  "/api/auth/jwt/register"          Anyone   Open               Changes  register::register_with_tokens,
        form Register;
    POST "verify_contact"        "/api/auth/verify"                Anyone   Open               Changes  verify::verify_contact;
    POST "resend_code"           "/api/auth/resend-code"           Anyone   Open               Changes  verify::resend_code;
    POST "correct_email"         "/api/auth/correct-email"         Anyone   Open               Changes  correct_email::correct_email;
    POST "stop_email_change"     "/api/auth/stop-email-change"     Anyone   Open               Changes  email_change::stop_email_change;
    POST "login"                 "/api/auth/login"                 Anyone   Open               Changes  login::login,
        form Login, also ["/api/accounts/login", "/api/auth/jwt/login", "/api/sessions"];
    POST "refresh"               "/api/auth/refresh"               Anyone   Open               Changes  refresh::refresh,
        also ["/api/auth/jwt/refresh"];
    POST "verify_token"          "/api/auth/jwt/verify"            Anyone   Open               Asks     introspect::verify_token;
    GET "form_token"             "/api/auth/form"                  Anyone   Open               Reads    form_token::hand_out;
    GET "csrf_token"             "/api/auth/csrf"                  Polled   Never              Reads    csrf_token::find;
    GET "check_session"          "/api/auth/session/check"         Polled   Never              Reads    session_check::check;
    POST "refresh_session"       "/api/auth/session/refresh"       SignedIn Never              Asks     session_check::refresh;
    POST "logout"                "/api/auth/logout"                SignedIn Never              Changes  logout::logout,
        also ["/api/accounts/logout", "/api/auth/jwt/logout"];
    POST "forgot_password"       "/api/auth/forgot-password"       Anyone   Open               Changes  password::forgot_password,
        form Reset;
    POST "reset_password"        "/api/auth/reset-password"        Anyone   Open               Changes  password::reset_password;
    POST "password_reset"        "/api/accounts/password_reset"    Anyone   Open               Changes  password::password_reset,
        form Reset;
    POST "change_password"       "/api/auth/password/change"       VerifiedByToken Never              Changes  password::change_password;
    GET "me"                     "/api/me"                         SignedIn Scope(AccountRead) Reads    me::me,
        also ["/api/auth/me", "/api/auth/user", "/api/auth/jwt/user-info"];
    PUT "update_me"              "/api/me"                         Verified Never              Compares me::update_me;
    DELETE "delete_own_account"  "/api/me"                         ByToken  Never              Changes  deletion::delete_own;
    POST "request_own_deletion"  "/api/me/deletion"                ByToken  Never              Changes  deletion::request_own_deletion;
    DELETE "delete_user"         "/api/users/{id}"                 ByToken  Never              Changes  deletion::delete_user,
        also ["/api/admin/users/{id}"];
    GET "own_key"                "/api/auth/key"                   SignedIn Any                Reads    api_keys::own_key;
    GET "list_api_keys"          "/api/me/api-keys"                SignedIn Never              Reads    api_keys::list_api_keys;
    POST "create_api_key"        "/api/me/api-keys"                VerifiedByToken Never              Changes  api_keys::create_api_key;
    GET "find_api_key"           "/api/me/api-keys/{id}"           SignedIn Never              Reads    api_keys::find_api_key;
    PATCH "rename_api_key"       "/api/me/api-keys/{id}"           Verified Never              Changes  api_keys::rename_api_key;
    POST "confirm_api_key"       "/api/me/api-keys/{id}/confirm"   VerifiedByToken Never              Changes  api_keys::confirm_api_key;
    POST "confirm_api_keys"      "/api/me/api-keys/confirm"        VerifiedByToken Never              Changes  api_keys::confirm_api_keys;
    DELETE "revoke_api_key"      "/api/me/api-keys/{id}"           SignedIn Never              Changes  api_keys::revoke_api_key;
    GET "list_service_keys"      "/api/admin/service-keys"         Staff    Never              Reads    service_keys::list_service_keys;
    POST "create_service_key"    "/api/admin/service-keys"         Staff    Never              Changes  service_keys::create_service_key;
    GET "find_service_key"       "/api/admin/service-keys/{id}"    Staff    Never              Reads    service_keys::find_service_key;
    DELETE "revoke_service_key"  "/api/admin/service-keys/{id}"    Staff    Never              Changes  service_keys::revoke_service_key;
    POST "take_over_service_key" "/api/admin/service-keys/{id}/take-over" Staff    Never              Changes  service_keys::take_over_service_key;
    GET "list_sessions"          "/api/sessions"                   SignedIn Never              Reads    sessions::list_sessions;
    DELETE "end_other_sessions"  "/api/sessions"                   ByToken  Never              Changes  sessions::end_other_sessions;
    POST "end_other_sessions_by_post" "/api/sessions/end-others"        ByToken  Never              Changes  sessions::end_other_sessions_by_post;
    GET "find_session"           "/api/sessions/{id}"              SignedIn Never              Reads    sessions::find_session;
    DELETE "end_session"         "/api/sessions/{id}"              SignedIn Never              Changes  sessions::end_session;
    POST "end_session_by_post"   "/api/sessions/{id}/end"          SignedIn Never              Changes  sessions::end_session_by_post;
    GET "list_users"             "/api/users"                      Verified Scope(SocialRead)  Reads    users::list_users;
    GET "find_user"              "/api/users/{id}"                 SignedIn Scope(SocialRead)  Reads    users::find_user;
    GET "list_accounts"          "/api/admin/users"                Staff    Scope(UsersRead)   Reads    users::list_accounts;
    GET "find_account"           "/api/admin/users/{id}"           Staff    Scope(UsersRead)   Reads    users::find_account;
    POST "invite_user"           "/api/users"                      Staff    Never              Changes  accounts::invite_user;
    PUT "replace_user" |
    PATCH "change_user"          "/api/users/{id}"                 Verified Never              Compares accounts::change_user;
    PUT "administer_user"        "/api/admin/users/{id}"           Staff    Never              Compares accounts::administer_user;
    POST "suspend_user"          "/api/admin/users/{id}/suspend"   Staff    Never              Compares user_acts::suspend_user;
    POST "reinstate_user"        "/api/admin/users/{id}/reinstate" Staff    Never              Compares user_acts::reinstate_user;
    POST "invite_again"          "/api/admin/users/{id}/invite"    Staff    Never              Changes  user_acts::invite_again;
    POST "change_role"           "/api/admin/users/{id}/role"      Staff    Never              Compares user_acts::change_role;
    POST "end_sessions_of"       "/api/admin/users/{id}/end-sessions" Staff    Never              Changes  user_acts::end_sessions_of;
    GET "list_sessions_of"       "/api/admin/users/{id}/sessions"  Staff    Never              Reads    user_acts::list_sessions_of;
    DELETE "delete_sessions_of"  "/api/admin/users/{id}/sessions"  Staff    Never              Changes  user_acts::delete_sessions_of;
    POST "cancel_deletion"       "/api/admin/users/{id}/cancel-deletion" Staff    Never              Changes  deletion::cancel_deletion;
    GET "list_erasures"          "/api/admin/erasures"             Staff    Never              Reads    deletion::list_erasures;
    GET "find_erasure"           "/api/admin/erasures/{id}"        Staff    Never              Reads    deletion::find_erasure;
    GET "token_keys"             "/.well-known/jwks.json"          Anyone   Open               Serves   jwks::keys;
}
