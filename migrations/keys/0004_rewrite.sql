-- The table is written anew after an erasure, by its owner alone: a role that may call these functions gets nothing but a
-- new file with the same rows. In three transactions, so that nobody waits for the long one in the middle:
--
--   keys.begin_rewrite   makes an empty table, and has every later change of keys.subjects noted
--   keys.copy_subjects   copies the rows, as of one snapshot, and makes the index; readers and writers go on
--   keys.end_rewrite     catches up with what was noted, counts, and puts the copy in place
--
-- A rewrite that was broken off leaves its tables to the next one. Two at once refuse each other.

-- Whose rows the copy has not caught up with.
CREATE FUNCTION keys.note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO keys.changed (subject) VALUES (coalesce(NEW.subject, OLD.subject)) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION keys.begin_rewrite() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Waits for whoever is writing: what they write is in the copy's snapshot, or is noted.
    LOCK TABLE keys.subjects IN SHARE ROW EXCLUSIVE MODE;
    DROP TRIGGER IF EXISTS note_change ON keys.subjects;
    DROP TABLE IF EXISTS keys.next, keys.changed;
    CREATE TABLE keys.changed (subject uuid PRIMARY KEY);
    -- Without the index: it is made faster when the rows are there. They are there when it is.
    CREATE TABLE keys.next (LIKE keys.subjects INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE);
    ALTER TABLE keys.next ALTER COLUMN wrapped SET STATISTICS 0;
    CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON keys.subjects
        FOR EACH ROW EXECUTE FUNCTION keys.note_change();
END $$;

CREATE FUNCTION keys.copy_subjects() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'keys are copied in READ COMMITTED only: an older snapshot has not what was written since';
    END IF;
    LOCK TABLE keys.next IN ACCESS EXCLUSIVE MODE;
    INSERT INTO keys.next SELECT * FROM keys.subjects;
    ALTER TABLE keys.next ADD CONSTRAINT next_pkey PRIMARY KEY (subject);
END $$;

CREATE FUNCTION keys.end_rewrite() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held bigint;
    copied bigint;
    granted record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'keys are copied in READ COMMITTED only: an older snapshot has not what was written since';
    END IF;
    -- Writers wait from here on, readers do not.
    LOCK TABLE keys.subjects IN EXCLUSIVE MODE;
    DELETE FROM keys.next n USING keys.changed c WHERE n.subject = c.subject;
    INSERT INTO keys.next SELECT s.* FROM keys.subjects s JOIN keys.changed c USING (subject);
    SELECT count(*) INTO held FROM keys.subjects;
    SELECT count(*) INTO copied FROM keys.next;
    IF held <> copied THEN
        RAISE EXCEPTION 'the copy of keys.subjects has % rows of %: it is not put in place', copied, held;
    END IF;
    FOR granted IN
        SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
               a.privilege_type
          FROM pg_class c, aclexplode(c.relacl) a
         WHERE c.oid = 'keys.subjects'::regclass AND a.grantee <> c.relowner
    LOOP
        EXECUTE format('GRANT %s ON keys.next TO %s', granted.privilege_type, granted.grantee);
    END LOOP;
    -- Readers wait from here on, for a moment.
    DROP TABLE keys.subjects, keys.changed;
    ALTER TABLE keys.next RENAME CONSTRAINT next_pkey TO subjects_pkey;
    ALTER TABLE keys.next RENAME TO subjects;
    RETURN held;
END $$;

REVOKE EXECUTE ON FUNCTION keys.note_change, keys.begin_rewrite, keys.copy_subjects, keys.end_rewrite FROM PUBLIC;
