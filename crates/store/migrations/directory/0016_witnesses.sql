-- Witnesses of the instance's log, why nothing is signed any more, and epochs. See docs/ledger.md.

-- After an epoch a workspace's log has heads of sizes that it had before: leaves are kept anew, with the
-- epoch that the head is of.
CREATE TABLE ledger_leaves_by_epoch (
    position {int} PRIMARY KEY CHECK (position >= 0),
    event_id {id} UNIQUE REFERENCES directory_events (id),
    workspace_id {id},
    size {int} CHECK (size > 0),
    root {bytes} CHECK (length(root) = 32),
    at {int},
    epoch {int} NOT NULL DEFAULT 1 CHECK (epoch > 0),
    UNIQUE (workspace_id, epoch, size),
    CHECK ((event_id IS NULL) = (workspace_id IS NOT NULL)),
    CHECK ((workspace_id IS NULL) = (size IS NULL)),
    CHECK ((workspace_id IS NULL) = (root IS NULL)),
    CHECK ((workspace_id IS NULL) = (at IS NULL))
){strict};

INSERT INTO ledger_leaves_by_epoch (position, event_id, workspace_id, size, root, at)
SELECT position, event_id, workspace_id, size, root, at FROM ledger_leaves;

DROP TABLE ledger_leaves;

ALTER TABLE ledger_leaves_by_epoch RENAME TO ledger_leaves;

-- The witnesses that are asked, by their keys, and how far each has seen the log, as far as is known here.
CREATE TABLE ledger_witnesses (
    key {text} PRIMARY KEY,
    seen_size {int} NOT NULL CHECK (seen_size >= 0),
    cosigned_size {int},
    cosigned_at {int},
    failure {text},
    failed_at {int},
    CHECK ((cosigned_size IS NULL) = (cosigned_at IS NULL)),
    CHECK ((failure IS NULL) = (failed_at IS NULL))
){strict};

-- A witness's newest signature on a head. line is as C2SP signed-note writes it.
CREATE TABLE ledger_cosignatures (
    size {int} NOT NULL REFERENCES ledger_heads (size),
    witness {text} NOT NULL,
    at {int} NOT NULL,
    line {text} NOT NULL,
    PRIMARY KEY (size, witness)
){strict};

-- Somebody knows of a later head, or of another: nothing is signed any more. note is that head, with our
-- own signature, where they have shown it.
CREATE TABLE ledger_halt (
    id {int} PRIMARY KEY CHECK (id = 1),
    at {int} NOT NULL,
    source {text} NOT NULL CHECK (source IN ('witness', 'anchor')),
    name {text} NOT NULL,
    size {int} NOT NULL CHECK (size >= 0),
    note {text}
){strict};

-- Under which names logs go on after an older state was put back: of one workspace, or of all and the
-- instance. Names that nobody has set are of the epoch 1.
CREATE TABLE ledger_epochs (
    number {int} PRIMARY KEY CHECK (number > 1),
    workspace_id {id},
    event_id {id} NOT NULL UNIQUE REFERENCES directory_events (id),
    reason_sealed {bytes} NOT NULL
){strict};

-- When the owners of a workspace were last sent its head.
CREATE TABLE ledger_letters (
    workspace_id {id} PRIMARY KEY,
    sent_at {int} NOT NULL
){strict};
