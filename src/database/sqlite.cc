#include "database/sqlite.h"

#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sqlite3.h>

namespace taskrun::database {
namespace {

FailureKind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT: return FailureKind::constraint;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return FailureKind::busy;
    case SQLITE_FULL: return FailureKind::full;
    case SQLITE_READONLY: return FailureKind::read_only;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return FailureKind::corrupt;
    case SQLITE_CANTOPEN: return FailureKind::unavailable;
    default: return FailureKind::other;
  }
}

std::string_view path_of(sqlite3* connection) {
  const char* path = sqlite3_db_filename(connection, "main");
  return path == nullptr ? "" : path;
}

// SQLite's own words hold names of the schema, of the statement at most the token that it stumbled over, and of its
// parameters what some functions and ATTACH quote: a session (sqlite_session.cc) stars that out.
tl::unexpected<Failure> fail_with(sqlite3* connection, std::string_view attempt) {
  const int code = sqlite3_extended_errcode(connection);
  return tl::unexpected(Failure{
      fmt::format("cannot {} '{}': {}", attempt, path_of(connection), sqlite3_errmsg(connection)), kind_of(code)});
}

tl::unexpected<Failure> refuse(sqlite3* connection, std::string_view reason) {
  return tl::unexpected(Failure{fmt::format("cannot use '{}': {}", path_of(connection), reason), FailureKind::other});
}

// SQLite takes such a byte for the end: what follows would be lost without a word.
bool has_zero(std::string_view sql) { return sql.find('\0') != std::string_view::npos; }

int flags_of(SqliteAccess access) {
  switch (access) {
    case SqliteAccess::read_only: return SQLITE_OPEN_READONLY;
    case SqliteAccess::read_write: return SQLITE_OPEN_READWRITE;
    case SqliteAccess::create: return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case SqliteAccess::unchanging: return SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
  }
  __builtin_unreachable();
}

// What a name may hold that means something in a URI is spelled by its number.
std::string unchanging_uri(std::string_view file) {
  std::string uri = "file:";
  for (const char c : file) {
    c == '%' || c == '?' || c == '#' ? static_cast<void>(uri += fmt::format("%{:02x}", c)) : uri.push_back(c);
  }
  return uri + "?immutable=1";
}

}  // namespace

// Statements. --------------------------------------------------------------------------------------------------------

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void SqliteStatement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
}

void SqliteStatement::bind(int parameter, double value) { sqlite3_bind_double(statement_.get(), parameter, value); }

void SqliteStatement::bind(int parameter, std::string_view text) {
  const char* begin = text.empty() ? "" : text.data();  // a null pointer would bind NULL
  sqlite3_bind_text64(statement_.get(), parameter, begin, text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void SqliteStatement::bind(int parameter, std::span<const std::byte> bytes) {
  if (bytes.empty()) {
    sqlite3_bind_zeroblob(statement_.get(), parameter, 0);
  } else {
    sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(), bytes.size(), SQLITE_STATIC);
  }
}

void SqliteStatement::bind_null(int parameter) { sqlite3_bind_null(statement_.get(), parameter); }

Answer<bool> SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail_with(sqlite3_db_handle(statement_.get()),
                   sqlite3_stmt_readonly(statement_.get()) != 0 ? "read" : "write");
}

void SqliteStatement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

Answer<void> SqliteStatement::run() {
  Answer<bool> row = true;
  while (row && *row) row = step();
  reset();
  if (!row) return tl::unexpected(std::move(row.error()));
  return {};
}

int SqliteStatement::parameters() const { return sqlite3_bind_parameter_count(statement_.get()); }

int SqliteStatement::parameter(const std::string& name) const {
  return sqlite3_bind_parameter_index(statement_.get(), name.c_str());
}

int SqliteStatement::columns() const { return sqlite3_column_count(statement_.get()); }

std::string_view SqliteStatement::name(int column) const {
  const char* name = sqlite3_column_name(statement_.get(), column);
  return name == nullptr ? "" : name;
}

bool SqliteStatement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

bool SqliteStatement::is_text(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  return type == SQLITE_TEXT || type == SQLITE_BLOB;
}

bool SqliteStatement::is_bytes(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_BLOB;
}

bool SqliteStatement::is_integer(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_INTEGER;
}

std::int64_t SqliteStatement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

double SqliteStatement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }

std::string_view SqliteStatement::text(int column) const {
  const auto* text = sqlite3_column_text(statement_.get(), column);
  if (text == nullptr) return "";
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::span<const std::byte> SqliteStatement::bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  if (bytes == nullptr) return {};
  return {static_cast<const std::byte*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

// Connections. -------------------------------------------------------------------------------------------------------

void SqliteConnection::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

Answer<SqliteConnection> SqliteConnection::open(const std::string& path, SqliteAccess access,
                                                std::chrono::milliseconds patience) {
  // A relative name of its own: no name of a file has a meaning to SQLite then.
  std::string file = path.starts_with('/') ? path : "./" + path;
  if (access == SqliteAccess::unchanging) file = unchanging_uri(file);
  sqlite3* opened = nullptr;
  const int flags = flags_of(access) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
  SqliteConnection connection(opened);
  if (code != SQLITE_OK) {
    return tl::unexpected(Failure{fmt::format("cannot open '{}': {}", path, sqlite3_errstr(code)), kind_of(code)});
  }
  sqlite3_busy_timeout(opened, static_cast<int>(patience.count()));
  return connection;
}

Answer<void> SqliteConnection::execute(const std::string& sql) {
  if (has_zero(sql)) return refuse(connection_.get(), "the script has a zero byte in it");
  if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return fail_with(connection_.get(), "use");
  }
  return {};
}

// What follows a statement is compiled, too: only SQLite can tell a comment from another statement.
Answer<SqliteStatement> SqliteConnection::prepare(std::string_view sql) {
  if (has_zero(sql)) return refuse(connection_.get(), "a statement has a zero byte in it");
  std::vector<SqliteStatement> statements;
  while (!sql.empty() && statements.size() < 2) {
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, &rest);
    if (code != SQLITE_OK) return fail_with(connection_.get(), "use");
    sql.remove_prefix(static_cast<std::size_t>(rest - sql.data()));
    if (statement != nullptr) statements.push_back(SqliteStatement(statement));
  }
  if (statements.size() == 1) return std::move(statements.front());
  return tl::unexpected(Failure{statements.empty() ? "cannot run a statement: there is none in the text"
                                                   : "cannot run a statement: the text holds more than one",
                                FailureKind::other});
}

Answer<std::int64_t> SqliteConnection::ask(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return tl::unexpected(std::move(statement.error()));
  const auto row = statement->step();
  if (!row) return tl::unexpected(row.error());
  return *row ? statement->integer(0) : 0;
}

std::int64_t SqliteConnection::changes() const { return sqlite3_changes64(connection_.get()); }

std::int64_t SqliteConnection::total_changes() const { return sqlite3_total_changes64(connection_.get()); }

std::int64_t SqliteConnection::last_row() const { return sqlite3_last_insert_rowid(connection_.get()); }

bool SqliteConnection::is_in_transaction() const { return sqlite3_get_autocommit(connection_.get()) == 0; }

// Transactions. ------------------------------------------------------------------------------------------------------

Answer<SqliteTransaction> SqliteTransaction::begin(SqliteConnection& connection) {
  if (auto begun = connection.execute("BEGIN IMMEDIATE"); !begun) return tl::unexpected(std::move(begun.error()));
  return SqliteTransaction(connection);
}

SqliteTransaction::SqliteTransaction(SqliteTransaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

// Some failures roll back by themselves.
SqliteTransaction::~SqliteTransaction() {
  if (connection_ != nullptr && connection_->is_in_transaction()) static_cast<void>(connection_->execute("ROLLBACK"));
}

Answer<void> SqliteTransaction::commit() {
  auto committed = connection_->execute("COMMIT");
  if (committed) connection_ = nullptr;
  return committed;
}

}  // namespace taskrun::database
