-- The instance's own log: what happens on the instance, and the heads of the workspaces' logs, as leaves
-- of a Merkle tree whose heads are signed. See docs/ledger.md.

-- The key that signs the heads of all logs; made by the first start that knows it.
ALTER TABLE instance ADD COLUMN log_key {int};

CREATE TABLE ledger_pending (
    event_id {id} PRIMARY KEY{numbered}
){strict};

CREATE VIEW ledger_waiting AS SELECT event_id, {number} AS number FROM ledger_pending;

INSERT INTO ledger_pending (event_id) SELECT id FROM directory_events ORDER BY id;

CREATE TABLE ledger_log (
    id {int} PRIMARY KEY CHECK (id = 1),
    origin {text} NOT NULL
){strict};

-- A leaf is an event of the directory, or the head that a workspace's log had: each once.
CREATE TABLE ledger_leaves (
    position {int} PRIMARY KEY CHECK (position >= 0),
    event_id {id} UNIQUE REFERENCES directory_events (id),
    workspace_id {id},
    size {int} CHECK (size > 0),
    root {bytes} CHECK (length(root) = 32),
    at {int},
    UNIQUE (workspace_id, size),
    CHECK ((event_id IS NULL) = (workspace_id IS NOT NULL)),
    CHECK ((workspace_id IS NULL) = (size IS NULL)),
    CHECK ((workspace_id IS NULL) = (root IS NULL)),
    CHECK ((workspace_id IS NULL) = (at IS NULL))
){strict};

CREATE TABLE ledger_tiles (
    level {int} NOT NULL CHECK (level BETWEEN 0 AND 7),
    idx {int} NOT NULL CHECK (idx >= 0),
    hashes {bytes} NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (level, idx)
){strict};

CREATE TABLE ledger_heads (
    size {int} PRIMARY KEY CHECK (size > 0),
    root {bytes} NOT NULL CHECK (length(root) = 32),
    at {int} NOT NULL,
    note {text} NOT NULL
){strict};
