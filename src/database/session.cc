#include "database/session.h"

#include <charconv>
#include <utility>

#include "database/postgresql.h"
#include "database/sqlite_session.h"

namespace taskrun::database {

std::optional<std::int64_t> Row::integer(std::size_t column) const {
  const Cell& cell = cells[column];
  std::int64_t value = 0;
  const char* const last = cell.text.data() + cell.text.size();
  const auto [end, error] = std::from_chars(cell.text.data(), last, value);
  if (cell.kind != Cell::Kind::number || error != std::errc() || end != last) return std::nullopt;
  return value;
}

Answer<std::int64_t> Session::run(const std::string& sql, std::span<const Value> values, const RowSink& see) {
  return run(sql, values, [](std::span<const std::string>) {}, see);
}

Answer<std::int64_t> Session::run(const std::string& sql, std::span<const Value> values) {
  return run(sql, values, [](const Row&) {});
}

Answer<Transaction> Transaction::begin(Session& session, Purpose purpose) {
  const bool writes = purpose == Purpose::writing;
  const char* const sqlite = writes ? "BEGIN IMMEDIATE" : "BEGIN";
  const char* const postgresql =
      writes ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  auto begun = session.execute(session.is_postgresql() ? postgresql : sqlite);
  if (!begun) return tl::unexpected(std::move(begun.error()));
  return Transaction(session, purpose);
}

Transaction::Transaction(Transaction&& other) noexcept
    : session_(std::exchange(other.session_, nullptr)), purpose_(other.purpose_) {}

// Where it has been rolled back already, or the connection is gone, there is nothing to tell.
Transaction::~Transaction() {
  if (session_ != nullptr) static_cast<void>(session_->execute("ROLLBACK"));
}

// SQLite opens the file only for reading, which no statement takes back.
Answer<void> Transaction::check() {
  if (!session_->is_in_transaction())
    return tl::unexpected(Failure{"a statement ended the transaction that it shares with the others"});
  if (purpose_ == Purpose::writing || !session_->is_postgresql()) return {};
  bool reads = false;
  const auto asked = session_->run("SELECT current_setting('transaction_read_only') = 'on'", {},
                                   [&](const Row& row) { reads = row.cells.front().text == "true"; });
  if (!asked) return tl::unexpected(asked.error());
  if (!reads) return tl::unexpected(Failure{"a statement made the transaction, which only reads, one that writes"});
  return {};
}

Answer<void> Transaction::commit() {
  auto committed = session_->execute("COMMIT");
  if (committed) session_ = nullptr;
  return committed;
}

Answer<std::unique_ptr<Session>> open_session(const Url& url, Access access, std::chrono::milliseconds patience) {
  switch (url.kind) {
    case Url::Kind::sqlite: return open_sqlite(url, access, patience);
    case Url::Kind::postgresql: return open_postgresql(url, access, patience);
  }
  __builtin_unreachable();
}

}  // namespace taskrun::database
