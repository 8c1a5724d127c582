#include "report/history_schema.h"

namespace taskrun::report {
namespace {

// A row that is added is at the end of `entry` and of the index of runs: at ten million rows these cost no more than at
// none. Rows are numbered without a hole, so the newest n are known without counting. What was written by a task is
// apart, so that a list reads only small rows.
constexpr const char* kTables = R"(
CREATE TABLE task (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);
CREATE TABLE claim (
  number INTEGER PRIMARY KEY,
  run BLOB NOT NULL UNIQUE,
  task INTEGER NOT NULL REFERENCES task,
  due INTEGER NOT NULL,
  answers INTEGER,
  trigger INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (task, due, answers)
);
CREATE TABLE entry (
  number INTEGER PRIMARY KEY,
  run BLOB,
  task INTEGER REFERENCES task,
  attempt INTEGER NOT NULL,
  due INTEGER NOT NULL,
  answers INTEGER,
  kind INTEGER NOT NULL,
  trigger INTEGER,
  at INTEGER NOT NULL,
  duration INTEGER,
  exit_code INTEGER,
  signal INTEGER,
  killed_by INTEGER,
  flags INTEGER,
  pid INTEGER,
  cpu_user_us INTEGER,
  cpu_system_us INTEGER,
  max_rss_kib INTEGER,
  leftovers_killed INTEGER,
  output_bytes INTEGER,
  truncated_bytes INTEGER,
  retry_in INTEGER,
  reason INTEGER,
  count INTEGER,
  error TEXT
);
CREATE UNIQUE INDEX entry_of_run ON entry (run, attempt);
CREATE UNIQUE INDEX entry_of_due_time ON entry (task, due, answers);
CREATE TABLE output (
  number INTEGER PRIMARY KEY REFERENCES entry,
  stdout BLOB,
  stderr BLOB,
  result TEXT
);
CREATE TABLE due_mark (
  task INTEGER PRIMARY KEY REFERENCES task,
  answered INTEGER NOT NULL,
  owed BLOB NOT NULL
);
)";

// For people with other programs: the runs in words.
constexpr const char* kRunsInWords = R"(
CREATE VIEW run AS
SELECT
  e.number,
  t.name AS task,
  lower(substr(hex(e.run), 1, 8) || '-' || substr(hex(e.run), 9, 4) || '-' || substr(hex(e.run), 13, 4) || '-' ||
        substr(hex(e.run), 17, 4) || '-' || substr(hex(e.run), 21)) AS run_id,
  CASE e.kind WHEN 0 THEN 'success' WHEN 1 THEN 'failure' WHEN 2 THEN 'timeout' WHEN 3 THEN 'error'
              WHEN 4 THEN 'cancelled' END AS outcome,
  e.attempt,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1e9, 'unixepoch') AS started_at,
  e.duration / 1e6 AS duration_ms,
  e.exit_code,
  e.signal,
  e.error
FROM entry e JOIN task t ON t.id = e.task
WHERE e.kind < 5 AND e.retry_in IS NULL;
)";

constexpr std::array<const char*, 2> kMigrations{kTables, kRunsInWords};

}  // namespace

std::span<const char* const> history_migrations() { return kMigrations; }

bool answers_due_time(Trigger trigger) {
  switch (trigger) {
    case Trigger::schedule:
    case Trigger::catch_up:
    case Trigger::queue: return true;
    case Trigger::start:
    case Trigger::manual:
    case Trigger::retry: return false;
  }
  __builtin_unreachable();
}

}  // namespace taskrun::report
