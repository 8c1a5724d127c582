#include "report/history_statements.h"

#include <array>

namespace taskrun::report {
namespace {

constexpr std::array<const char*, static_cast<std::size_t>(Sql::delete_output) + 1> kTexts{
    "SELECT id FROM task WHERE name = ?1",
    "INSERT INTO task (name) VALUES (?1)",
    "DELETE FROM task WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM entry WHERE task = ?1)"
    " AND NOT EXISTS (SELECT 1 FROM claim WHERE task = ?1) AND NOT EXISTS (SELECT 1 FROM due_mark WHERE task = ?1)",
    "SELECT trigger, answers FROM claim WHERE run = ?1",
    "INSERT INTO claim (run, task, due, answers, trigger, attempt, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    "UPDATE claim SET attempt = max(attempt, ?2) WHERE run = ?1",
    "DELETE FROM claim WHERE run = ?1",
    "SELECT run FROM entry WHERE task = ?1 AND due = ?2 AND answers = 1",
    "SELECT 1 FROM entry WHERE run = ?1 AND attempt = ?2",
    "INSERT INTO entry (run, task, attempt, due, answers, kind, trigger, at, duration, exit_code, signal, killed_by,"
    " flags, pid, cpu_user_us, cpu_system_us, max_rss_kib, leftovers_killed, output_bytes, truncated_bytes, retry_in,"
    " reason, count, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
    " ?19, ?20, ?21, ?22, ?23, ?24)",
    "INSERT INTO output (number, stdout, stderr, result) VALUES (?1, ?2, ?3, ?4)",
    "SELECT 1 FROM entry WHERE task IS NULL AND due = ?1 AND at = ?2 AND count = ?3",
    "INSERT INTO due_mark (task, answered, owed) VALUES (?1, ?2, ?3)"
    " ON CONFLICT (task) DO UPDATE SET answered = excluded.answered, owed = excluded.owed",
    "DELETE FROM due_mark WHERE task = ?1",
    "SELECT e.number, e.task, e.at + ifnull(e.duration, 0), o.number,"
    " ifnull(length(o.stdout), 0) + ifnull(length(o.stderr), 0) + ifnull(length(o.result), 0)"
    " FROM entry e LEFT JOIN output o ON o.number = e.number ORDER BY e.number LIMIT ?1",
    "DELETE FROM entry WHERE number = ?1",
    "DELETE FROM output WHERE number = ?1",
};

}  // namespace

database::Answer<void> HistoryStatements::prepare(database::SqliteConnection& connection) {
  statements_.clear();
  for (const char* text : kTexts) {
    auto statement = connection.prepare(text);
    if (!statement) return tl::unexpected(statement.error());
    statements_.push_back(std::move(*statement));
  }
  return {};
}

}  // namespace taskrun::report
