// PostgreSQL by way of libpq. A statement is prepared when it is first met, and from then on only its name and values
// are sent. Rows come one by one, so that an answer of any length takes the memory of one row.

#include "database/postgresql.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "database/libpq.h"
#include "database/sqlstate.h"

namespace taskrun::database {
namespace {

// What is on its way to the server without an answer read: the answers to so many statements fit the socket's buffers,
// so neither side ever waits for the other to read.
constexpr std::size_t kPipelined = 256;

// Object ids of the types that have a spelling of their own in JSON (pg_type.dat; they never change).
constexpr Oid kBoolean = 16;
constexpr std::array<Oid, 7> kNumbers{20, 21, 23, 26, 700, 701, 1700};

// What a URL gives and a message may show: where the server is. Its user and the rest of its query it may not.
constexpr std::array<std::string_view, 5> kShown{"host", "hostaddr", "port", "dbname", "connect_timeout"};

// libpq takes texts that end at their first zero byte: what follows would be lost without a word.
bool has_zero(std::string_view text) { return text.find('\0') != std::string_view::npos; }

class PostgresqlSession : public Session {
 public:
  PostgresqlSession(const Libpq& pq, const Url& url) : pq_(pq), shown_(url.shown) {}
  PostgresqlSession(const PostgresqlSession&) = delete;
  PostgresqlSession& operator=(const PostgresqlSession&) = delete;
  ~PostgresqlSession() override { pq_.finish(connection_); }

  Answer<void> open(const Url& url, Access access, std::chrono::milliseconds patience) {
    const auto hidden = check(url);
    if (!hidden) return tl::unexpected(hidden.error());
    // Later ones win: whoever writes the URL may choose how long to wait, but not how texts are encoded.
    const char* const keys[] = {"connect_timeout", "fallback_application_name", "dbname", "client_encoding", nullptr};
    const char* const values[] = {"10", "taskrun", url.target.c_str(), "UTF8", nullptr};
    connection_ = pq_.connect(keys, values, 1);
    if (pq_.status(connection_) != CONNECTION_OK) {
      const std::vector<Value> secrets(hidden->begin(), hidden->end());
      return tl::unexpected(Failure{fmt::format("cannot reach '{}': {}", printable(shown_),
                                                reason_of("", pq_.error_message(connection_), secrets)),
                                    FailureKind::unavailable});
    }
    pq_.set_notice_receiver(connection_, [](void*, const PGresult*) {}, nullptr);
    return execute(fmt::format(
        "SET lock_timeout = {}; SET idle_in_transaction_session_timeout = '1min'; "
        "SET standard_conforming_strings = on; SET bytea_output = hex; SET default_transaction_read_only = {}",
        patience.count(), access == Access::read_only ? "on" : "off"));
  }

  Answer<std::int64_t> run(const std::string& sql, std::span<const Value> values, const NamesSink& begin,
                           const RowSink& see) override {
    const auto statement = prepared(sql);
    if (!statement) return tl::unexpected(statement.error());
    if (auto sent = send(**statement, values); !sent) return tl::unexpected(std::move(sent.error()));
    pq_.set_single_row_mode(connection_);
    return receive(begin, see, values);
  }

  Answer<std::int64_t> run_each(const std::string& sql, std::span<const Value> values, std::size_t width) override {
    const auto statement = prepared(sql);
    if (!statement) return tl::unexpected(statement.error());
    std::int64_t changed = 0;
    pq_.enter_pipeline(connection_);
    Answer<std::int64_t> piece = 0;
    while (piece && !values.empty()) {
      const std::size_t taken = std::min(values.size(), kPipelined * width);
      piece = run_piece(**statement, values.first(taken), width);
      if (piece) changed += *piece;
      values = values.subspan(taken);
    }
    pq_.exit_pipeline(connection_);
    if (!piece) return piece;
    return changed;
  }

  Answer<void> execute(const std::string& script) override {
    if (has_zero(script)) return refused("the script has a zero byte in it");
    const Held result = hold(pq_.execute(connection_, script.c_str()));
    if (is_copy(result.get())) return copy_refused();
    return is_fine(result.get()) ? Answer<void>() : failed("use", result.get());
  }

  [[nodiscard]] bool is_in_transaction() const override { return pq_.transaction_status(connection_) != PQTRANS_IDLE; }
  [[nodiscard]] bool is_postgresql() const override { return true; }

 private:
  using Held = std::unique_ptr<PGresult, decltype(&::PQclear)>;

  struct Prepared {
    std::string name;
    std::size_t parameters;
  };

  // The texts of values as libpq wants them: with a zero at the end.
  struct Texts {
    explicit Texts(std::span<const Value> values) : texts(values.size()), pointers(values.size()) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::holds_alternative<std::nullptr_t>(values[i])) continue;
        const auto* text = std::get_if<std::string_view>(&values[i]);
        texts[i] = text != nullptr ? std::string(*text) : std::to_string(std::get<std::int64_t>(values[i]));
        pointers[i] = texts[i].c_str();
      }
    }
    std::vector<std::string> texts;
    std::vector<const char*> pointers;
  };

  // The rows of one answer.
  struct Names {
    std::vector<std::string> names;
    std::vector<Cell> cells;
  };

  // What libpq reads in the URL is the last word on whether it holds a password. Answers what no message may show.
  [[nodiscard]] Answer<std::vector<std::string>> check(const Url& url) const {
    char* problem = nullptr;
    PQconninfoOption* const options = pq_.conninfo_parse(url.target.c_str(), &problem);
    pq_.free_memory(problem);
    if (options == nullptr) return tl::unexpected(Failure{"the URL of the database is none that libpq can read"});
    bool has_password = false;
    std::vector<std::string> hidden;
    for (const auto* option = options; option->keyword != nullptr; ++option) {
      const std::string_view key = option->keyword;
      if (option->val == nullptr || std::ranges::find(kShown, key) != kShown.end()) continue;
      has_password = has_password || key == "password" || key == "sslpassword";
      hidden.emplace_back(option->val);
    }
    pq_.conninfo_free(options);
    if (has_password) return tl::unexpected(Failure{"the URL of the database holds a password"});
    return hidden;
  }

  [[nodiscard]] Held hold(PGresult* result) const { return {result, pq_.clear}; }

  [[nodiscard]] bool is_fine(const PGresult* result) const {
    const auto status = pq_.result_status(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE ||
           status == PGRES_EMPTY_QUERY || status == PGRES_PIPELINE_SYNC;
  }

  [[nodiscard]] bool is_copy(const PGresult* result) const {
    const auto status = pq_.result_status(result);
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
  }

  [[nodiscard]] tl::unexpected<Failure> copy_refused() const {
    return refused("COPY from or to the client is not to be had here");
  }

  // Only the primary message: the detail quotes values of rows.
  [[nodiscard]] tl::unexpected<Failure> failed(std::string_view attempt, const PGresult* result,
                                               std::span<const Value> values = {}) const {
    const char* const state = result != nullptr ? pq_.error_field(result, PG_DIAG_SQLSTATE) : nullptr;
    const char* const primary = result != nullptr ? pq_.error_field(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
    const bool is_lost = pq_.status(connection_) != CONNECTION_OK;
    const std::string_view sqlstate = state != nullptr ? state : "";
    const std::string_view reason = primary != nullptr ? primary : pq_.error_message(connection_);
    return tl::unexpected(
        Failure{fmt::format("cannot {} '{}': {}", attempt, printable(shown_), reason_of(sqlstate, reason, values)),
                is_lost ? FailureKind::unavailable : kind_of_sqlstate(sqlstate)});
  }

  [[nodiscard]] tl::unexpected<Failure> refused(std::string_view reason) const {
    return tl::unexpected(Failure{fmt::format("cannot use '{}': {}", printable(shown_), reason), FailureKind::other});
  }

  Answer<const Prepared*> prepared(const std::string& sql) {
    if (has_zero(sql)) return refused("a statement has a zero byte in it");
    if (const auto known = statements_.find(sql); known != statements_.end()) return &known->second;
    const std::string name = fmt::format("s{}", statements_.size());
    const Held made = hold(pq_.prepare(connection_, name.c_str(), sql.c_str(), 0, nullptr));
    if (!is_fine(made.get())) return failed("use", made.get());
    const Held described = hold(pq_.describe_prepared(connection_, name.c_str()));
    if (!is_fine(described.get())) return failed("use", described.get());
    const auto parameters = static_cast<std::size_t>(pq_.parameters(described.get()));
    return &statements_.emplace(sql, Prepared{name, parameters}).first->second;
  }

  Answer<void> send(const Prepared& statement, std::span<const Value> values) {
    if (values.size() < statement.parameters) {
      return tl::unexpected(Failure{"cannot run a statement: a parameter of it has no value", FailureKind::other});
    }
    const Texts texts(values.first(statement.parameters));
    if (std::ranges::any_of(texts.texts, has_zero)) return refused("a value has a zero byte in it");
    const int sent = pq_.send_prepared(connection_, statement.name.c_str(), static_cast<int>(statement.parameters),
                                       texts.pointers.data(), nullptr, nullptr, 0);
    return sent == 1 ? Answer<void>() : failed("use", nullptr, values);
  }

  // All answers up to the end of one statement with these values; every one must be fetched, whatever it says.
  Answer<std::int64_t> receive(const NamesSink& begin, const RowSink& see, std::span<const Value> values) {
    Answer<std::int64_t> changed = 0;
    Names names;
    bool is_answered = false;
    for (Held result = hold(pq_.get_result(connection_)); result; result = hold(pq_.get_result(connection_))) {
      is_answered = true;
      if (is_copy(result.get())) return copy_refused();  // it would say so for ever; the next statement ends it
      if (!changed) continue;
      if (!is_fine(result.get())) {
        changed = failed("use", result.get(), values);
      } else {
        tell_names(result.get(), names, begin);
        tell_rows(result.get(), names, see);
        *changed += changed_by(result.get());
      }
    }
    if (!is_answered) return failed("use", nullptr);  // the connection is gone
    return changed;
  }

  // The first result of an answer has the names, even where it has no row.
  void tell_names(const PGresult* result, Names& row, const NamesSink& begin) const {
    if (!row.names.empty()) return;
    for (int i = 0; i < pq_.fields(result); ++i) row.names.emplace_back(pq_.field_name(result, i));
    if (!row.names.empty()) begin(row.names);
  }

  void tell_rows(const PGresult* result, Names& row, const RowSink& see) const {
    const int columns = pq_.fields(result);
    row.cells.resize(static_cast<std::size_t>(columns));
    for (int tuple = 0; tuple < pq_.tuples(result); ++tuple) {
      for (int i = 0; i < columns; ++i) row.cells[static_cast<std::size_t>(i)] = cell(result, tuple, i);
      see({row.names, row.cells});
    }
  }

  [[nodiscard]] Cell cell(const PGresult* result, int tuple, int column) const {
    if (pq_.is_null(result, tuple, column) == 1) return {};
    const std::string_view text(pq_.value(result, tuple, column),
                                static_cast<std::size_t>(pq_.length(result, tuple, column)));
    const Oid type = pq_.field_type(result, column);
    if (type == kBoolean) return {Cell::Kind::boolean, text == "t" ? "true" : "false"};
    const bool is_number = std::ranges::find(kNumbers, type) != kNumbers.end();
    const bool is_finite = text.find_first_not_of("0123456789+-.e") == std::string_view::npos;
    return {is_number && is_finite ? Cell::Kind::number : Cell::Kind::text, text};
  }

  // Rows that were only read do not count.
  [[nodiscard]] std::int64_t changed_by(PGresult* result) const {
    static constexpr std::string_view kChanging[] = {"INSERT", "UPDATE", "DELETE", "MERGE"};
    const std::string_view command = pq_.command(result);
    if (std::ranges::none_of(kChanging, [&](std::string_view word) { return command.starts_with(word); })) return 0;
    const std::string_view digits = pq_.changed(result);
    std::int64_t count = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), count);
    return count;
  }

  Answer<std::int64_t> run_piece(const Prepared& statement, std::span<const Value> values, std::size_t width) {
    Answer<std::int64_t> changed = 0;
    std::size_t sent = 0;
    while (changed && sent * width < values.size()) {
      auto one = send(statement, values.subspan(sent * width, width));
      if (one) ++sent;
      if (!one) changed = tl::unexpected(std::move(one.error()));
    }
    if (pq_.pipeline_sync(connection_) != 1) return failed("use", nullptr);
    // One answer and an end for each statement, then the one of the sync, which has no end.
    for (std::size_t i = 0; i < sent; ++i) {
      auto one = receive([](std::span<const std::string>) {}, [](const Row&) {}, values.subspan(i * width, width));
      if (changed && one) *changed += *one;
      if (changed && !one) changed = std::move(one);
    }
    pq_.clear(pq_.get_result(connection_));
    return changed;
  }

  const Libpq& pq_;
  std::string shown_;
  PGconn* connection_ = nullptr;
  std::unordered_map<std::string, Prepared> statements_;
};

}  // namespace

Answer<std::unique_ptr<Session>> open_postgresql(const Url& url, Access access, std::chrono::milliseconds patience) {
  static const Answer<Libpq> pq = load_libpq();
  if (!pq) return tl::unexpected(pq.error());
  auto session = std::make_unique<PostgresqlSession>(*pq, url);
  if (auto opened = session->open(url, access, patience); !opened) {
    return tl::unexpected(std::move(opened.error()));
  }
  return session;
}

}  // namespace taskrun::database
