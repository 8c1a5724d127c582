#include "database/sqlite_session.h"

#include <cmath>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "database/sqlite.h"
#include "database/starred.h"

namespace taskrun::database {
namespace {

struct Binder {
  SqliteStatement& statement;
  int parameter;

  void operator()(std::nullptr_t) const { statement.bind_null(parameter); }
  void operator()(std::int64_t value) const { statement.bind(parameter, value); }
  void operator()(std::string_view text) const { statement.bind(parameter, text); }
};

std::string hexadecimal(std::span<const std::byte> bytes) {
  std::string out = "\\x";
  for (const std::byte byte : bytes) fmt::format_to(std::back_inserter(out), "{:02x}", std::to_integer<int>(byte));
  return out;
}

// As SQLite spells it: a whole one is no integer, and reads as none.
std::string spelled(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

// The rows of one statement; the texts of their cells live here.
class Rows {
 public:
  explicit Rows(const SqliteStatement& statement) : statement_(statement) {
    for (int i = 0; i < statement.columns(); ++i) names_.emplace_back(statement.name(i));
    texts_.resize(names_.size());
    cells_.resize(names_.size());
  }

  [[nodiscard]] std::span<const std::string> names() const { return names_; }

  [[nodiscard]] Row row() {
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] = cell(static_cast<int>(i), texts_[i]);
    return {names_, cells_};
  }

 private:
  [[nodiscard]] Cell cell(int column, std::string& text) const {
    if (statement_.is_null(column)) return {};
    if (statement_.is_bytes(column)) return {Cell::Kind::text, text = hexadecimal(statement_.bytes(column))};
    if (statement_.is_text(column)) return {Cell::Kind::text, statement_.text(column)};
    if (statement_.is_integer(column)) return {Cell::Kind::number, text = std::to_string(statement_.integer(column))};
    const double value = statement_.real(column);
    return {std::isfinite(value) ? Cell::Kind::number : Cell::Kind::text, text = spelled(value)};
  }

  const SqliteStatement& statement_;
  std::vector<std::string> names_;
  std::vector<std::string> texts_;
  std::vector<Cell> cells_;
};

// A statement, and which of its parameters is `$1`, `$2` …: SQLite numbers them in the order in which it meets them. 0
// for one that it has not.
struct Prepared {
  SqliteStatement statement;
  std::vector<int> numbers;

  Answer<void> bind(std::span<const Value> values) {
    while (numbers.size() < values.size()) {
      numbers.push_back(statement.parameter(fmt::format("${}", numbers.size() + 1)));
    }
    int bound = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (numbers[i] == 0) continue;
      std::visit(Binder{statement, numbers[i]}, values[i]);
      ++bound;
    }
    if (bound == statement.parameters()) return {};
    statement.reset();
    return tl::unexpected(Failure{"cannot run a statement: a parameter of it has no value", FailureKind::other});
  }
};

// Some of SQLite's reasons quote what a statement was given: a file to attach, a path in a JSON. What stands before the
// reason is ours, and names the file.
tl::unexpected<Failure> without_values(Failure failure, std::span<const Value> values) {
  constexpr std::string_view kBeforeReason = "': ";
  const std::size_t found = failure.message.find(kBeforeReason);
  const std::size_t reason = found == std::string::npos ? 0 : found + kBeforeReason.size();
  failure.message.replace(reason, std::string::npos, starred(failure.message.substr(reason), values));
  return tl::unexpected(std::move(failure));
}

class SqliteSession : public Session {
 public:
  explicit SqliteSession(SqliteConnection connection) : connection_(std::move(connection)) {}

  Answer<std::int64_t> run(const std::string& sql, std::span<const Value> values, const NamesSink& begin,
                           const RowSink& see) override {
    const auto found = prepared(sql);
    if (!found) return tl::unexpected(found.error());
    if (auto bound = (*found)->bind(values); !bound) return tl::unexpected(std::move(bound.error()));
    SqliteStatement& statement = (*found)->statement;
    const std::int64_t before = connection_.total_changes();
    auto more = statement.step();
    Rows rows(statement);  // a table may have other columns than when this was prepared: only step() finds out
    if (more && !rows.names().empty()) begin(rows.names());
    for (; more && *more; more = statement.step()) see(rows.row());
    statement.reset();
    if (!more) return without_values(std::move(more.error()), values);
    return changes_since(before);
  }

  Answer<std::int64_t> run_each(const std::string& sql, std::span<const Value> values, std::size_t width) override {
    const auto found = prepared(sql);
    if (!found) return tl::unexpected(found.error());
    std::int64_t changed = 0;
    for (; !values.empty(); values = values.subspan(width)) {
      const std::int64_t before = connection_.total_changes();
      const auto these = values.first(width);
      if (auto bound = (*found)->bind(these); !bound) return tl::unexpected(std::move(bound.error()));
      if (auto done = (*found)->statement.run(); !done) return without_values(std::move(done.error()), these);
      changed += changes_since(before);
    }
    return changed;
  }

  Answer<void> execute(const std::string& script) override { return connection_.execute(script); }
  [[nodiscard]] bool is_in_transaction() const override { return connection_.is_in_transaction(); }
  [[nodiscard]] bool is_postgresql() const override { return false; }

 private:
  Answer<Prepared*> prepared(const std::string& sql) {
    if (const auto known = statements_.find(sql); known != statements_.end()) return &known->second;
    auto statement = connection_.prepare(sql);
    if (!statement) return tl::unexpected(std::move(statement.error()));
    return &statements_.emplace(sql, Prepared{*std::move(statement), {}}).first->second;
  }

  // Of the last statement itself, without what triggers did.
  [[nodiscard]] std::int64_t changes_since(std::int64_t total) const {
    return connection_.total_changes() == total ? 0 : connection_.changes();
  }

  SqliteConnection connection_;  // closed after the statements
  std::unordered_map<std::string, Prepared> statements_;
};

SqliteAccess access_of(Access access) {
  switch (access) {
    case Access::read_only: return SqliteAccess::read_only;
    case Access::read_write: return SqliteAccess::read_write;
    case Access::create: return SqliteAccess::create;
  }
  __builtin_unreachable();
}

}  // namespace

Answer<std::unique_ptr<Session>> open_sqlite(const Url& url, Access access, std::chrono::milliseconds patience) {
  auto connection = SqliteConnection::open(url.target, access_of(access), patience);
  if (!connection) return tl::unexpected(std::move(connection.error()));
  if (auto set = connection->execute("PRAGMA foreign_keys = ON"); !set) {
    return tl::unexpected(std::move(set.error()));
  }
  return std::make_unique<SqliteSession>(*std::move(connection));
}

}  // namespace taskrun::database
