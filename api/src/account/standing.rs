//! Changes of an account's role, suspension and unverified address in a body (USR-04, USR-07).

use crate::{
    account::views::AdminUserView,
    extract::{Checks, Writable, typed},
    problem::{ApiResult, Problem},
};
use chrono::{DateTime, Utc};
use commands::{StandingChange, SuspensionChange};
use domain::values::{Email, Role, SuspensionReason};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

const STANDING: Writable = Writable {
    members: &[
        "email",
        "role",
        "status",
        "is_suspended",
        "suspension_reason",
        "suspended_until",
        "current_password",
    ],
    synonyms: &[],
    volatile: &["updated_at", "last_login", "last_active", "suspended_at"],
};

/// What staff may change of another's account; the other fields of an account may be sent along unchanged.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StandingBody {
    /// The right address of an account that nobody has verified; a code, or an invitation, is sent to it.
    #[schema(example = "jane@example.com")]
    email: Option<String>,
    /// One of owner, normal, `data_provider`, professional, admin, moderator. All sessions of the account end.
    #[schema(example = "moderator")]
    role: Option<String>,
    /// `suspended`, or `active` to reinstate.
    #[schema(example = "suspended")]
    status: Option<String>,
    /// Same as `status`.
    is_suspended: Option<bool>,
    /// Why; needed with a suspension. 1 to 500 characters.
    suspension_reason: Option<String>,
    /// When the suspension ends by itself; null: not before somebody reinstates the account.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    suspended_until: Option<Option<DateTime<Utc>>>,
    /// Of whoever acts. Whoever makes somebody owner or admin, or corrects the address of one, sends it, or has logged in
    /// a moment ago.
    #[schema(format = Password)]
    current_password: Option<String>,
}

/// Tells `null` from an absent field.
fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl StandingBody {
    /// What a body changes of an account as it is shown now.
    pub fn read(body: Map<String, Value>, current: &AdminUserView) -> ApiResult<StandingChange> {
        let shown = serde_json::to_value(current).map_err(Problem::internal)?;
        let mut checks = Checks::default();
        let mut changes = STANDING.changes(body, &shown, &mut checks);
        // Cleared with the suspension that it belonged to.
        if changes.get("suspension_reason").is_some_and(Value::is_null) {
            changes.remove("suspension_reason");
        }
        let change = typed::<Self>(changes, &mut checks).map(|body| body.checked(current, &mut checks));
        checks.finish()?;
        change.ok_or_else(|| Problem::internal("a checked form without its values"))
    }

    fn checked(self, current: &AdminUserView, checks: &mut Checks) -> StandingChange {
        let role = self.role.as_deref().and_then(|name| role(checks, name));
        let address = self.email.as_deref().and_then(|text| checks.value("email", Email::parse(text)));
        if address.is_some() && current.account.is_verified {
            checks.add("email", "read-only", "a verified address is changed by its person");
        }
        let proof = self.current_password.clone().map(SecretString::from);
        let suspension = self.suspension(current, checks);
        StandingChange { role, suspension, address, proof }
    }

    fn suspension(self, current: &AdminUserView, checks: &mut Checks) -> Option<SuspensionChange> {
        let by_status = match self.status.as_deref() {
            None => None,
            Some("suspended") => Some(true),
            Some("active") if current.is_suspended => Some(false),
            Some(_) => {
                checks.add("status", "invalid", "suspended, or active to reinstate a suspended account");
                return None;
            }
        };
        if let (Some(one), Some(other)) = (by_status, self.is_suspended)
            && one != other
        {
            checks.add("is_suspended", "contradiction", "status says something else");
            return None;
        }
        let told = self.suspension_reason.is_some() || self.suspended_until.is_some_and(|end| end.is_some());
        match (by_status.or(self.is_suspended), current.is_suspended) {
            (Some(false), _) => Some(SuspensionChange::Reinstate),
            (None, false) if told => {
                checks.add("is_suspended", "missing", "a reason or an end belongs to a suspension");
                None
            }
            (None, false) => None,
            (None, true) if self.suspension_reason.is_none() && self.suspended_until.is_none() => None,
            (Some(true), _) | (None, true) => {
                let until = self.suspended_until.unwrap_or(current.suspended_until);
                let reason = self.suspension_reason.or_else(|| current.suspension_reason.clone());
                suspend(checks, "suspension_reason", reason, until)
            }
        }
    }
}

/// The role of this name.
pub fn role(checks: &mut Checks, name: &str) -> Option<Role> {
    let role = name.parse().ok();
    if role.is_none() {
        checks.add(
            "role",
            "role-invalid",
            "one of owner, normal, data_provider, professional, admin, moderator",
        );
    }
    role
}

/// A suspension for this reason, which is in this field.
pub fn suspend(
    checks: &mut Checks,
    member: &str,
    reason: Option<String>,
    until: Option<DateTime<Utc>>,
) -> Option<SuspensionChange> {
    let Some(reason) = reason else {
        checks.add(member, "missing", "a suspension has a reason");
        return None;
    };
    let reason = checks.value(member, SuspensionReason::parse(&reason))?;
    Some(SuspensionChange::Suspend { reason, until })
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
