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
/// Of a wrong password by an address: longer than that many hashes take.
const REFUSED_AFTER: Duration = Duration::from_millis(300);

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
        let refused = refused_after();
        let proven = self.proven_by_address(address, password, caller).await?;
        if proven.is_none() {
            refused.await;
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
        let refused = refused_after();
        self.passwords.verify(password, None).await?;
        self.disproven(identifier, refused, caller).await
    }

    /// What a wrong password leaves, and as late, where the right one counts for nothing. `refused` began before its check.
    pub(super) async fn disproven(
        &self,
        identifier: &str,
        refused: Sleep,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        self.record_failure(None, FailureCause::UnknownAccount, caller).await?;
        if matches!(Identifier::parse(identifier), Identifier::Email(_)) {
            refused.await;
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

    async fn proven_by_address(
        &self,
        address: &str,
        password: &SecretString,
        caller: &Caller,
    ) -> Result<Option<Proven>, CommandError> {
        // Who waits first: whoever is verified between the two looks is found by the second.
        let waiting = self.awaiting(address, 2, None, &Caller::anonymous()).await?;
        let mut people = match self.find(&Identifier::Email(address.to_owned())).await? {
            Some(owner) => self.registered_of(vec![owner]).await?,
            None => waiting,
        };
        people.truncate(COMPARED);
        let mut fitting = Vec::new();
        for (id, user) in &people {
            if let Some(checked) = self.compared(user, password.clone()).await? {
                fitting.push((*id, checked));
            }
        }
        let one = (fitting.len() == 1).then(|| fitting.pop()).flatten();
        if let Some((fits, checked)) = one {
            let person = people.into_iter().find(|(id, _)| *id == fits);
            return Ok(person.map(|(id, user)| Proven { id, user, checked }));
        }
        for _ in people.len()..COMPARED {
            self.passwords.verify(password.clone(), None).await?;
        }
        match &people[..] {
            [(id, _)] => self.record_failure(Some(*id), FailureCause::WrongPassword, caller).await?,
            _ => self.record_failure(None, FailureCause::UnknownAccount, caller).await?,
        }
        Ok(None)
    }
}

/// When a wrong password by an address is answered.
pub(super) fn refused_after() -> Sleep {
    sleep(REFUSED_AFTER)
}
