-- Who asked for a reset, where it was an owner and not the operator: looked at again when it is due.
ALTER TABLE factor_resets ADD COLUMN asked_by {id};

-- It was due, and who had asked for it could ask for it no longer.
ALTER TABLE factor_resets ADD COLUMN dropped_at {int};

DROP INDEX factor_resets_one_open;

CREATE UNIQUE INDEX factor_resets_one_open ON factor_resets (user_id)
    WHERE stopped_at IS NULL AND done_at IS NULL AND dropped_at IS NULL;

-- After one was stopped, owners announce none for a while.
CREATE INDEX factor_resets_stopped ON factor_resets (user_id, stopped_at);

-- Passwords that were not looked at, since the browser had done no work: they are held against what is
-- usual, and are not part of it.
ALTER TABLE guess_tallies ADD COLUMN unworked {int} NOT NULL DEFAULT 0;
