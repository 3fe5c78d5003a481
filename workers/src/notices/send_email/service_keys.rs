//! Which keys of services a reset of the password put to sleep, for the letter about it.

use crate::engine::handlers::refused;
use crate::jobs::JobError;
use commands::{Accounts, Clock};
use domain::{UserId, user::User};
use projections::JobQueries;
use std::sync::Arc;
use store::Store;

/// Keys of services, and who answers for them.
pub struct ServiceKeys {
    pub store: Store,
    pub accounts: Accounts,
    pub queries: JobQueries,
    pub clock: Arc<dyn Clock>,
}

impl ServiceKeys {
    /// The services whose keys sleep since this person reset the password, by name.
    pub async fn asleep_by_reset(&self, person: UserId) -> Result<Vec<String>, JobError> {
        // Whoever is no staff answers for nothing.
        if !self.store.load_fresh::<User>(person).await?.state.role.is_staff() {
            return Ok(Vec::new());
        }
        let head = self.store.reader().head().await?;
        let keys = self.queries.list_service_keys(self.clock.now(), head).await?;
        let services = self.accounts.services_asleep_by_reset(person, &keys).await;
        Ok(services.map_err(|error| refused(&error))?.into_iter().collect())
    }
}
