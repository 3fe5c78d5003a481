//! The badges that every installation starts with.

use anyhow::{Context, Result};
use commands::Badges;

/// Defines those that were never defined here: at the first start, or after the catalogue grew.
///
/// # Errors
/// If the log cannot be reached.
pub async fn install(badges: &Badges) -> Result<()> {
    let installed = badges.install_catalogue().await.context("the catalogue of badges")?;
    if installed.defined > 0 {
        tracing::info!(badges = installed.defined, "installed badges of the catalogue");
    }
    if installed.displaced > 0 {
        tracing::warn!(badges = installed.displaced, "badges of the catalogue whose names others have");
    }
    Ok(())
}
