//! Its person calls a key something else.

use super::{ApiKey, ApiKeyError, ApiKeyEvent, ApiKeyRenamed, Holder};
use crate::{aggregate::Decide, ids::Subject, personal::Personal, values::ApiKeyName};
use chrono::{DateTime, Utc};

/// Renames a person's key. The name that it has adds no event.
#[derive(Clone, Debug)]
pub struct RenameApiKey {
    pub name: ApiKeyName,
    pub at: DateTime<Utc>,
}

impl Decide<ApiKey> for RenameApiKey {
    fn decide(&self, key: &ApiKey) -> Result<Vec<ApiKeyEvent>, ApiKeyError> {
        let Holder::User(user) = *key.created()? else { return Err(ApiKeyError::NotNamed) };
        let text = self.name.as_str().to_owned();
        if key.name.as_ref().is_some_and(|name| name.is(&text)) {
            return Ok(Vec::new());
        }
        if key.revoked_at.is_some() {
            return Err(ApiKeyError::Revoked);
        }
        let name = Personal::new(Subject::of(user), text);
        Ok(vec![ApiKeyRenamed { user, name, renamed_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{create::tests::created, revoke::tests::revoked},
        *,
    };
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn rename(name: &str) -> RenameApiKey {
        RenameApiKey { name: ApiKeyName::parse(name).unwrap(), at: at(5) }
    }

    #[test]
    fn key_is_called_something_else() {
        let renamed = ApiKeyRenamed { user: jane(), name: janes("photos"), renamed_at: at(5) };
        TestFramework::<ApiKey>::with(())
            .given(vec![created()])
            .when(rename("photos").into())
            .then_expect_events(vec![renamed.into()]);
    }

    #[test]
    fn same_name_changes_nothing() {
        TestFramework::<ApiKey>::with(())
            .given(vec![created()])
            .when(rename("backup").into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn revoked_or_absent_key_keeps_its_name() {
        TestFramework::<ApiKey>::with(())
            .given(vec![created(), revoked()])
            .when(rename("photos").into())
            .then_expect_error(ApiKeyError::Revoked);
        TestFramework::<ApiKey>::with(())
            .given_no_previous_events()
            .when(rename("photos").into())
            .then_expect_error(ApiKeyError::NotCreated);
    }
}
