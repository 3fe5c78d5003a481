//! From what a person types to an account: through the store's claims, which are never behind.

use super::Accounts;
use crate::CommandError;
use domain::{ClaimKind, UserId, values::Email};

/// What a person may type to name an account (C-06).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identifier {
    /// Names whoever has verified the address; who waits for that is found by [`Accounts::awaiting`].
    Email(String),
    Username(String),
    /// A UUID in its hyphenated form, too long for a username.
    User(UserId),
}

impl Identifier {
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        match text.parse() {
            Ok(id) if text.len() == 36 => Self::User(id),
            _ if text.contains('@') => Self::Email(folded_email(text)),
            _ => Self::Username(text.to_ascii_lowercase()),
        }
    }
}

/// As it is claimed; what is no address is nobody's.
fn folded_email(text: &str) -> String {
    Email::parse(text).map_or_else(|_| text.to_ascii_lowercase(), |email| email.folded())
}

impl Accounts {
    /// Whose id, username or verified address this is. A UUID is an id, whether or not there is such an account. For
    /// the operator, who may know whose address it is.
    ///
    /// # Errors
    /// If the log cannot be reached.
    pub async fn find_account(&self, text: &str) -> Result<Option<UserId>, CommandError> {
        self.find(&Identifier::parse(text)).await
    }

    pub(super) async fn find(&self, identifier: &Identifier) -> Result<Option<UserId>, CommandError> {
        let (kind, value) = match identifier {
            Identifier::User(id) => return Ok(Some(*id)),
            Identifier::Email(value) => (ClaimKind::Email, value),
            Identifier::Username(value) => (ClaimKind::Username, value),
        };
        Ok(self.executor.store().claim_owner(kind, value).await?.map(UserId::from_uuid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn identifiers_are_told_apart_and_folded() {
        let id = Uuid::from_u128(0x0198_7f3a_5b10_7c3e_9d3f_2f61_a7c1_d0e5);

        assert_eq!(Identifier::parse(" Jane@Example.com "), Identifier::Email("jane@example.com".into()));
        for spelling in ["a@bücher.de", " A@BÜCHER.DE", "a@xn--bcher-kva.de"] {
            assert_eq!(Identifier::parse(spelling), Identifier::Email("a@xn--bcher-kva.de".into()));
        }
        assert_eq!(Identifier::parse("Jane"), Identifier::Username("jane".into()));
        assert_eq!(Identifier::parse(&id.to_string()), Identifier::User(UserId::from_uuid(id)));
    }

    #[test]
    fn username_of_32_hexadecimal_digits_is_a_username() {
        let name = Uuid::from_u128(7).simple().to_string();

        assert_eq!(Identifier::parse(&name), Identifier::Username(name));
    }
}
