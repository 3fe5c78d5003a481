-- What one event says of one person, as far as criteria can ask about it. Ids and numbers only; purged with its person.
CREATE TABLE badge_facts (
    user_id  uuid        NOT NULL,
    position bigint      NOT NULL,
    -- Of the facts that one event tells.
    n        smallint    NOT NULL,
    at       timestamptz NOT NULL,
    -- The person's own.
    day      date        NOT NULL,
    kind     text        NOT NULL,
    action   text,
    undone   boolean     NOT NULL,
    -- In tenths.
    quality  smallint,
    object   uuid,
    number   bigint      NOT NULL,
    PRIMARY KEY (user_id, position, n)
);

-- A person's facts folded.
CREATE TABLE badge_tallies (
    user_id               uuid    NOT NULL PRIMARY KEY,
    tally                 json    NOT NULL,
    posts_count           bigint  NOT NULL,
    engagement_score      bigint  NOT NULL,
    interaction_frequency bigint  NOT NULL,
    likes_received        bigint  NOT NULL,
    -- Reviews of theirs that have a quality, and the sum of it in tenths.
    rated_reviews         bigint  NOT NULL,
    review_tenths         bigint  NOT NULL,
    -- As of the last day that was closed, for it compares people with each other.
    content_quality_score bigint,
    -- Nothing more is taken in.
    erased                boolean NOT NULL
);

-- Whose scores sink when nothing more happens.
CREATE INDEX badge_tallies_scored ON badge_tallies (user_id) WHERE engagement_score > 0 OR interaction_frequency > 0;

-- Definitions as they are now.
CREATE TABLE badge_criteria (
    badge_id        uuid    NOT NULL PRIMARY KEY,
    version         integer NOT NULL,
    active          boolean NOT NULL,
    -- None: by hand only.
    criteria        json,
    available_from  timestamptz,
    available_until timestamptz
);

-- Whose criterion has held, by version of the criterion: it is not asked again.
CREATE TABLE badge_earned (
    user_id  uuid    NOT NULL,
    badge_id uuid    NOT NULL,
    version  integer NOT NULL,
    PRIMARY KEY (user_id, badge_id)
);

-- In the order in which criteria came to hold.
CREATE TABLE badge_eligible (
    -- Of the event after which it was asked.
    position bigint   NOT NULL,
    n        integer  NOT NULL,
    user_id  uuid     NOT NULL,
    badge_id uuid     NOT NULL,
    version  integer  NOT NULL,
    PRIMARY KEY (position, n)
);
-- For the purge.
CREATE INDEX badge_eligible_user ON badge_eligible (user_id);

-- Accepted follows, with the follower's and the followed person's day on which they began.
CREATE TABLE badge_follows (
    follow_id uuid NOT NULL PRIMARY KEY,
    day       date NOT NULL
);

-- `registered`: how many there have been. `defined`: position of the last event of a definition.
-- `closed`: the last day of UTC that is closed, as so many days after the first of January of the year 1.
CREATE TABLE badge_numbers (
    name text   NOT NULL PRIMARY KEY,
    n    bigint NOT NULL
);
