-- What was recorded stays: nothing that a leaf tells is changed, and nothing is deleted. Sealed words may
-- be sealed anew. It stops slips; who may write to the database can take the rules away, and is found
-- out by the ledger (docs/ledger.md).

{refusal};

CREATE TRIGGER events_told BEFORE UPDATE OF id, at, actor_kind, actor_id, kind, object_kind, object_id, subject_id,
    request_id, facts
    ON events FOR EACH ROW {refuse};

CREATE TRIGGER events_stay BEFORE DELETE ON events FOR EACH ROW {refuse};

-- Most events are of time; whoever looks for anything else finds it without reading them.
CREATE INDEX events_apart ON events (id) WHERE object_kind <> 'time_entry';
