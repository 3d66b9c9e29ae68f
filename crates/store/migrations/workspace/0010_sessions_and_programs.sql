-- Whether a browser that signs in by itself may come in, and how long after somebody has shown who they
-- are.

ALTER TABLE workspace ADD COLUMN allows_remembering {int} NOT NULL DEFAULT 1
    CHECK (allows_remembering IN (0, 1));

ALTER TABLE workspace ADD COLUMN longest_session {text} NOT NULL DEFAULT '30_days'
    CHECK (longest_session IN ('30_days', '7_days', '24_hours', '12_hours'));

-- Whether the token was made for a program that its member let in (`tp login`).
ALTER TABLE api_tokens ADD COLUMN is_program {int} NOT NULL DEFAULT 0 CHECK (is_program IN (0, 1));
