//! The route table: every act once, with every path that it answers at and who may do it.
//!
//! To add an endpoint: write its handler in `endpoints/`, add its row here, bless `docs/openapi.json`.
//! Each path also answers with a trailing slash and below `/api/v1` (see [`crate::normalize`]).

use crate::{
    App, access::Access, account::accounts, account::api_keys, account::correct_email, account::csrf_token,
    account::deletion, account::email_change, account::form_token, account::introspect, account::jwks,
    account::login, account::logout, account::me, account::password, account::refresh, account::register,
    account::service_keys, account::session_check, account::sessions, account::user_acts, account::users,
    account::verify, audit::event_stream, audit::events, audit::history, badges::badge_boards,
    badges::badge_progress, badges::definitions, badges::public_badges, badges::user_badges, bots,
    deeds::activities, edge, etag, guard, notices::notifications, openapi, operations::docs,
    operations::health, operations::problems, operations::schedules, people::locations, people::profile,
    people::profiles, people::settings, social::blocks, social::follow_lists, social::follows, social::mutes,
    wallet::ledger,
};
use axum::{
    Router,
    http::Method,
    middleware::{from_fn, from_fn_with_state},
};
use tower::ServiceBuilder;
use utoipa_axum::{
    router::{UtoipaMethodRouter, UtoipaMethodRouterExt},
    routes,
};

/// One thing that can be done, and where.
pub struct Act {
    pub method: Method,
    pub path: &'static str,
    /// Unique; also the operation id of the canonical path.
    pub id: &'static str,
    pub access: Access,
    /// Other spellings of the path: same handler, same access, same schema.
    pub aliases: &'static [&'static str],
    /// Schemas, documentation and handler; its own path is not looked at.
    pub handler: UtoipaMethodRouter<App>,
}

impl Act {
    /// The canonical path first.
    pub fn paths(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.path).chain(self.aliases.iter().copied())
    }
}

macro_rules! table {
    ($($method:ident $path:literal $id:literal $access:ident $handler:path, [$($alias:literal),*];)*) => {
        /// Every act, in the order of the documentation.
        pub fn table() -> Vec<Act> {
            vec![$(Act {
                method: Method::$method,
                path: $path,
                id: $id,
                access: Access::$access,
                aliases: &[$($alias),*],
                handler: routes!($handler),
            }),*]
        }
    };
}

table! {
    POST   "/api/auth/register"         "register"             Anyone   register::register,       ["/api/accounts/register"];
    POST   "/api/auth/register/professional" "register_professional" Anyone register::register_professional, [];
    POST   "/api/auth/jwt/register"     "register_with_tokens" Anyone   register::register_with_tokens, [];
    POST   "/api/auth/verify"           "verify_contact"       Anyone   verify::verify_contact,   [];
    POST   "/api/auth/resend-code"      "resend_code"          Anyone   verify::resend_code,      [];
    POST   "/api/auth/correct-email"    "correct_email"        Anyone   correct_email::correct_email, [];
    POST   "/api/auth/stop-email-change" "stop_email_change"   Anyone   email_change::stop_email_change, [];
    POST   "/api/auth/login"            "login"                Anyone   login::login,             ["/api/accounts/login", "/api/auth/jwt/login", "/api/sessions"];
    POST   "/api/auth/refresh"          "refresh"              Anyone   refresh::refresh,         ["/api/auth/jwt/refresh"];
    POST   "/api/auth/jwt/verify"       "verify_token"         Anyone   introspect::verify_token, [];
    GET    "/api/auth/form"             "form_token"           Anyone   form_token::hand_out,     [];
    GET    "/api/auth/csrf"             "csrf_token"           Polled   csrf_token::find,         [];
    GET    "/api/auth/session/check"    "check_session"        Polled   session_check::check,     [];
    POST   "/api/auth/session/refresh"  "refresh_session"      SignedIn session_check::refresh,   [];
    POST   "/api/auth/logout"           "logout"               SignedIn logout::logout,           ["/api/accounts/logout", "/api/auth/jwt/logout"];
    POST   "/api/auth/forgot-password"  "forgot_password"      Anyone   password::forgot_password, [];
    POST   "/api/auth/reset-password"   "reset_password"       Anyone   password::reset_password, [];
    POST   "/api/accounts/password_reset" "password_reset"     Anyone   password::password_reset, [];
    POST   "/api/auth/password/change"  "change_password"      VerifiedByToken password::change_password, [];
    GET    "/api/me"                    "me"                   SignedIn me::me,                   ["/api/auth/me", "/api/auth/user", "/api/auth/jwt/user-info"];
    PUT    "/api/me"                    "update_me"            Verified me::update_me,            [];
    DELETE "/api/me"                    "delete_own_account"   ByToken  deletion::delete_own,     [];
    POST   "/api/me/deletion"           "request_own_deletion" ByToken  deletion::request_own_deletion, [];
    DELETE "/api/users/{id}"            "delete_user"          ByToken  deletion::delete_user,    ["/api/admin/users/{id}"];
    GET    "/api/auth/key"              "own_key"              SignedIn api_keys::own_key,       [];
    GET    "/api/me/api-keys"           "list_api_keys"        SignedIn api_keys::list_api_keys, [];
    POST   "/api/me/api-keys"           "create_api_key"       VerifiedByToken api_keys::create_api_key, [];
    GET    "/api/me/api-keys/{id}"      "find_api_key"         SignedIn api_keys::find_api_key,  [];
    PATCH  "/api/me/api-keys/{id}"      "rename_api_key"       Verified api_keys::rename_api_key, [];
    POST   "/api/me/api-keys/{id}/confirm" "confirm_api_key"   VerifiedByToken api_keys::confirm_api_key, [];
    POST   "/api/me/api-keys/confirm"   "confirm_api_keys"     VerifiedByToken api_keys::confirm_api_keys, [];
    DELETE "/api/me/api-keys/{id}"      "revoke_api_key"       SignedIn api_keys::revoke_api_key, [];
    GET    "/api/admin/service-keys"    "list_service_keys"    Staff    service_keys::list_service_keys, [];
    POST   "/api/admin/service-keys"    "create_service_key"   Staff    service_keys::create_service_key, [];
    GET    "/api/admin/service-keys/{id}" "find_service_key"   Staff    service_keys::find_service_key, [];
    DELETE "/api/admin/service-keys/{id}" "revoke_service_key" Staff    service_keys::revoke_service_key, [];
    POST   "/api/admin/service-keys/{id}/take-over" "take_over_service_key" Staff service_keys::take_over_service_key, [];
    GET    "/api/sessions"              "list_sessions"        SignedIn sessions::list_sessions,  [];
    DELETE "/api/sessions"              "end_other_sessions"   ByToken  sessions::end_other_sessions, [];
    POST   "/api/sessions/end-others"   "end_other_sessions_by_post" ByToken sessions::end_other_sessions_by_post, [];
    GET    "/api/sessions/{id}"         "find_session"         SignedIn sessions::find_session,   [];
    DELETE "/api/sessions/{id}"         "end_session"          SignedIn sessions::end_session,    [];
    POST   "/api/sessions/{id}/end"     "end_session_by_post"  SignedIn sessions::end_session_by_post, [];
    GET    "/api/users/profile"         "own_profile"          SignedIn profile::own_profile,     ["/api/accounts/profile"];
    PUT    "/api/users/profile"         "replace_profile"      SignedIn profile::replace_profile, ["/api/accounts/profile"];
    PATCH  "/api/users/profile"         "change_profile"       SignedIn profile::change_profile,  ["/api/accounts/profile"];
    GET    "/api/profiles"              "list_profiles"        Verified profiles::list_profiles, [];
    POST   "/api/profiles"              "create_profile"       SignedIn profiles::create_profile, [];
    GET    "/api/profiles/{id}"         "find_profile"         SignedIn profiles::find_profile,   [];
    PUT    "/api/profiles/{id}"         "replace_profile_of"   SignedIn profiles::replace_profile, [];
    PATCH  "/api/profiles/{id}"         "change_profile_of"    SignedIn profiles::change_profile, [];
    DELETE "/api/profiles/{id}"         "reset_profile"        SignedIn profiles::reset_profile,  [];
    GET    "/api/users"                 "list_users"           Verified users::list_users,        [];
    GET    "/api/users/{id}"            "find_user"            SignedIn users::find_user,         [];
    GET    "/api/admin/users"           "list_accounts"        Staff    users::list_accounts,     [];
    GET    "/api/admin/users/{id}"      "find_account"         Staff    users::find_account,      [];
    GET    "/api/locations/countries"   "list_countries"       Anyone   locations::list_countries, [];
    GET    "/api/locations/cities"      "list_cities"          Anyone   locations::list_cities,   [];
    GET    "/api/settings"              "own_settings"         SignedIn settings::own_settings,   [];
    PUT    "/api/settings"              "replace_settings"     SignedIn settings::replace_settings, [];
    PATCH  "/api/settings"              "change_settings"      SignedIn settings::change_settings, [];
    GET    "/api/follows"               "list_follows"         SignedIn follow_lists::list_follows, [];
    POST   "/api/follows"               "follow"               Verified follows::follow,          [];
    GET    "/api/follows/{id}"          "find_follow"          SignedIn follows::find_follow,     [];
    DELETE "/api/follows/{id}"          "end_follow"           Verified follows::end_follow,      [];
    POST   "/api/follows/{id}/approve"  "approve_follow"       Verified follows::approve_follow,  [];
    POST   "/api/follows/{id}/reject"   "reject_follow"        Verified follows::reject_follow,   [];
    GET    "/api/blocks"                "list_blocks"          SignedIn blocks::list_blocks,      [];
    POST   "/api/blocks"                "block"                Verified blocks::block,            [];
    DELETE "/api/blocks/{id}"           "unblock"              Verified blocks::unblock,          [];
    GET    "/api/mutes"                 "list_mutes"           SignedIn mutes::list_mutes,        [];
    POST   "/api/mutes"                 "mute"                 Verified mutes::mute,              [];
    DELETE "/api/mutes/{id}"            "unmute"               Verified mutes::unmute,            [];
    GET    "/api/badges"                "list_badges"          SignedIn definitions::list_badges,      [];
    POST   "/api/badges"                "define_badge"         Staff    definitions::define_badge,     [];
    GET    "/api/badges/criteria-schema" "criteria_schema"     Anyone   definitions::criteria_schema,  [];
    GET    "/api/badges/leaderboard"    "badge_leaderboard"    Verified badge_boards::leaderboard, [];
    GET    "/api/badges/analytics"      "badge_analytics"      Staff    badge_boards::analytics,  [];
    GET    "/api/badges/{id}"           "find_badge"           SignedIn definitions::find_badge,       [];
    PUT    "/api/badges/{id}"           "replace_badge"        Staff    definitions::replace_badge,    [];
    PATCH  "/api/badges/{id}"           "change_badge"         Staff    definitions::change_badge,     [];
    DELETE "/api/badges/{id}"           "retire_badge"         Staff    definitions::retire_badge,     [];
    GET    "/api/user-badges"           "list_user_badges"     SignedIn user_badges::list_user_badges, [];
    POST   "/api/user-badges"           "award_badge"          VerifiedByToken user_badges::award_badge, [];
    GET    "/api/user-badges/{id}"      "find_user_badge"      SignedIn user_badges::find_user_badge, [];
    PUT    "/api/user-badges/{id}"      "replace_user_badge"   Verified user_badges::replace_user_badge, [];
    PATCH  "/api/user-badges/{id}"      "change_user_badge"    Verified user_badges::change_user_badge, [];
    DELETE "/api/user-badges/{id}"      "revoke_user_badge"    Staff    user_badges::revoke_user_badge, [];
    POST   "/api/user-badges/{id}/lift" "lift_revocation"      Staff    user_badges::lift_revocation, [];
    GET    "/api/public/badges/{id}"    "find_public_badge"    Anyone   public_badges::find_public_badge, [];
    GET    "/api/public/badges/{id}/card.svg" "find_badge_card" Anyone  public_badges::find_badge_card, [];
    POST   "/api/users"                 "invite_user"          Staff    accounts::invite_user, [];
    PUT    "/api/users/{id}"            "replace_user"         Verified accounts::replace_user, [];
    PATCH  "/api/users/{id}"            "change_user"          Verified accounts::change_user, [];
    PUT    "/api/admin/users/{id}"      "administer_user"      Staff    accounts::administer_user, [];
    POST   "/api/admin/users/{id}/suspend" "suspend_user"      Staff    user_acts::suspend_user,  [];
    POST   "/api/admin/users/{id}/reinstate" "reinstate_user"  Staff    user_acts::reinstate_user, [];
    POST   "/api/admin/users/{id}/invite" "invite_again"       Staff    user_acts::invite_again,  [];
    POST   "/api/admin/users/{id}/role" "change_role"          Staff    user_acts::change_role,   [];
    POST   "/api/admin/users/{id}/end-sessions" "end_sessions_of" Staff user_acts::end_sessions_of, [];
    GET    "/api/admin/users/{id}/sessions" "list_sessions_of" Staff    user_acts::list_sessions_of, [];
    DELETE "/api/admin/users/{id}/sessions" "delete_sessions_of" Staff  user_acts::delete_sessions_of, [];
    GET    "/api/users/wallet"          "own_wallet"           SignedIn ledger::own_wallet,      [];
    GET    "/api/users/wallet/entries"  "list_wallet_entries"  SignedIn ledger::list_entries,    [];
    GET    "/api/admin/users/{id}/wallet" "find_wallet"        Staff    ledger::find_wallet,     [];
    GET    "/api/admin/users/{id}/wallet/entries" "list_wallet_entries_of" Staff ledger::list_entries_of, [];
    POST   "/api/admin/users/{id}/wallet/adjustments" "adjust_wallet" Staff ledger::adjust_wallet, [];
    GET    "/api/me/notifications"      "list_notifications"   SignedIn notifications::list_notifications, ["/api/notifications"];
    GET    "/api/me/notifications/{id}" "find_notification"    SignedIn notifications::find_notification, ["/api/notifications/{id}"];
    POST   "/api/me/notifications/{id}/read" "read_notification" SignedIn notifications::read_notification, ["/api/notifications/{id}/read"];
    POST   "/api/me/notifications/read" "read_notifications"   SignedIn notifications::read_notifications, ["/api/notifications/read"];
    GET    "/api/events"                "list_user_events"     SignedIn events::list_user_events, [];
    POST   "/api/events"                "record_activity"      Verified activities::record_activity, [];
    POST   "/api/events/batch"          "record_activities"    Verified activities::record_activities, [];
    GET    "/api/users/{id}/badge-progress" "find_badge_progress" SignedIn badge_progress::find_badge_progress, [];
    GET    "/api/user-badges/{id}/evidence" "find_evidence"    SignedIn badge_progress::find_evidence, [];
    POST   "/api/badges/preview"        "preview_badge"        Staff    badge_progress::preview_badge, [];
    GET    "/api/events/stream"         "follow_events"        Polled   event_stream::follow_events, [];
    GET    "/api/admin/audit"           "list_audit"           Staff    history::list_audit,        [];
    GET    "/api/audit/events"          "list_events"          Staff    history::list_events,       [];
    GET    "/api/admin/schedules"       "list_schedules"       Staff    schedules::list_schedules, ["/admin/django_celery_beat"];
    GET    "/api/admin/schedules/{name}" "find_schedule"       Staff    schedules::find_schedule, [];
    PATCH  "/api/admin/schedules/{name}" "change_schedule"     Staff    schedules::change_schedule, [];
    POST   "/api/admin/schedules/{name}/run" "run_schedule"    Staff    schedules::run_schedule,  [];
    POST   "/api/admin/users/{id}/cancel-deletion" "cancel_deletion" Staff deletion::cancel_deletion, [];
    GET    "/api/admin/erasures"        "list_erasures"        Staff    deletion::list_erasures,  [];
    GET    "/api/admin/erasures/{id}"   "find_erasure"         Staff    deletion::find_erasure,   [];
    GET    "/.well-known/jwks.json"     "token_keys"           Anyone   jwks::keys,               [];
    GET    "/problems/{slug}"           "find_problem"         Anyone   problems::find_problem,   [];
    GET    "/api/openapi.json"          "openapi"              Anyone   docs::document,           [];
    GET    "/api/asyncapi.json"         "asyncapi"             Anyone   docs::messages,           [];
    GET    "/health/live"               "live"                 Anyone   health::live,             [];
    GET    "/health/ready"              "ready"                Anyone   health::ready,            [];
    GET    "/metrics"                   "metrics"              Anyone   health::metrics,          [];
}

/// The routes of the table and the documentation's pages, with everything that stands around them.
pub fn router(app: App) -> Router {
    let mut router = openapi::described();
    for act in table() {
        let versionless = !act.method.is_safe() && !etag::compares(act.id);
        let watched = bots::attracts(act.id);
        // As one layer, for the reason of `edge::around`.
        let layers = ServiceBuilder::new()
            .layer(from_fn_with_state((app.clone(), act.access, act.id), guard::guard))
            .option_layer(versionless.then(|| from_fn(etag::without_version)))
            .layer(from_fn_with_state(app.edge().clone(), edge::read_body))
            .option_layer(watched.map(|form| from_fn_with_state((app.clone(), act.id, form), bots::watch)));
        for path in act.paths() {
            let (schemas, paths, handler) = act.handler.clone().layer(layers.clone());
            router = router.routes((schemas, openapi::at(&act, path, &paths), handler));
        }
    }
    let (router, _) = router.split_for_parts();
    let edge = app.edge().clone();
    let router = router
        .merge(docs::pages())
        .fallback(edge::not_found)
        .method_not_allowed_fallback(edge::method_not_allowed)
        .with_state(app);
    edge::around(router, &edge)
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
