-- One row per person who chose anything, defaults filled in; in clear: it is purged when its person is erased.
CREATE TABLE user_settings (
    user_id                            uuid        NOT NULL PRIMARY KEY,
    email_notifications                boolean     NOT NULL,
    sms_notifications                  boolean     NOT NULL,
    push_notifications                 boolean     NOT NULL,
    warranty_expiry_notifications      boolean     NOT NULL,
    maintenance_reminder_notifications boolean     NOT NULL,
    notification_frequency             text        NOT NULL,
    profile_visibility                 text        NOT NULL,
    theme                              text        NOT NULL,
    mature_content                     boolean     NOT NULL,
    auto_play_videos                   boolean     NOT NULL,
    language                           text        NOT NULL,
    timezone                           text        NOT NULL,
    -- What clients keep, an object.
    extra                              json        NOT NULL,
    updated_at                         timestamptz NOT NULL,
    -- Events in the stream of settings.
    version                            bigint      NOT NULL
);
