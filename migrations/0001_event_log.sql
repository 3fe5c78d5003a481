-- The event log and what one append guards beside it. Nothing here can be rebuilt from elsewhere: back it up.
CREATE SCHEMA es;

-- Which log this is. The epoch is raised after a restore, so that reused positions are told apart.
CREATE TABLE es.log (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    log_id   uuid NOT NULL DEFAULT gen_random_uuid(),
    epoch    integer NOT NULL DEFAULT 1
);
INSERT INTO es.log DEFAULT VALUES;

-- A superset of the table that postgres-es 0.5 reads: a stock repository loads every stream from it.
-- `position` has no default, so that the same repository can never write here.
-- `json`, not `jsonb`: it keeps the text verbatim, which the seal's leaves hash, and is cheaper to write.
CREATE TABLE es.events (
    position       bigint      NOT NULL,
    event_id       uuid        NOT NULL,
    aggregate_type text        NOT NULL,
    aggregate_id   text        NOT NULL,
    sequence       bigint      NOT NULL,
    event_type     text        NOT NULL,
    event_version  text        NOT NULL,
    payload        json        NOT NULL,
    metadata       json        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    -- The order of everything: dense, in commit order.
    PRIMARY KEY (position),
    -- One stream's history, and the last line of defence behind the version check.
    UNIQUE (aggregate_type, aggregate_id, sequence)
);

-- The log is append-only, whoever asks.
CREATE FUNCTION es.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'es.events is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON es.events
    FOR EACH STATEMENT EXECUTE FUNCTION es.refuse_change();

-- Unique values, as HMACs under the index key: the table tells nobody who is registered.
CREATE TABLE es.claims (
    key   bytea NOT NULL PRIMARY KEY,
    kind  text  NOT NULL,
    owner uuid  NOT NULL
);
-- Erasure releases everything that an account holds.
CREATE INDEX claims_owner ON es.claims (owner);

-- Credentials, sealed under their owner's data key and never part of an event. Rows are deleted when superseded.
CREATE TABLE es.secrets (
    id     uuid  NOT NULL PRIMARY KEY,
    owner  uuid  NOT NULL,
    sealed bytea NOT NULL
);
CREATE INDEX secrets_owner ON es.secrets (owner);

-- What a repeated request is answered from: a receipt, never a reply. Kept for seven days.
CREATE TABLE es.idempotency (
    key         bytea       NOT NULL PRIMARY KEY,
    fingerprint bytea       NOT NULL,
    receipt     text        NOT NULL,
    position    bigint      NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE INDEX idempotency_created_at ON es.idempotency (created_at);
