-- What was recorded stays: nothing that a leaf tells is changed, and nothing is deleted. Sealed words may
-- be sealed anew. It stops slips; who may write to the database can take the rules away, and is found
-- out by the ledger (docs/ledger.md).

{refusal};

CREATE TRIGGER directory_events_told BEFORE UPDATE OF id, at, kind, user_id, request_id, facts
    ON directory_events FOR EACH ROW {refuse};

CREATE TRIGGER directory_events_stay BEFORE DELETE ON directory_events FOR EACH ROW {refuse};
