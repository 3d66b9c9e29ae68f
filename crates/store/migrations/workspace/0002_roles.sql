-- Roles of a workspace's own, guests of a client, and teams.
-- rights holds a bit for each single right that a role was built of.

CREATE TABLE roles (
    id {id} PRIMARY KEY,
    name_sealed {bytes} NOT NULL,
    name_index {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    rights {int} NOT NULL CHECK (rights >= 0),
    created_at {int} NOT NULL,
    deleted_at {int},
    version {int} NOT NULL
){strict};

CREATE UNIQUE INDEX roles_one_name ON roles (name_index) WHERE deleted_at IS NULL;

-- More roles than the first CHECK allowed: a new column in the place of the old one. A row that names
-- no role is refused by what is asked of guests.
ALTER TABLE members ADD COLUMN wider_role {text} NOT NULL DEFAULT 'client'
    CHECK (wider_role IN ('owner', 'admin', 'manager', 'member', 'accountant', 'auditor', 'client', 'own'));

UPDATE members SET wider_role = role;

ALTER TABLE members DROP COLUMN role;

ALTER TABLE members RENAME COLUMN wider_role TO role;

ALTER TABLE members ADD COLUMN role_id {id} REFERENCES roles (id)
    CHECK ((role = 'own') = (role_id IS NOT NULL));

ALTER TABLE members ADD COLUMN client_id {id} REFERENCES clients (id)
    CHECK ((role = 'client') = (client_id IS NOT NULL));

CREATE INDEX members_role ON members (role_id) WHERE role_id IS NOT NULL;

CREATE INDEX members_client ON members (client_id) WHERE client_id IS NOT NULL;

ALTER TABLE invitations ADD COLUMN wider_role {text} NOT NULL DEFAULT 'client'
    CHECK (wider_role IN ('owner', 'admin', 'manager', 'member', 'accountant', 'auditor', 'client', 'own'));

UPDATE invitations SET wider_role = role;

ALTER TABLE invitations DROP COLUMN role;

ALTER TABLE invitations RENAME COLUMN wider_role TO role;

ALTER TABLE invitations ADD COLUMN role_id {id} REFERENCES roles (id)
    CHECK ((role = 'own') = (role_id IS NOT NULL));

ALTER TABLE invitations ADD COLUMN client_id {id} REFERENCES clients (id)
    CHECK ((role = 'client') = (client_id IS NOT NULL));

CREATE INDEX invitations_role ON invitations (role_id) WHERE role_id IS NOT NULL;

CREATE INDEX invitations_client ON invitations (client_id) WHERE client_id IS NOT NULL;

CREATE TABLE teams (
    id {id} PRIMARY KEY,
    name_sealed {bytes} NOT NULL,
    name_index {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    created_at {int} NOT NULL,
    archived_at {int},
    version {int} NOT NULL
){strict};

CREATE UNIQUE INDEX teams_one_name ON teams (name_index);

CREATE TABLE team_members (
    team_id {id} NOT NULL REFERENCES teams (id),
    member_id {id} NOT NULL REFERENCES members (id),
    is_manager {int} NOT NULL CHECK (is_manager IN (0, 1)),
    PRIMARY KEY (team_id, member_id)
){strict};

CREATE INDEX team_members_member ON team_members (member_id, team_id, is_manager);
