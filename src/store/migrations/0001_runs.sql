-- Everything that has to survive a crash. TEXT and BIGINT alone, so that one text serves SQLite and PostgreSQL; times
-- are milliseconds of the database's clock. Later files only add: an older program may still be at work beside a newer.

CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    -- The order of acceptance, which the clock is not: it may jump back.
    ordinal BIGINT NOT NULL,
    client TEXT NOT NULL,
    action TEXT NOT NULL,
    configuration TEXT NOT NULL,
    request_id TEXT NOT NULL,
    tasks_open BIGINT NOT NULL,
    changed_pairs BIGINT NOT NULL,
    cancel_reason TEXT,
    created_ms BIGINT NOT NULL,
    done_ms BIGINT,
    class TEXT,
    report_text TEXT,
    -- What may be large comes last: SQLite reads a row from its beginning, and a list of runs must not read megabytes of
    -- each to see how it ended.
    document TEXT NOT NULL,
    report TEXT
);
CREATE INDEX runs_by_ordinal ON runs (ordinal);
CREATE INDEX runs_by_configuration ON runs (configuration, client, id);
CREATE INDEX runs_by_end ON runs (done_ms);
CREATE INDEX runs_without_report ON runs (id) WHERE done_ms IS NOT NULL AND class IS NULL;

CREATE TABLE tasks (
    run TEXT NOT NULL,
    place BIGINT NOT NULL,
    appliance TEXT NOT NULL,
    list TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    started_ms BIGINT,
    done_ms BIGINT,
    progress TEXT,
    result TEXT,
    PRIMARY KEY (run, place)
);

-- Who waits for which lane. A row is there as long as its task is not done, so that the first row of a lane is the
-- task that is next there.
CREATE TABLE waiting (
    lane TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    run TEXT NOT NULL,
    place BIGINT NOT NULL,
    lanes_wanted BIGINT NOT NULL,
    PRIMARY KEY (lane, ordinal, run, place)
);
CREATE INDEX waiting_by_task ON waiting (run, place);

-- Who may write where. No owner: free. An owner whose lease is over: expired.
CREATE TABLE lanes (
    name TEXT NOT NULL PRIMARY KEY,
    owner TEXT,
    owner_before TEXT,
    epoch BIGINT NOT NULL,
    lease_ms BIGINT NOT NULL
);

-- Pairs that may have been sent, written before they are. Gone when the task is done.
CREATE TABLE journal (
    run TEXT NOT NULL,
    place BIGINT NOT NULL,
    recipient TEXT NOT NULL,
    sender TEXT NOT NULL,
    PRIMARY KEY (run, place, recipient, sender)
);

CREATE TABLE changed_pairs (
    run TEXT NOT NULL,
    place BIGINT NOT NULL,
    recipient TEXT NOT NULL,
    sender TEXT NOT NULL,
    change TEXT NOT NULL,
    sole BIGINT NOT NULL,
    PRIMARY KEY (run, place, recipient, sender, change)
);

CREATE TABLE outcomes (
    run TEXT NOT NULL,
    place BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (run, place, outcome)
);

CREATE TABLE idempotency (
    client TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    run TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    PRIMARY KEY (client, idempotency_key)
);
CREATE INDEX idempotency_by_expiry ON idempotency (expires_ms);

-- Append only, in the transaction of what it tells of.
CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    run TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    event TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_by_run ON audit (run);

-- One row, which is written to see whether anything can be.
CREATE TABLE probe (
    id BIGINT NOT NULL PRIMARY KEY,
    probed_ms BIGINT NOT NULL
);
INSERT INTO probe (id, probed_ms) VALUES (1, 0);
