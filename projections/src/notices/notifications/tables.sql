-- One row per event that a person is told of; purged when the person is erased. Nothing in it is personal but whose it is.
CREATE TABLE notifications (
    -- Of the event, in the log: the order of the list.
    position        bigint      NOT NULL PRIMARY KEY,
    -- The event's id.
    notification_id uuid        NOT NULL,
    user_id         uuid        NOT NULL,
    -- badge_earned
    kind            text        NOT NULL,
    created_at      timestamptz NOT NULL,
    -- Null: unread.
    read_at         timestamptz,
    award_id        uuid        NOT NULL,
    badge_id        uuid        NOT NULL,
    -- As it was when it was awarded.
    badge_name      text        NOT NULL,
    -- What the person got.
    points          bigint      NOT NULL
);
CREATE UNIQUE INDEX notifications_id ON notifications (notification_id);
-- A person's, newest first; and those of them that are unread, which are counted with every list.
CREATE INDEX notifications_user ON notifications (user_id, position);
CREATE INDEX notifications_unread ON notifications (user_id, position) WHERE read_at IS NULL;
-- What goes when its award is taken away: a person has at most one of each.
CREATE UNIQUE INDEX notifications_award ON notifications (award_id);
