//! The built program from the outside: over HTTP, at its command line, and with a plain NATS client.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../http/accounts.rs"]
mod accounts;
#[path = "../http/activity.rs"]
mod activity;
#[path = "../http/administration.rs"]
mod administration;
#[path = "../http/api_keys.rs"]
mod api_keys;
#[path = "../http/authorization.rs"]
mod authorization;
#[path = "../http/bad_input.rs"]
mod bad_input;
#[path = "../http/bad_requests.rs"]
mod bad_requests;
#[path = "../http/badge_boards.rs"]
mod badge_boards;
#[path = "../http/badge_progress.rs"]
mod badge_progress;
#[path = "../http/badges.rs"]
mod badges;
#[path = "../http/bots.rs"]
mod bots;
#[path = "../http/client.rs"]
mod client;
#[path = "../http/codes.rs"]
mod codes;
#[path = "../http/commands.rs"]
mod commands;
#[path = "../http/conditional.rs"]
mod conditional;
#[path = "../http/connections.rs"]
mod connections;
#[path = "../http/contract.rs"]
mod contract;
#[path = "../http/cookies.rs"]
mod cookies;
#[path = "../http/deeds.rs"]
mod deeds;
#[path = "../http/devices.rs"]
mod devices;
#[path = "../http/disk.rs"]
mod disk;
#[path = "../http/erasure.rs"]
mod erasure;
#[path = "../http/event_stream.rs"]
mod event_stream;
#[path = "../http/events.rs"]
mod events;
#[path = "../http/first_address.rs"]
mod first_address;
#[path = "../http/front.rs"]
mod front;
#[path = "../http/graph.rs"]
mod graph;
#[path = "../http/graph_model.rs"]
mod graph_model;
#[path = "../http/key_authorization.rs"]
mod key_authorization;
#[path = "../http/key_races.rs"]
mod key_races;
#[path = "../http/key_rotation.rs"]
mod key_rotation;
#[path = "../http/lifecycle.rs"]
mod lifecycle;
#[path = "../http/live_sessions.rs"]
mod live_sessions;
#[path = "../http/locations.rs"]
mod locations;
#[path = "../http/login_races.rs"]
mod login_races;
#[path = "../http/managed.rs"]
mod managed;
#[path = "../http/mistakes.rs"]
mod mistakes;
#[path = "../http/names.rs"]
mod names;
#[path = "../http/nats.rs"]
mod nats;
#[path = "../http/nodes.rs"]
mod nodes;
#[path = "../http/notifications.rs"]
mod notifications;
#[path = "../http/oracles.rs"]
mod oracles;
#[path = "../http/paging.rs"]
mod paging;
#[path = "../http/passwords.rs"]
mod passwords;
#[path = "../http/people.rs"]
mod people;
#[path = "../http/planted.rs"]
mod planted;
#[path = "../http/privacy.rs"]
mod privacy;
#[path = "../http/races.rs"]
mod races;
#[path = "../http/reach.rs"]
mod reach;
#[path = "../http/readme.rs"]
mod readme;
#[path = "../http/refreshes.rs"]
mod refreshes;
#[path = "../http/route_table.rs"]
mod route_table;
#[path = "../http/schedules.rs"]
mod schedules;
#[path = "../http/secrecy.rs"]
mod secrecy;
#[path = "../http/service_keys.rs"]
mod service_keys;
#[path = "../http/service_readers.rs"]
mod service_readers;
#[path = "../http/sessions.rs"]
mod sessions;
#[path = "../http/settings.rs"]
mod settings;
#[path = "../http/shown.rs"]
mod shown;
#[path = "../http/signing_keys.rs"]
mod signing_keys;
#[path = "../http/social.rs"]
mod social;
#[path = "../http/social_lists.rs"]
mod social_lists;
#[path = "../http/staff.rs"]
mod staff;
#[path = "../http/suspensions.rs"]
mod suspensions;
#[path = "../http/takeover.rs"]
mod takeover;
#[path = "../http/throttles.rs"]
mod throttles;
#[path = "../http/token_matrix.rs"]
mod token_matrix;
#[path = "../http/tokens.rs"]
mod tokens;
#[path = "../http/user_badges.rs"]
mod user_badges;
#[path = "../http/users.rs"]
mod users;
#[path = "../http/wallet.rs"]
mod wallet;
#[path = "../http/witness.rs"]
mod witness;
