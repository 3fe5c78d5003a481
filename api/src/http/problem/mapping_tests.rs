//! Every refusal has its row.

use super::*;
use commands::AccountError;
use domain::{
    UserId, challenge::ChallengeError, profile::ProfileError, session::SessionError, user::UserError,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The codes of every `fn code(…) -> &'static str` of a crate, and those that a list of `owned!` names as `refusals`.
fn codes_of(crate_name: &str) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(crate_name).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut codes = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        for function in text.split("fn code(&self) -> &'static str {").skip(1) {
            let body = function.split("\n    }\n").next().unwrap();
            codes.extend(body.split("=> \"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
        for list in text.split("\n    refusals ").skip(1) {
            let list = list.split('}').next().unwrap();
            codes.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
    codes
}

#[test]
fn every_code_of_domain_and_commands_has_a_row_and_every_row_a_code() {
    let codes: BTreeSet<String> = codes_of("domain").union(&codes_of("commands")).cloned().collect();
    let rows: Vec<_> = REFUSALS.iter().map(|(code, _)| (*code).to_owned()).collect();

    assert!(codes.len() > 20, "the scan finds nothing any more: {codes:?}");
    assert_eq!(rows.iter().cloned().collect::<BTreeSet<_>>(), codes);
    assert_eq!(rows.len(), codes.len(), "a code stands twice");
}

#[test]
fn what_the_title_says_already_is_followed_by_what_to_do() {
    let unverified = AccountError::ContactUnverified { user: UserId::from_uuid(uuid::Uuid::nil()) };
    for error in [unverified, AccountError::ApiKeyInvalid, AccountError::ApiKeyRevoked] {
        let problem = Problem::from(CommandError::rejected(error));

        assert_eq!(problem.0.detail.as_deref(), Some(problem.kind().help));
    }
    for code in SAID_BY_THE_TITLE {
        assert!(!row(code).help.is_empty() && REFUSALS.iter().any(|(known, _)| known == code), "{code}");
    }
}

#[test]
fn refusal_about_a_field_points_at_it() {
    let problem = Problem::from(CommandError::rejected(ProfileError::BornInFuture));

    assert_eq!(problem.kind(), &kind::VALIDATION_FAILED);
    assert_eq!(problem.field_errors()[0].pointer, "/date_of_birth");
    assert_eq!(problem.field_errors()[0].code, "date-of-birth-invalid");
}

#[test]
fn others_have_a_kind_of_their_own() {
    for (problem, expected) in [
        (CommandError::rejected(UserError::NoPassword), &kind::NO_PASSWORD),
        (CommandError::rejected(SessionError::NotYours), &kind::SESSION_NOT_FOUND),
        (CommandError::rejected(ChallengeError::Expired), &kind::CODE_REFUSED),
        (CommandError::Duplicate(ClaimKind::Username), &kind::USERNAME_TAKEN),
        (CommandError::PreconditionFailed { version: 3 }, &kind::PRECONDITION_FAILED),
        (CommandError::Busy, &kind::BUSY),
    ] {
        assert_eq!(Problem::from(problem).kind(), expected);
    }
}

#[test]
fn what_failed_inside_is_for_the_log_only() {
    let problem = Problem::from(CommandError::Internal("row 7 of jane@example.com".into()));

    assert_eq!(problem.logged_cause(), Some("row 7 of jane@example.com"));
    let shown = serde_json::to_string(&problem.details("r".to_owned())).unwrap();
    assert!(!shown.contains("row 7"), "{shown}");
}
