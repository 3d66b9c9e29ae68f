-- At which mail domains people may join a workspace by themselves, as keyed hashes: for the sign-in
-- page, which finds them in one look. What holds is the workspace's own rule; `version` is its.
CREATE TABLE join_domains (
    workspace_id {id} NOT NULL REFERENCES workspaces (id),
    domain_index {bytes} NOT NULL,
    version {int} NOT NULL,
    PRIMARY KEY (workspace_id, domain_index)
){strict};

CREATE INDEX join_domains_index ON join_domains (domain_index, workspace_id);

-- What was mailed to an address that may join by such a rule: a link that works once. One row for each
-- asking, whether anything was mailed or not.
CREATE TABLE join_offers (
    id {id} PRIMARY KEY,
    secret_hash {bytes} NOT NULL UNIQUE,
    offer_sealed {bytes} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    is_open {int} NOT NULL CHECK (is_open IN (0, 1))
){strict};

CREATE INDEX join_offers_age ON join_offers (expires_at);

-- Since when it is known that the person reads the mailbox of their address: by a code, a link or an
-- invitation that was mailed there. Who was set up by a link of the operator only typed it.
ALTER TABLE people ADD COLUMN address_shown_at {int};

-- Who has a session or a remembered browser that began in their mailbox has shown it.
UPDATE people SET address_shown_at = created_at
WHERE EXISTS (SELECT 1 FROM sessions s
              WHERE s.user_id = people.id
                AND s.first_factor IN ('otp-mail', 'link-mail', 'link-invitation'))
   OR EXISTS (SELECT 1 FROM remembered r
              WHERE r.user_id = people.id
                AND r.first_factor IN ('otp-mail', 'link-mail', 'link-invitation'));
