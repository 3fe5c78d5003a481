-- One row per login session, also ended ones. Expiry is not an event: readers compare with the time.
CREATE TABLE sessions (
    session_id         uuid        NOT NULL PRIMARY KEY,
    user_id            uuid        NOT NULL,
    method             text        NOT NULL,
    -- False: started while no contact of the account was verified.
    verified           boolean     NOT NULL,
    -- The account's session epoch at its start.
    epoch              bigint      NOT NULL,
    -- Of the refresh token that counts.
    generation         bigint      NOT NULL,
    ip                 text,
    user_agent         text,
    -- What it began on, as a fingerprint that tells one person's devices apart.
    device             text,
    -- When it was last seen on a device that it had not been seen on before.
    device_changed_at  timestamptz,
    started_at         timestamptz NOT NULL,
    last_refreshed_at  timestamptz,
    refresh_expires_at timestamptz NOT NULL,
    expires_at         timestamptz NOT NULL,
    ended_at           timestamptz,
    end_cause          text,
    -- When the log learned of the end, which is by one clock.
    end_recorded_at    timestamptz,
    version            bigint      NOT NULL
);

-- A user's sessions, newest first.
CREATE INDEX sessions_user ON sessions (user_id, started_at DESC, session_id);
-- A starting node reads what ended lately.
CREATE INDEX sessions_ended ON sessions (end_recorded_at) WHERE end_recorded_at IS NOT NULL;

-- The epoch that an account's sessions must have, and the one session that was carried over into it.
CREATE TABLE session_epochs (
    user_id        uuid        NOT NULL PRIMARY KEY,
    epoch          bigint      NOT NULL,
    kept           uuid,
    invalidated_at timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL
);
CREATE INDEX session_epochs_recorded ON session_epochs (recorded_at);
