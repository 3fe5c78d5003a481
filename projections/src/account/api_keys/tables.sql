-- One row per API key, also those that are over. Expiry is not an event: readers compare with the time.
CREATE TABLE api_keys (
    key_id     uuid        NOT NULL PRIMARY KEY,
    -- Whose it is: a person's or a service's.
    user_id    uuid,
    service    text,
    -- As its person calls it, in clear: the row is purged when the person is erased.
    name       text,
    -- An array of texts.
    scopes     json        NOT NULL,
    -- Who made it, as the event's metadata names them.
    created_by text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    -- From a reset of its person's password until they confirm it.
    dormant_since timestamptz,
    version    bigint      NOT NULL,
    CHECK ((user_id IS NULL) <> (service IS NULL))
);

-- A person's keys, newest first.
CREATE INDEX api_keys_user ON api_keys (user_id, created_at DESC, key_id) WHERE user_id IS NOT NULL;
-- The services' keys, newest first: few.
CREATE INDEX api_keys_service ON api_keys (created_at DESC, key_id) WHERE service IS NOT NULL;
