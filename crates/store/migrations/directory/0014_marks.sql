-- Marks of browsers that were made before this are worth nothing: somebody else may have signed in there.
ALTER TABLE people ADD COLUMN marks_since {int} NOT NULL DEFAULT 0;
