-- What was recorded stays: nothing that a leaf tells is changed, and nothing is deleted. Sealed words may
-- be sealed anew. It stops slips; who may write to the database can take the rules away, and is found
-- out by the ledger (docs/ledger.md).

{refusal};

CREATE TRIGGER events_told BEFORE UPDATE OF id, at, actor_kind, actor_id, kind, object_kind, object_id, subject_id,
    request_id, facts
    ON events FOR EACH ROW {refuse};

CREATE TRIGGER events_stay BEFORE DELETE ON events FOR EACH ROW {refuse};

CREATE TRIGGER ledger_leaves_told BEFORE UPDATE ON ledger_leaves FOR EACH ROW {refuse};

CREATE TRIGGER ledger_leaves_stay BEFORE DELETE ON ledger_leaves FOR EACH ROW {refuse};

-- A row of hashes grows: what it began with stays.
CREATE TRIGGER ledger_tiles_told BEFORE UPDATE ON ledger_tiles FOR EACH ROW
    WHEN (new.level <> old.level OR new.idx <> old.idx
          OR length(new.hashes) <= length(old.hashes)
          OR substr(new.hashes, 1, length(old.hashes)) <> old.hashes)
    {refuse};

CREATE TRIGGER ledger_tiles_stay BEFORE DELETE ON ledger_tiles FOR EACH ROW {refuse};

CREATE TRIGGER ledger_heads_told BEFORE UPDATE ON ledger_heads FOR EACH ROW {refuse};

CREATE TRIGGER ledger_heads_stay BEFORE DELETE ON ledger_heads FOR EACH ROW {refuse};

-- Most events are of time; whoever looks for anything else finds it without reading them.
CREATE INDEX events_apart ON events (id) WHERE object_kind <> 'time_entry';
