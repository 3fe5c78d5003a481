-- One row per event. `ip`, `user_agent` and the values are as sealed as they are in the log.
CREATE TABLE audit_log (
    position       bigint      NOT NULL PRIMARY KEY,
    event_id       uuid        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    -- The caller's business time.
    occurred_at    timestamptz NOT NULL,
    -- user, admin, security, data.
    category       text        NOT NULL,
    action         text        NOT NULL,
    entity_type    text        NOT NULL,
    entity_id      text        NOT NULL,
    -- Within the entity's stream; sealed values open only with it.
    sequence       bigint      NOT NULL,
    actor          text,
    session_id     text,
    request_id     text,
    correlation_id text,
    causation_id   text,
    ip             text,
    user_agent     text,
    -- By field: {"value": as it stands in the log, "sequence": of the event that set it}.
    old_values     json        NOT NULL,
    -- The payload as it stands in the log.
    new_values     json        NOT NULL
);

-- What happened to one entity, what one actor did, one kind of thing, one class of things.
CREATE INDEX audit_log_entity ON audit_log (entity_type, entity_id, position);
CREATE INDEX audit_log_actor ON audit_log (actor, position);
CREATE INDEX audit_log_action ON audit_log (action, position);
CREATE INDEX audit_log_category ON audit_log (category, position);
-- Finds the position of a time; both rise together.
CREATE INDEX audit_log_recorded_at ON audit_log (recorded_at, position);

-- What each field of an entity holds, where its next event finds what stood there before: a row for each field would
-- be written with every event, and an entity is read as a whole.
CREATE TABLE audit_state (
    entity_type text NOT NULL,
    entity_id   text NOT NULL,
    -- By field: {"value": as it stands in the log, "sequence": of the event that set it}.
    fields      json NOT NULL,
    PRIMARY KEY (entity_type, entity_id)
);
