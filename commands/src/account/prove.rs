//! Which account a password proves, by any name that a form may keep: a username, a verified address, or one that waits
//! for its verification.
//!
//! By an address nobody learns from the time whether it is known: a wrong password costs the same number of hashes
//! whoever waits for the address, and is answered at the same time.

use super::{Accounts, lookup::Identifier, password_check::Checked};
use crate::{Caller, CommandError};
use domain::{UserId, sign_in::FailureCause, user::User};
use secrecy::SecretString;
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// Of the registrations that wait for one address, a password is compared with those of the two newest and the two oldest.
const COMPARED: usize = 4;
/// Of a password by an address that is not its owner's: longer than that many hashes, and one, take.
const TOLD_AFTER: Duration = Duration::from_millis(300);

/// Whom a password proved.
pub(super) struct Proven {
    pub id: UserId,
    pub user: User,
    pub checked: Checked,
}

impl Accounts {
    /// None if the password is wrong, or fits several registrations that wait for one address; that is recorded.
    pub(super) async fn proven(
        &self,
        identifier: &str,
        password: &SecretString,
        caller: &Caller,
    ) -> Result<Option<Proven>, CommandError> {
        let identifier = Identifier::parse(identifier);
        let Identifier::Email(address) = &identifier else {
            return self.proven_by_name(&identifier, password, caller).await;
        };
        let told = told_after();
        let proven = self.proven_by_address(address, password, caller).await?;
        // Also whoever has a registration of their own there is told nothing by the time.
        if proven.as_ref().is_none_or(|proven| !proven.user.is_verified()) {
            told.await;
        }
        Ok(proven)
    }

    /// What a wrong password takes and leaves, without looking at any.
    pub(super) async fn unproven(
        &self,
        identifier: &str,
        password: SecretString,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let told = told_after();
        self.passwords.verify(password, None).await?;
        self.disproven(identifier, told, caller).await
    }

    /// What a wrong password leaves, and as late, where the right one counts for nothing. `told` began before its check.
    pub(super) async fn disproven(
        &self,
        identifier: &str,
        told: Sleep,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        self.record_failure(None, FailureCause::UnknownAccount, caller).await?;
        if matches!(Identifier::parse(identifier), Identifier::Email(_)) {
            told.await;
        }
        Ok(())
    }

    async fn proven_by_name(
        &self,
        identifier: &Identifier,
        password: &SecretString,
        caller: &Caller,
    ) -> Result<Option<Proven>, CommandError> {
        let found = match identifier {
            // A password is for names that its person chose.
            Identifier::User(_) => None,
            _ => self.find(identifier).await?,
        };
        let Some((id, user)) = self.registered_of(found.into_iter().collect()).await?.pop() else {
            self.passwords.verify(password.clone(), None).await?;
            self.record_failure(None, FailureCause::UnknownAccount, caller).await?;
            return Ok(None);
        };
        let checked = self.check_password(id, &user, password.clone(), caller).await?;
        Ok(checked.map(|checked| Proven { id, user, checked }))
    }

    /// Whoever has verified the address comes first. Whoever waits for it is looked at all the same: that a password
    /// counts for a registration of one's own must not tell whether there is such an account.
    async fn proven_by_address(
        &self,
        address: &str,
        password: &SecretString,
        caller: &Caller,
    ) -> Result<Option<Proven>, CommandError> {
        // Who waits first: whoever is verified between the two looks is found by the second.
        let mut waiting = self.awaiting(address, 2, None, &Caller::anonymous()).await?;
        waiting.truncate(COMPARED);
        let owner = match self.find(&Identifier::Email(address.to_owned())).await? {
            Some(owner) => self.registered_of(vec![owner]).await?.pop(),
            None => None,
        };
        match &owner {
            Some((id, user)) => {
                if let Some(checked) = self.compared(user, password.clone()).await? {
                    return Ok(owner.map(|(id, user)| Proven { id, user, checked }));
                }
                waiting.retain(|(waits, _)| waits != id);
            }
            None => drop(self.passwords.verify(password.clone(), None).await?),
        }
        let known = owner.map(|(id, _)| id).or_else(|| only(&waiting));
        let proven = self.proven_among(waiting, password).await?;
        match (&proven, known) {
            (Some(_), _) => {}
            (None, Some(id)) => self.record_failure(Some(id), FailureCause::WrongPassword, caller).await?,
            (None, None) => self.record_failure(None, FailureCause::UnknownAccount, caller).await?,
        }
        Ok(proven)
    }

    /// The one of those who wait for an address that a password fits, after as many hashes however many they are.
    async fn proven_among(
        &self,
        waiting: Vec<(UserId, User)>,
        password: &SecretString,
    ) -> Result<Option<Proven>, CommandError> {
        for _ in waiting.len()..COMPARED {
            self.passwords.verify(password.clone(), None).await?;
        }
        let mut fitting = Vec::new();
        for (id, user) in waiting {
            if let Some(checked) = self.compared(&user, password.clone()).await? {
                fitting.push(Proven { id, user, checked });
            }
        }
        Ok((fitting.len() == 1).then(|| fitting.pop()).flatten())
    }
}

fn only(people: &[(UserId, User)]) -> Option<UserId> {
    match people {
        [(id, _)] => Some(*id),
        _ => None,
    }
}

/// When a wrong password by an address is answered.
pub(super) fn told_after() -> Sleep {
    sleep(TOLD_AFTER)
}
