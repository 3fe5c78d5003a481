-- One row per skill, also those that were removed: of them only ids and times are left. Purged when the person is erased.
CREATE TABLE skills (
    id         uuid        NOT NULL PRIMARY KEY,
    user_id    uuid        NOT NULL,
    added_at   timestamptz NOT NULL,
    removed_at timestamptz,
    version    bigint      NOT NULL,
    -- The aggregate as its events made it, in clear.
    state      json        NOT NULL
);

-- A person's skills, newest first.
CREATE INDEX skills_user ON skills (user_id, added_at DESC, id) WHERE removed_at IS NULL;
