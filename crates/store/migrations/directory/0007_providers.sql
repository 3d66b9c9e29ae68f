-- Whose account somebody is at a provider of sign-ins, once they have confirmed it. A provider without a
-- workspace is the instance's own.
CREATE TABLE provider_links (
    id {id} PRIMARY KEY,
    user_id {id} NOT NULL REFERENCES people (id),
    provider_id {id} NOT NULL,
    workspace_id {id},
    subject_index {bytes} NOT NULL,
    created_at {int} NOT NULL,
    used_at {int},
    UNIQUE (provider_id, subject_index)
){strict};

CREATE INDEX provider_links_user ON provider_links (user_id);

-- A browser on its way to a provider and back: once, within ten minutes.
CREATE TABLE provider_journeys (
    id {id} PRIMARY KEY,
    state_hash {bytes} NOT NULL UNIQUE,
    cookie_hash {bytes} NOT NULL,
    provider_id {id} NOT NULL,
    workspace_id {id},
    session_id {id},
    payload_sealed {bytes} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    used_at {int}
){strict};

CREATE INDEX provider_journeys_age ON provider_journeys (created_at);

-- Who came from a provider as somebody unknown to it, and has to confirm it by a code from a mail.
CREATE TABLE provider_pendings (
    attempt_id {id} PRIMARY KEY,
    provider_id {id} NOT NULL,
    workspace_id {id},
    subject_index {bytes} NOT NULL,
    has_second {int} NOT NULL CHECK (has_second IN (0, 1)),
    created_at {int} NOT NULL
){strict};

CREATE INDEX provider_pendings_age ON provider_pendings (created_at);

-- Logout tokens that were used: none is taken twice.
CREATE TABLE provider_logouts (
    token_index {bytes} PRIMARY KEY,
    expires_at {int} NOT NULL
){strict};

-- Which provider has opened a session, or is about to after the second step; with the workspace it
-- belongs to, beyond which it opens nothing.
ALTER TABLE sessions ADD COLUMN provider_id {id};

ALTER TABLE sessions ADD COLUMN provider_workspace_id {id};

ALTER TABLE second_steps ADD COLUMN provider_id {id};

ALTER TABLE second_steps ADD COLUMN provider_workspace_id {id};
