-- Wrong codes of authenticator apps are counted as wrong passwords are, by the index of the address.
-- The column people.wrong_seconds is read no more.
INSERT INTO lockouts
    (account_index, kind, device, failures, total, refused, free_at, seen_at)
SELECT address_index, 'app-code', {no_device}, 0, wrong_seconds, 0, 0, created_at
FROM people WHERE wrong_seconds > 0;

-- A password that has to be replaced is replaced after the second step, not before it.
ALTER TABLE second_steps ADD COLUMN must_change {int} NOT NULL DEFAULT 0;

-- What was shown in a step that waits for another password.
ALTER TABLE second_steps ADD COLUMN shown {text};

-- Wrong passwords of all accounts together, by the minute.
CREATE TABLE guess_tallies (
    minute {int} PRIMARY KEY,
    wrong {int} NOT NULL
){strict};

-- Until when passwords of unknown browsers ask for work: one row, from the first alarm on.
CREATE TABLE stuffing (
    id {int} PRIMARY KEY CHECK (id = 1),
    alarmed_until {int} NOT NULL
){strict};

-- Puzzles that were solved and taken.
CREATE TABLE spent_puzzles (
    puzzle_mac {bytes} PRIMARY KEY,
    kept_until {int} NOT NULL
){strict};

CREATE INDEX spent_puzzles_age ON spent_puzzles (kept_until);
