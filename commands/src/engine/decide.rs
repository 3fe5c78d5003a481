//! Deciding on a loaded state: authority, precondition, then the commands in turn. Pure.

use crate::{Caller, Executable, Warrant, authority, error::CommandError};
use domain::{CommandSet, Consequence, Decide};
use store::Loaded;

/// What a unit asks of every stream.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub caller: &'a Caller,
    pub warrant: Option<Warrant>,
    /// The version that the client has seen.
    pub if_match: Option<i64>,
}

/// The events of one stream, and the state that they lead to.
#[derive(Debug)]
pub(crate) struct Decision<A: Executable> {
    pub id: A::Id,
    /// Decided on.
    pub version: i64,
    pub events: Vec<A::Event>,
    pub consequences: Vec<Consequence>,
    pub state: A,
}

/// Decides the commands one after the other, each on the state that the one before left.
pub(crate) fn decide<A: Executable>(
    id: A::Id,
    commands: &[A::Command],
    loaded: Loaded<A>,
    terms: Terms<'_>,
) -> Result<Decision<A>, CommandError> {
    let owner = loaded.state.owner(id);
    for command in commands {
        authority::check(A::TYPE, command.name(), &terms.caller.principal, owner, terms.warrant)?;
    }
    let Loaded { state, version, .. } = loaded;
    if terms.if_match.is_some_and(|seen| seen != version) {
        return Err(CommandError::PreconditionFailed { version });
    }
    let mut decision = Decision { id, version, events: Vec::new(), consequences: Vec::new(), state };
    for command in commands {
        let events = command.decide(&decision.state).map_err(|error| refused::<A>(error, version))?;
        events.into_iter().for_each(|event| decision.add(event));
    }
    Ok(decision)
}

/// What refuses a stream without events refuses it for not being there, unless it always is.
fn refused<A: Executable>(error: A::Error, version: i64) -> CommandError {
    if version == 0 && !A::ALWAYS_THERE { CommandError::NotFound } else { CommandError::rejected(error) }
}

impl<A: Executable> Decision<A> {
    fn add(&mut self, event: A::Event) {
        self.consequences.extend(self.state.consequences(&event));
        self.state.apply(event.clone());
        self.events.push(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Principal;
    use chrono::{DateTime, Utc};
    use domain::{
        ChallengeId, ClaimKind, SecretId, SessionId, UserId,
        profile::{Patch, Profile, ProfileCommand, ProfilePatch, UpdateProfile},
        user::{RegisterUser, RequestVerification, User, UserCommand, UserError},
        values::{Email, FullName, Role, Username},
    };
    use uuid::Uuid;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600 + second, 0).unwrap()
    }

    fn jane() -> UserId {
        UserId::from_uuid(Uuid::from_u128(1))
    }

    fn secret() -> SecretId {
        SecretId::from_uuid(Uuid::from_u128(5))
    }

    fn loaded<A: Executable>(state: A, version: i64) -> Loaded<A> {
        Loaded { state, version, fresh: true }
    }

    fn registration() -> Vec<UserCommand> {
        let (username, email) = (Username::parse("Jane").unwrap(), Email::parse("j@example.com").unwrap());
        let (user, password, role) = (jane(), Some(secret()), Role::Normal);
        vec![RegisterUser { user, username, email, password, role, at: at(0) }.into(), ask(1, 0)]
    }

    fn ask(n: u128, second: i64) -> UserCommand {
        let challenge = ChallengeId::from_uuid(Uuid::from_u128(n));
        RequestVerification { challenge, at: at(second) }.into()
    }

    fn registering<'a>(caller: &'a Caller) -> Terms<'a> {
        Terms { caller, warrant: Some(Warrant::Registration), if_match: None }
    }

    fn updating(caller: &Caller, if_match: Option<i64>) -> Result<Decision<Profile>, CommandError> {
        let full_name = Patch::Set(FullName::parse("Jane Doe").unwrap());
        let patch = ProfilePatch { full_name, ..ProfilePatch::default() };
        let command: ProfileCommand = UpdateProfile { user: jane(), patch, at: at(0) }.into();
        let state = Profile { user: jane(), created_at: Some(at(0)), ..Profile::default() };
        decide(jane(), &[command], loaded(state, 3), Terms { caller, warrant: None, if_match })
    }

    fn signed_in(id: UserId) -> Caller {
        let session = SessionId::from_uuid(Uuid::from_u128(9));
        let principal = Principal::User { id, session, role: Role::Normal, verified: true };
        Caller { principal, ..Caller::default() }
    }

    #[test]
    fn later_command_sees_what_the_earlier_decided() {
        let caller = Caller::anonymous();

        let decision =
            decide(jane(), &registration(), loaded(User::default(), 0), registering(&caller)).unwrap();

        assert_eq!(decision.events.len(), 2);
        assert!(decision.state.verification.is_some());
        let claim = Consequence::Claim(ClaimKind::Username, "jane".into());
        let found = Consequence::Claim(ClaimKind::AwaitedEmail, "j@example.com".into());
        assert_eq!(decision.consequences[..3], [claim, Consequence::Keep(secret()), found]);
    }

    #[test]
    fn refusal_is_typed_on_a_stream_and_not_found_without_one() {
        let caller = Caller::anonymous();
        let there =
            decide(jane(), &registration(), loaded(User::default(), 0), registering(&caller)).unwrap();

        let soon = decide(jane(), &[ask(2, 10)], loaded(there.state, 2), registering(&caller)).unwrap_err();
        let absent = decide(jane(), &[ask(2, 10)], loaded(User::default(), 0), registering(&caller));

        assert_eq!(soon.reason(), Some(&UserError::TooSoon { seconds: 50 }));
        assert!(matches!(absent, Err(CommandError::NotFound)));
    }

    #[test]
    fn only_the_owner_updates_a_profile() {
        let stranger = UserId::from_uuid(Uuid::from_u128(2));

        assert!(updating(&signed_in(jane()), None).is_ok());
        assert!(matches!(updating(&signed_in(stranger), None), Err(CommandError::Forbidden)));
    }

    #[test]
    fn another_version_than_the_one_seen_is_a_failed_precondition() {
        let caller = signed_in(jane());

        assert!(updating(&caller, Some(3)).is_ok());
        assert!(matches!(updating(&caller, Some(2)), Err(CommandError::PreconditionFailed { version: 3 })));
    }
}
