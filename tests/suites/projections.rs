//! Read models, on real PostgreSQL: exactly once, rebuildable, readable, and sealed where they must be.

#![cfg(test)]

#[path = "../projections/activity.rs"]
mod activity;
#[path = "../projections/api_keys.rs"]
mod api_keys;
#[path = "../projections/audit.rs"]
mod audit;
#[path = "../projections/badges.rs"]
mod badges;
#[path = "../projections/days.rs"]
mod days;
#[path = "../projections/failing.rs"]
mod failing;
#[path = "../projections/gate.rs"]
mod gate;
#[path = "../projections/notifications.rs"]
mod notifications;
#[path = "../projections/prolonging.rs"]
mod prolonging;
#[path = "../projections/queries.rs"]
mod queries;
#[path = "../projections/rebuilding.rs"]
mod rebuilding;
#[path = "../projections/running.rs"]
mod running;
#[path = "../projections/scores.rs"]
mod scores;
#[path = "../projections/social.rs"]
mod social;
#[path = "../projections/social_model.rs"]
mod social_model;
#[path = "../projections/story.rs"]
mod story;
#[path = "../projections/user_badges.rs"]
mod user_badges;
#[path = "../projections/versions.rs"]
mod versions;
#[path = "../projections/wallets.rs"]
mod wallets;
#[path = "../projections/watching.rs"]
mod watching;
#[path = "../projections/world.rs"]
mod world;
