// One account, one transaction. Whoever holds the account's row is the only one who bills it; even so, each instance is
// moved on only from where it was read, and the ledger takes each period's beginning once. So a second run, on this
// host or another, finds nothing left to do, and a run that dies leaves nothing half done.

#include "tasks/billing_account.h"

#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/limits.h"
#include "tasks/billing_charge.h"
#include "tasks/billing_tries.h"

namespace taskrun::tasks {
namespace {

using database::Answer;
using database::Failure;
using database::FailureKind;
using database::Row;
using database::Session;
using database::Transaction;
using database::Value;

tl::unexpected<Failure> refuse(std::string reason, FailureKind kind = FailureKind::constraint) {
  return tl::unexpected(Failure{std::move(reason), kind});
}

BilledInstance instance_of(const Row& row) {
  return {.id = row.integer(0).value_or(0),
          .price_per_hour = row.integer(1).value_or(-1),
          .started = row.integer(2).value_or(0),
          .stopped = row.integer(3),
          .billed_until = row.integer(4)};
}

class Attempt {
 public:
  Attempt(Session& session, const BillingOrder& order, std::int64_t account)
      : session_(session), order_(order), account_(account) {}

  Answer<Billed> run() {
    auto transaction = Transaction::begin(session_, Transaction::Purpose::writing);
    if (!transaction) return tl::unexpected(std::move(transaction.error()));
    auto written = take_account().and_then([this] { return bill_pieces(); }).and_then([this] { return set_balance(); });
    if (!written) return tl::unexpected(std::move(written.error()));
    if (auto committed = transaction->commit(); !committed) return tl::unexpected(std::move(committed.error()));
    return billed_;
  }

 private:
  Answer<void> take_account() {
    const Value values[] = {account_};
    bool is_there = false;
    const auto read = session_.run(order_.statements.take_account, values, [&](const Row& row) {
      is_there = row.integer(0).has_value();
      balance_ = row.integer(0).value_or(0);
    });
    if (!read) return tl::unexpected(read.error());
    return is_there ? Answer<void>() : refuse("there is no such account, or its balance is no whole number");
  }

  // Some thousand instances at a time, so that an account of any size takes little memory.
  Answer<void> bill_pieces() {
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    for (;;) {
      const auto instances = due_instances(last);
      if (!instances) return tl::unexpected(instances.error());
      if (instances->empty()) return {};
      if (auto billed = bill(*instances); !billed) return billed;
      last = instances->back().id;
    }
  }

  Answer<std::vector<BilledInstance>> due_instances(std::int64_t after) {
    const Value values[] = {account_, after, order_.boundary, limits::kBillingPiece};
    std::vector<BilledInstance> instances;
    auto read = session_.run(order_.statements.due_instances, values,
                             [&](const Row& row) { instances.push_back(instance_of(row)); });
    if (!read) return tl::unexpected(std::move(read.error()));
    return instances;
  }

  Answer<void> bill(const std::vector<BilledInstance>& instances) {
    std::vector<Charge> charges;
    for (const BilledInstance& instance : instances) {
      const auto charged = charge(instance, order_.boundary);
      if (!charged) return refuse(fmt::format("instance {}: {}", instance.id, charged.error().message));
      if (!*charged) continue;
      if (auto added = add(**charged); !added) return added;
      charges.push_back(**charged);
    }
    return move_on(charges).and_then([&] { return add_to_ledger(charges); });
  }

  Answer<void> add(const Charge& charged) {
    if (order_.longest_period && length(charged) > static_cast<std::uint64_t>(*order_.longest_period)) {
      return refuse(fmt::format("instance {}: it would be billed for {} s at once, longer than 'longest_period'",
                                charged.instance, length(charged)));
    }
    const auto amount = sum(billed_.amount, charged.amount);
    const auto balance = sum(balance_, charged.amount);
    if (!amount || !balance) return refuse("its balance would not fit 64 bits");
    billed_ = {.periods = billed_.periods + 1, .amount = *amount};
    balance_ = *balance;
    return {};
  }

  Answer<void> move_on(const std::vector<Charge>& charges) {
    std::vector<Value> values;
    values.reserve(charges.size() * 4);
    for (const Charge& c : charges) values.insert(values.end(), {c.until, c.instance, account_, c.from});
    const auto changed = session_.run_each(order_.statements.set_billed_until, values, 4);
    if (!changed) return tl::unexpected(changed.error());
    if (*changed == static_cast<std::int64_t>(charges.size())) return {};
    return refuse("its instances were changed meanwhile", FailureKind::busy);
  }

  Answer<void> add_to_ledger(const std::vector<Charge>& charges) {
    const Value run = order_.run_id.empty() ? Value(nullptr) : Value(std::string_view(order_.run_id));
    std::vector<Value> values;
    values.reserve(charges.size() * 7);
    for (const Charge& c : charges) {
      values.insert(values.end(), {c.instance, account_, c.from, c.until, c.price_per_hour, c.amount, run});
    }
    const auto added = session_.run_each(order_.statements.add_to_ledger, values, 7);
    if (!added) return tl::unexpected(added.error());
    return {};
  }

  Answer<void> set_balance() {
    if (billed_.periods == 0) return {};
    const Value values[] = {account_, balance_};
    const auto changed = session_.run(order_.statements.set_balance, values);
    if (!changed) return tl::unexpected(changed.error());
    return *changed == 1 ? Answer<void>() : refuse("its balance could not be written");
  }

  Session& session_;
  const BillingOrder& order_;
  std::int64_t account_;
  std::int64_t balance_ = 0;
  Billed billed_;
};

}  // namespace

Answer<Billed> bill_account(Session& session, const BillingOrder& order, std::int64_t account) {
  return with_tries([&] { return Attempt(session, order, account).run(); });
}

}  // namespace taskrun::tasks
