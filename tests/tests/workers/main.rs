//! Reactors, jobs and mail against a real PostgreSQL and a real SMTP server, with workers that die on the way.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod badges;
mod catalogue;
mod delivery;
mod earning;
mod email_changes;
mod erasures;
mod failures;
mod follows;
mod histories;
mod ingest;
mod notices;
mod notifications;
mod people;
mod purges;
mod queue;
mod reactors;
mod registrations;
mod rig;
mod schedules;
mod smtp;
mod way_in;
