//! A login session: one stream each, so that rotating and ending its refresh token cannot race.

mod end;
mod error;
mod events;
mod expire;
mod notice;
mod prolong;
mod rotate;
mod start;
mod state;
mod verify;

pub use end::EndSession;
pub use error::SessionError;
pub use events::*;
pub use expire::ExpireSession;
pub use notice::{DEVICES, NoticeDevice};
pub use prolong::ProlongSession;
pub use rotate::{REPEAT_WINDOW, RotateRefresh};
pub use start::StartSession;
pub use state::{Ending, Session};
pub use verify::MarkSessionVerified;

use crate::{aggregate::aggregate, ids::SessionId};

aggregate! {
    Session = "session", id SessionId, error SessionError;
    commands SessionCommand {
        StartSession, RotateRefresh, ProlongSession, MarkSessionVerified, NoticeDevice, EndSession, ExpireSession
    }
    events SessionEvent {
        SessionStarted = "session_started" "1",
        SessionRotated = "session_rotated" "1",
        SessionProlonged = "session_prolonged" "1",
        RotationRepeated = "rotation_repeated" "1",
        RefreshReused = "refresh_reused" "1",
        SessionVerified = "session_verified" "1",
        SessionDeviceChanged = "session_device_changed" "1",
        SessionEnded = "session_ended" "1",
        SessionExpired = "session_expired" "1",
    }
}
