-- Which master key wrapped a data key: the first bytes of an HMAC under it. Null: from before this was noted, or destroyed.
ALTER TABLE keys.subjects ADD COLUMN master bytea;
