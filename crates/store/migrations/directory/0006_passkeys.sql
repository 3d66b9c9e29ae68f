-- Passkeys: a way in, a second step, and a fresh proof.

CREATE TABLE passkeys (
    id {id} PRIMARY KEY,
    user_id {id} NOT NULL REFERENCES people (id),
    -- Its place among the twenty that a person can have.
    slot {int} NOT NULL CHECK (slot BETWEEN 1 AND 20),
    -- The keyed hash of the credential's id: nobody adds one twice, and no two people have the same.
    credential_mac {bytes} NOT NULL UNIQUE,
    -- The host of the address that it was made for; at another one it opens nothing.
    domain {text} NOT NULL,
    credential_sealed {bytes} NOT NULL,
    credential_rev {int} NOT NULL,
    name_sealed {bytes} NOT NULL,
    name_rev {int} NOT NULL,
    created_at {int} NOT NULL,
    used_at {int},
    -- When its person was last told that there are two of it.
    copied_at {int},
    UNIQUE (user_id, slot)
){strict};

-- What a device was asked, until it answers: for ten minutes, once, in one browser.
CREATE TABLE passkey_challenges (
    id {id} PRIMARY KEY,
    purpose {text} NOT NULL CHECK (purpose IN ('sign-in', 'second-step', 'proof', 'add')),
    -- The hash of the login cookie's secret, or of the session's.
    browser_hash {bytes} NOT NULL,
    user_id {id} REFERENCES people (id),
    -- The keyed hash of the network that asks before anybody has signed in.
    network_mac {bytes},
    state {bytes} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    used_at {int},
    dead_at {int},
    CHECK ((purpose = 'sign-in') = (user_id IS NULL))
){strict};

-- The newest of a browser replaces the older ones.
CREATE UNIQUE INDEX passkey_challenges_one_open ON passkey_challenges (browser_hash, purpose)
    WHERE used_at IS NULL AND dead_at IS NULL;

CREATE INDEX passkey_challenges_network ON passkey_challenges (network_mac, created_at);

CREATE INDEX passkey_challenges_age ON passkey_challenges (created_at);

-- Since when somebody with passkeys is asked for one after every other way in; not, where it is null.
ALTER TABLE people ADD COLUMN passkey_always_at {int};
