-- Effects: what is to be done about events, and how far each reactor has read. The log cannot rebuild this, a replay
-- must call nobody: back it up with the log. Rows hold ids and codes, never personal data, so erasure leaves them be.
CREATE SCHEMA workers;

-- How far each reactor has read. Moved by compare-and-set in the statement that inserts its jobs: of two nodes that
-- run the same reactor, one wins each step and the other starts again from here.
CREATE TABLE workers.reactors (
    name     text   NOT NULL PRIMARY KEY,
    position bigint NOT NULL CHECK (position >= 0)
);

-- A new reactor starts at the head of the log, so that history calls nobody. For this one that is the head now, not
-- at its first start: between the two, somebody may already have asked for a code.
INSERT INTO workers.reactors SELECT 'send_email', coalesce(max(position), 0) FROM es.events;

-- One queue for all work that leaves the log: mail, later webhooks, awards, AI generation, schedule runs.
CREATE TABLE workers.jobs (
    -- Derived from (reactor, source, target): the same work has the same id wherever and whenever it is queued.
    id          uuid        NOT NULL PRIMARY KEY,
    -- Which handler does it. A node takes only kinds that it knows.
    kind        text        NOT NULL,
    reactor     text        NOT NULL,
    -- What caused it: an event's id (not its position, which a restore may give to another event).
    source      text        NOT NULL,
    -- The event's place in the log, for people; null for jobs that no event caused.
    position    bigint,
    -- What it is about: an id.
    target      text        NOT NULL,
    -- Ids only.
    payload     json        NOT NULL,
    state       text        NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'parked')),
    -- Tries since it was queued, or queued again by an operator.
    attempts    integer     NOT NULL DEFAULT 0,
    -- How often it was ever taken. A worker may finish only the taking that it holds: this is the fencing.
    lease       bigint      NOT NULL DEFAULT 0,
    -- From when it may be taken: the next try of a queued job, the end of the lease of a running one. One column,
    -- so that one index gives both in order, and a killed worker's job needs nobody to set it free.
    next_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- How a done job ended (`sent`, `expired`, …).
    outcome     text,
    -- The code of the last failure.
    last_error  text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When it was done or parked.
    finished_at timestamptz,
    CHECK ((state IN ('done', 'parked')) = (finished_at IS NOT NULL)),
    -- A redelivered event queues nothing twice.
    UNIQUE (reactor, source, target)
);

-- What may be taken next, oldest first. Finished jobs are not in it: its size is the backlog's.
CREATE INDEX jobs_due ON workers.jobs (next_at) WHERE state IN ('queued', 'running');
-- The operators' list.
CREATE INDEX jobs_parked ON workers.jobs (finished_at, id) WHERE state = 'parked';
-- Forgetting done jobs by age.
CREATE INDEX jobs_done ON workers.jobs (finished_at) WHERE state = 'done';
