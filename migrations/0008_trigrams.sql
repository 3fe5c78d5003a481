-- People are found although their names are misspelt: similarity by trigrams. The extension is part of PostgreSQL's own
-- (contrib) and trusted, so that the database's owner may install it. Nothing in it is data; the log needs none of it.
-- Read models name it by its schema, since their tables and readers look nowhere else.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
