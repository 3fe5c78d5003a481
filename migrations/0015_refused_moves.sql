-- The runner writes a batch of events and moves the cursors in one statement. Where a cursor is not where the batch began,
-- the statement calls this, so that none of it is done. `AN001`: to be begun again from where the cursors are.
CREATE FUNCTION projections.refuse_move() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a cursor of the projections is elsewhere' USING ERRCODE = 'AN001';
END $$;
