//! Which events call for a mail. What it says, and whether it still must go out, is decided when it is sent.

use crate::engine::reactors::Reactor;
use crate::jobs::NewJob;
use domain::{
    AnyEvent, ApiKeyId, AwardId, ChallengeId, UserId,
    api_key::{ApiKeyCreated, ApiKeyEvent, Holder},
    award::AwardEvent,
    challenge::{ChallengeEvent, ChallengeIssued},
    user::{
        ContactKind, ContactVerified, DeletionBy, PasswordCause, PasswordChanged, UserDeletionRequested,
        UserEvent, VerificationRequested,
    },
};
use serde::{Deserialize, Serialize};
use store::Recorded;

/// The kind of its jobs.
pub(crate) const KIND: &str = "send_email";

/// A user's stream holds at least so many events before an address can replace a verified one:
/// registered, verified, requested.
const BEFORE_REPLACEMENT: i64 = 3;
/// And at least so many before a change of address can be asked for: registered, verified.
const BEFORE_CHANGE: i64 = 2;

/// What is to be sent, by ids. **Stored** as the payload of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub(crate) enum Letter {
    /// The code or token of a challenge, to the address that it was issued for.
    Challenge { challenge: ChallengeId },
    /// To the account's verified address.
    PasswordChanged { user: UserId, sequence: i64 },
    /// To the verified address that the one of this event replaced, if there was one.
    AddressReplaced { user: UserId, sequence: i64 },
    /// To the verified address, while another is asked for by this event.
    EmailChangeAsked { user: UserId, sequence: i64 },
    /// To the verified address of the key's person.
    ApiKeyCreated { api_key: ApiKeyId },
    /// To the account's verified address.
    DeletionRequested { user: UserId, sequence: i64 },
    /// To the verified address of whom it was awarded to, who wants such mail.
    BadgeEarned { award: AwardId, sequence: i64 },
}

/// Codes, reset tokens, security notices and what people are told of go out by mail.
pub struct SendEmail;

impl Reactor for SendEmail {
    const NAME: &'static str = "send_email";

    fn jobs(&self, event: &AnyEvent, recorded: &Recorded) -> Vec<NewJob> {
        let Some(letter) = letter(event, recorded) else { return Vec::new() };
        // An enum of ids always serialises; an empty payload would be parked as malformed, not lost.
        let payload = serde_json::to_value(letter).unwrap_or_default();
        vec![NewJob { kind: KIND, target: recorded.aggregate_id.clone(), payload, not_before: None }]
    }
}

fn letter(event: &AnyEvent, recorded: &Recorded) -> Option<Letter> {
    let sequence = recorded.sequence;
    match event {
        AnyEvent::Challenge(ChallengeEvent::ChallengeIssued(ChallengeIssued {
            channel: ContactKind::Email,
            ..
        })) => Some(Letter::Challenge { challenge: recorded.aggregate_id.parse().ok()? }),
        AnyEvent::Challenge(ChallengeEvent::ChallengeResent(_)) => {
            Some(Letter::Challenge { challenge: recorded.aggregate_id.parse().ok()? })
        }
        AnyEvent::User(UserEvent::PasswordChanged(PasswordChanged {
            cause: PasswordCause::Changed | PasswordCause::Reset,
            ..
        })) => Some(Letter::PasswordChanged { user: recorded.aggregate_id.parse().ok()?, sequence }),
        AnyEvent::User(UserEvent::ContactVerified(ContactVerified {
            contact: ContactKind::Email, ..
        })) if sequence > BEFORE_REPLACEMENT => {
            Some(Letter::AddressReplaced { user: recorded.aggregate_id.parse().ok()?, sequence })
        }
        // Whether it is a change or another code for the first verification, the account tells when it is sent.
        AnyEvent::User(UserEvent::VerificationRequested(VerificationRequested {
            contact: ContactKind::Email,
            ..
        })) if sequence > BEFORE_CHANGE => {
            Some(Letter::EmailChangeAsked { user: recorded.aggregate_id.parse().ok()?, sequence })
        }
        AnyEvent::ApiKey(ApiKeyEvent::ApiKeyCreated(ApiKeyCreated { holder: Holder::User(_), .. })) => {
            Some(Letter::ApiKeyCreated { api_key: recorded.aggregate_id.parse().ok()? })
        }
        // What staff delete is gone at once: there is nothing to be taken back.
        AnyEvent::User(UserEvent::UserDeletionRequested(UserDeletionRequested {
            by: DeletionBy::Owner,
            ..
        })) => Some(Letter::DeletionRequested { user: recorded.aggregate_id.parse().ok()?, sequence }),
        AnyEvent::Award(AwardEvent::BadgeAwarded(_)) => {
            Some(Letter::BadgeEarned { award: recorded.aggregate_id.parse().ok()?, sequence })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        BadgeId, Personal, SecretId, Subject,
        award::{Awarder, BadgeAwarded, RevocationLifted},
        challenge::ChallengePurpose,
    };
    use serde_json::value::RawValue;
    use uuid::Uuid;

    fn recorded(aggregate_type: &str, sequence: i64) -> Recorded {
        Recorded {
            position: 9,
            event_id: domain::EventId::from_uuid(Uuid::from_u128(7)),
            aggregate_type: aggregate_type.to_owned(),
            aggregate_id: Uuid::from_u128(1).to_string(),
            sequence,
            event_type: String::new(),
            event_version: "1".to_owned(),
            recorded_at: chrono::DateTime::UNIX_EPOCH,
            payload: RawValue::NULL.to_owned(),
            metadata: RawValue::NULL.to_owned(),
        }
    }

    fn issued(channel: ContactKind) -> AnyEvent {
        let at = chrono::DateTime::UNIX_EPOCH;
        let address = Personal::new(Subject::default(), "jane@example.com".to_owned());
        let user = UserId::from_uuid(Uuid::from_u128(2));
        let purpose = ChallengePurpose::VerifyEmail;
        let issued =
            ChallengeIssued { user, purpose, channel, address, issued_at: at, expires_at: at, attempts: 5 };
        AnyEvent::Challenge(issued.into())
    }

    fn changed(cause: PasswordCause) -> AnyEvent {
        let changed_at = chrono::DateTime::UNIX_EPOCH;
        AnyEvent::User(PasswordChanged { password: SecretId::default(), cause, changed_at }.into())
    }

    #[test]
    fn challenge_by_mail_calls_for_a_letter_that_holds_ids_only() {
        let jobs = SendEmail.jobs(&issued(ContactKind::Email), &recorded("challenge", 1));

        let challenge = Uuid::from_u128(1);
        assert_eq!(jobs.len(), 1);
        assert_eq!(jobs[0].target, challenge.to_string());
        assert_eq!(jobs[0].payload, serde_json::json!({ "letter": "challenge", "challenge": challenge }));
    }

    #[test]
    fn challenge_by_text_message_calls_for_no_mail() {
        assert_eq!(SendEmail.jobs(&issued(ContactKind::Phone), &recorded("challenge", 1)), []);
    }

    #[test]
    fn new_password_is_noticed_but_a_stronger_hash_is_not() {
        for cause in [PasswordCause::Changed, PasswordCause::Reset] {
            assert_eq!(SendEmail.jobs(&changed(cause), &recorded("user", 5)).len(), 1, "{cause:?}");
        }
        assert_eq!(SendEmail.jobs(&changed(PasswordCause::Rehashed), &recorded("user", 5)), []);
    }

    #[test]
    fn new_api_key_is_noticed_if_it_is_a_persons() {
        let at = chrono::DateTime::UNIX_EPOCH;
        let made = |holder| {
            let created = ApiKeyCreated {
                holder,
                name: None,
                scopes: std::collections::BTreeSet::new(),
                slot: 0,
                created_at: at,
                expires_at: at,
                epoch: None,
                made_by: None,
            };
            SendEmail.jobs(&AnyEvent::ApiKey(created.into()), &recorded("api_key", 1))
        };

        let jobs = made(Holder::User(UserId::default()));
        let expected = serde_json::json!({ "letter": "api_key_created", "api_key": Uuid::from_u128(1) });
        assert_eq!(jobs[0].payload, expected);
        assert_eq!(made(Holder::Service("etl".to_owned())), []);
    }

    #[test]
    fn deletion_is_noticed_if_its_person_asked_for_it() {
        let at = chrono::DateTime::UNIX_EPOCH;
        let asked = |by| {
            let asked = UserDeletionRequested { erase_after: at, by, requested_at: at };
            SendEmail.jobs(&AnyEvent::User(asked.into()), &recorded("user", 5))
        };

        let user = Uuid::from_u128(1);
        let expected = serde_json::json!({ "letter": "deletion_requested", "user": user, "sequence": 5 });
        assert_eq!(asked(DeletionBy::Owner)[0].payload, expected);
        assert_eq!(asked(DeletionBy::Staff), []);
    }

    #[test]
    fn awarded_badge_calls_for_a_letter_each_time_and_a_lifted_revocation_for_none() {
        let at = chrono::DateTime::UNIX_EPOCH;
        let (user, badge) = (UserId::default(), BadgeId::default());
        let awarded = BadgeAwarded {
            user,
            badge,
            ordinal: 2,
            badge_version: 1,
            name: "First Post".to_owned(),
            points: 25,
            defined_at: at,
            awarded_by: Awarder::System,
            earned_at: at,
            completed_by: None,
            evidence: Vec::new(),
            evidence_total: 0,
            progress: None,
            notes: None,
            awarded_at: at,
        };
        let lifted = RevocationLifted { user, badge, by: user, lifted_at: at };

        let jobs = SendEmail.jobs(&AnyEvent::Award(awarded.into()), &recorded("award", 4));

        let award = Uuid::from_u128(1);
        let expected = serde_json::json!({ "letter": "badge_earned", "award": award, "sequence": 4 });
        assert_eq!((jobs.len(), &jobs[0].payload), (1, &expected));
        assert_eq!(SendEmail.jobs(&AnyEvent::Award(lifted.into()), &recorded("award", 3)), []);
    }

    #[test]
    fn code_of_the_registration_is_no_change_of_address_and_a_later_one_may_be() {
        let address = Personal::new(Subject::default(), "jane@example.com".to_owned());
        let (contact, challenge) = (ContactKind::Email, ChallengeId::default());
        let requested_at = chrono::DateTime::UNIX_EPOCH;
        let asked = VerificationRequested { contact, address, challenge, requested_at };
        let event = AnyEvent::User(asked.into());

        let user = Uuid::from_u128(1);
        let expected = serde_json::json!({ "letter": "email_change_asked", "user": user, "sequence": 3 });
        assert_eq!(SendEmail.jobs(&event, &recorded("user", 2)), []);
        assert_eq!(SendEmail.jobs(&event, &recorded("user", 3))[0].payload, expected);
    }

    #[test]
    fn first_verification_replaces_nothing() {
        let address = Personal::new(Subject::default(), "jane@example.com".to_owned());
        let verified_at = chrono::DateTime::UNIX_EPOCH;
        let contact = ContactKind::Email;
        let event = AnyEvent::User(ContactVerified { contact, address, challenge: None, verified_at }.into());

        assert_eq!(SendEmail.jobs(&event, &recorded("user", 3)), []);
        assert_eq!(SendEmail.jobs(&event, &recorded("user", 4)).len(), 1);
    }
}
