//! `notifications`: what each person is told of, and whether they have read it (NTF-01).
//!
//! A notification is an event of the log that concerns a person, under the event's own id and position: so far that a
//! badge was awarded to them. One that is taken away takes its notification with it, and given again it is another.
//! Events: awards and their revocations, all of Inbox, and erasures. Table: `notifications`; how a badge looks is read
//! from `badges`.

mod project;
pub mod query;

pub(crate) use project::Notifications;
