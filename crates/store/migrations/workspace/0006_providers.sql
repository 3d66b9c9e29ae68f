-- Providers of sign-ins (OpenID Connect) that an owner has set up for this workspace.
CREATE TABLE providers (
    id {id} PRIMARY KEY,
    settings_sealed {bytes} NOT NULL,
    secret_sealed {bytes} NOT NULL,
    sealed_rev {int} NOT NULL,
    secret_rev {int} NOT NULL,
    asks_second {int} NOT NULL CHECK (asks_second IN (0, 1)),
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    deleted_at {int}
){strict};
