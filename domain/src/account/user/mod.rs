//! The account: identity, contacts, credentials by reference, session epoch.

mod change_password;
mod change_role;
mod correct_address;
mod deletion;
mod disk;
mod email_change;
mod erasure;
mod error;
mod events;
mod expire;
mod index;
mod invite;
mod pending;
mod register;
mod reset_password;
mod sessions;
mod staff;
mod state;
mod suspend;
mod verify_contact;

pub use change_password::ChangePassword;
pub use change_role::ChangeRole;
pub use correct_address::CorrectAddress;
pub use deletion::{CancelDeletion, RequestDeletion};
pub use disk::{DiskPurge, Place};
pub use email_change::{CancelEmailChange, RepeatEmailChange, RequestEmailChange, StopEmailChange};
pub use erasure::{CertifyErasure, EraseUser};
pub use error::UserError;
pub use events::*;
pub use expire::ExpireRegistration;
pub use index::named_address;
pub use invite::{AcceptInvitation, InviteUser};
pub use pending::{KeySleep, LastRequests, PendingReset, PendingVerification, RESEND_GAP};
pub use register::{RegisterUser, VouchForContact};
pub use reset_password::{RequestPasswordReset, ResetPassword};
pub use sessions::InvalidateSessions;
pub use staff::ActingStaff;
pub use state::{Erased, PendingDeletion, Suspension, User};
pub use suspend::{ReinstateUser, SuspendUser};
pub use verify_contact::{RequestVerification, VerifyContact};

use crate::{aggregate::aggregate, ids::UserId};

aggregate! {
    User = "user", id UserId, error UserError;
    commands UserCommand {
        RegisterUser, VouchForContact, CorrectAddress, ExpireRegistration, RequestVerification, VerifyContact,
        RequestEmailChange, RepeatEmailChange, CancelEmailChange, StopEmailChange,
        ChangePassword, RequestPasswordReset, ResetPassword, InvalidateSessions,
        ChangeRole, SuspendUser, ReinstateUser, InviteUser, AcceptInvitation,
        RequestDeletion, CancelDeletion, EraseUser, CertifyErasure,
    }
    events UserEvent {
        UserRegistered = "user_registered" "1",
        VerificationRequested = "verification_requested" "1",
        AddressCorrected = "address_corrected" "1",
        ContactVerified = "contact_verified" "1",
        EmailChangeCancelled = "email_change_cancelled" "1",
        PasswordResetRequested = "password_reset_requested" "1",
        PasswordChanged = "password_changed" "1",
        SessionsInvalidated = "sessions_invalidated" "1",
        RoleChanged = "role_changed" "1",
        UserSuspended = "user_suspended" "1",
        UserReinstated = "user_reinstated" "1",
        UserInvited = "user_invited" "1",
        UserDeletionRequested = "user_deletion_requested" "1",
        UserDeletionCancelled = "user_deletion_cancelled" "1",
        UserErased = "user_erased" "1",
        ErasureCertified = "erasure_certified" "1",
    }
}
