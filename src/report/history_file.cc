#include "report/history_file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/history_schema.h"
#include "sys/fd.h"

namespace taskrun::report {
namespace {

using database::Answer;
using database::SqliteConnection;

tl::unexpected<HistoryTrouble> fail_with(const database::Failure& failure) {
  return tl::unexpected(trouble_of(failure));
}

// SQLite gives what it keeps beside the file the same mode. The descriptor is closed before SQLite opens the file:
// closing one later would drop SQLite's locks.
Result<FileIdentity> make_private_file(const std::string& path) {
  const auto file = sys::open_file(path, O_RDWR | O_CREAT | O_NONBLOCK, 0600);
  if (!file) return tl::unexpected(file.error());
  struct stat status{};
  if (::fstat(file->get(), &status) != 0) return fail_errno(fmt::format("cannot look at '{}'", path), errno);
  if (!S_ISREG(status.st_mode)) return fail(fmt::format("cannot open '{}': it is no regular file", path));
  const bool is_private = (status.st_mode & 07777) == 0600 || ::fchmod(file->get(), 0600) == 0;
  if (!is_private) return fail_errno(fmt::format("cannot take the rights of others on '{}' away", path), errno);
  return FileIdentity{status.st_dev, status.st_ino};
}

// In this order: how space is taken back is decided before there is a page, and before the log is used. It is a write,
// and one that exists may be read where it cannot be written.
Answer<void> configure(SqliteConnection& connection, Durability durability, bool is_new) {
  const std::string synchronous = durability == Durability::full ? "FULL" : "NORMAL";
  return connection.execute(
      (is_new ? "PRAGMA auto_vacuum = INCREMENTAL; " : "") +
      ("PRAGMA journal_mode = WAL; PRAGMA synchronous = " + synchronous) +
      fmt::format("; PRAGMA cache_size = -{}; PRAGMA journal_size_limit = {}; PRAGMA cell_size_check = ON; "
                  "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY",
                  limits::kHistoryCache.count / 1024, limits::kHistoryLog.count));
}

Answer<void> write_version(SqliteConnection& connection) {
  return connection.execute(fmt::format("PRAGMA user_version = {}", history_migrations().size()));
}

Answer<void> migrate(SqliteConnection& connection, int version) {
  const auto steps = history_migrations();
  if (static_cast<std::size_t>(version) == steps.size()) return {};
  auto transaction = database::SqliteTransaction::begin(connection);
  if (!transaction) return tl::unexpected(transaction.error());
  for (const char* step : steps.subspan(static_cast<std::size_t>(version))) {
    if (auto taken = connection.execute(step); !taken) return taken;
  }
  const auto marked = connection.execute(fmt::format("PRAGMA application_id = {}", kHistoryMark));
  const auto numbered = marked ? write_version(connection) : marked;
  return numbered ? transaction->commit() : numbered;
}

}  // namespace

std::optional<FileIdentity> identity_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

HistoryAnswer<HistoryFile> HistoryFile::open(const std::string& path, Durability durability) {
  const auto identity = make_private_file(path);
  if (!identity) return tl::unexpected(HistoryTrouble{identity.error()});
  auto connection = SqliteConnection::open(path, database::SqliteAccess::read_write, limits::kHistoryPatience);
  if (!connection) return fail_with(connection.error());
  const auto version = history_version(*connection, path);
  if (!version) return tl::unexpected(version.error());
  if (auto configured = configure(*connection, durability, *version == 0); !configured)
    return fail_with(configured.error());
  if (auto migrated = migrate(*connection, *version); !migrated) return fail_with(migrated.error());
  HistoryFile file(*identity, std::move(*connection));
  if (auto prepared = file.statements_.prepare(file.connection_); !prepared) return fail_with(prepared.error());
  return file;
}

HistoryAnswer<Written> HistoryFile::write(std::span<const HistoryRecord> batch) {
  Written written;
  const auto add_all = [&]() -> Answer<void> {
    auto transaction = database::SqliteTransaction::begin(connection_);
    if (!transaction) return tl::unexpected(transaction.error());
    if (batch.empty()) {
      if (auto touched = write_version(connection_); !touched) return touched;
    }
    for (const HistoryRecord& record : batch) {
      const auto added = std::visit([&](const auto& kind) { return add(kind, written); }, record);
      if (!added) return added;
    }
    return transaction->commit();
  };
  if (const auto added = add_all(); !added) {
    tasks_.clear();  // numbers that were rolled back are no numbers
    return fail_with(added.error());
  }
  return written;
}

}  // namespace taskrun::report
