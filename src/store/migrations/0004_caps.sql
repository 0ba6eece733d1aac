-- What was changed on a list within the last hour is asked when a task begins there. Only adds, see 0001.

CREATE INDEX tasks_by_list ON tasks (appliance, list, done_ms);
