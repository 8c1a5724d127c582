#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "database/session.h"
#include "tasks/billing_statements.h"

namespace taskrun::tasks {

/// What one run bills.
struct BillingOrder {
  BillingStatements statements;
  std::int64_t boundary = 0;                   ///< up to where, in seconds since 1970
  std::optional<std::int64_t> longest_period;  ///< in seconds; a longer one makes its account fail
  std::string run_id;                          ///< for the ledger; "" for none
};

struct Billed {
  std::int64_t periods = 0;
  std::int64_t amount = 0;  ///< in micros
};

/// Bills all instances of an account in one transaction: either all of it is written (ledger, instances, balance) or
/// nothing. Tries again, a few times, where another transaction is in the way.
[[nodiscard]] database::Answer<Billed> bill_account(database::Session& session, const BillingOrder& order,
                                                    std::int64_t account);

}  // namespace taskrun::tasks
