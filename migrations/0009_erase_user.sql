-- The reactor that carries out deletions begins where they begin: between this migration and its own first start
-- somebody may already have asked for one.
INSERT INTO workers.reactors SELECT 'erase_user', coalesce(max(position), 0) FROM es.events;
