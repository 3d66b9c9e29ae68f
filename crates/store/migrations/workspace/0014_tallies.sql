-- How often who did what on which day, so that what is unusual is told. See docs/anomalies.md.

-- A day is a UTC day, in days since 1970. who is a member, a token, or the workspace: all of it together.
-- most is what would have been usual, once more than that was counted; told_at is when owners were told.
CREATE TABLE tallies (
    measure {text} NOT NULL,
    who {id} NOT NULL,
    day {int} NOT NULL,
    who_kind {text} NOT NULL CHECK (who_kind IN ('member', 'token', 'workspace')),
    count {int} NOT NULL CHECK (count > 0),
    most {int},
    told_at {int},
    PRIMARY KEY (measure, who, day),
    CHECK (most IS NOT NULL OR told_at IS NULL)
){strict};

CREATE INDEX tallies_untold ON tallies (day) WHERE most IS NOT NULL AND told_at IS NULL;

-- Whose time was looked at by whom on a day: each counts once.
CREATE TABLE tally_looks (
    day {int} NOT NULL,
    who {id} NOT NULL,
    subject_id {id} NOT NULL,
    PRIMARY KEY (day, who, subject_id)
){strict};

-- Up to which place of the log is counted, and of which day the latest of it was.
CREATE TABLE tally_place (
    id {int} PRIMARY KEY CHECK (id = 1),
    position {int} NOT NULL CHECK (position >= 0),
    day {int} NOT NULL
){strict};
