-- Epochs and cosignatures stay as they were recorded, as the rest of the log does. A witness may sign a head
-- anew: then its later word counts.

CREATE TRIGGER ledger_epochs_told BEFORE UPDATE OF number, workspace_id, event_id
    ON ledger_epochs FOR EACH ROW {refuse};

CREATE TRIGGER ledger_epochs_stay BEFORE DELETE ON ledger_epochs FOR EACH ROW {refuse};

CREATE TRIGGER ledger_cosignatures_told BEFORE UPDATE ON ledger_cosignatures FOR EACH ROW
    WHEN (new.size <> old.size OR new.witness <> old.witness OR new.at <= old.at)
    {refuse};

CREATE TRIGGER ledger_cosignatures_stay BEFORE DELETE ON ledger_cosignatures FOR EACH ROW {refuse};
