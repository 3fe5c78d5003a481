//! Follow, block and mute endpoints.

pub mod blocks;
pub mod follow_lists;
pub mod follows;
pub mod mutes;
pub mod views;

crate::acts::acts! {
    // method "id" "path" who key effect handler: see `crate::acts`.
    GET "list_follows"    "/api/follows"              SignedIn Scope(SocialRead)  Reads   follow_lists::list_follows;
    POST "follow"         "/api/follows"              Verified Scope(SocialWrite) Changes follows::follow;
    GET "find_follow"     "/api/follows/{id}"         SignedIn Scope(SocialRead)  Reads   follows::find_follow;
    DELETE "end_follow"   "/api/follows/{id}"         Verified Scope(SocialWrite) Changes follows::end_follow;
    POST "approve_follow" "/api/follows/{id}/approve" Verified Scope(SocialWrite) Changes follows::approve_follow;
    POST "reject_follow"  "/api/follows/{id}/reject"  Verified Scope(SocialWrite) Changes follows::reject_follow;
    GET "list_blocks"     "/api/blocks"               SignedIn Scope(SocialRead)  Reads   blocks::list_blocks;
    POST "block"          "/api/blocks"               Verified Scope(SocialWrite) Changes blocks::block;
    DELETE "unblock"      "/api/blocks/{id}"          Verified Scope(SocialWrite) Changes blocks::unblock;
    GET "list_mutes"      "/api/mutes"                SignedIn Scope(SocialRead)  Reads   mutes::list_mutes;
    POST "mute"           "/api/mutes"                Verified Scope(SocialWrite) Changes mutes::mute;
    DELETE "unmute"       "/api/mutes/{id}"           Verified Scope(SocialWrite) Changes mutes::unmute;
}
