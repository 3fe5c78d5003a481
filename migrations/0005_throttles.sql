-- What is counted at the edge so that all nodes count alike. Not part of the log and not worth a backup.
CREATE SCHEMA edge;

-- Token buckets, by the HMAC of what they limit: no address and no name is kept. Unlogged: a crash of the database
-- empties it, which opens every bucket and closes none.
CREATE UNLOGGED TABLE edge.buckets (
    key     bytea       NOT NULL PRIMARY KEY,
    -- When the bucket is full again (GCRA's theoretical arrival time); a row past it says nothing.
    full_at timestamptz NOT NULL
)
-- Rows are rewritten with every permit: room on the page keeps each update within it.
WITH (fillfactor = 50);
