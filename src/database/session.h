#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "database/failure.h"
#include "database/url.h"

/// One connection to a database, whichever it is: what tasks say is the same over SQLite and PostgreSQL. Everything
/// blocks. One thread at a time for each session.
namespace taskrun::database {

/// What a parameter of a statement (`$1`, `$2` …) stands for. Text is borrowed for the call.
using Value = std::variant<std::nullptr_t, std::int64_t, std::string_view>;

/// One value of a row.
struct Cell {
  enum class Kind {
    null,
    number,   ///< as it is written in JSON, too
    boolean,  ///< "true" or "false"
    text,     ///< and whatever has no better kind: bytes are text as `\x` and hexadecimal digits
  };

  Kind kind = Kind::null;
  std::string_view text;
};

/// One row of an answer, valid while it is looked at.
struct Row {
  std::span<const std::string> names;
  std::span<const Cell> cells;

  /// Nothing where the value is NULL, or no whole number of 64 bits.
  [[nodiscard]] std::optional<std::int64_t> integer(std::size_t column) const;
};

/// What is told the names of an answer's columns, once and before its rows, of which there may be none. A statement
/// that answers no rows by its nature (an INSERT without RETURNING) has no names to tell. It must not use the session.
using NamesSink = std::function<void(std::span<const std::string>)>;

/// What is told each row. It must not use the session.
using RowSink = std::function<void(const Row&)>;

class Session {
 public:
  virtual ~Session() = default;

  /// Carries one statement out. Values are for `$1`, `$2` …: the statement uses the first of them, none left out, and
  /// the others are ignored; one that it lacks is a failure. Answers the number of rows it has changed; those
  /// that PostgreSQL changes in a WITH before a SELECT it does not tell.
  [[nodiscard]] virtual Answer<std::int64_t> run(const std::string& sql, std::span<const Value> values,
                                                 const NamesSink& begin, const RowSink& see) = 0;
  [[nodiscard]] Answer<std::int64_t> run(const std::string& sql, std::span<const Value> values, const RowSink& see);
  [[nodiscard]] Answer<std::int64_t> run(const std::string& sql, std::span<const Value> values = {});

  /// Carries one statement that answers no rows out once for each `width` of the values, without waiting for the
  /// database in between. To be called within a transaction. Answers the number of rows changed by all of them.
  [[nodiscard]] virtual Answer<std::int64_t> run_each(const std::string& sql, std::span<const Value> values,
                                                      std::size_t width) = 0;

  /// Any number of statements, whose rows nobody wants. One with a zero byte in it is a failure, as it is for run().
  [[nodiscard]] virtual Answer<void> execute(const std::string& script) = 0;

  /// Whether one has been begun and not ended, by whatever statement.
  [[nodiscard]] virtual bool is_in_transaction() const = 0;

  /// Whether it is PostgreSQL: where the two differ, whoever writes statements must choose.
  [[nodiscard]] virtual bool is_postgresql() const = 0;
};

/// All or nothing. Rolled back where it is not committed.
class Transaction {
 public:
  enum class Purpose { reading, writing };

  /// One for writing has SQLite's only place for a writer from its beginning; in PostgreSQL it sees what others commit
  /// meanwhile, and one for reading sees the database as it was at its beginning.
  [[nodiscard]] static Answer<Transaction> begin(Session& session, Purpose purpose);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// Fails where somebody else's statement has ended it, or has made one that reads one that writes.
  [[nodiscard]] Answer<void> check();

  /// Where it fails, whether it was committed is not known if the failure is `unavailable`; otherwise it was not.
  [[nodiscard]] Answer<void> commit();

 private:
  Transaction(Session& session, Purpose purpose) : session_(&session), purpose_(purpose) {}

  Session* session_;  // null once moved from or over
  Purpose purpose_;
};

enum class Access {
  read_only,
  read_write,
  create,  ///< for SQLite: the file is made where there is none
};

/// `patience` bounds the wait for another connection that is in the way; after it an attempt is `busy`.
[[nodiscard]] Answer<std::unique_ptr<Session>> open_session(const Url& url, Access access,
                                                            std::chrono::milliseconds patience);

}  // namespace taskrun::database
