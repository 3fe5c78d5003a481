//! The other person of a request, and who looks at them.

use crate::{
    App,
    caller::Caller,
    extract::Checks,
    problem::{ApiResult, FieldError, Problem, catalogue as kind},
    reply::MinPosition,
};
use axum::http::StatusCode;
use commands::{CommandError, Done, Principal};
use domain::{UserId, follow::Follow};
use projections::{Name, Person, Viewer};
use uuid::Uuid;

/// Who looks. A role of staff must still be the account's, for a token may be older than its end.
pub async fn viewer(app: &App, caller: &Caller) -> ApiResult<Viewer> {
    let claims_staff = matches!(
        caller.command.principal,
        Principal::User { role, verified: true, .. } if role.is_staff()
    );
    let is_staff = claims_staff
        && app.queries().find_account(caller.user).await?.is_some_and(|account| account.role.is_staff());
    Ok(Viewer { user: caller.user, is_staff, now: app.now() })
}

/// Lists of other people are for those whose contact is verified by now, whatever their token says (C-03).
pub async fn may_list_people(app: &App, caller: &Caller) -> ApiResult<()> {
    if !matches!(caller.command.principal, Principal::User { verified: false, .. }) {
        return Ok(());
    }
    let account = app.queries().find_account(caller.user).await?;
    match account.is_some_and(|account| account.is_verified) {
        true => Ok(()),
        false => Err(Problem::of(&kind::CONTACT_UNVERIFIED)),
    }
}

/// Whom a path names by id or, in any case, by username.
pub async fn user_id(app: &App, name: &str) -> ApiResult<Option<UserId>> {
    match name.parse() {
        Ok(id) => Ok(Some(id)),
        Err(_) => Ok(app.queries().find_user_id(name).await?),
    }
}

/// The person whom a path names, if there is one for this viewer.
pub async fn found(app: &App, viewer: Viewer, name: &str) -> ApiResult<Person> {
    let absent = || Problem::of(&kind::ACCOUNT_NOT_FOUND);
    let person = user_id(app, name).await?.ok_or_else(absent)?;
    let person = app.queries().find_person(viewer, person).await?.ok_or_else(absent)?;
    person.sight(viewer).map(|_| person).ok_or_else(absent)
}

/// The value of a form in which nothing is wrong.
pub fn whole<T>(checks: Checks, value: Option<T>) -> ApiResult<T> {
    checks.finish()?;
    value.ok_or_else(|| Problem::internal("a checked form without its values"))
}

/// The one person that a body names by any of these fields (C-13).
pub fn named_in<const N: usize>(checks: &mut Checks, members: [(&str, Option<Uuid>); N]) -> Option<UserId> {
    let name = members.first().map_or("", |(name, _)| name);
    let mut given = members.iter().filter_map(|(_, id)| *id);
    let Some(first) = given.next() else {
        checks.missing(name);
        return None;
    };
    if given.any(|other| other != first) {
        checks.add(name, "contradiction", "its other names say something else");
    }
    Some(UserId::from_uuid(first))
}

/// The body may name the acting user; it must be the caller (C-13).
pub fn acts(member: &str, given: Option<Uuid>, caller: &Caller) -> ApiResult<()> {
    if given.is_none_or(|id| id == caller.user.uuid()) {
        return Ok(());
    }
    let error = FieldError::new(format!("/{member}"), "not-the-caller", "this must be your own id");
    Err(Problem::of(&kind::FORBIDDEN).errors(vec![error]))
}

/// An erased person is as absent as one who never was.
pub fn absent(error: CommandError) -> Problem {
    match error {
        CommandError::NotFound => Problem::of(&kind::ACCOUNT_NOT_FOUND),
        error => Problem::from(error),
    }
}

/// 201 for what this request made, also when it is repeated; 200 for what was there.
pub fn made(done: &Done<Follow>) -> StatusCode {
    if done.events.is_empty() && !done.receipt.replayed { StatusCode::OK } else { StatusCode::CREATED }
}

/// Waits, bounded, until read models show everything that is in the log by now: an id that they do not know may be of a
/// command whose reply did not wait.
pub async fn up_to_date(app: &App, reads: &[Name]) -> ApiResult<()> {
    let head = app.queries().watcher().head().await?;
    app.catch_up(MinPosition(Some(head)), reads).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Option<Uuid> {
        Some(Uuid::from_u128(n))
    }

    fn code(members: [Option<Uuid>; 3]) -> Result<UserId, String> {
        let [a, b, c] = members;
        let mut checks = Checks::default();
        let person = named_in(&mut checks, [("following", a), ("followed", b), ("user_id", c)]);
        whole(checks, person).map_err(|problem| problem.field_errors()[0].code.clone())
    }

    #[test]
    fn any_name_of_the_member_will_do_and_none_may_disagree() {
        let person = Ok(UserId::from_uuid(Uuid::from_u128(1)));

        assert_eq!(code([id(1), None, None]), person);
        assert_eq!(code([None, None, id(1)]), person);
        assert_eq!(code([id(1), id(1), None]), person);
        assert_eq!(code([None, None, None]), Err("missing".to_owned()));
        assert_eq!(code([id(1), None, id(2)]), Err("contradiction".to_owned()));
    }
}
