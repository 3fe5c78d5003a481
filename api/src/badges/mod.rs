//! Badge endpoints: definitions, awards, progress, public awards.

pub mod award_body;
pub mod badge_boards;
pub mod badge_body;
pub mod badge_progress;
pub mod definitions;
pub mod public_badges;
pub mod user_badges;
pub mod views;

crate::acts::acts! {
    // method "id" "path" who key effect handler: see `crate::acts`.
    GET "list_badges"          "/api/badges"                      SignedIn Scope(SocialRead)  Reads    definitions::list_badges;
    POST "define_badge"        "/api/badges"                      Staff    Never              Changes  definitions::define_badge;
    GET "criteria_schema"      "/api/badges/criteria-schema"      Anyone   Open               Reads    definitions::criteria_schema;
    GET "badge_leaderboard"    "/api/badges/leaderboard"          Verified Scope(SocialRead)  Reads    badge_boards::leaderboard;
    GET "badge_analytics"      "/api/badges/analytics"            Staff    Never              Reads    badge_boards::analytics;
    GET "find_badge"           "/api/badges/{id}"                 SignedIn Scope(SocialRead)  Reads    definitions::find_badge;
    PUT "replace_badge" |
    PATCH "change_badge"       "/api/badges/{id}"                 Staff    Never              Compares definitions::change_badge;
    DELETE "retire_badge"      "/api/badges/{id}"                 Staff    Never              Compares definitions::retire_badge;
    GET "list_user_badges"     "/api/user-badges"                 SignedIn Scope(SocialRead)  Reads    user_badges::list_user_badges;
    POST "award_badge"         "/api/user-badges"                 VerifiedByToken Scope(BadgesAward) Changes  user_badges::award_badge;
    GET "find_user_badge"      "/api/user-badges/{id}"            SignedIn Scope(SocialRead)  Reads    user_badges::find_user_badge;
    PUT "replace_user_badge" |
    PATCH "change_user_badge"  "/api/user-badges/{id}"            Verified Never              Changes  user_badges::change_user_badge;
    DELETE "revoke_user_badge" "/api/user-badges/{id}"            Staff    Never              Changes  user_badges::revoke_user_badge;
    POST "lift_revocation"     "/api/user-badges/{id}/lift"       Staff    Never              Changes  user_badges::lift_revocation;
    GET "find_public_badge"    "/api/public/badges/{id}"          Anyone   Open               Reads    public_badges::find_public_badge;
    GET "find_badge_card"      "/api/public/badges/{id}/card.svg" Anyone   Open               Reads    public_badges::find_badge_card;
    GET "find_badge_progress"  "/api/users/{id}/badge-progress"   SignedIn Scope(EventsRead)  Reads    badge_progress::find_badge_progress;
    GET "find_evidence"        "/api/user-badges/{id}/evidence"   SignedIn Scope(EventsRead)  Reads    badge_progress::find_evidence;
    POST "preview_badge"       "/api/badges/preview"              Staff    Never              Changes  badge_progress::preview_badge;
}
