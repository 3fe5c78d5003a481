-- The key store: a database of its own, with backups of its own. An old log restored beside the current key
-- store leaves erased people erased.
CREATE SCHEMA keys;

-- One data key per subject, wrapped by the master key (RFC 3394). A destroyed key leaves a tombstone:
-- `wrapped` is null, and no new key is ever made for that subject.
CREATE TABLE keys.subjects (
    subject      uuid        NOT NULL PRIMARY KEY,
    wrapped      bytea,
    created_at   timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
