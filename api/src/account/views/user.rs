//! A user, to staff and to everybody else.

use crate::{account::views::AdminUserView, people::views::PersonView};
use serde::Serialize;
use utoipa::ToSchema;

/// A person as the caller may see them; to staff, the account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum UserView {
    Person(PersonView),
    Account(AdminUserView),
}
