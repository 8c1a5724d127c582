#include "report/history_trouble.h"

#include <fmt/format.h>

#include "report/history_schema.h"

namespace taskrun::report {
namespace {

using Kind = HistoryTrouble::Kind;

tl::unexpected<HistoryTrouble> fail_as(Kind kind, std::string message) {
  return tl::unexpected(HistoryTrouble{Error{std::move(message)}, kind});
}

}  // namespace

HistoryTrouble trouble_of(const database::Failure& failure) {
  return {Error{failure.message}, failure.kind == database::FailureKind::corrupt ? Kind::corrupt : Kind::other};
}

HistoryAnswer<int> history_version(database::SqliteConnection& connection, const std::string& path) {
  const auto version = connection.ask("PRAGMA user_version");
  if (!version) return tl::unexpected(trouble_of(version.error()));
  const auto mark = connection.ask("PRAGMA application_id");
  if (!mark) return tl::unexpected(trouble_of(mark.error()));
  const auto tables = connection.ask("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tl::unexpected(trouble_of(tables.error()));
  const bool is_empty = *mark == 0 && *version == 0 && *tables == 0;
  if (*mark != kHistoryMark && !is_empty) {
    return fail_as(Kind::corrupt, fmt::format("'{}' is a database of another program", path));
  }
  const auto known = static_cast<std::int64_t>(history_migrations().size());
  if (*version > known) {
    return fail_as(Kind::newer, fmt::format("'{}' was written by a newer taskrun: it has version {}, this one knows {}",
                                            path, *version, known));
  }
  return static_cast<int>(*version);
}

}  // namespace taskrun::report
