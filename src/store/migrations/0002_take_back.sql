-- What taking back rests on: which pairs stand because of us, what is on hold, which run takes which one back, and an
-- audit that can be read by itself. Only adds, see 0001.

ALTER TABLE runs ADD COLUMN ticket TEXT;
ALTER TABLE runs ADD COLUMN reason TEXT;
ALTER TABLE runs ADD COLUMN undo_of TEXT;
-- The order of acceptance, which an id is not where a clock jumped.
CREATE INDEX runs_of_configuration_in_order ON runs (configuration, client, ordinal, id);
CREATE INDEX runs_by_ticket ON runs (ticket);
CREATE INDEX runs_by_undo_of ON runs (undo_of);

-- Was a pair that was removed ours? So that an undo which puts it back does not make it ours.
ALTER TABLE changed_pairs ADD COLUMN was_ours BIGINT;

-- Pairs that stand because of us, as far as we know; entries are folded. `run` put it there, `claimed_by` is the last
-- run that asked for it since and found it there. `restored`: put back for somebody else, by an undo. `unproven`: the
-- last that was sent about it was not read back, nor has any run found it there since.
CREATE TABLE owned (
    appliance TEXT NOT NULL,
    list TEXT NOT NULL,
    recipient TEXT NOT NULL,
    sender TEXT NOT NULL,
    run TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    since_ms BIGINT NOT NULL,
    claimed_by TEXT,
    claimed_ordinal BIGINT,
    restored BIGINT NOT NULL DEFAULT 0,
    unproven BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (appliance, list, recipient, sender)
);
CREATE INDEX owned_by_sender ON owned (sender);
CREATE INDEX owned_by_recipient ON owned (recipient);

-- The last change of each pair says whether it stands. Where one run did both, it is not called ours.
INSERT INTO owned (appliance, list, recipient, sender, run, ordinal, since_ms)
SELECT appliance, list, recipient, sender, run, ordinal, since_ms
FROM (
    SELECT t.appliance, t.list, c.recipient, c.sender, c.run, r.ordinal, c.change,
        COALESCE(t.done_ms, r.created_ms) AS since_ms,
        ROW_NUMBER() OVER (
            PARTITION BY t.appliance, t.list, c.recipient, c.sender
            ORDER BY r.ordinal DESC, r.id DESC, c.change DESC, c.place DESC
        ) AS age
    FROM changed_pairs c
    JOIN tasks t ON t.run = c.run AND t.place = c.place
    JOIN runs r ON r.id = c.run
) AS changes
WHERE age = 1 AND change = 'added';

-- What is not to be added for a while. No list, recipient or sender: any; entries are folded.
CREATE TABLE holds (
    id TEXT NOT NULL PRIMARY KEY,
    list TEXT,
    recipient TEXT,
    sender TEXT,
    by_client TEXT NOT NULL,
    reason TEXT,
    run TEXT,
    created_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    ended_by TEXT
);
CREATE INDEX holds_by_sender ON holds (sender);
CREATE INDEX holds_by_recipient ON holds (recipient);
CREATE INDEX holds_by_run ON holds (run);
CREATE INDEX holds_by_end ON holds (until_ms);

-- The audit in the order of its commits, which the clock is not. An empty `run` is none.
ALTER TABLE audit ADD COLUMN ordinal BIGINT;
ALTER TABLE audit ADD COLUMN client TEXT;
ALTER TABLE audit ADD COLUMN request_id TEXT;
ALTER TABLE audit ADD COLUMN ticket TEXT;
ALTER TABLE audit ADD COLUMN reason TEXT;
ALTER TABLE audit ADD COLUMN action TEXT;
ALTER TABLE audit ADD COLUMN configuration TEXT;
ALTER TABLE audit ADD COLUMN appliance TEXT;
ALTER TABLE audit ADD COLUMN list TEXT;

-- The rows are there already: each is given its place, and what its run knows.
INSERT INTO audit (id, run, at_ms, event, detail, ordinal, client, request_id, action, configuration)
SELECT a.id, a.run, a.at_ms, a.event, a.detail, ROW_NUMBER() OVER (ORDER BY a.at_ms, a.id),
    CASE WHEN a.event = 'cancel' THEN NULL ELSE r.client END,
    CASE WHEN a.event = 'cancel' THEN NULL ELSE r.request_id END,
    r.action, r.configuration
FROM audit a LEFT JOIN runs r ON r.id = a.run
WHERE 1 = 1
ON CONFLICT (id) DO UPDATE SET ordinal = excluded.ordinal, client = excluded.client,
    request_id = excluded.request_id, action = excluded.action, configuration = excluded.configuration;
CREATE UNIQUE INDEX audit_by_ordinal ON audit (ordinal);
CREATE INDEX audit_by_time ON audit (at_ms);

-- The last place that was given away. Who takes the next one holds this row until the commit, so that nobody who reads
-- the audit sees a later place before an earlier one.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) SELECT 'audit', COALESCE(MAX(ordinal), 0) FROM audit;
