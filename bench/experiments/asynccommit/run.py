"""Do a projection's rows and its cursor stay together when PostgreSQL is killed? See README.md."""

import argparse
import os
import random
import sys
import threading
import time

import psycopg

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from lab import Postgres, bounded, fail, report  # noqa: E402

SCHEMA = """
CREATE TABLE log (position bigint PRIMARY KEY, cursor_seen bigint NOT NULL);
CREATE TABLE rows (position bigint, n int, value bigint NOT NULL, PRIMARY KEY (position, n));
CREATE TABLE counter (bucket int PRIMARY KEY, total bigint NOT NULL);
INSERT INTO counter SELECT b, 0 FROM generate_series(0, 9) b;
CREATE TABLE cursor (name text PRIMARY KEY, position bigint NOT NULL);
INSERT INTO cursor VALUES ('p', 0);
"""


class Projection(threading.Thread):
    """One transaction per position: three rows, one counter, the cursor by compare-and-set."""

    def __init__(self, dsn, asynchronous):
        super().__init__(daemon=True)
        self.dsn, self.asynchronous, self.committed, self.error = dsn, asynchronous, 0, None

    def run(self):
        try:
            with psycopg.connect(self.dsn, autocommit=True) as c:
                position = c.execute("SELECT position FROM cursor").fetchone()[0]
                while True:
                    position += 1
                    with c.transaction():
                        if self.asynchronous:
                            c.execute("SET LOCAL synchronous_commit = off")
                        c.execute("INSERT INTO rows SELECT %s, n, %s * n FROM generate_series(1, 3) n",
                                  (position, position))
                        c.execute("UPDATE counter SET total = total + %s WHERE bucket = %s", (position, position % 10))
                        moved = c.execute("UPDATE cursor SET position = %s WHERE position = %s",
                                          (position, position - 1)).rowcount
                        if moved != 1:
                            raise AssertionError("the cursor was moved by another")
                    self.committed = position
        except psycopg.OperationalError:
            pass
        except AssertionError as e:
            self.error = e


class Log(threading.Thread):
    """The synchronous writer beside it; notes which cursor it saw, so that a loss between them would show."""

    def __init__(self, dsn, pause):
        super().__init__(daemon=True)
        self.dsn, self.pause, self.acknowledged, self.stopped = dsn, pause, 0, threading.Event()

    def run(self):
        try:
            with psycopg.connect(self.dsn, autocommit=True) as c:
                position = c.execute("SELECT coalesce(max(position), 0) FROM log").fetchone()[0]
                while not self.stopped.wait(self.pause):
                    position += 1
                    c.execute("INSERT INTO log SELECT %s, position FROM cursor", (position,))
                    self.acknowledged = position
        except psycopg.OperationalError:
            pass


def agree(c):
    """Rows, counters and cursor are those of one prefix of positions."""
    cursor = c.execute("SELECT position FROM cursor").fetchone()[0]
    count, distinct, top, total = c.execute(
        "SELECT count(*), count(DISTINCT position), coalesce(max(position), 0), coalesce(sum(value), 0) FROM rows"
    ).fetchone()
    counted = c.execute("SELECT sum(total) FROM counter").fetchone()[0]
    expected = cursor * (cursor + 1) // 2
    if (count, distinct, top, total, counted) != (3 * cursor, cursor, cursor, 6 * expected, expected):
        fail(f"cursor {cursor} but rows {count} of {distinct} positions up to {top}, sums {total}, {counted}")
    return cursor


def kills(pg, times, pause, label):
    back, log_lost, committed = [], 0, 0
    for _ in range(times):
        projection, log = Projection(pg.dsn, True), Log(pg.dsn, pause)
        projection.start()
        log.start()
        time.sleep(random.uniform(0.2, 1.2))
        pg.kill()
        log.stopped.set()
        projection.join(10)
        log.join(10)
        if projection.error:
            fail(str(projection.error))
        pg.start()
        with psycopg.connect(pg.dsn, autocommit=True) as c:
            cursor = agree(c)
            top, seen = c.execute("SELECT coalesce(max(position), 0), coalesce(max(cursor_seen), 0) FROM log").fetchone()
            if top < log.acknowledged:
                log_lost += log.acknowledged - top
            if seen > cursor:
                fail(f"the log saw cursor {seen}, but after recovery it is {cursor}")
        back.append(max(0, projection.committed - cursor))
        committed = cursor
    if log_lost:
        fail(f"{log_lost} acknowledged rows of the synchronous table are lost")
    report(label, kills=times, cursor_at_end=committed, transactions_lost=f"max {max(back)}, mean {sum(back) / times:.0f}",
           kills_that_lost_any=sum(b > 0 for b in back), acknowledged_log_rows_lost=0, log_rows_at_end=top,
           rows_and_cursor="agree after every recovery")


def rate(pg, asynchronous, seconds=3):
    projection = Projection(pg.dsn, asynchronous)
    with psycopg.connect(pg.dsn) as c:
        before = agree(c)
    projection.start()
    time.sleep(seconds)
    made = projection.committed - before
    pg.kill()
    projection.join(10)
    pg.start()
    return f"{made / seconds:,.0f}/s"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20, help="in all, shared between three paces of the log")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    bounded(90)
    started = time.monotonic()
    # A small WAL and frequent checkpoints put page writes and full-page images into the picture.
    with Postgres(max_wal_size="64MB", checkpoint_timeout="30s", shared_buffers="64MB", max_connections=20) as pg:
        print(f"# {pg.version()}, {os.cpu_count()} cores", flush=True)
        with psycopg.connect(pg.dsn) as c:
            c.execute(SCHEMA)
        third = options.kills // 3
        kills(pg, options.kills - 2 * third, 3600, "log silent")
        kills(pg, third, 0.05, "log at 20 commits/s")
        kills(pg, third, 0, "log as fast as it can")
        report("projection transactions, one connection", asynchronous=rate(pg, True), synchronous=rate(pg, False))
    print(f"# {time.monotonic() - started:.0f} s", flush=True)


main()
