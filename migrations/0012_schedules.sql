-- What is done at certain times (C-35). A run is a job of workers.jobs: its reactor is 'schedules', its target the
-- schedule, its source the due time, so that a run is queued once whoever finds it due.
CREATE TABLE workers.schedules (
    name     text        NOT NULL PRIMARY KEY,
    -- The kind of job that a run is.
    task     text        NOT NULL,
    -- Five fields, UTC: minute, hour, day of month, month, day of week.
    cron     text        NOT NULL,
    enabled  boolean     NOT NULL,
    -- Due times after this count: the last one that was queued, or when the schedule was made or changed. Moved by
    -- compare-and-set in the statement that queues the run.
    since    timestamptz NOT NULL,
    -- The last run, by whomever it was asked for. Its job is forgotten after 30 days.
    last_run timestamptz,
    last_job uuid
);
