-- Telemetry: what is observed of requests and decided by nobody, so that it is no event (C-22). The log cannot rebuild
-- it, no projection has it, and up to a minute of it is lost when a program is killed.
CREATE SCHEMA telemetry;

-- Each session's last sign of life: what its idle limit is counted from, and what its owner is shown.
-- Nodes write it in batches, at most once a minute for each session.
CREATE TABLE telemetry.session_activity (
    session_id     uuid        NOT NULL PRIMARY KEY,
    user_id        uuid        NOT NULL,
    last_active_at timestamptz NOT NULL,
    -- Requests that the session made.
    pages_visited  bigint      NOT NULL DEFAULT 0 CHECK (pages_visited >= 0)
)
-- No index holds what changes, and with room on the page each update stays within it.
WITH (fillfactor = 70);

-- All of one person's.
CREATE INDEX session_activity_user ON telemetry.session_activity (user_id);
