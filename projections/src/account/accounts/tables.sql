-- One row per account that is not erased. What cannot be read any more is null, until the erasure takes the row.
CREATE TABLE accounts (
    user_id             uuid        NOT NULL PRIMARY KEY,
    -- As typed.
    username            text,
    -- The verified address, or the registered one as long as none is.
    email               text,
    email_verified      boolean     NOT NULL,
    -- A change of address that waits for its code, and when this address was first asked for.
    pending_email       text,
    pending_email_since timestamptz,
    phone_number        text,
    -- Any contact is verified.
    is_verified         boolean     NOT NULL,
    role                text        NOT NULL,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    last_login          timestamptz,
    password_changed_at timestamptz,
    -- Of a suspension that nobody has taken back; readers compare its end with the time.
    suspended_at        timestamptz,
    suspended_until     timestamptz,
    suspension_reason   text,
    session_epoch       bigint      NOT NULL,
    -- Its deletion was asked for. An erased account has no row.
    erase_after         timestamptz,
    -- Events in the account's stream: what If-Match compares.
    version             bigint      NOT NULL
);

-- Sign-in names are unique case-folded; the claims of the log make it so, this finds them.
CREATE UNIQUE INDEX accounts_username ON accounts (lower(username));
