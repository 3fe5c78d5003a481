//! Executes commands: checks authority, collects facts (hashes, time, codes, lookups), decides, appends, retries.
//!
//! The command *types* and their decisions are in `domain`, which is pure; this crate *executes* them.
//! It knows no HTTP and reads no read model: facts about other aggregates are loaded from the log.
//!
//! - [`Executor`] runs one command, or a [`Unit`] of several, completely or not at all.
//! - [`Commands`] has the use cases of all areas, one facade for each.
//! - [`Accounts`] has the use cases of accounts, [`People`] those of profiles and settings.
//! - [`ActiveDays`] records on which days people were active, [`Activities`] what they do elsewhere.
//! - [`Badges`] defines badges and awards them.
//! - [`Ledgers`] makes ledger entries, each exactly once: grants, holds, payments.
//! - [`Notices`] marks notifications as read, [`AccessLogs`] records what staff see and do.
//! - [`OwnedThings`] adds, changes and removes things that a person owns, of any kind.
//! - [`Social`] has the use cases between two people: follows, blocks, mutes.
//! - [`authority`] is the table of who may run which command.
//!
//! To add a command, see `docs/adding/command.md`.

mod account;
mod all;
mod audit;
pub mod badges;
mod deeds;
mod engine;
mod notices;
mod people;
pub mod social;
mod wallet;

pub use account::{codes, key_text, passwords};
use account::{cookies, device, forms, proofs, throttles};
use deeds::{active_days, activities};
pub use engine::authority;
use engine::{caller, decide, error, executor, facts, outcome, owned, quota, unit};
use wallet::ledgers;

pub use account::{
    AccountError, AccountSettings, Accounts, ChangedPassword, ConfirmedApiKeys, Corrected, Erasing,
    Invitation, LiveApiKey, LoginTerms, MadeApiKey, NewApiKey, NewServiceKey, OperatedAccount, Proof,
    Registered, Registration, ServiceKeyStanding, SessionTokens, StandingChange, SuspensionChange, TypedCode,
};
pub use active_days::ActiveDays;
pub use activities::{Activities, DeedStanding, Known, Said};
pub use all::Commands;
pub use audit::AccessLogs;
pub use authority::Warrant;
pub use badges::{Badges, Installed, NewAward};
pub use caller::{Caller, IdempotencyKey, Principal, network};
pub use codes::Codes;
pub use cookies::SessionCookie;
pub use device::Device;
pub use error::{CommandError, Refusal};
pub use executor::Executor;
pub use facts::{Clock, FixedClock, Mint, SeededMint, SystemClock, SystemMint};
pub use forms::{FORM_LIFETIME, FormToken};
pub use ledgers::Ledgers;
pub use notices::Notices;
pub use outcome::{Done, Outcome, Receipt};
pub use owned::OwnedThings;
pub use passwords::Passwords;
pub use people::People;
pub use proofs::{PUZZLE_LIFETIME, Purpose, Puzzle};
pub use quota::{Quota, Standing};
pub use social::Social;
pub use store::Limit;
pub use throttles::Throttles;
pub use unit::{Executable, Unit};
