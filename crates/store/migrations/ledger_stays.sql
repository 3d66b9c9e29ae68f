-- The rules of the log's tables, which every database has.

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
