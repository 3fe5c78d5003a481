-- One row per person and account that ever had an entry; purged when the person is erased.
CREATE TABLE wallets (
    user_id    uuid        NOT NULL,
    -- balance, points, ai_text, ai_image
    account    text        NOT NULL,
    -- Can be spent; set aside; revoked when it was not there any more.
    available  numeric     NOT NULL,
    held       numeric     NOT NULL,
    owed       numeric     NOT NULL,
    -- Of a lifetime, and the part of it that awards gave.
    total      numeric     NOT NULL,
    badges     numeric     NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Of the ledger, at the account's last entry.
    version    bigint      NOT NULL,
    PRIMARY KEY (user_id, account)
);

-- One row per event of a ledger: the lines of its statement.
CREATE TABLE wallet_entries (
    position    bigint      NOT NULL PRIMARY KEY,
    event_id    uuid        NOT NULL,
    event_type  text        NOT NULL,
    user_id     uuid        NOT NULL,
    account     text        NOT NULL,
    -- What it added to the sums of the account; below zero: took.
    amount      numeric     NOT NULL,
    held        numeric     NOT NULL,
    owed        numeric     NOT NULL,
    -- Could be spent after it.
    available   numeric     NOT NULL,
    reason      text        NOT NULL,
    -- The award, the generation, the order.
    source_id   uuid,
    hold_id     uuid,
    -- What staff say about an adjustment, in clear.
    note        text,
    occurred_at timestamptz NOT NULL
);

-- A person's statement, newest first; and of one account.
CREATE INDEX wallet_entries_user ON wallet_entries (user_id, position);
CREATE INDEX wallet_entries_account ON wallet_entries (user_id, account, position);
