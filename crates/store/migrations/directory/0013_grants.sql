-- How long the token of a program works that somebody lets in, in days.
ALTER TABLE device_grants ADD COLUMN token_days {int} CHECK (token_days BETWEEN 1 AND 366);
