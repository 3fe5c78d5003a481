//! Reactors, jobs and mail against a real PostgreSQL and a real SMTP server, with workers that die on the way.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

#[path = "../workers/badges.rs"]
mod badges;
#[path = "../workers/catalogue.rs"]
mod catalogue;
#[path = "../workers/delivery.rs"]
mod delivery;
#[path = "../workers/earning.rs"]
mod earning;
#[path = "../workers/email_changes.rs"]
mod email_changes;
#[path = "../workers/erasures.rs"]
mod erasures;
#[path = "../workers/failures.rs"]
mod failures;
#[path = "../workers/follows.rs"]
mod follows;
#[path = "../workers/histories.rs"]
mod histories;
#[path = "../workers/ingest.rs"]
mod ingest;
#[path = "../workers/notices.rs"]
mod notices;
#[path = "../workers/notifications.rs"]
mod notifications;
#[path = "../workers/people.rs"]
mod people;
#[path = "../workers/purges.rs"]
mod purges;
#[path = "../workers/queue.rs"]
mod queue;
#[path = "../workers/reactors.rs"]
mod reactors;
#[path = "../workers/registrations.rs"]
mod registrations;
#[path = "../workers/rig.rs"]
mod rig;
#[path = "../workers/schedules.rs"]
mod schedules;
#[path = "../workers/smtp.rs"]
mod smtp;
#[path = "../workers/way_in.rs"]
mod way_in;
