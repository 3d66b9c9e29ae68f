-- Support access: who runs the instance asks, an owner gives it for minutes, and every look is an event.

-- Who asked is an operator of the directory; their name is sealed with what they said. What was given
-- stands beside what was asked for. A link opens it once, and its session is known by the hash of a
-- secret; used_at never goes back, so that a clock which does opens nothing again.
CREATE TABLE support_requests (
    id {id} PRIMARY KEY,
    operator_id {id} NOT NULL,
    operator_sealed {bytes} NOT NULL,
    reason_sealed {bytes} NOT NULL,
    ticket_sealed {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    areas {int} NOT NULL CHECK (areas > 0),
    minutes {int} NOT NULL CHECK (minutes BETWEEN 1 AND 60),
    may_write {int} NOT NULL CHECK (may_write IN (0, 1)),
    without_owner {int} NOT NULL CHECK (without_owner IN (0, 1)),
    asked_at {int} NOT NULL,
    lapses_at {int} NOT NULL,
    confirmed_at {int},
    confirmer_id {id},
    confirmer_sealed {bytes},
    opens_at {int},
    granted_at {int},
    granted_by {id} REFERENCES members (id),
    ends_at {int},
    link_hash {bytes} UNIQUE CHECK (length(link_hash) = 32),
    link_made_at {int},
    link_ends_at {int},
    secret_hash {bytes} UNIQUE CHECK (length(secret_hash) = 32),
    opened_at {int},
    used_at {int},
    refused_at {int},
    refused_by {id} REFERENCES members (id),
    ended_at {int},
    ended_by {text} CHECK (ended_by IN ('owner', 'operator', 'support', 'time')),
    CHECK (confirmer_id IS NULL OR confirmer_id <> operator_id),
    CHECK ((confirmed_at IS NULL) = (confirmer_id IS NULL)),
    CHECK ((confirmed_at IS NULL) = (opens_at IS NULL)),
    CHECK (confirmed_at IS NULL OR without_owner = 1),
    CHECK (may_write = 0 OR without_owner = 0),
    CHECK ((granted_at IS NULL) = (ends_at IS NULL)),
    CHECK (ends_at IS NULL OR ends_at BETWEEN granted_at AND granted_at + 3600000000),
    CHECK (granted_by IS NULL OR granted_at IS NOT NULL),
    CHECK (granted_at IS NULL OR granted_by IS NOT NULL OR confirmed_at IS NOT NULL),
    CHECK (secret_hash IS NULL OR granted_at IS NOT NULL),
    CHECK (refused_at IS NULL OR granted_at IS NULL),
    CHECK (ended_at IS NULL OR granted_at IS NOT NULL),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
){strict};

-- What can still become something, or is something now: a few rows at most.
CREATE INDEX support_requests_live ON support_requests (asked_at)
    WHERE refused_at IS NULL AND ended_at IS NULL;

-- One row for each request of a support session that was answered: its event is written once, however
-- often the request reads.
CREATE TABLE support_views (
    request_id {id} PRIMARY KEY,
    support_id {id} NOT NULL REFERENCES support_requests (id),
    at {int} NOT NULL
){strict};

CREATE INDEX support_views_support ON support_views (support_id);
