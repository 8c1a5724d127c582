// A run: which accounts owe something, then each of them in a transaction of its own (billing_account.h), several at a
// time. Workers share nothing but the list and the sums.

#include "tasks/billing.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/time.h"
#include "database/session.h"
#include "schedule/zone.h"
#include "sys/file.h"
#include "tasks/arguments.h"
#include "tasks/billing_account.h"
#include "tasks/billing_charge.h"
#include "tasks/billing_tries.h"

namespace taskrun::tasks {
namespace {

using namespace std::chrono_literals;
using database::Access;
using database::Answer;
using database::FailureKind;
using database::Row;
using database::Session;
using database::Transaction;
using database::Url;
using database::Value;

std::int64_t seconds(Nanos duration) { return duration / 1s; }

// The accounts of one run, given out one by one, and what became of them. Shared by the workers.
class Work {
 public:
  explicit Work(std::vector<std::int64_t> accounts) : accounts_(std::move(accounts)) {}

  std::optional<std::int64_t> take() {
    const std::lock_guard lock(mutex_);
    if (next_ == accounts_.size()) return std::nullopt;
    return accounts_[next_++];
  }

  void note(const Billed& billed) {
    const std::lock_guard lock(mutex_);
    billed_.periods += billed.periods;
    billed_.amount = sum(billed_.amount, billed.amount).value_or(INT64_MAX);
    accounts_billed_ += billed.periods > 0 ? 1 : 0;
  }

  void note_failure(std::int64_t account, std::string_view why) {
    const std::lock_guard lock(mutex_);
    if (++failed_ <= limits::kBillingFailuresTold) fmt::print(stderr, "billing: account {}: {}\n", account, why);
  }

  /// To be called when no worker is left: accounts that none of them could take have failed, too.
  void note_rest() {
    while (const auto account = take()) note_failure(*account, "no connection was left to bill it");
  }

  [[nodiscard]] std::uint64_t failed() const { return failed_; }

  /// To be called when no worker is left.
  void report(std::int64_t boundary) const {
    const std::string until = format_utc(WallTime(std::chrono::seconds(boundary)));
    write_result(fmt::format(R"({{"billed":{},"amount":{},"failed":{},"accounts":{},"until":"{}"}})", billed_.periods,
                             billed_.amount, failed(), accounts_billed_, until));
    fmt::print(stderr, "billing: {} periods of {} accounts up to {}: {} in all; {} accounts failed\n", billed_.periods,
               accounts_billed_, until, format_micros(billed_.amount), failed());
  }

 private:
  std::mutex mutex_;
  std::vector<std::int64_t> accounts_;
  std::size_t next_ = 0;
  Billed billed_;
  std::uint64_t accounts_billed_ = 0;
  std::uint64_t failed_ = 0;
};

Exit complain(std::string_view message) {
  fmt::print(stderr, "billing: {}\n", message);
  return Exit::failure;
}

// The first column of all rows.
Answer<std::vector<std::int64_t>> integers(Session& session, const std::string& sql, std::span<const Value> values) {
  std::vector<std::int64_t> found;
  auto read = session.run(sql, values, [&](const Row& row) { found.push_back(row.integer(0).value_or(0)); });
  if (!read) return tl::unexpected(std::move(read.error()));
  return found;
}

Answer<bool> has_schema(Session& session, const BillingStatements& statements) {
  return integers(session, statements.has_schema, {}).map([](const auto& found) { return found.front() == 1; });
}

// A seed is for tables that hold no account yet.
Answer<bool> wants_seed(Session& session, const std::string& seed) {
  if (seed.empty()) return false;
  return integers(session, "SELECT id FROM accounts LIMIT 1", {}).map([](const auto& found) { return found.empty(); });
}

Answer<bool> lacks_something(Session& session, const BillingStatements& statements, const std::string& seed) {
  return has_schema(session, statements).and_then([&](bool is_there) {
    return is_there ? wants_seed(session, seed) : Answer<bool>(true);
  });
}

// In one transaction that is the only one of its kind: another run may have made some of it since somebody looked.
Answer<void> make_what_is_missing(Session& session, const BillingStatements& statements, const std::string& seed) {
  auto transaction = Transaction::begin(session, Transaction::Purpose::writing);
  if (!transaction) return tl::unexpected(std::move(transaction.error()));
  return session.execute(statements.one_at_a_time)
      .and_then([&] { return has_schema(session, statements); })
      .and_then([&](bool is_there) { return is_there ? Answer<void>() : session.execute(statements.schema); })
      .and_then([&] { return wants_seed(session, seed); })
      .and_then([&](bool is_wanted) { return is_wanted ? session.execute(seed) : Answer<void>(); })
      .and_then([&] { return transaction->commit(); });
}

// Looks first, without a lock: a run that finds everything there waits for nobody, and needs no right to make anything.
Answer<void> make_schema(Session& session, const BillingStatements& statements, const std::string& seed) {
  // Another connection may be in the way of this one; the next run says it again.
  static_cast<void>(session.execute(statements.before_schema));
  return with_tries([&]() -> Answer<void> {
    const auto lacks = lacks_something(session, statements, seed);
    if (!lacks) return tl::unexpected(lacks.error());
    return *lacks ? make_what_is_missing(session, statements, seed) : Answer<void>();
  });
}

std::optional<std::int64_t> moment(const Arguments& arguments) {
  const auto text = arguments.find<std::string>("until");
  if (!text) return std::nullopt;
  return parse_rfc3339_seconds(*text)->time_since_epoch().count();
}

Answer<BillingOrder> make_order(Session& session, const Arguments& arguments) {
  BillingOrder order{.statements = billing_statements(session.is_postgresql())};
  const auto clock = integers(session, order.statements.clock, {});
  if (!clock) return tl::unexpected(clock.error());
  const std::int64_t now = clock->front();
  order.boundary =
      last_boundary(std::min(now, moment(arguments).value_or(now)), seconds(arguments.get<Nanos>("granularity")));
  if (const auto longest = arguments.find<Nanos>("longest_period")) order.longest_period = seconds(*longest);
  const char* const run_id = std::getenv("TASKRUN_RUN_ID");
  order.run_id = run_id != nullptr ? run_id : "";
  return order;
}

void bill_accounts(Session& session, const BillingOrder& order, Work& work) {
  bool is_connected = true;
  while (is_connected) {
    const auto account = work.take();
    if (!account) return;
    const Answer<Billed> billed = bill_account(session, order, *account);
    if (billed) {
      work.note(*billed);
    } else {
      work.note_failure(*account, billed.error().message);
      is_connected = billed.error().kind != FailureKind::unavailable;
    }
  }
}

// This session and, for PostgreSQL, `count` - 1 more. Where a server has no connection left, or
// the machine no thread, fewer do the same work.
void bill_with_workers(Session& session, const Url& url, const BillingOrder& order, std::size_t count, Work& work) {
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < count && session.is_postgresql(); ++i) {
    try {
      others.emplace_back([&url, &order, &work] {
        const auto own = database::open_session(url, Access::read_write, limits::kDatabasePatience);
        if (own) bill_accounts(**own, order, work);
      });
    } catch (const std::system_error&) {
      break;
    }
  }
  bill_accounts(session, order, work);
  for (std::thread& other : others) other.join();
}

}  // namespace

std::string problem_of_billing(const Arguments& arguments) {
  const auto url = database::parse_url(arguments.get<std::string>("database"));
  if (!url) return "argument 'database': " + url.error();
  const Nanos granularity = arguments.get<Nanos>("granularity");
  if (granularity < 1s || granularity % 1s != 0s) return "argument 'granularity' must be of whole seconds, at least 1s";
  const auto parallel = arguments.get<std::int64_t>("parallel");
  if (parallel < 1 || parallel > limits::kBillingParallel) {
    return fmt::format("argument 'parallel' must be from 1 to {}", limits::kBillingParallel);
  }
  const auto until = arguments.find<std::string>("until");
  if (until && !parse_rfc3339_seconds(*until)) {
    return "argument 'until' must be a moment such as \"2026-03-01T00:00:00Z\"";
  }
  const auto longest = arguments.find<Nanos>("longest_period");
  if (longest && *longest < granularity) return "argument 'longest_period' is shorter than 'granularity'";
  return arguments.find<std::string>("seed") && !arguments.get<bool>("init") ? "'seed' makes no sense without 'init'"
                                                                             : "";
}

Exit run_billing(const Arguments& arguments) {
  const Url url = *database::parse_url(arguments.get<std::string>("database"));
  const bool makes_schema = arguments.get<bool>("init");
  const auto path = arguments.find<std::string>("seed");
  const Result<std::string> seed = path ? sys::read_file(*path, limits::kSqlScript) : Result<std::string>("");
  if (!seed) return complain(seed.error().message);
  const auto session =
      database::open_session(url, makes_schema ? Access::create : Access::read_write, limits::kDatabasePatience);
  if (!session) return complain(session.error().message);
  const auto order = make_order(**session, arguments);
  if (!order) return complain(order.error().message);
  const Answer<void> ready = makes_schema ? make_schema(**session, order->statements, *seed) : Answer<void>();
  if (!ready) return complain(ready.error().message);
  const Value values[] = {order->boundary};
  auto accounts = with_tries([&] { return integers(**session, order->statements.due_accounts, values); });
  if (!accounts) return complain(accounts.error().message);

  const auto workers = std::min(static_cast<std::size_t>(arguments.get<std::int64_t>("parallel")), accounts->size());
  Work work(*std::move(accounts));
  bill_with_workers(**session, url, *order, workers, work);
  work.note_rest();
  work.report(order->boundary);
  return work.failed() == 0 ? Exit::success : Exit::failure;
}

}  // namespace taskrun::tasks
