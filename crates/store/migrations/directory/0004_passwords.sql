-- Passwords as a way in, and how often somebody guesses.

-- The key that passwords are hashed with before Argon2id; made at the next start where there is none.
ALTER TABLE instance ADD COLUMN pepper_key {int};

-- What one check costs: measured at its first use, and the same on every node.
ALTER TABLE instance ADD COLUMN password_memory_kib {int};
ALTER TABLE instance ADD COLUMN password_passes {int};

CREATE TABLE passwords (
    user_id {id} PRIMARY KEY REFERENCES people (id),
    -- A PHC string: Argon2id of the peppered password.
    phc {text} NOT NULL,
    pepper_key {int} NOT NULL,
    changed_at {int} NOT NULL,
    -- Another one has to be chosen before it opens a session again.
    must_change {int} NOT NULL CHECK (must_change IN (0, 1))
){strict};

-- Guesses, counted before they are looked at, for addresses that nobody has as well. A network is
-- counted under its own hash; `device` is zeros where none is known.
CREATE TABLE lockouts (
    account_index {bytes} NOT NULL,
    kind {text} NOT NULL,
    device {bytes} NOT NULL,
    -- Wrong ones that count for the wait, and all of them.
    failures {int} NOT NULL CHECK (failures >= 0),
    total {int} NOT NULL CHECK (total >= 0),
    -- Guesses that were not looked at.
    refused {int} NOT NULL,
    free_at {int} NOT NULL,
    seen_at {int} NOT NULL,
    PRIMARY KEY (account_index, kind, device)
){strict};

CREATE INDEX lockouts_age ON lockouts (seen_at);
