-- Where each read model stands. Everything else about read models is made by the program: a generation is a schema
-- `p_<projection>`, filled from the log, and can be deleted and rebuilt at any moment.
CREATE SCHEMA projections;

-- One row per projection, moved by compare-and-set in the transaction that applies the events: that is the fencing.
CREATE TABLE projections.cursors (
    projection text        NOT NULL PRIMARY KEY,
    -- The last event applied; 0 before the first.
    position   bigint      NOT NULL DEFAULT 0 CHECK (position >= 0),
    -- Raised by each swap, so that a runner notices that other tables bear the names now.
    generation integer     NOT NULL DEFAULT 1,
    -- md5 of the statements that made the tables: a program that knows another shape keeps its hands off.
    shape      text        NOT NULL,
    -- Why the projection stands still; null while it goes on.
    failed     text,
    -- For operators; no projection reads it.
    updated_at timestamptz NOT NULL DEFAULT now()
)
-- Rows are rewritten with every batch: room on the page keeps each update within it.
WITH (fillfactor = 10);

-- A generation being built beside the live one, in the schema `p_<projection>_next`; gone after the swap.
CREATE TABLE projections.rebuilds (
    projection text        NOT NULL PRIMARY KEY REFERENCES projections.cursors,
    -- The last event applied to it: a stopped rebuild goes on from here.
    position   bigint      NOT NULL DEFAULT 0,
    -- As in `cursors`: a rebuild that was begun with other tables is not continued.
    shape      text        NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now()
);
