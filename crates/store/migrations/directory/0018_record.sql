-- What was recorded stays: nothing that a leaf tells is changed, and nothing is deleted. Sealed words may
-- be sealed anew. It stops slips; who may write to the database can take the rules away, and is found
-- out by the ledger (docs/ledger.md).

{refusal};

CREATE TRIGGER directory_events_told BEFORE UPDATE OF id, at, kind, user_id, request_id, facts
    ON directory_events FOR EACH ROW {refuse};

CREATE TRIGGER directory_events_stay BEFORE DELETE ON directory_events FOR EACH ROW {refuse};

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
