-- One row per profile, in clear: it is purged when its person is erased. What cannot be read is null.
CREATE TABLE profile_pages (
    user_id             uuid        NOT NULL PRIMARY KEY,
    -- Of the account.
    username            text,
    email               text,
    is_verified         boolean     NOT NULL,
    role                text        NOT NULL,
    -- Of the profile.
    full_name           text,
    title               text,
    bio                 text,
    date_of_birth       date,
    address             text,
    phone_number        text,
    avatar_url          text,
    cover_media         text,
    cover_media_type    text,
    country             text,
    city                text,
    skills              json        NOT NULL,
    is_private          boolean     NOT NULL,
    -- As chosen; where it is null, is_private decides.
    follow_policy       text,
    show_email          boolean     NOT NULL,
    show_phone          boolean     NOT NULL,
    show_location       boolean     NOT NULL,
    is_profile_complete boolean     NOT NULL,
    -- Of a suspension that nobody has taken back; readers compare its end with the time.
    suspended_at        timestamptz,
    suspended_until     timestamptz,
    is_leaving          boolean     NOT NULL,
    created_at          timestamptz NOT NULL,
    -- Changes of the profile and of the password (PRO-07).
    updated_at          timestamptz NOT NULL,
    -- Events in the profile's stream; 0 before its creation.
    version             bigint      NOT NULL
);
-- The few whom others do not meet.
CREATE INDEX profile_pages_hidden ON profile_pages (user_id) WHERE is_leaving OR suspended_at IS NOT NULL;
-- The list of people, newest first.
CREATE INDEX profile_pages_newest ON profile_pages (created_at DESC, user_id);
-- Staff look people up by their address.
CREATE INDEX profile_pages_email ON profile_pages (lower(email)) WHERE email IS NOT NULL;

-- What people are found by (PRO-02): words without case and accents, letters and digits only, parted by one space.
-- Parts are what begins within a word where a script has no spaces between words.
-- Two tables, so that another biography leaves the indexes of the names alone.

-- Of username and full name: by these anyone may find the person.
CREATE TABLE profile_names (
    user_id uuid     NOT NULL PRIMARY KEY,
    text    text     NOT NULL,
    parts   text     NOT NULL,
    words   tsvector NOT NULL
        GENERATED ALWAYS AS (array_to_tsvector(string_to_array(trim(text || ' ' || parts), ' '))) STORED
);
-- Beginnings of words.
CREATE INDEX profile_names_words ON profile_names USING gin (words);
-- Misspelt names.
CREATE INDEX profile_names_similar ON profile_names USING gin (text public.gin_trgm_ops);

-- Of the biography: only for those who see the whole profile.
CREATE TABLE profile_bios (
    user_id uuid     NOT NULL PRIMARY KEY,
    text    text     NOT NULL,
    parts   text     NOT NULL,
    words   tsvector NOT NULL
        GENERATED ALWAYS AS (array_to_tsvector(string_to_array(trim(text || ' ' || parts), ' '))) STORED
);
CREATE INDEX profile_bios_words ON profile_bios USING gin (words);
