-- How people may come in. What it names of addresses is sealed: a person typed it.

ALTER TABLE workspace ADD COLUMN allows_mail {int} NOT NULL DEFAULT 1 CHECK (allows_mail IN (0, 1));

ALTER TABLE workspace ADD COLUMN allows_passwords {int} NOT NULL DEFAULT 1
    CHECK (allows_passwords IN (0, 1));

ALTER TABLE workspace ADD COLUMN second_factor {text} NOT NULL DEFAULT 'optional'
    CHECK (second_factor IN ('optional', 'required', 'strong'));

-- None: from everywhere. Sealed anew at each change, with the policy's version as its revision.
ALTER TABLE workspace ADD COLUMN networks_sealed {bytes};

ALTER TABLE workspace ADD COLUMN policy_version {int} NOT NULL DEFAULT 1;
