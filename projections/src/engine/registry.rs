//! Every projection, once, and which aggregates it reads. A new one is a folder of four files and a line in each list
//! here.

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
    skills::Skills,
    social_graph::SocialGraph,
    user_events::UserEvents,
    user_settings::UserSettings,
    wallets::Wallets,
};
use domain::AggregateKind;
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
pub const SKILLS: Name = Name::new("skills");

/// Not a projection: how far this process's [`SessionGate`](crate::SessionGate) is. It has no cursor in the database.
pub const SESSION_GATE: Name = Name::new("session_gate");

/// The names of all projections.
pub const NAMES: [Name; 14] = [
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
    SKILLS,
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
        Arc::new(Skills),
    ]
}

/// Which projections read an aggregate's events. They are given no others: what is missing here is not read. A new
/// aggregate does not compile before it has a row.
pub(crate) const fn readers(aggregate: AggregateKind) -> &'static [Name] {
    match aggregate {
        // An erasure purges rows of all of them.
        AggregateKind::User => &NAMES,
        AggregateKind::Session => &[ACCOUNTS, SESSIONS, AUDIT_LOG, USER_EVENTS],
        AggregateKind::SignIn | AggregateKind::Challenge => &[AUDIT_LOG, USER_EVENTS],
        AggregateKind::Profile => &[PROFILE_PAGES, AUDIT_LOG, USER_EVENTS, BADGE_PROGRESS, BADGES],
        AggregateKind::Follow => &[AUDIT_LOG, SOCIAL_GRAPH, USER_EVENTS, BADGE_PROGRESS],
        AggregateKind::AccessLog => &[AUDIT_LOG],
        AggregateKind::Settings => &[AUDIT_LOG, USER_SETTINGS, USER_EVENTS],
        AggregateKind::Activity => &[AUDIT_LOG, USER_EVENTS, BADGE_PROGRESS],
        AggregateKind::ApiKey => &[AUDIT_LOG, USER_EVENTS, API_KEYS],
        AggregateKind::Calendar => &[AUDIT_LOG, BADGE_PROGRESS],
        AggregateKind::Badge => &[AUDIT_LOG, BADGE_PROGRESS, BADGES],
        AggregateKind::Award => &[AUDIT_LOG, USER_EVENTS, BADGES, NOTIFICATIONS],
        AggregateKind::Ledger => &[AUDIT_LOG, USER_EVENTS, WALLETS],
        AggregateKind::Inbox => &[AUDIT_LOG, NOTIFICATIONS],
        AggregateKind::Skill => &[AUDIT_LOG, SKILLS],
    }
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
    use std::{fs, path::Path};

    #[test]
    fn names_are_those_of_all() {
        assert_eq!(all().iter().map(|p| p.name()).collect::<Vec<_>>(), NAMES);
    }

    #[test]
    fn audit_log_reads_every_aggregate() {
        assert!(AggregateKind::ALL.iter().all(|aggregate| readers(*aggregate).contains(&AUDIT_LOG)));
    }

    /// The sources of a projection, but for those of another within its folder.
    fn sources(name: Name) -> String {
        let areas = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
        let folders = areas.flat_map(|area| {
            let area = area.unwrap().path();
            [area.join(name.as_str()), area]
        });
        let folder = folders.filter(|path| path.ends_with(name.as_str())).find(|path| path.is_dir()).unwrap();
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap()).collect()
    }

    /// By the one way there is to get at an event, or, where all of an aggregate's events do, by its variant.
    fn reads(source: &str, aggregate: AggregateKind) -> bool {
        let purges = aggregate == AggregateKind::User
            && [".purge", ".erased()"].iter().any(|purge| source.contains(purge));
        let (method, variant) =
            (format!("event.{}()", aggregate.name()), format!("AnyEvent::{aggregate:?}("));
        purges || source.contains(&method) || source.contains(&variant)
    }

    #[test]
    fn table_of_readers_says_what_the_sources_of_each_projection_read() {
        for name in NAMES {
            let source = sources(name);
            for aggregate in AggregateKind::ALL.iter().copied() {
                let found = reads(&source, aggregate);
                assert_eq!(readers(aggregate).contains(&name), found, "{name} and {aggregate:?}");
            }
        }
    }
}
