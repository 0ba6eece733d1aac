-- Who stopped writes, since when and why. A row is there as long as they are stopped: `additions`, or `everything` that
-- changes a list. Only adds, see 0001.

CREATE TABLE switches (
    name TEXT NOT NULL PRIMARY KEY,
    stopped_ms BIGINT NOT NULL,
    by_client TEXT NOT NULL,
    reason TEXT NOT NULL
);
