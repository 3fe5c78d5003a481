//! Read models, on real PostgreSQL: exactly once, rebuildable, readable, and sealed where they must be.

#![cfg(test)]

mod activity;
mod api_keys;
mod audit;
mod badges;
mod days;
mod failing;
mod gate;
mod notifications;
mod prolonging;
mod queries;
mod rebuilding;
mod running;
mod scores;
mod social;
mod social_model;
mod story;
mod user_badges;
mod versions;
mod wallets;
mod watching;
mod world;
