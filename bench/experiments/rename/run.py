"""Does a swap of generations by ALTER SCHEMA … RENAME stay invisible to readers and to the writer? See README.md."""

import argparse
import collections
import multiprocessing
import os
import random
import sys
import time

import psycopg
from psycopg import errors

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from lab import Postgres, bounded, fail, report  # noqa: E402

# Every table of a generation says which one it is: a result of two generations is a torn read.
TABLES = """
CREATE TABLE a (id int PRIMARY KEY, generation int NOT NULL);
CREATE TABLE b (id int PRIMARY KEY, generation int NOT NULL);
CREATE TABLE cursor (one int PRIMARY KEY, generation int NOT NULL, position bigint NOT NULL);
CREATE TABLE applied (position bigint PRIMARY KEY, generation int NOT NULL);
"""


def build(c, schema, generation):
    """A generation as a rebuild would leave it: filled, its cursor at the head."""
    with c.transaction():
        c.execute(f"CREATE SCHEMA {schema}")
        c.execute(f"SET LOCAL search_path = {schema}")
        c.execute(TABLES)
        c.execute("INSERT INTO a SELECT i, %s FROM generate_series(1, 200) i", (generation,))
        c.execute("INSERT INTO b SELECT i, %s FROM generate_series(1, 200) i", (generation,))
        c.execute("INSERT INTO cursor VALUES (1, %s, 0)", (generation,))


SINGLE = "SELECT generation, count(*) OVER () FROM a WHERE id >= %s LIMIT 1"
JOIN = "SELECT a.generation, b.generation FROM a JOIN b USING (id) WHERE id = %s"


def read_single(c, prepare):
    row = c.execute(SINGLE, (1,), prepare=prepare).fetchone()
    return [row[0]] if row and row[1] == 200 else []


def read_join(c, prepare):
    return list(c.execute(JOIN, (random.randint(1, 200),), prepare=prepare).fetchone() or [])


def read_two_statements(c, prepare, gate=False):
    with c.transaction():
        if gate:
            c.execute("SELECT pg_advisory_xact_lock_shared(42)")
        found = []
        for table in ("a", "b"):
            row = c.execute(f"SELECT generation FROM {table} WHERE id = %s", (7,), prepare=prepare).fetchone()
            found.append(row[0] if row else None)
        return found if None not in found else []


def read_two_gated(c, prepare):
    return read_two_statements(c, prepare, gate=True)


def read_snapshot(c, prepare):
    """REPEATABLE READ whose snapshot is older than the generation that it meets at its first look at the tables."""
    with c.transaction():
        c.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        c.execute("SELECT 1 FROM pg_class LIMIT 1")
        time.sleep(0.3)
        row = c.execute("SELECT generation FROM a WHERE id = %s", (7,), prepare=prepare).fetchone()
        return [row[0]] if row else []


READERS = [
    ("single, unprepared", read_single, False, "auto"),
    ("single, prepared", read_single, True, "auto"),
    ("single, generic plan", read_single, True, "force_generic_plan"),
    ("join, unprepared", read_join, False, "auto"),
    ("join, generic plan", read_join, True, "force_generic_plan"),
    ("two statements, generic plan", read_two_statements, True, "force_generic_plan"),
    ("two statements, behind the gate", read_two_gated, True, "force_generic_plan"),
    ("repeatable read", read_snapshot, True, "force_generic_plan"),
]


def reader(dsn, index, committed, until, results):
    name, read, prepare, mode = READERS[index]
    seen, reads, slowest = collections.Counter(), 0, 0.0
    with psycopg.connect(dsn, autocommit=True, options=f"-c search_path=live -c plan_cache_mode={mode}") as c:
        while time.monotonic() < until:
            floor, began = committed.value, time.monotonic()
            try:
                generations = read(c, prepare)
                if not generations:
                    seen["rows missing"] += 1
                elif len(set(generations)) > 1:
                    seen["torn"] += 1
                elif max(generations) < floor:
                    seen["stale"] += 1
            except psycopg.Error as e:
                seen[f"{e.sqlstate} {str(e).splitlines()[0]}"[:70]] += 1
            slowest = max(slowest, time.monotonic() - began)
            reads += 1
    results.put((name, reads, slowest, dict(seen)))


def runner(dsn, gate, until, results):
    """The projection's writer: a cursor moved by compare-and-set and a row, in one transaction."""
    seen, written, slowest = collections.Counter(), 0, 0.0
    with psycopg.connect(dsn, autocommit=True, options="-c search_path=live") as c:
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                with c.transaction():
                    if gate:
                        c.execute("SELECT pg_advisory_xact_lock_shared(42)")
                    position, generation = c.execute("SELECT position + 1, generation FROM cursor FOR UPDATE").fetchone()
                    c.execute("INSERT INTO applied VALUES (%s, %s)", (position, generation))
                    c.execute("UPDATE cursor SET position = %s", (position,))
                written += 1
            except psycopg.Error as e:
                seen[f"{e.sqlstate} {str(e).splitlines()[0]}"[:70]] += 1
            slowest = max(slowest, time.monotonic() - began)
    results.put(("runner", written, slowest, dict(seen)))


def torn_generation(c, schema):
    """Rows of another generation, or rows that disagree with the cursor beside them."""
    return c.execute(f"""SELECT (SELECT count(*) FROM {schema}.applied x WHERE x.generation <> k.generation)
        + abs((SELECT count(*) FROM {schema}.applied x WHERE x.generation = k.generation) - k.position)
        FROM {schema}.cursor k""").fetchone()[0]


def swap(c, form, generation):
    """One attempt.

    plain: the two renames. gated: after an advisory lock that the runner shares. locked: that, and then every table
    of the live generation, giving up long before deadlock_timeout would pick a victim among the readers.
    """
    with c.transaction():
        c.execute("SET LOCAL lock_timeout = '50ms'")
        if form in ("gated", "locked"):
            c.execute("SELECT pg_advisory_xact_lock(42)")
        if form == "locked":
            c.execute("LOCK TABLE live.cursor, live.a, live.applied, live.b IN ACCESS EXCLUSIVE MODE")
        c.execute(f"ALTER SCHEMA live RENAME TO old{generation - 1}")
        c.execute("ALTER SCHEMA next RENAME TO live")


def remove_all(c):
    found = c.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(live|next|old[0-9]+)$'").fetchall()
    for schema, in found:
        c.execute(f"DROP SCHEMA {schema} CASCADE")


def phase(pg, form, keep, seconds, every):
    with psycopg.connect(pg.dsn, autocommit=True) as c:
        build(c, "live", 1)
        committed, results = multiprocessing.Value("i", 1), multiprocessing.Queue()
        until = time.monotonic() + seconds
        crew = [multiprocessing.Process(target=reader, args=(pg.dsn, i, committed, until, results), daemon=True)
                for i in range(len(READERS))]
        crew.append(multiprocessing.Process(target=runner, args=(pg.dsn, form != "plain", until, results), daemon=True))
        for p in crew:
            p.start()
        generation, kept, retries, took, drops, broken = 1, [1], 0, [], collections.Counter(), 0
        while time.monotonic() < until - every:
            generation += 1
            build(c, "next", generation)
            time.sleep(every)
            began = time.monotonic()
            while True:
                try:
                    swap(c, form, generation)
                    break
                except (errors.LockNotAvailable, errors.DeadlockDetected):
                    retries += 1
                    time.sleep(random.uniform(0.005, 0.02))
            took.append(time.monotonic() - began)
            committed.value = generation
            kept.append(generation)
            while len(kept) > 1 + keep:
                oldest = kept.pop(0)
                broken += torn_generation(c, f"old{oldest}") > 0
                try:
                    c.execute("SET lock_timeout = '500ms'")
                    c.execute(f"DROP SCHEMA old{oldest} CASCADE")
                except psycopg.Error as e:
                    drops[e.sqlstate] += 1
                c.execute("SET lock_timeout = 0")
        rows = [results.get(timeout=30) for _ in crew]
        for p in crew:
            p.join(10)
        broken += sum(torn_generation(c, "live" if g == generation else f"old{g}") > 0 for g in kept)
        remove_all(c)
    report(f"== {form}, old kept for {keep} swaps", swaps=generation - 1, retries=retries,
           swap_ms=f"mean {1000 * sum(took) / len(took):.1f}, max {1000 * max(took):.1f}",
           generations_torn_by_the_runner=broken, failed_drops=dict(drops))
    for name, count, slowest, seen in sorted(rows, key=lambda row: row[0]):
        report(f"   {name}", done=count, slowest_ms=f"{1000 * slowest:.0f}", troubles=seen or "none")
    return rows, broken


def parser_of(dsn, until, results):
    """Prepares the join again and again until one is torn."""
    parsed, torn = 0, 0
    with psycopg.connect(dsn, autocommit=True, options="-c search_path=live") as c:
        while time.monotonic() < until:
            c.execute("PREPARE q(int) AS SELECT a.generation, b.generation FROM a JOIN b USING (id) WHERE id = $1")
            first, second = c.execute("EXECUTE q(7)").fetchone()
            parsed += 1
            if first != second:
                torn += 1
            c.execute("DEALLOCATE q")
    results.put((parsed, torn))


def parsing(pg, form, seconds):
    """Swaps without a pause while statements are parsed: the only moment in which one statement can be torn."""
    with psycopg.connect(pg.dsn, autocommit=True) as c:
        build(c, "live", 1)
        swaps, retries, results = 0, 0, multiprocessing.Queue()
        until = time.monotonic() + seconds
        crew = [multiprocessing.Process(target=parser_of, args=(pg.dsn, until, results), daemon=True)
                for _ in range(4)]
        for p in crew:
            p.start()
        while time.monotonic() < until:
            generation = swaps + 2
            build(c, "next", generation)
            while True:
                try:
                    swap(c, form, generation)
                    break
                except (errors.LockNotAvailable, errors.DeadlockDetected):
                    retries += 1
            swaps += 1
            if generation > 20:
                c.execute(f"DROP SCHEMA old{generation - 20} CASCADE")
        found = [results.get(timeout=30) for _ in crew]
        parsed, torn = (sum(column) for column in zip(*found))
        for p in crew:
            p.join(10)
        remove_all(c)
    report(f"== {form}, statements parsed anew, swaps without pause", swaps=swaps, retries=retries, parsed=parsed,
           torn=torn)
    return torn


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=8, help="of each of the six phases")
    parser.add_argument("--every", type=float, default=0.2, help="seconds between swaps")
    options = parser.parse_args()
    bounded(int(options.seconds * 7 + 60))
    with Postgres(fsync="off", max_connections=40) as pg:
        print(f"# {pg.version()}, {os.cpu_count()} cores", flush=True)
        phase(pg, "plain", 0, options.seconds, options.every)
        phase(pg, "gated", 3, options.seconds, options.every)
        rows, broken = phase(pg, "locked", 0, options.seconds, options.every)
        rows2, broken2 = phase(pg, "locked", 3, options.seconds, options.every)
        parsing(pg, "plain", options.seconds)
        torn = parsing(pg, "locked", options.seconds)
    for name, _, _, seen in rows + rows2:
        if seen and name != "repeatable read":
            fail(f"the locked form is not invisible to {name}: {seen}")
    if broken + broken2 + torn:
        fail("the locked form lets a statement or a transaction see or write two generations")


if __name__ == "__main__":
    main()
