-- Who runs the instance, and what they do on workspaces: with a name, a reason and a ticket.

-- An operator is known by the hash of a secret that was printed once.
CREATE TABLE operators (
    id {id} PRIMARY KEY,
    name_sealed {bytes} NOT NULL,
    name_index {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    secret_hash {bytes} NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    added_at {int} NOT NULL,
    removed_at {int}
){strict};

CREATE UNIQUE INDEX operators_one_name ON operators (name_index) WHERE removed_at IS NULL;

-- While one is open, the operator's commands reach workspaces; it closes by itself.
CREATE TABLE run_books (
    id {id} PRIMARY KEY,
    operator_id {id} NOT NULL REFERENCES operators (id),
    reason_sealed {bytes} NOT NULL,
    ticket_sealed {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    opened_at {int} NOT NULL,
    closes_at {int} NOT NULL CHECK (closes_at > opened_at),
    closed_at {int}
){strict};

CREATE INDEX run_books_open ON run_books (opened_at) WHERE closed_at IS NULL;
