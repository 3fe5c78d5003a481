//! Every projection, once. A new one is a folder of four files and a line in each list here.

use crate::{
    accounts::Accounts,
    api_keys::ApiKeys,
    audit_log::AuditLog,
    badge_progress::BadgeProgress,
    badges::Badges,
    erasures::Erasures,
    notifications::Notifications,
    profile_pages::ProfilePages,
    projection::{Name, Projection},
    sessions::Sessions,
    social_graph::SocialGraph,
    user_events::UserEvents,
    user_settings::UserSettings,
    wallets::Wallets,
};
use std::sync::Arc;

pub const ACCOUNTS: Name = Name::new("accounts");
pub const SESSIONS: Name = Name::new("sessions");
pub const PROFILE_PAGES: Name = Name::new("profile_pages");
pub const AUDIT_LOG: Name = Name::new("audit_log");
pub const SOCIAL_GRAPH: Name = Name::new("social_graph");
pub const ERASURES: Name = Name::new("erasures");
pub const USER_EVENTS: Name = Name::new("user_events");
pub const USER_SETTINGS: Name = Name::new("user_settings");
pub const API_KEYS: Name = Name::new("api_keys");
pub const BADGE_PROGRESS: Name = Name::new("badge_progress");
pub const WALLETS: Name = Name::new("wallets");
pub const BADGES: Name = Name::new("badges");
pub const NOTIFICATIONS: Name = Name::new("notifications");

/// Not a projection: how far this process's [`SessionGate`](crate::SessionGate) is. It has no cursor in the database.
pub const SESSION_GATE: Name = Name::new("session_gate");

/// The names of all projections.
pub const NAMES: [Name; 13] = [
    ACCOUNTS,
    SESSIONS,
    PROFILE_PAGES,
    AUDIT_LOG,
    SOCIAL_GRAPH,
    ERASURES,
    USER_SETTINGS,
    USER_EVENTS,
    API_KEYS,
    BADGE_PROGRESS,
    WALLETS,
    BADGES,
    NOTIFICATIONS,
];

pub(crate) fn all() -> Vec<Arc<dyn Projection>> {
    vec![
        Arc::new(Accounts),
        Arc::new(Sessions),
        Arc::new(ProfilePages),
        Arc::new(AuditLog),
        Arc::new(SocialGraph),
        Arc::new(Erasures),
        Arc::new(UserSettings),
        Arc::new(UserEvents),
        Arc::new(ApiKeys),
        Arc::new(BadgeProgress::default()),
        Arc::new(Wallets),
        Arc::new(Badges),
        Arc::new(Notifications),
    ]
}

/// Those whose rows hold something of people in clear.
pub fn in_clear() -> Vec<Name> {
    all().iter().filter(|projection| projection.is_in_clear()).map(|projection| projection.name()).collect()
}

pub(crate) fn find(name: &str) -> Option<Arc<dyn Projection>> {
    all().into_iter().find(|projection| projection.name().as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_all() {
        assert_eq!(all().iter().map(|p| p.name()).collect::<Vec<_>>(), NAMES);
    }
}
