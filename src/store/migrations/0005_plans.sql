-- Previews that are kept to be applied as they are: once, until a time. Only adds, see 0001.

-- `document` is the run as it would be accepted; `picture` is what it found on the appliances. `run` applied it.
CREATE TABLE plans (
    id TEXT NOT NULL PRIMARY KEY,
    client TEXT NOT NULL,
    ticket TEXT,
    reason TEXT,
    action TEXT NOT NULL,
    configuration TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    run TEXT,
    applied_by TEXT,
    applied_ms BIGINT,
    text TEXT NOT NULL,
    report TEXT NOT NULL,
    picture TEXT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX plans_of_client ON plans (client, expires_ms);
CREATE INDEX plans_of_configuration ON plans (configuration, id);
CREATE INDEX plans_by_end ON plans (expires_ms);
