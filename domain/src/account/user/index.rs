//! By which unverified address an account is found, so that forms may keep the address from the first moment.

use super::{ContactKind, User, UserEvent};
use crate::{
    aggregate::{ClaimKind, Consequence},
    values,
};

/// The folded address that an event of an account names, by which the account may be found while nobody has verified it.
/// It needs no state: whoever looks for what is indexed finds out whether it is.
pub fn named_address(event: &UserEvent) -> Option<String> {
    let address = match event {
        UserEvent::UserRegistered(e) => &e.email,
        UserEvent::AddressCorrected(e) if e.contact == ContactKind::Email => &e.address,
        UserEvent::VerificationRequested(e) if e.contact == ContactKind::Email => &e.address,
        _ => return None,
    };
    address.known().map(|address| values::fold_email(address))
}

impl User {
    /// How the index changes with an event. An account of before it enters it with the next code that is asked for.
    pub(super) fn indexed(&self, event: &UserEvent) -> Vec<Consequence> {
        let mut then = self.clone();
        then.evolve(event);
        let (before, after) = (self.awaited(), then.awaited());
        let entering = before != after || matches!(event, UserEvent::VerificationRequested(_));
        let left = before.filter(|before| after.as_ref() != Some(before));
        let left = left.map(|address| Consequence::Release(ClaimKind::AwaitedEmail, address));
        let entered = after.filter(|_| entering);
        let entered = entered.map(|address| Consequence::Claim(ClaimKind::AwaitedEmail, address));
        left.into_iter().chain(entered).collect()
    }

    /// The folded address that waits for its verification. That of a verified account is claimed, and a change of it is
    /// found by nobody but its person.
    fn awaited(&self) -> Option<String> {
        let address = self.email.as_ref().filter(|_| self.is_registered() && !self.is_verified())?;
        address.known().map(|address| values::fold_email(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixtures::*, user::AddressCorrected};

    fn taken(address: &str) -> Consequence {
        Consequence::Claim(ClaimKind::AwaitedEmail, address.to_owned())
    }

    fn given_back(address: &str) -> Consequence {
        Consequence::Release(ClaimKind::AwaitedEmail, address.to_owned())
    }

    fn user(events: &[UserEvent]) -> User {
        let mut user = User::default();
        events.iter().for_each(|event| user.evolve(event));
        user
    }

    #[test]
    fn registration_is_found_by_its_address_until_it_is_verified() {
        let verification = verified("Jane@example.com", challenge(1), 5);

        assert_eq!(User::default().indexed(&registered()), [taken("jane@example.com")]);
        assert_eq!(user(&[registered()]).indexed(&verification), [given_back("jane@example.com")]);
        let change = requested("new@example.com", challenge(2), 9);
        assert_eq!(user(&[registered(), verification]).indexed(&change), []);
    }

    #[test]
    fn corrected_address_takes_the_place_of_the_mistyped_one() {
        let (contact, address) = (ContactKind::Email, janes("Jane@example.org"));
        let corrected: UserEvent = AddressCorrected { contact, address, corrected_at: at(2) }.into();

        let changes = user(&[registered()]).indexed(&corrected);

        assert_eq!(changes, [given_back("jane@example.com"), taken("jane@example.org")]);
        assert_eq!(named_address(&corrected).as_deref(), Some("jane@example.org"));
    }

    #[test]
    fn account_of_before_the_index_enters_it_with_its_next_code() {
        let ask = requested("Jane@example.com", challenge(1), 5);

        assert_eq!(user(&[registered()]).indexed(&ask), [taken("jane@example.com")]);
    }
}
