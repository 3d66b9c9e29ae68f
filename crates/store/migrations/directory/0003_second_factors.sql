-- What the person of a session has shown, and the second factors that people have.

-- Every row says its first factor; the default is a word of nothing, so that one left out is found.
ALTER TABLE sessions ADD COLUMN first_factor {text} NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN second_factor {text};

ALTER TABLE remembered ADD COLUMN first_factor {text} NOT NULL DEFAULT '';
ALTER TABLE remembered ADD COLUMN second_factor {text};

-- Before this step browsers were only remembered by a code or a link from a mail.
UPDATE remembered SET first_factor = COALESCE(
    (SELECT MIN(s.method) FROM sessions s
     WHERE s.family_id = remembered.id AND s.method IN ('otp-mail', 'link-mail')),
    'otp-mail');

UPDATE sessions SET first_factor = CASE method
    WHEN 'remembered' THEN COALESCE(
        (SELECT r.first_factor FROM remembered r WHERE r.id = sessions.family_id), 'otp-mail')
    ELSE method END;

-- Since when a code by mail is asked for as the second step; not, where it is null.
ALTER TABLE people ADD COLUMN second_mail_at {int};

-- Authenticator apps. One counts from its first right code on, and is deleted when it is removed: a
-- seed that nobody needs lies nowhere.
CREATE TABLE authenticators (
    id {id} PRIMARY KEY,
    user_id {id} NOT NULL REFERENCES people (id),
    name_sealed {bytes} NOT NULL,
    seed_sealed {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    created_at {int} NOT NULL,
    confirmed_at {int},
    -- The step of the newest code that was used: no code of it or before is taken again.
    last_step {int} NOT NULL,
    used_at {int}
){strict};

CREATE INDEX authenticators_user ON authenticators (user_id);

-- One set of a person at a time.
CREATE TABLE recovery_codes (
    user_id {id} NOT NULL REFERENCES people (id),
    code_mac {bytes} NOT NULL,
    created_at {int} NOT NULL,
    used_at {int},
    PRIMARY KEY (user_id, code_mac)
){strict};

-- Somebody has shown their first factor, and is asked for the second one.
CREATE TABLE second_steps (
    id {id} PRIMARY KEY,
    cookie_hash {bytes} NOT NULL,
    user_id {id} NOT NULL REFERENCES people (id),
    first_factor {text} NOT NULL,
    remember {int} NOT NULL CHECK (remember IN (0, 1)),
    -- Of the code that was mailed, if one was.
    code_mac {bytes},
    mails {int} NOT NULL,
    is_known_device {int} NOT NULL CHECK (is_known_device IN (0, 1)),
    wrong_codes {int} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    used_at {int},
    dead_at {int}
){strict};

-- The newest of a browser replaces the older ones.
CREATE UNIQUE INDEX second_steps_one_open ON second_steps (cookie_hash)
    WHERE used_at IS NULL AND dead_at IS NULL;

CREATE INDEX second_steps_user ON second_steps (user_id, created_at);

CREATE INDEX second_steps_age ON second_steps (created_at);

-- The operator takes somebody's second factors away: in force after a day's notice.
CREATE TABLE factor_resets (
    id {id} PRIMARY KEY,
    user_id {id} NOT NULL REFERENCES people (id),
    created_at {int} NOT NULL,
    due_at {int} NOT NULL,
    stopped_at {int},
    done_at {int}
){strict};

CREATE UNIQUE INDEX factor_resets_one_open ON factor_resets (user_id)
    WHERE stopped_at IS NULL AND done_at IS NULL;

-- Whoever was told of a reset can stop it.
CREATE TABLE factor_reset_links (
    secret_hash {bytes} PRIMARY KEY,
    reset_id {id} NOT NULL REFERENCES factor_resets (id),
    user_id {id} NOT NULL REFERENCES people (id)
){strict};
