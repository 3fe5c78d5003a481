//! Who may run which command: one row per command, one column per kind of principal, checked before the decision.
//!
//! A command that is not in the table is nobody's.

use crate::{Principal, error::CommandError};
use Warrant::{
    Challenge, OwnKey, OwnSide, OwnThing, Password, Policy, Record, RefreshToken, Registration, Report,
    Request,
};
use domain::UserId;

/// What a use case has established itself before it issues commands on somebody's behalf.
/// Only use cases of this crate hold one; a command run directly has none. It opens the rows that name it, and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warrant {
    /// A stranger registers, or an operator makes an account.
    Registration,
    /// The account's password was presented.
    Password,
    /// A code or reset token is presented: its challenge decides in the same append.
    Challenge,
    /// A refresh token of ours was presented.
    RefreshToken,
    /// Anybody may ask for a code or have a failure recorded: it is sent to the account's own contact.
    Request,
    /// What is done is the caller's own side of a pair: who follows, answers, blocks or mutes is the caller.
    OwnSide,
    /// The program does what a person's profile says in general.
    Policy,
    /// The program keeps a record of what the caller sees, or was refused.
    Record,
    /// Staff act on another's account: their own is read in the same append.
    Staff,
    /// The API key that is made is the caller's own.
    OwnKey,
    /// The thing that is added is the caller's own.
    OwnThing,
    /// What is recorded is the caller's own doing, or a service says it that may (C-40).
    Report,
}

/// A cell of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    Never,
    /// Only within a use case that holds one of the warrants that the row names.
    Warranted,
    /// Only within a use case that holds this warrant.
    Only(Warrant),
    /// As [`Right::Warranted`], or with [`Warrant::Staff`].
    WarrantedOrStaff,
    Always,
}

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not signed in; also an unverified session on a stream that is not its own.
    Anonymous,
    /// Signed in without a verified contact, on its own stream (C-03).
    Unverified,
    /// On its own stream.
    Owner,
    /// A verified user on a stream that is another's, or nobody's yet.
    Other,
    /// Owner or admin by role (C-18), on a stream that is another's.
    Staff,
    /// A person's API key, on the person's stream or on nobody's.
    Key,
    /// A service's API key.
    Service,
    /// The program itself, or its operator at the command line.
    System,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Anonymous,
        Self::Unverified,
        Self::Owner,
        Self::Other,
        Self::Staff,
        Self::Key,
        Self::Service,
        Self::System,
    ];

    /// What `principal` is on a stream of `owner`.
    pub fn of(principal: &Principal, owner: Option<UserId>) -> Self {
        match principal {
            Principal::Anonymous => Self::Anonymous,
            Principal::Service { .. } => Self::Service,
            Principal::Key { user, .. } if owner.is_none_or(|owner| owner == *user) => Self::Key,
            // On another's stream a key is nobody.
            Principal::Key { .. } => Self::Anonymous,
            Principal::System(_) => Self::System,
            Principal::User { id, role, verified, .. } => match (owner == Some(*id), verified) {
                (true, true) => Self::Owner,
                (true, false) => Self::Unverified,
                (false, false) => Self::Anonymous,
                (false, true) if role.is_staff() => Self::Staff,
                (false, true) => Self::Other,
            },
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub aggregate: &'static str,
    pub command: &'static str,
    /// In the order of [`Kind::ALL`].
    pub rights: [Right; 8],
    /// What [`Right::Warranted`] means in this row. A warrant that is not named opens nothing.
    pub warrants: &'static [Warrant],
}

impl Row {
    /// Whether a principal of this kind may do it, within a use case that holds this warrant.
    pub fn allows(&self, kind: Kind, warrant: Option<Warrant>) -> bool {
        let named = warrant.is_some_and(|warrant| self.warrants.contains(&warrant));
        match self.rights[kind as usize] {
            Right::Never => false,
            Right::Warranted => named,
            Right::Only(only) => warrant == Some(only),
            Right::WarrantedOrStaff => named || warrant == Some(Warrant::Staff),
            Right::Always => true,
        }
    }
}

const A: Right = Right::Always;
const E: Right = Right::WarrantedOrStaff;
const N: Right = Right::Never;
const P: Right = Right::Only(Policy);
const S: Right = Right::Only(Warrant::Staff);
const W: Right = Right::Warranted;

const fn row(
    aggregate: &'static str,
    command: &'static str,
    rights: [Right; 8],
    warrants: &'static [Warrant],
) -> Row {
    Row { aggregate, command, rights, warrants }
}

/// `A` always, `N` never; `W` with a warrant that the row names, `S` with that of staff, `E` with either of the two,
/// `P` with that of a policy.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    //                                            anonymous
    //                                            |  unverified
    //                                            |  |  owner
    //                                            |  |  |  other
    //                                            |  |  |  |  staff
    //                                            |  |  |  |  |  key
    //                                            |  |  |  |  |  |  service
    //                                            |  |  |  |  |  |  |  system
    row("user",      "RegisterUser",             [W, N, N, W, E, N, N, W], &[Registration]),
    row("user",      "VouchForContact",          [N, N, N, N, N, N, N, A], &[]),
    row("user",      "CorrectAddress",           [W, W, E, W, E, N, N, N], &[Password]),
    row("user",      "ExpireRegistration",       [N, N, N, N, N, N, N, A], &[]),
    row("user",      "RequestVerification",      [W, W, E, W, E, N, N, W], &[Registration, Password, Request]),
    row("user",      "VerifyContact",            [W, W, W, W, W, N, N, N], &[Challenge]),
    // A change of address is its person's; whoever has the link that was mailed to the former one stops it.
    row("user",      "RequestEmailChange",       [N, W, W, N, N, N, N, N], &[Password]),
    row("user",      "RepeatEmailChange",        [N, W, W, N, N, N, N, N], &[Request]),
    row("user",      "CancelEmailChange",        [N, A, A, N, N, N, N, N], &[]),
    row("user",      "StopEmailChange",          [W, W, W, W, W, N, N, N], &[Challenge]),
    row("user",      "ChangePassword",           [W, W, W, W, W, N, N, N], &[Password]),
    row("user",      "RequestPasswordReset",     [W, W, W, W, W, N, N, W], &[Request]),
    row("user",      "ResetPassword",            [W, W, W, W, W, N, N, N], &[Challenge]),
    row("user",      "InvalidateSessions",       [W, A, A, W, E, N, N, N], &[Challenge]),
    row("user",      "RequestDeletion",          [N, A, A, N, S, N, N, N], &[]),
    row("user",      "CancelDeletion",           [W, N, N, W, E, N, N, N], &[Password]),
    row("user",      "EraseUser",                [N, N, N, N, N, N, N, A], &[]),
    row("user",      "CertifyErasure",           [N, N, N, N, N, N, N, A], &[]),
    row("user",      "ChangeRole",               [N, N, S, N, S, N, N, N], &[]),
    row("user",      "SuspendUser",              [N, N, S, N, S, N, N, N], &[]),
    row("user",      "ReinstateUser",            [N, N, S, N, S, N, N, N], &[]),
    row("user",      "InviteUser",               [N, N, N, N, S, N, N, N], &[]),
    row("user",      "AcceptInvitation",         [W, W, W, W, W, N, N, N], &[Challenge]),
    row("session",   "StartSession",             [W, W, W, W, W, N, N, N], &[Registration, Password]),
    row("session",   "RotateRefresh",            [W, W, W, W, W, N, N, N], &[RefreshToken]),
    row("session",   "ProlongSession",           [N, A, A, N, N, N, N, N], &[]),
    row("session",   "MarkSessionVerified",      [W, W, W, W, W, N, N, N], &[Challenge, RefreshToken]),
    row("session",   "NoticeDevice",             [W, W, W, W, W, N, N, N], &[RefreshToken, Record]),
    row("session",   "EndSession",               [W, A, A, W, W, N, N, N], &[Password, RefreshToken]),
    row("session",   "ExpireSession",            [N, N, N, N, N, N, N, A], &[]),
    row("sign_in",   "RecordFailure",            [W, W, W, W, W, N, N, N], &[Request]),
    row("sign_in",   "RecordRefusal",            [W, W, W, W, W, N, N, N], &[Request]),
    row("sign_in",   "RecordSuspicion",          [W, W, W, W, W, N, N, N], &[Request]),
    row("sign_in",   "RecordSignIn",             [W, W, W, W, W, N, N, N], &[Registration, Password]),
    row("challenge", "IssueChallenge",           [W, W, E, W, E, N, N, W], &[Registration, Password, Request]),
    row("challenge", "ResendChallenge",          [W, W, W, W, W, N, N, N], &[Request]),
    row("challenge", "AnswerChallenge",          [W, W, W, W, W, N, N, N], &[Challenge]),
    row("profile",   "CreateProfile",            [W, W, W, W, E, N, N, A], &[Registration]),
    row("profile",   "UpdateProfile",            [N, A, A, N, S, A, N, N], &[]),
    row("profile",   "FeatureBadges",            [N, N, W, N, N, N, N, N], &[OwnSide]),
    row("access_log", "RecordView",              [N, N, N, W, W, N, N, N], &[Record]),
    row("access_log", "RecordFetch",             [N, N, N, N, N, N, W, N], &[Record]),
    row("access_log", "RecordDenial",            [W, N, N, W, W, W, N, N], &[Record]),
    row("access_log", "RecordAct",               [N, N, N, S, S, N, N, W], &[Record]),
    row("settings",  "UpdateSettings",           [N, A, A, N, N, A, N, N], &[]),
    row("inbox",     "MarkRead",                 [N, A, A, N, N, A, N, N], &[]),
    row("inbox",     "MarkAllRead",              [N, A, A, N, N, A, N, N], &[]),
    // A new thing is nobody's yet.
    row("skill",     "AddSkill",                 [N, N, N, W, W, W, N, N], &[OwnThing]),
    row("skill",     "ReviseSkill",              [N, A, A, N, N, A, N, N], &[]),
    row("skill",     "RemoveSkill",              [N, A, A, N, N, A, N, N], &[]),
    row("activity",  "RecordActiveDay",          [N, N, N, N, N, N, N, A], &[]),
    row("activity",  "RecordActivity",           [N, N, N, W, W, N, W, W], &[Report]),
    row("activity",  "ReverseActivity",          [N, N, N, W, W, N, W, W], &[Report]),
    row("calendar",  "CloseDay",                 [N, N, N, N, N, N, N, A], &[]),
    // A new key is nobody's yet; a service's stays so.
    row("api_key",   "CreateApiKey",             [N, N, N, W, E, N, N, N], &[OwnKey]),
    row("api_key",   "RenameApiKey",             [N, N, A, N, N, N, N, N], &[]),
    row("api_key",   "ConfirmApiKey",            [N, N, W, N, N, N, N, N], &[OwnKey]),
    row("api_key",   "RevokeApiKey",             [N, A, A, N, S, N, N, N], &[]),
    row("api_key",   "TakeOverApiKey",           [N, N, N, N, S, N, N, N], &[]),
    // A badge is nobody's; an award belongs to whoever has it, and is staff's to give and to take.
    row("badge",     "DefineBadge",              [N, N, N, N, S, N, N, A], &[]),
    row("badge",     "ReviseBadge",              [N, N, N, N, S, N, N, N], &[]),
    row("badge",     "ActivateBadge",            [N, N, N, N, S, N, N, A], &[]),
    row("badge",     "RetireBadge",              [N, N, N, N, S, N, N, A], &[]),
    row("award",     "AwardBadge",               [N, N, N, N, S, N, W, A], &[Report]),
    row("award",     "RevokeBadge",              [N, N, N, N, S, N, N, N], &[]),
    row("award",     "LiftRevocation",           [N, N, N, N, S, N, N, N], &[]),
    row("award",     "NoteAward",                [N, N, N, N, S, N, N, N], &[]),
    // Nobody grants themselves anything, and what is held is settled by the program alone.
    row("ledger",    "Grant",                    [N, N, N, N, S, N, W, A], &[Report]),
    row("ledger",    "RevokeGrant",              [N, N, N, N, S, N, W, A], &[Report]),
    // No use case lets a person pay yet: the one that will names its warrant here.
    row("ledger",    "Reserve",                  [N, N, W, N, N, N, N, A], &[]),
    row("ledger",    "Capture",                  [N, N, N, N, N, N, N, A], &[]),
    row("ledger",    "Refund",                   [N, N, N, N, N, N, N, A], &[]),
    row("ledger",    "Spend",                    [N, N, W, N, N, N, N, A], &[]),
    row("ledger",    "Adjust",                   [N, N, N, N, S, N, N, N], &[]),
    // A pair belongs to neither of the two, so that a verified user is "other" on it.
    row("follow",    "RequestFollow",            [N, N, N, W, W, W, N, N], &[OwnSide]),
    row("follow",    "AcceptFollow",             [N, N, N, W, W, W, N, P], &[OwnSide]),
    row("follow",    "RejectFollow",             [N, N, N, W, W, W, N, N], &[OwnSide]),
    row("follow",    "Unfollow",                 [N, N, N, W, W, W, N, N], &[OwnSide]),
    row("follow",    "RemoveFollower",           [N, N, N, W, W, W, N, N], &[OwnSide]),
    row("follow",    "Block",                    [N, N, N, W, W, W, N, N], &[OwnSide]),
    row("follow",    "Unblock",                  [N, N, N, W, W, W, N, N], &[OwnSide]),
    row("follow",    "Mute",                     [N, N, N, W, W, W, N, N], &[OwnSide]),
    row("follow",    "Unmute",                   [N, N, N, W, W, W, N, N], &[OwnSide]),
    row("follow",    "SeverPair",                [N, N, N, N, N, N, N, A], &[]),
];

/// Whether the table lets the principal do it.
///
/// # Errors
/// [`CommandError::Forbidden`].
pub fn check(
    aggregate: &str,
    command: &str,
    principal: &Principal,
    owner: Option<UserId>,
    warrant: Option<Warrant>,
) -> Result<(), CommandError> {
    let kind = Kind::of(principal, owner);
    let allowed = row_of(aggregate, command).is_some_and(|row| row.allows(kind, warrant));
    if allowed { Ok(()) } else { Err(CommandError::Forbidden) }
}

fn row_of(aggregate: &str, command: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.command == command && row.aggregate == aggregate)
}

#[cfg(test)]
#[path = "authority_tests.rs"]
mod tests;
