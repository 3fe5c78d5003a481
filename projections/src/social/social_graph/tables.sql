-- One row per follow, by its derived id: a follow that ends and begins again is the same row (C-14).
CREATE TABLE follows (
    follow_id  uuid        NOT NULL PRIMARY KEY,
    follower   uuid        NOT NULL,
    followed   uuid        NOT NULL,
    -- pending, accepted or rejected; the last one, if it is over.
    status     text        NOT NULL,
    is_deleted boolean     NOT NULL,
    -- Its latest request.
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Until when either of the two is not there for others, as in absences: what the counts leave out.
    follower_gone_until timestamptz,
    followed_gone_until timestamptz
);
-- An accepted follow that stands, from either end.
CREATE UNIQUE INDEX follows_pair ON follows (follower, followed) WHERE status = 'accepted' AND NOT is_deleted;
-- Of a person's accepted follows, the few whose other end may not be there.
CREATE INDEX follows_gone_followers ON follows (followed)
    WHERE status = 'accepted' AND NOT is_deleted AND follower_gone_until IS NOT NULL;
CREATE INDEX follows_gone_followed ON follows (follower)
    WHERE status = 'accepted' AND NOT is_deleted AND followed_gone_until IS NOT NULL;

-- One row per person who ever was suspended, or asked for the deletion of the account: ids and times only.
CREATE TABLE absences (
    user_id         uuid        NOT NULL PRIMARY KEY,
    is_leaving      boolean     NOT NULL,
    suspended_until timestamptz,
    -- Others do not meet the person before this time; null: they do.
    gone_until      timestamptz
);

-- What held from when to when, so that lists can be asked as of a time. Times are the log's own (recorded_at), which
-- never go back: the periods of a follow do not overlap.
CREATE TABLE follow_periods (
    follow_id  uuid        NOT NULL,
    -- Of the event in the pair's stream that began it.
    sequence   bigint      NOT NULL,
    follower   uuid        NOT NULL,
    followed   uuid        NOT NULL,
    status     text        NOT NULL,
    -- Of the request.
    created_at timestamptz NOT NULL,
    -- Of the request or its answer, as the command said.
    updated_at timestamptz NOT NULL,
    valid_from timestamptz NOT NULL,
    -- Null while it holds.
    valid_to   timestamptz,
    PRIMARY KEY (follow_id, sequence)
);
-- Lists as they are now.
CREATE INDEX follow_periods_followers ON follow_periods (followed, status, created_at DESC, follow_id)
    WHERE valid_to IS NULL;
CREATE INDEX follow_periods_following ON follow_periods (follower, status, created_at DESC, follow_id)
    WHERE valid_to IS NULL;
-- The open period of a follow.
CREATE UNIQUE INDEX follow_periods_open ON follow_periods (follow_id) WHERE valid_to IS NULL;
-- Lists as of a time.
CREATE INDEX follow_periods_followers_then ON follow_periods (followed, valid_from);
CREATE INDEX follow_periods_following_then ON follow_periods (follower, valid_from);

-- One row per block that ever was.
CREATE TABLE blocks (
    block_id   uuid        NOT NULL PRIMARY KEY,
    blocker    uuid        NOT NULL,
    blocked    uuid        NOT NULL,
    -- The blocker's own words, in clear: they are purged when that person is erased, and gone with the block.
    reason     text,
    created_at timestamptz NOT NULL,
    -- Null while it stands.
    ended_at   timestamptz
);
-- Whether a block keeps two people apart.
CREATE INDEX blocks_pair ON blocks (blocker, blocked) WHERE ended_at IS NULL;
-- Who blocks a person.
CREATE INDEX blocks_blocked ON blocks (blocked) WHERE ended_at IS NULL;
-- A person's list.
CREATE INDEX blocks_blocker ON blocks (blocker, created_at DESC, block_id) WHERE ended_at IS NULL;


-- One row per mute that ever was.
CREATE TABLE mutes (
    mute_id    uuid        NOT NULL PRIMARY KEY,
    muter      uuid        NOT NULL,
    muted      uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX mutes_muted ON mutes (muted) WHERE ended_at IS NULL;
CREATE INDEX mutes_muter ON mutes (muter, created_at DESC, mute_id) WHERE ended_at IS NULL;

-- Accepted follows that are not over, kept event by event (C-46), also with people who are not there for others: readers
-- take off those. No row: none ever.
CREATE TABLE follow_counts (
    user_id         uuid   NOT NULL PRIMARY KEY,
    follower_count  bigint NOT NULL CHECK (follower_count >= 0),
    following_count bigint NOT NULL CHECK (following_count >= 0)
);
