-- The ledger: every event becomes a leaf of a Merkle tree whose heads are signed. See docs/ledger.md.

-- Events that have no place in the tree yet: written with the event, taken away with its leaf.
CREATE TABLE ledger_pending (
    event_id {id} PRIMARY KEY{numbered}
){strict};

-- In the order they came: of two acts on one thing the second begins once the first is there.
CREATE VIEW ledger_waiting AS SELECT event_id, {number} AS number FROM ledger_pending;

INSERT INTO ledger_pending (event_id) SELECT id FROM events ORDER BY id;

-- What the log is called, as long as it goes on: a server that moves takes the name along.
CREATE TABLE ledger_log (
    id {int} PRIMARY KEY CHECK (id = 1),
    origin {text} NOT NULL
){strict};

-- Each event has one place, and each place one event, which cannot be deleted any more.
CREATE TABLE ledger_leaves (
    position {int} PRIMARY KEY CHECK (position >= 0),
    event_id {id} NOT NULL UNIQUE REFERENCES events (id)
){strict};

-- The hashes of the tree: up to 256 of 32 bytes in a row; of level 0 those of leaves.
CREATE TABLE ledger_tiles (
    level {int} NOT NULL CHECK (level BETWEEN 0 AND 7),
    idx {int} NOT NULL CHECK (idx >= 0),
    hashes {bytes} NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (level, idx)
){strict};

-- Every head that was signed. note is the signed text.
CREATE TABLE ledger_heads (
    size {int} PRIMARY KEY CHECK (size > 0),
    root {bytes} NOT NULL CHECK (length(root) = 32),
    at {int} NOT NULL,
    note {text} NOT NULL
){strict};
