-- Where the reactors of badges begin: at the beginning of the log, so that a badge that is defined before the first
-- worker starts is evaluated, and what was earned before is awarded. How far they are, nothing in the log tells.
INSERT INTO workers.reactors (name, position) VALUES ('award_badges', 0), ('evaluate_badges', 0)
    ON CONFLICT (name) DO NOTHING;
