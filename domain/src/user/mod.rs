//! The account: identity, contacts, credentials by reference, session epoch.

mod change_password;
mod deletion;
mod erasure;
mod error;
mod events;
mod register;
mod reset_password;
mod sessions;
mod state;
mod verify_contact;

pub use change_password::ChangePassword;
pub use deletion::{CancelDeletion, RequestDeletion};
pub use erasure::{CertifyErasure, EraseUser};
pub use error::UserError;
pub use events::*;
pub use register::{RegisterUser, VouchForContact};
pub use reset_password::{RequestPasswordReset, ResetPassword};
pub use sessions::InvalidateSessions;
pub use state::{Erased, PendingDeletion, PendingReset, PendingVerification, RESEND_GAP, User};
pub use verify_contact::{RequestVerification, VerifyContact};

use crate::{aggregate::aggregate, ids::UserId};

aggregate! {
    User = "user", id UserId, error UserError;
    commands UserCommand {
        RegisterUser, VouchForContact, RequestVerification, VerifyContact,
        ChangePassword, RequestPasswordReset, ResetPassword, InvalidateSessions,
        RequestDeletion, CancelDeletion, EraseUser, CertifyErasure,
    }
    events UserEvent {
        UserRegistered = "user_registered" "1",
        VerificationRequested = "verification_requested" "1",
        ContactVerified = "contact_verified" "1",
        PasswordResetRequested = "password_reset_requested" "1",
        PasswordChanged = "password_changed" "1",
        SessionsInvalidated = "sessions_invalidated" "1",
        UserDeletionRequested = "user_deletion_requested" "1",
        UserDeletionCancelled = "user_deletion_cancelled" "1",
        UserErased = "user_erased" "1",
        ErasureCertified = "erasure_certified" "1",
    }
}
