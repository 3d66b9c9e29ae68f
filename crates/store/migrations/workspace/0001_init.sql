-- A workspace: its people, what they book on, and their time.
-- Type words are rendered per engine (see migrate.rs). Instants are microseconds UTC,
-- days are civil days since 1970-01-01, sealed columns hold ciphertext of the vault.

CREATE TABLE workspace (
    id {id} PRIMARY KEY,
    name_sealed {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    text_key {int} NOT NULL,
    names_key {int} NOT NULL,
    currency {text} NOT NULL,
    bare_number {text} NOT NULL CHECK (bare_number IN ('minutes', 'hours')),
    second_timer {text} NOT NULL CHECK (second_timer IN ('stops_running', 'is_refused')),
    overlap_rule {text} NOT NULL CHECK (overlap_rule IN ('allowed', 'forbidden')),
    week_start {text} NOT NULL CHECK (week_start IN ('monday', 'sunday', 'saturday')),
    zone {text} NOT NULL,
    names_revision {int} NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL
){strict};

CREATE TABLE members (
    id {id} PRIMARY KEY,
    user_id {id} NOT NULL UNIQUE,
    role {text} NOT NULL CHECK (role IN ('owner', 'admin', 'manager', 'member')),
    key_id {int} NOT NULL,
    name_sealed {bytes} NOT NULL,
    address_sealed {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    zone {text} NOT NULL,
    week_start {text} NOT NULL CHECK (week_start IN ('monday', 'sunday', 'saturday')),
    locale {text} NOT NULL,
    clock_format {text} NOT NULL CHECK (clock_format IN ('24h', '12h')),
    joined_at {int} NOT NULL,
    removed_at {int},
    version {int} NOT NULL
){strict};

CREATE TABLE invitations (
    id {id} PRIMARY KEY,
    role {text} NOT NULL CHECK (role IN ('owner', 'admin', 'manager', 'member')),
    address_sealed {bytes} NOT NULL,
    address_index {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    token_hash {bytes} NOT NULL UNIQUE,
    invited_by {id} NOT NULL REFERENCES members (id),
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    accepted_at {int},
    accepted_by {id} REFERENCES members (id),
    revoked_at {int},
    version {int} NOT NULL
){strict};

CREATE UNIQUE INDEX invitations_one_open ON invitations (address_index)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE TABLE clients (
    id {id} PRIMARY KEY,
    name_sealed {bytes} NOT NULL,
    name_index {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    created_at {int} NOT NULL,
    archived_at {int},
    deleted_at {int},
    version {int} NOT NULL
){strict};

CREATE UNIQUE INDEX clients_one_name ON clients (name_index) WHERE deleted_at IS NULL;

CREATE TABLE projects (
    id {id} PRIMARY KEY,
    client_id {id} REFERENCES clients (id),
    name_sealed {bytes} NOT NULL,
    name_index {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    hue {int} NOT NULL CHECK (hue BETWEEN 1 AND 12),
    is_billable {int} NOT NULL CHECK (is_billable IN (0, 1)),
    is_open {int} NOT NULL CHECK (is_open IN (0, 1)),
    created_at {int} NOT NULL,
    archived_at {int},
    deleted_at {int},
    version {int} NOT NULL
){strict};

CREATE UNIQUE INDEX projects_one_name ON projects (name_index) WHERE deleted_at IS NULL;

CREATE INDEX projects_client ON projects (client_id);

CREATE TABLE project_members (
    project_id {id} NOT NULL REFERENCES projects (id),
    member_id {id} NOT NULL REFERENCES members (id),
    is_manager {int} NOT NULL CHECK (is_manager IN (0, 1)),
    PRIMARY KEY (project_id, member_id)
){strict};

CREATE INDEX project_members_member ON project_members (member_id, project_id, is_manager);

CREATE TABLE tasks (
    id {id} PRIMARY KEY,
    project_id {id} NOT NULL REFERENCES projects (id),
    name_sealed {bytes} NOT NULL,
    name_index {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    created_at {int} NOT NULL,
    archived_at {int},
    deleted_at {int},
    version {int} NOT NULL
){strict};

CREATE UNIQUE INDEX tasks_one_name ON tasks (name_index) WHERE deleted_at IS NULL;

CREATE INDEX tasks_project ON tasks (project_id);

CREATE TABLE tags (
    id {id} PRIMARY KEY,
    name_sealed {bytes} NOT NULL,
    name_index {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    created_at {int} NOT NULL,
    archived_at {int},
    deleted_at {int},
    version {int} NOT NULL
){strict};

CREATE UNIQUE INDEX tags_one_name ON tags (name_index) WHERE deleted_at IS NULL;

-- An interval (started_at, stopped_at; running while stopped_at is null) or a duration on a day.
-- first_day is the civil day, in the entry's zone, on which it starts.
CREATE TABLE time_entries (
    id {id} PRIMARY KEY,
    member_id {id} NOT NULL REFERENCES members (id),
    project_id {id} REFERENCES projects (id),
    task_id {id} REFERENCES tasks (id),
    note_sealed {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    is_billable {int} NOT NULL CHECK (is_billable IN (0, 1)),
    started_at {int},
    stopped_at {int},
    duration_s {int} CHECK (duration_s BETWEEN 0 AND 2678400),
    first_day {int} NOT NULL,
    zone {text} NOT NULL,
    created_at {int} NOT NULL,
    deleted_at {int},
    version {int} NOT NULL,
    CHECK ((started_at IS NULL) = (duration_s IS NOT NULL)),
    CHECK (stopped_at IS NULL OR started_at IS NOT NULL),
    CHECK (stopped_at IS NULL OR stopped_at BETWEEN started_at AND started_at + 2678400000000)
){strict};

CREATE UNIQUE INDEX time_entries_one_running ON time_entries (member_id)
    WHERE started_at IS NOT NULL AND stopped_at IS NULL AND deleted_at IS NULL;

CREATE INDEX time_entries_member_day ON time_entries (member_id, first_day, started_at, id)
    WHERE deleted_at IS NULL;

CREATE INDEX time_entries_day ON time_entries (first_day, started_at, id) WHERE deleted_at IS NULL;

CREATE INDEX time_entries_project_day ON time_entries (project_id, first_day, started_at, id)
    WHERE deleted_at IS NULL;

CREATE INDEX time_entries_task ON time_entries (task_id);

CREATE INDEX time_entries_deleted ON time_entries (member_id, deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE entry_tags (
    entry_id {id} NOT NULL REFERENCES time_entries (id),
    tag_id {id} NOT NULL REFERENCES tags (id),
    PRIMARY KEY (entry_id, tag_id)
){strict};

CREATE INDEX entry_tags_tag ON entry_tags (tag_id);

-- What each civil day got of a stopped entry that is not deleted: what every total reads.
CREATE TABLE entry_days (
    entry_id {id} NOT NULL REFERENCES time_entries (id),
    local_day {int} NOT NULL,
    seconds {int} NOT NULL CHECK (seconds >= 0),
    project_id {id},
    task_id {id},
    member_id {id} NOT NULL,
    is_billable {int} NOT NULL CHECK (is_billable IN (0, 1)),
    PRIMARY KEY (entry_id, local_day)
){strict};

CREATE INDEX entry_days_project ON entry_days (project_id, member_id, local_day, is_billable, seconds);

CREATE INDEX entry_days_member ON entry_days (member_id, local_day, project_id, is_billable, seconds);

-- What happened. facts holds canonical bytes with personal text as salted commitments;
-- texts_sealed holds the salts and the words, under the subject's key. body_mac is a keyed hash of
-- the request that made a thing, so that the same request sent twice is recognised.
CREATE TABLE events (
    id {id} PRIMARY KEY,
    at {int} NOT NULL,
    actor_kind {text} NOT NULL,
    actor_id {id},
    kind {text} NOT NULL,
    object_kind {text} NOT NULL,
    object_id {id} NOT NULL,
    subject_id {id},
    request_id {id} NOT NULL,
    facts {bytes} NOT NULL,
    texts_sealed {bytes},
    body_mac {bytes}
){strict};

CREATE INDEX events_object ON events (object_id, id);

CREATE TABLE api_tokens (
    id {id} PRIMARY KEY,
    member_id {id} NOT NULL REFERENCES members (id),
    name_sealed {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    secret_hash {bytes} NOT NULL UNIQUE,
    scope {text} NOT NULL CHECK (scope IN ('read', 'track', 'full')),
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    last_used_at {int},
    revoked_at {int}
){strict};

CREATE INDEX api_tokens_member ON api_tokens (member_id);
