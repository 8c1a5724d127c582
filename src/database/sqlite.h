#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "database/failure.h"

struct sqlite3;
struct sqlite3_stmt;

/// SQLite made safe: what is opened is closed, what is prepared is finalized, what is begun is committed or rolled
/// back, and a failure says what can be done about it. Everything blocks. One thread at a time for each connection.
namespace taskrun::database {

enum class SqliteAccess {
  read_only,
  read_write,  ///< read_only where the file may not be written
  create,
  unchanging,  ///< read without a lock, and without a log beside it: nobody changes it meanwhile
};

/// A prepared statement. It must not outlive its connection.
///
/// Parameters are numbered from 1, columns from 0. Text and bytes that are bound are borrowed until the next reset();
/// those of a row are valid until the next step() or reset().
class SqliteStatement {
 public:
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, double value);
  void bind(int parameter, std::string_view text);
  void bind(int parameter, std::span<const std::byte> bytes);
  void bind_null(int parameter);

  /// True where there is a row to look at, false where the statement is done.
  [[nodiscard]] Answer<bool> step();
  /// To be carried out again, with no parameter bound.
  void reset();
  /// step() to the end, then reset(): for what answers no rows.
  [[nodiscard]] Answer<void> run();

  [[nodiscard]] int parameters() const;
  /// The number of the parameter with this name ("$1"), 0 where the statement has none.
  [[nodiscard]] int parameter(const std::string& name) const;

  [[nodiscard]] int columns() const;
  [[nodiscard]] std::string_view name(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  /// Whether the value is text or bytes, and not a number.
  [[nodiscard]] bool is_text(int column) const;
  [[nodiscard]] bool is_bytes(int column) const;
  [[nodiscard]] bool is_integer(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::span<const std::byte> bytes(int column) const;

 private:
  friend class SqliteConnection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class SqliteConnection {
 public:
  /// `path` is a file, never a URI. A file that is made has the mode of the process's umask. Waits up to `patience` for
  /// other connections before an attempt is `busy`.
  [[nodiscard]] static Answer<SqliteConnection> open(const std::string& path, SqliteAccess access,
                                                     std::chrono::milliseconds patience);

  /// Any number of statements, which answer no rows.
  [[nodiscard]] Answer<void> execute(const std::string& sql);
  /// One statement. None, or more than one, is a failure.
  [[nodiscard]] Answer<SqliteStatement> prepare(std::string_view sql);
  /// The first column of the first row, 0 where there is none: for pragmas and counts.
  [[nodiscard]] Answer<std::int64_t> ask(std::string_view sql);

  /// Rows changed by the last statement that changes rows.
  [[nodiscard]] std::int64_t changes() const;
  /// Rows changed by all statements so far.
  [[nodiscard]] std::int64_t total_changes() const;
  [[nodiscard]] std::int64_t last_row() const;
  [[nodiscard]] bool is_in_transaction() const;

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  explicit SqliteConnection(sqlite3* connection) : connection_(connection) {}

  std::unique_ptr<sqlite3, Close> connection_;
};

/// Begun for writing at once, so that it cannot fail half-way for another writer. Rolled back where it is not
/// committed.
class SqliteTransaction {
 public:
  [[nodiscard]] static Answer<SqliteTransaction> begin(SqliteConnection& connection);
  SqliteTransaction(SqliteTransaction&& other) noexcept;
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();

  [[nodiscard]] Answer<void> commit();

 private:
  explicit SqliteTransaction(SqliteConnection& connection) : connection_(&connection) {}

  SqliteConnection* connection_;  // null once moved from or over
};

}  // namespace taskrun::database
