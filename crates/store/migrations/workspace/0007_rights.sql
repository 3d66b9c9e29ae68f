-- When the sign-in policy was last changed: what was allowed before is asked anew.

ALTER TABLE workspace ADD COLUMN policy_changed_at {int} NOT NULL DEFAULT 0;

-- What somebody has sent is taken back when they may send it no more.
CREATE INDEX invitations_sent ON invitations (invited_by)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
