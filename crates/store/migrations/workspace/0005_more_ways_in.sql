-- Passkeys and providers of sign-ins are ways in that a workspace can forbid.

ALTER TABLE workspace ADD COLUMN allows_passkeys {int} NOT NULL DEFAULT 1
    CHECK (allows_passkeys IN (0, 1));

ALTER TABLE workspace ADD COLUMN allows_providers {int} NOT NULL DEFAULT 1
    CHECK (allows_providers IN (0, 1));
