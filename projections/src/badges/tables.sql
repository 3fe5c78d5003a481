-- One row per badge that was ever defined, in the words of its latest revision. Nothing in it is personal.
CREATE TABLE badges (
    badge_id         uuid        NOT NULL PRIMARY KEY,
    -- For ever.
    slug             text        NOT NULL,
    name             text        NOT NULL,
    description      text        NOT NULL,
    category         text        NOT NULL,
    icon             text        NOT NULL,
    color            text        NOT NULL,
    image            text,
    points           bigint      NOT NULL,
    rarity           text        NOT NULL,
    criteria         json,
    tier             text,
    series           text,
    available_from   timestamptz,
    -- Not included.
    available_until  timestamptz,
    -- draft, active or retired.
    status           text        NOT NULL,
    -- Of the criterion, from 1.
    criteria_version bigint      NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    -- How many people have it, kept event by event, also people who are not there for others: readers take off those.
    earned_count     bigint      NOT NULL CHECK (earned_count >= 0),
    -- Events in the badge's stream: what If-Match compares.
    version          bigint      NOT NULL,
    -- What a search looks into: name and description without case and accents.
    folded           text        NOT NULL
);
CREATE UNIQUE INDEX badges_slug ON badges (slug);
-- The list, by category.
CREATE INDEX badges_listed ON badges (category, name, badge_id);

-- One row per person and badge, also where it was taken away: the latest award. Purged when the person is erased.
CREATE TABLE user_badges (
    award_id          uuid        NOT NULL PRIMARY KEY,
    user_id           uuid        NOT NULL,
    badge_id          uuid        NOT NULL,
    -- held, revoked, or lifted: taken away, and may be earned again.
    status            text        NOT NULL,
    -- How often it was given.
    ordinal           bigint      NOT NULL,
    -- Of the criterion that held.
    criteria_version  bigint      NOT NULL,
    -- What the person got.
    points            bigint      NOT NULL,
    -- system, admin, or service:<name>.
    awarded_by        text        NOT NULL,
    earned_at         timestamptz NOT NULL,
    awarded_at        timestamptz NOT NULL,
    -- How many events earned it; 0 for a gift.
    evidence_total    bigint      NOT NULL,
    -- How the criterion stood when it was earned; null for a gift.
    progress          json,
    -- What staff remark on it, in clear: for them and for the person.
    notes             text,
    revoked_at        timestamptz,
    -- In clear, as the notes.
    revocation_reason text,
    version           bigint      NOT NULL,
    -- Until when its person is not there for others, as in holder_absences.
    gone_until        timestamptz
);
-- A person's badges, newest first.
CREATE INDEX user_badges_user ON user_badges (user_id, earned_at DESC, award_id);
-- Who has a badge, newest first.
CREATE INDEX user_badges_badge ON user_badges (badge_id, earned_at DESC, award_id);
-- What was earned lately.
CREATE INDEX user_badges_newest ON user_badges (earned_at DESC, award_id) WHERE status = 'held';
-- Of those who have a badge, the few who may not be there for others.
CREATE INDEX user_badges_gone ON user_badges (badge_id) WHERE status = 'held' AND gone_until IS NOT NULL;

-- One row per person who ever was suspended, or asked for the deletion of the account: ids and times only.
CREATE TABLE holder_absences (
    user_id         uuid        NOT NULL PRIMARY KEY,
    is_leaving      boolean     NOT NULL,
    suspended_until timestamptz,
    -- Others do not meet the person before this time; null: they do.
    gone_until      timestamptz
);

-- What each person has and what that is worth, kept event by event. No row: none ever.
CREATE TABLE badge_totals (
    user_id      uuid   NOT NULL PRIMARY KEY,
    badges       bigint NOT NULL CHECK (badges >= 0),
    badge_points bigint NOT NULL CHECK (badge_points >= 0)
);
-- The leaderboard.
CREATE INDEX badge_totals_best ON badge_totals (badge_points DESC, badges DESC, user_id) WHERE badges > 0;

-- Which badges a person shows first; also such as were taken away since.
CREATE TABLE showcases (
    user_id uuid NOT NULL PRIMARY KEY,
    -- An array of award ids, in the person's order.
    awards  json NOT NULL
);
