#pragma once

#include "tasks/builtin.h"

namespace taskrun::tasks {

inline constexpr Parameter kBillingParameters[] = {
    {"database", ParameterType::string, true, "",
     "`sqlite:FILE`, or `postgresql://HOST/NAME` without a password: that comes from `PGPASSWORD` or a passfile"},
    {"granularity", ParameterType::duration, false, R"("1m")",
     "running instances are billed up to the last whole one, counted from 1970 in UTC; whole seconds"},
    {"parallel", ParameterType::integer, false, "4",
     "accounts billed at a time, each over a connection of its own; SQLite has one writer, so it bills one at a time"},
    {"until", ParameterType::string, false, "",
     "bill nothing after this moment (RFC 3339), as at the end of a month; nothing after now in any case"},
    {"longest_period", ParameterType::duration, false, "",
     "an account fails where an instance would be billed for longer than this at once: a guard against a clock that is "
     "wrong"},
    {"init", ParameterType::boolean, false, "false", "make the tables where there are none, then bill"},
    {"seed", ParameterType::string, false, "",
     "a file of SQL that `init` carries out while there is no account yet: for a demonstration or a test"},
};

/// The URL is none or holds a password, a number is out of its range, a time is none, or `seed` stands without `init`.
[[nodiscard]] std::string problem_of_billing(const Arguments& arguments);

/// Charges instances by time: tables `accounts`, `instances` and `ledger`, one transaction an account. Its result has
/// `billed` (periods), `amount` (micros), `failed` (accounts), `accounts` (those billed) and `until`; Exit::failure
/// where an account failed, after the others were billed.
[[nodiscard]] Exit run_billing(const Arguments& arguments);

}  // namespace taskrun::tasks
