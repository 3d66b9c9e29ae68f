-- Changes of a person's address, and the zone that letters to them are written in.

-- Where the person's days begin, as they said last in any workspace; not known, where it is null.
ALTER TABLE people ADD COLUMN zone {text};

-- One row for each asking. Code and link to the new address are an attempt of `login_attempts`, which is
-- found by `cookie_hash` and signs nobody in; the link to the address before is found by `stop_hash`, and
-- works until `stop_until`. So long nobody else gets that address.
CREATE TABLE address_changes (
    id {id} PRIMARY KEY,
    user_id {id} NOT NULL REFERENCES people (id),
    cookie_hash {bytes} NOT NULL,
    stop_hash {bytes} NOT NULL UNIQUE,
    old_index {bytes} NOT NULL,
    old_sealed {bytes} NOT NULL,
    new_index {bytes} NOT NULL,
    new_sealed {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    stop_until {int} NOT NULL,
    -- The new address is the person's.
    done_at {int},
    -- A newer one took its place, its person left it, or the new address was somebody's by then.
    dead_at {int},
    -- The link of it, or of an older one, was used.
    stopped_at {int}
){strict};

-- The newest of a person replaces the older ones.
CREATE UNIQUE INDEX address_changes_one_open ON address_changes (user_id)
    WHERE done_at IS NULL AND dead_at IS NULL AND stopped_at IS NULL;

CREATE INDEX address_changes_user ON address_changes (user_id, created_at);

CREATE INDEX address_changes_old ON address_changes (old_index);

CREATE INDEX address_changes_age ON address_changes (stop_until);
