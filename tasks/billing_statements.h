#pragma once

#include <string>

namespace taskrun::tasks {

/// What `billing` says to a database. Times are seconds since 1970 in UTC, in columns of 64 bits; money is in micros.
struct BillingStatements {
  /// 1 where tables and index are there, in whichever schema of PostgreSQL's search path, and 0 where one is missing.
  std::string has_schema;
  /// Said in the transaction that makes the schema, before it looks what is missing: one at a time comes through.
  std::string one_at_a_time;
  /// Makes tables and index where there are none. Not to be said for nothing: to make an index that is there,
  /// PostgreSQL waits for everybody who has written to its table.
  std::string schema;
  /// Said before `schema`, outside of a transaction; it may fail.
  std::string before_schema;
  /// The time of the clock that all hosts share, if there is one.
  std::string clock;
  /// Accounts that owe something at $1.
  std::string due_accounts;
  /// The balance of account $1; the account is ours until the end of the transaction.
  std::string take_account;
  /// Of account $1, instances after $2 that owe something at $3; at most $4, by id. They are ours until the end of the
  /// transaction, as they are by then: a stop or a price that is committed before is seen, one after it waits.
  std::string due_instances;
  /// Instance $2 of account $3 is billed until $1, if it was until $4: it changes no row where somebody was faster.
  std::string set_billed_until;
  /// $1 instance, $2 account, $3 and $4 period, $5 price, $6 amount, $7 run.
  std::string add_to_ledger;
  /// The balance of account $1 is $2.
  std::string set_balance;
};

[[nodiscard]] BillingStatements billing_statements(bool is_postgresql);

}  // namespace taskrun::tasks
