//! Runs commands: authority, facts (hashes, clocks, codes, lookups), decide, append, retry, receipt.
//!
//! The command *types* and their decisions are in `domain`, which is pure; this crate *executes* them.
//! It speaks no HTTP and reads no read model: facts about other aggregates are folded through `store`.
//!
//! - [`Executor`] runs one command or a [`Unit`] of several, all or nothing.
//! - [`Commands`] holds the use cases of all areas, one facade each.
//! - [`Accounts`] holds logins, registrations and all else of an account; [`People`] profiles and settings.
//! - [`ActiveDays`] notes who is there, [`Activities`] what people do elsewhere.
//! - [`Badges`] holds the definitions of badges and who is given them.
//! - [`Ledgers`] makes entries once for ever: grants, holds, payments.
//! - [`Notices`] marks what is read, [`AccessLogs`] records what staff see and do.
//! - [`Social`] holds those between two people: follows, blocks, mutes.
//! - [`authority`] is the table of who may do what.
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
use engine::{caller, decide, error, executor, facts, outcome, quota, unit};
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
pub use passwords::Passwords;
pub use people::People;
pub use proofs::{PUZZLE_LIFETIME, Purpose, Puzzle};
pub use quota::{Quota, Standing};
pub use social::Social;
pub use store::Limit;
pub use throttles::Throttles;
pub use unit::{Executable, Unit};
