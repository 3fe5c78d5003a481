-- One row per account whose deletion was ever asked for: what became of the latest request.
CREATE TABLE erasures (
    user_id       uuid        NOT NULL PRIMARY KEY,
    -- owner or staff.
    requested_by  text        NOT NULL,
    requested_at  timestamptz NOT NULL,
    erase_after   timestamptz NOT NULL,
    cancelled_at  timestamptz,
    erased_at     timestamptz,
    -- Of the erasure in the log.
    position      bigint,
    -- When the data key was destroyed.
    destroyed_at  timestamptz,
    -- No running node holds the key after it.
    live_until    timestamptz,
    -- No backup of the key store holds the key after it.
    backups_until timestamptz,
    certified_at  timestamptz,
    -- What the erasure did to disks, as the certificate says.
    disk          json
);

CREATE INDEX erasures_requested ON erasures (requested_at DESC, user_id);
