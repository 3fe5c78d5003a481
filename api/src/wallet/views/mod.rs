//! Views of wallets: one type per resource, the same in every reply.

mod wallet;

pub use wallet::{WalletEntryView, WalletView};
