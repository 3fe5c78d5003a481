//! What replies show of it: one type per resource, the same wherever it appears.

mod wallet;

pub use wallet::{WalletEntryView, WalletView};
