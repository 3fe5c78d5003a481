-- The reactor that accepts requests to follow begins where follows begin: between this migration and its own first
-- start somebody may already have opened a profile. What its jobs have done the log cannot tell: back it up with them.
INSERT INTO workers.reactors SELECT 'accept_follows', coalesce(max(position), 0) FROM es.events;
