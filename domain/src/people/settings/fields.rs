//! The choices of a person, once for the state, the patch and the event.

/// Calls `$callback` with `field: type = default`, in the order of SET-01. These hold nothing personal.
macro_rules! choices {
    ($callback:ident) => {
        $callback! {
            email_notifications: bool = true,
            sms_notifications: bool = false,
            push_notifications: bool = true,
            warranty_expiry_notifications: bool = true,
            maintenance_reminder_notifications: bool = true,
            notification_frequency: $crate::values::NotificationFrequency =
                $crate::values::NotificationFrequency::Immediate,
            profile_visibility: $crate::values::ProfileVisibility =
                $crate::values::ProfileVisibility::Public,
            theme: $crate::values::Theme = $crate::values::Theme::System,
            mature_content: bool = false,
            auto_play_videos: bool = true,
        }
    };
}
pub(super) use choices;

/// As long as nothing else is chosen.
pub const DEFAULT_LANGUAGE: &str = "en";
/// As long as nothing else is chosen.
pub const DEFAULT_TIMEZONE: &str = "UTC";
