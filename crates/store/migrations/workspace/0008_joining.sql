-- Who may join by themselves: people with an address at one of these mail domains, as members or in a
-- role of the workspace's own. One row, from the first change on; without domains nobody may. They are
-- sealed: a person typed them.
CREATE TABLE join_rule (
    id {int} PRIMARY KEY CHECK (id = 1),
    domains_sealed {bytes},
    role {text} NOT NULL CHECK (role IN ('member', 'own')),
    role_id {id} REFERENCES roles (id) CHECK ((role = 'own') = (role_id IS NOT NULL)),
    version {int} NOT NULL
){strict};

-- Who has joined by it, each in a place of a day (UTC): at most so many a day, however many come at once.
CREATE TABLE rule_joins (
    day {int} NOT NULL,
    place {int} NOT NULL CHECK (place BETWEEN 1 AND 200),
    member_id {id} NOT NULL UNIQUE REFERENCES members (id),
    PRIMARY KEY (day, place)
){strict};
