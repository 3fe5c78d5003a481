-- While the index key is being replaced, a value may be held under either key: both are guarded, one is written.
-- es.append as in 0014 and es.explain_losers as in 0002, but that a claim whose `take` is null is only guarded.
CREATE OR REPLACE FUNCTION es.append(
    e_cmd int[], e_aggregate_type text[], e_aggregate_id text[], e_sequence bigint[], e_event_id uuid[],
    e_event_type text[], e_event_version text[], e_payload text[], e_metadata text[],
    x_cmd int[], x_aggregate_type text[], x_aggregate_id text[], x_version bigint[],
    c_cmd int[], c_key bytea[], c_kind text[], c_owner uuid[], c_take bool[],
    s_cmd int[], s_id uuid[], s_owner uuid[], s_sealed bytea[],
    i_cmd int[], i_key bytea[], i_fingerprint bytea[], i_receipt text[],
    OUT base bigint, OUT at timestamptz, OUT losers json
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    lost int[];
    last_at timestamptz;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'es.append needs READ COMMITTED: its checks must see the last holder''s commit';
    END IF;
    -- A session that would keep the lock in an open transaction is ended by the server. Never null: as a condition
    -- both are evaluated without the executor.
    IF set_config('idle_in_transaction_session_timeout', '2s', true) IS NULL
       OR pg_advisory_xact_lock(7310868735422849) IS NULL THEN
        RAISE EXCEPTION 'es.append has no lock';
    END IF;

    SELECT e.position, e.recorded_at INTO base, last_at FROM es.events e ORDER BY e.position DESC LIMIT 1;
    base := coalesce(base, 0);
    at := greatest(clock_timestamp(), last_at);

    -- By subscript, which is cheap in PL/pgSQL, where unnest would build a tuple store for each array.
    SELECT array_agg(x_cmd[n]) INTO lost FROM generate_subscripts(x_cmd, 1) AS n
     WHERE x_version[n] <> coalesce((
               SELECT e.sequence FROM es.events e
                WHERE e.aggregate_type = x_aggregate_type[n] AND e.aggregate_id = x_aggregate_id[n]
                ORDER BY e.sequence DESC LIMIT 1), 0);
    IF cardinality(c_cmd) > 0 THEN
        SELECT lost || array_agg(c_cmd[n]) INTO lost FROM generate_subscripts(c_cmd, 1) AS n
         WHERE c_take[n] IS NOT FALSE AND c_owner[n] <> (SELECT held.owner FROM es.claims held WHERE held.key = c_key[n]);
    END IF;
    IF cardinality(i_cmd) > 0 THEN
        SELECT lost || array_agg(i_cmd[n]) INTO lost FROM generate_subscripts(i_cmd, 1) AS n
         WHERE (SELECT known.created_at FROM es.idempotency known WHERE known.key = i_key[n])
               > at - interval '7 days';
    END IF;

    IF lost IS NULL THEN
        INSERT INTO es.events
        SELECT base + n, e_event_id[n], e_aggregate_type[n], e_aggregate_id[n], e_sequence[n],
               e_event_type[n], e_event_version[n], e_payload[n]::json, e_metadata[n]::json, at
          FROM generate_subscripts(e_cmd, 1) AS n;
        lost := '{}';
    ELSE
        INSERT INTO es.events
        SELECT base + row_number() OVER (ORDER BY e.n), e.event_id, e.aggregate_type, e.aggregate_id, e.sequence,
               e.event_type, e.event_version, e.payload::json, e.metadata::json, at
          FROM unnest(e_cmd, e_event_id, e_aggregate_type, e_aggregate_id, e_sequence,
                      e_event_type, e_event_version, e_payload, e_metadata) WITH ORDINALITY
            AS e (cmd, event_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload,
                  metadata, n)
         WHERE e.cmd <> ALL (lost);
        losers := es.explain_losers(lost, e_cmd, e_aggregate_type, e_aggregate_id, e_sequence, e_event_id,
            x_cmd, x_aggregate_type, x_aggregate_id, x_version, c_cmd, c_key, c_kind, c_owner, c_take,
            i_cmd, i_key, i_fingerprint, at);
    END IF;

    IF cardinality(c_cmd) > 0 THEN
        IF false = ANY (c_take) THEN
            DELETE FROM es.claims held USING unnest(c_cmd, c_key, c_owner, c_take) AS c (cmd, key, owner, take)
             WHERE NOT c.take AND held.key = c.key AND held.owner = c.owner AND c.cmd <> ALL (lost);
        END IF;
        -- Nobody else writes claims meanwhile: a look for those that are held costs less than ON CONFLICT, which would
        -- prepare each row for a conflict.
        INSERT INTO es.claims
        SELECT c_key[n], c_kind[n], c_owner[n] FROM generate_subscripts(c_cmd, 1) AS n
         WHERE c_take[n] AND c_cmd[n] <> ALL (lost)
           AND NOT EXISTS (SELECT FROM es.claims held WHERE held.key = c_key[n]);
    END IF;
    IF cardinality(s_cmd) > 0 THEN
        DELETE FROM es.secrets kept USING unnest(s_cmd, s_id, s_sealed) AS s (cmd, id, sealed)
         WHERE s.sealed IS NULL AND kept.id = s.id AND s.cmd <> ALL (lost);
        INSERT INTO es.secrets
        SELECT s.id, s.owner, s.sealed FROM unnest(s_cmd, s_id, s_owner, s_sealed) AS s (cmd, id, owner, sealed)
         WHERE s.sealed IS NOT NULL AND s.cmd <> ALL (lost);
    END IF;
    IF cardinality(i_cmd) > 0 THEN
        INSERT INTO es.idempotency AS known
        SELECT i.key, i.fingerprint, i.receipt, coalesce(mine.last, base), at
          FROM unnest(i_cmd, i_key, i_fingerprint, i_receipt) AS i (cmd, key, fingerprint, receipt)
          LEFT JOIN (
              SELECT e.cmd, base + max(e.place) AS last FROM (
                  SELECT w.cmd, row_number() OVER (ORDER BY w.n) AS place
                    FROM unnest(e_cmd) WITH ORDINALITY AS w (cmd, n) WHERE w.cmd <> ALL (lost)) AS e
               GROUP BY e.cmd) AS mine ON mine.cmd = i.cmd
         WHERE i.cmd <> ALL (lost)
            ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, receipt = excluded.receipt,
               position = excluded.position, created_at = excluded.created_at;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION es.explain_losers(
    lost int[],
    e_cmd int[], e_aggregate_type text[], e_aggregate_id text[], e_sequence bigint[], e_event_id uuid[],
    x_cmd int[], x_aggregate_type text[], x_aggregate_id text[], x_version bigint[],
    c_cmd int[], c_key bytea[], c_kind text[], c_owner uuid[], c_take bool[],
    i_cmd int[], i_key bytea[], i_fingerprint bytea[], at timestamptz
) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_agg(first.why) FROM (
        SELECT DISTINCT ON (r.cmd) r.why FROM (
            SELECT i.cmd, 1 AS rank, json_build_object('cmd', i.cmd, 'why', 'replay',
                   'same', known.fingerprint = i.fingerprint, 'receipt', known.receipt,
                   'position', known.position) AS why
              FROM unnest(i_cmd, i_key, i_fingerprint) AS i (cmd, key, fingerprint)
              JOIN es.idempotency known ON known.key = i.key AND known.created_at > at - interval '7 days'
             WHERE i.cmd = ANY (lost)
            UNION ALL
            SELECT e.cmd, 2, json_build_object('cmd', e.cmd, 'why', 'done',
                   'position', max(held.position), 'at', max(held.recorded_at))
              FROM unnest(e_cmd, e_aggregate_type, e_aggregate_id, e_sequence, e_event_id)
                AS e (cmd, type, id, sequence, event_id)
              JOIN es.events held ON held.aggregate_type = e.type AND held.aggregate_id = e.id
                AND held.sequence = e.sequence AND held.event_id = e.event_id
             WHERE e.cmd = ANY (lost)
             GROUP BY e.cmd
            UNION ALL
            SELECT x.cmd, 3, json_build_object('cmd', x.cmd, 'why', 'version', 'type', x.type, 'id', x.id,
                   'version', coalesce(now.sequence, 0))
              FROM unnest(x_cmd, x_aggregate_type, x_aggregate_id, x_version) AS x (cmd, type, id, version)
              LEFT JOIN LATERAL (
                  SELECT e.sequence FROM es.events e
                   WHERE e.aggregate_type = x.type AND e.aggregate_id = x.id
                   ORDER BY e.sequence DESC LIMIT 1) AS now ON true
             WHERE x.cmd = ANY (lost) AND coalesce(now.sequence, 0) <> x.version
            UNION ALL
            SELECT c.cmd, 4, json_build_object('cmd', c.cmd, 'why', 'claim', 'kind', c.kind)
              FROM unnest(c_cmd, c_key, c_kind, c_owner, c_take) AS c (cmd, key, kind, owner, take)
              JOIN es.claims held ON held.key = c.key AND held.owner <> c.owner
             WHERE c.take IS NOT FALSE AND c.cmd = ANY (lost)
        ) AS r ORDER BY r.cmd, r.rank
    ) AS first
$$;

-- How far the claims were moved under another index key, so that a run that was cut off goes on where it was.
CREATE TABLE es.rekeying (
    -- Names the present and the other key: the first bytes of an HMAC of each.
    keys     bytea  NOT NULL PRIMARY KEY,
    position bigint NOT NULL
);

-- Moves claims from under the other index key under the present one, and notes how far that is. Holds the lock of
-- es.append, so that nothing is taken or released meanwhile. Returns how many were moved.
CREATE FUNCTION es.move_claims(former bytea[], present bytea[], pair bytea, reached bigint)
RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    moved bigint;
BEGIN
    IF pg_advisory_xact_lock(7310868735422849) IS NULL THEN
        RAISE EXCEPTION 'es.move_claims has no lock';
    END IF;
    -- Its holder has taken it again since: the later row stands.
    DELETE FROM es.claims held USING unnest(former, present) AS n (former, present)
     WHERE held.key = n.former
       AND EXISTS (SELECT FROM es.claims c WHERE c.key = n.present AND c.owner = held.owner);
    UPDATE es.claims held SET key = n.present
      FROM (SELECT DISTINCT u.former, u.present FROM unnest(former, present) AS u (former, present)) AS n
     WHERE held.key = n.former AND NOT EXISTS (SELECT FROM es.claims c WHERE c.key = n.present);
    GET DIAGNOSTICS moved = ROW_COUNT;
    INSERT INTO es.rekeying AS known (keys, position) VALUES (pair, reached)
        ON CONFLICT (keys) DO UPDATE SET position = greatest(known.position, excluded.position);
    RETURN moved;
END $$;
