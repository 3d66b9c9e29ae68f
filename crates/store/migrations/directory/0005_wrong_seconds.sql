-- Wrong codes of an authenticator app, one after the other: how often a person's were guessed at.
ALTER TABLE people ADD COLUMN wrong_seconds {int} NOT NULL DEFAULT 0;
