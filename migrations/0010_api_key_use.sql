-- Telemetry of API keys, as 0006 is of sessions: when each was last used. Nodes write it in batches, at most once a
-- minute for each key; nothing is decided by it.
CREATE TABLE telemetry.api_key_use (
    key_id       uuid        NOT NULL PRIMARY KEY,
    -- The key's person; null for a service's.
    user_id      uuid,
    last_used_at timestamptz NOT NULL,
    -- Requests that it made.
    uses         bigint      NOT NULL DEFAULT 0 CHECK (uses >= 0)
)
-- As for sessions: each update stays within its page.
WITH (fillfactor = 70);

-- All of one person's.
CREATE INDEX api_key_use_user ON telemetry.api_key_use (user_id) WHERE user_id IS NOT NULL;
