-- One row per event that says something to its person; ids and words, nothing to be purged.
CREATE TABLE user_events (
    position        bigint      NOT NULL PRIMARY KEY,
    event_id        uuid        NOT NULL,
    user_id         uuid        NOT NULL,
    -- Of the request that caused it.
    session_id      uuid,
    -- The request was the person's own; of another's only staff see the session.
    own             boolean     NOT NULL,
    event_type      text        NOT NULL,
    severity        text        NOT NULL,
    -- A stable code; null: it succeeded.
    failure         text,
    target_user     uuid,
    requires_review boolean     NOT NULL,
    recorded_at     timestamptz NOT NULL,
    -- The badge that was earned, its name and its points then.
    badge_id        uuid,
    badge_name      text,
    points          bigint
);

-- A person's own, newest first; for staff one kind of thing, what matters, and what waits for a look.
CREATE INDEX user_events_user ON user_events (user_id, position);
CREATE INDEX user_events_type ON user_events (event_type, position);
CREATE INDEX user_events_severity ON user_events (severity, position);
CREATE INDEX user_events_review ON user_events (position) WHERE requires_review;
-- Finds the position of a time; both rise together.
CREATE INDEX user_events_recorded_at ON user_events (recorded_at, position);
