-- ANALYZE puts samples of every column into pg_statistic, of the wrapped keys, too, and there they outlive their rows. No
-- plan is made by them, so that the column is not sampled from now on. Setting the type anew removes what was.
ALTER TABLE keys.subjects ALTER COLUMN wrapped SET STATISTICS 0;
ALTER TABLE keys.subjects ALTER COLUMN wrapped TYPE bytea;
