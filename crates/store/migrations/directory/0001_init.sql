-- The directory: who can sign in, and which workspaces they can open. Holds no time data.

-- One row: the keys of the instance. A keyring whose canary is another one is not ours, and an
-- orphan key that is newer than these is not taken.
CREATE TABLE instance (
    id {int} PRIMARY KEY CHECK (id = 1),
    canary_key {int} NOT NULL,
    text_key {int} NOT NULL,
    address_key {int} NOT NULL,
    codes_key {int} NOT NULL,
    cookies_key {int} NOT NULL,
    created_at {int} NOT NULL
){strict};

CREATE TABLE people (
    id {id} PRIMARY KEY,
    address_index {bytes} NOT NULL UNIQUE,
    address_sealed {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    key_id {int} NOT NULL,
    created_at {int} NOT NULL,
    disabled_at {int}
){strict};

CREATE TABLE workspaces (
    id {id} PRIMARY KEY,
    state {text} NOT NULL CHECK (state IN ('creating', 'ready')),
    created_at {int} NOT NULL
){strict};

CREATE TABLE memberships (
    user_id {id} NOT NULL REFERENCES people (id),
    workspace_id {id} NOT NULL REFERENCES workspaces (id),
    member_id {id} NOT NULL,
    joined_at {int} NOT NULL,
    removed_at {int},
    PRIMARY KEY (user_id, workspace_id)
){strict};

CREATE INDEX memberships_workspace ON memberships (workspace_id);

-- Acts over two databases that have begun; the sweeper finishes or undoes them.
CREATE TABLE intentions (
    id {id} PRIMARY KEY,
    kind {text} NOT NULL,
    workspace_id {id} NOT NULL,
    user_id {id},
    payload_sealed {bytes} NOT NULL,
    created_at {int} NOT NULL,
    lease_until {int} NOT NULL
){strict};

CREATE INDEX intentions_age ON intentions (created_at);

-- One row for each asking, whether anybody has the address or not.
CREATE TABLE login_attempts (
    id {id} PRIMARY KEY,
    cookie_hash {bytes} NOT NULL,
    address_index {bytes} NOT NULL,
    user_id {id} REFERENCES people (id),
    network_index {bytes} NOT NULL,
    is_known_device {int} NOT NULL CHECK (is_known_device IN (0, 1)),
    remember {int} NOT NULL CHECK (remember IN (0, 1)),
    code_mac {bytes} NOT NULL,
    link_mac {bytes} NOT NULL UNIQUE,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    wrong_codes {int} NOT NULL,
    in_quota {int} NOT NULL CHECK (in_quota IN (0, 1)),
    used_at {int},
    dead_at {int}
){strict};

-- The newest of a browser replaces the older ones.
CREATE UNIQUE INDEX login_attempts_one_open ON login_attempts (cookie_hash)
    WHERE used_at IS NULL AND dead_at IS NULL;

CREATE INDEX login_attempts_address ON login_attempts (address_index, created_at);

CREATE INDEX login_attempts_network ON login_attempts (network_index, created_at);

CREATE INDEX login_attempts_age ON login_attempts (created_at);

CREATE TABLE sessions (
    id {id} PRIMARY KEY,
    secret_hash {bytes} NOT NULL UNIQUE,
    user_id {id} NOT NULL REFERENCES people (id),
    method {text} NOT NULL,
    created_at {int} NOT NULL,
    seen_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    family_id {id},
    ended_at {int}
){strict};

CREATE INDEX sessions_user ON sessions (user_id);

CREATE INDEX sessions_family ON sessions (family_id);

CREATE INDEX sessions_age ON sessions (created_at);

-- Remember-me: selector.validator, the validator rotated at each use.
CREATE TABLE remembered (
    id {id} PRIMARY KEY,
    selector {bytes} NOT NULL UNIQUE,
    user_id {id} NOT NULL REFERENCES people (id),
    validator_hash {bytes} NOT NULL,
    previous_hash {bytes},
    rotated_at {int} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    revoked_at {int}
){strict};

CREATE INDEX remembered_user ON remembered (user_id);

-- Links that sign in by one button: the first owner's set-up, the demo, the operator's fresh link.
CREATE TABLE one_time_links (
    secret_hash {bytes} PRIMARY KEY,
    purpose {text} NOT NULL CHECK (purpose IN ('setup', 'enter')),
    user_id {id} REFERENCES people (id),
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    used_at {int},
    dead_at {int},
    CHECK ((purpose = 'enter') = (user_id IS NOT NULL))
){strict};

-- `tp login`: a program asks, a person confirms in the browser.
CREATE TABLE device_grants (
    id {id} PRIMARY KEY,
    device_hash {bytes} NOT NULL UNIQUE,
    user_code_mac {bytes} NOT NULL UNIQUE,
    name_sealed {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    approved_at {int},
    user_id {id} REFERENCES people (id),
    workspace_id {id},
    denied_at {int},
    collected_at {int}
){strict};

CREATE TABLE outbox (
    id {id} PRIMARY KEY,
    kind {text} NOT NULL,
    letter_sealed {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    created_at {int} NOT NULL,
    next_try_at {int} NOT NULL,
    give_up_at {int} NOT NULL,
    attempts {int} NOT NULL,
    sent_at {int},
    given_up_at {int}
){strict};

CREATE INDEX outbox_due ON outbox (next_try_at) WHERE sent_at IS NULL AND given_up_at IS NULL;

-- What happened in the directory; relayed once, by id, into the workspaces concerned.
CREATE TABLE directory_events (
    id {id} PRIMARY KEY,
    at {int} NOT NULL,
    kind {text} NOT NULL,
    user_id {id},
    request_id {id} NOT NULL,
    facts {bytes} NOT NULL,
    relayed_at {int}
){strict};

CREATE INDEX directory_events_unrelayed ON directory_events (id) WHERE relayed_at IS NULL;

CREATE TABLE leases (
    name {text} PRIMARY KEY,
    holder {id} NOT NULL,
    until_at {int} NOT NULL
){strict};
