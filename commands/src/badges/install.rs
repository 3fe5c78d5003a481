//! A new installation has the catalogue's badges (BDG-10 to BDG-12).

use super::Badges;
use crate::{Caller, CommandError};
use domain::badge::{Badge, DefineBadge, catalogue::catalogue};

/// What a start did about the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// Badges that were defined now; those that were there are left as staff have made them.
    pub defined: usize,
    /// Badges whose name or slug another badge has.
    pub displaced: usize,
}

impl Badges {
    /// Defines, as the program itself, what of the catalogue was never defined here. Any number of nodes may do so at
    /// the same time: the ids of the catalogue are the same everywhere.
    ///
    /// # Errors
    /// If the log cannot be reached.
    pub async fn install_catalogue(&self) -> Result<Installed, CommandError> {
        let commands =
            catalogue(self.executor.now()).map_err(|fault| CommandError::Internal(fault.into()))?;
        let mut installed = Installed::default();
        for define in commands {
            match self.install(define).await {
                Ok(defined) => installed.defined += usize::from(defined),
                Err(CommandError::Duplicate(_)) => installed.displaced += 1,
                Err(error) => return Err(error),
            }
        }
        Ok(installed)
    }

    async fn install(&self, define: DefineBadge) -> Result<bool, CommandError> {
        let badge = define.badge;
        let done = self.executor.run::<Badge>(badge, define, &Caller::system("catalogue")).await?;
        Ok(!done.events.is_empty())
    }
}
