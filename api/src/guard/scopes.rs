//! Which acts an API key may call, and by which scope: one row per act of the route table (KEY-01, SESS-07).
//!
//! An act without a row fails a test. What is privileged asks for a session whatever a key's scopes say: passwords,
//! addresses, sessions, keys themselves, the end of the account, and everything that staff do. What staff read of people
//! and of the history is for services, too, whose scopes no key of a person has.

use domain::values::Scope;

/// What an act asks of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAccess {
    /// Anyone may call it; a key makes no difference and is not looked at.
    Open,
    /// Any key that counts.
    Any,
    Scope(Scope),
    /// It asks for a session.
    Never,
}

use KeyAccess::{Any, Never, Open, Scope as Needs};

/// By the ids of [`crate::routes`].
#[rustfmt::skip]
pub const TABLE: &[(&str, KeyAccess)] = &[
    ("register",             Open),
    ("register_professional", Open),
    ("register_with_tokens", Open),
    ("verify_contact",       Open),
    ("resend_code",          Open),
    ("correct_email",        Open),
    ("stop_email_change",    Open),
    ("login",                Open),
    ("refresh",              Open),
    ("verify_token",         Open),
    ("form_token",           Open),
    ("csrf_token",           Never),
    ("check_session",        Never),
    ("refresh_session",      Never),
    ("logout",               Never),
    ("forgot_password",      Open),
    ("reset_password",       Open),
    ("password_reset",       Open),
    ("change_password",      Never),
    ("own_key",              Any),
    ("me",                   Needs(Scope::AccountRead)),
    ("update_me",            Never),
    ("delete_own_account",   Never),
    ("request_own_deletion", Never),
    ("delete_user",          Never),
    ("list_api_keys",        Never),
    ("create_api_key",       Never),
    ("find_api_key",         Never),
    ("rename_api_key",       Never),
    ("confirm_api_key",      Never),
    ("confirm_api_keys",     Never),
    ("revoke_api_key",       Never),
    ("list_service_keys",    Never),
    ("create_service_key",   Never),
    ("find_service_key",     Never),
    ("revoke_service_key",   Never),
    ("take_over_service_key", Never),
    ("list_sessions",        Never),
    ("end_other_sessions",   Never),
    ("find_session",         Never),
    ("end_session",          Never),
    ("end_other_sessions_by_post", Never),
    ("end_session_by_post",  Never),
    ("own_profile",          Needs(Scope::ProfileRead)),
    ("replace_profile",      Needs(Scope::ProfileWrite)),
    ("change_profile",       Needs(Scope::ProfileWrite)),
    ("list_profiles",        Needs(Scope::SocialRead)),
    ("create_profile",       Needs(Scope::ProfileWrite)),
    ("find_profile",         Needs(Scope::SocialRead)),
    ("replace_profile_of",   Needs(Scope::ProfileWrite)),
    ("change_profile_of",    Needs(Scope::ProfileWrite)),
    ("reset_profile",        Needs(Scope::ProfileWrite)),
    ("list_users",           Needs(Scope::SocialRead)),
    ("find_user",            Needs(Scope::SocialRead)),
    ("list_accounts",        Needs(Scope::UsersRead)),
    ("find_account",         Needs(Scope::UsersRead)),
    ("list_countries",       Open),
    ("list_cities",          Open),
    ("own_settings",         Needs(Scope::SettingsRead)),
    ("replace_settings",     Needs(Scope::SettingsWrite)),
    ("change_settings",      Needs(Scope::SettingsWrite)),
    ("list_follows",         Needs(Scope::SocialRead)),
    ("follow",               Needs(Scope::SocialWrite)),
    ("find_follow",          Needs(Scope::SocialRead)),
    ("end_follow",           Needs(Scope::SocialWrite)),
    ("approve_follow",       Needs(Scope::SocialWrite)),
    ("reject_follow",        Needs(Scope::SocialWrite)),
    ("list_blocks",          Needs(Scope::SocialRead)),
    ("block",                Needs(Scope::SocialWrite)),
    ("unblock",              Needs(Scope::SocialWrite)),
    ("list_mutes",           Needs(Scope::SocialRead)),
    ("mute",                 Needs(Scope::SocialWrite)),
    ("unmute",               Needs(Scope::SocialWrite)),
    ("list_badges",          Needs(Scope::SocialRead)),
    ("define_badge",         Never),
    ("criteria_schema",      Open),
    ("badge_leaderboard",    Needs(Scope::SocialRead)),
    ("badge_analytics",      Never),
    ("find_badge",           Needs(Scope::SocialRead)),
    ("replace_badge",        Never),
    ("change_badge",         Never),
    ("retire_badge",         Never),
    ("list_user_badges",     Needs(Scope::SocialRead)),
    ("award_badge",          Needs(Scope::BadgesAward)),
    ("find_user_badge",      Needs(Scope::SocialRead)),
    ("replace_user_badge",   Never),
    ("change_user_badge",    Never),
    ("revoke_user_badge",    Never),
    ("lift_revocation",      Never),
    ("find_public_badge",    Open),
    ("find_badge_card",      Open),
    ("invite_user",          Never),
    ("replace_user",         Never),
    ("change_user",          Never),
    ("administer_user",      Never),
    ("suspend_user",         Never),
    ("reinstate_user",       Never),
    ("invite_again",         Never),
    ("change_role",          Never),
    ("end_sessions_of",      Never),
    ("list_sessions_of",     Never),
    ("delete_sessions_of",   Never),
    ("own_wallet",           Needs(Scope::AccountRead)),
    ("list_wallet_entries",  Needs(Scope::AccountRead)),
    ("find_wallet",          Never),
    ("list_wallet_entries_of", Never),
    ("adjust_wallet",        Never),
    ("list_notifications",   Needs(Scope::NotificationsRead)),
    ("find_notification",    Needs(Scope::NotificationsRead)),
    ("read_notification",    Needs(Scope::NotificationsWrite)),
    ("read_notifications",   Needs(Scope::NotificationsWrite)),
    ("list_user_events",     Needs(Scope::EventsRead)),
    ("find_badge_progress",  Needs(Scope::EventsRead)),
    ("find_evidence",        Needs(Scope::EventsRead)),
    ("preview_badge",        Never),
    ("record_activity",      Needs(Scope::EventsWrite)),
    ("record_activities",    Needs(Scope::EventsWrite)),
    ("follow_events",        Needs(Scope::EventsRead)),
    ("list_audit",           Needs(Scope::AuditRead)),
    ("list_events",          Needs(Scope::AuditRead)),
    ("list_schedules",       Never),
    ("find_schedule",        Never),
    ("change_schedule",      Never),
    ("run_schedule",         Never),
    ("cancel_deletion",      Never),
    ("list_erasures",        Never),
    ("find_erasure",         Never),
    ("token_keys",           Open),
    ("find_problem",         Open),
    ("openapi",              Open),
    ("asyncapi",             Open),
    ("live",                 Open),
    ("ready",                Open),
    ("metrics",              Open),
];

/// What the act of this id asks of a key; an act that nobody wrote down is not for keys.
pub fn of(act: &str) -> KeyAccess {
    TABLE.iter().find(|(id, _)| *id == act).map_or(Never, |(_, access)| *access)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{access::Access, routes::table};
    use std::collections::BTreeSet;

    #[test]
    fn every_act_has_one_row_and_every_row_an_act() {
        let acts: BTreeSet<&str> = table().iter().map(|act| act.id).collect();
        let rows: BTreeSet<&str> = TABLE.iter().map(|(id, _)| *id).collect();

        assert_eq!(rows.len(), TABLE.len(), "a row stands twice");
        assert_eq!(acts.difference(&rows).collect::<Vec<_>>(), Vec::<&&str>::new(), "without a row");
        assert_eq!(rows.difference(&acts).collect::<Vec<_>>(), Vec::<&&str>::new(), "without an act");
    }

    #[test]
    fn keys_do_nothing_of_staff_but_services_read_and_what_is_open_is_open_to_all() {
        for act in table() {
            let (access, id) = (of(act.id), act.id);
            assert_eq!(access == Open, act.access == Access::Anyone, "{id}");
            match (act.access, access) {
                (Access::Staff, Needs(scope)) => {
                    assert!(scope.is_for_services() && act.method == axum::http::Method::GET, "{id}");
                }
                (Access::Staff, access) => assert_eq!(access, Never, "{id}"),
                (..) => {}
            }
        }
    }

    #[test]
    fn reading_and_changing_are_scopes_of_their_own() {
        for act in table() {
            let Needs(scope) = of(act.id) else { continue };
            let reads = act.method == axum::http::Method::GET;
            assert_eq!(scope.name().ends_with(":read"), reads, "{}", act.id);
        }
    }
}
