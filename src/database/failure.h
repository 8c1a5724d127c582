#pragma once

#include <string>

#include <tl/expected.hpp>

namespace taskrun::database {

/// What the caller of a database may do about a failure.
enum class FailureKind {
  constraint,   ///< a row breaks a rule of the schema
  busy,         ///< another connection is in the way: the transaction may be tried again
  full,         ///< no space, or a limit is reached
  read_only,    ///< it may not be written
  corrupt,      ///< no database, or a damaged one
  unavailable,  ///< it cannot be opened or reached
  other,
};

struct Failure {
  /// Lower case; names the database, the attempt and the reason. Never holds a parameter's value (starred.h says what
  /// counts as one) or a password.
  std::string message;
  FailureKind kind = FailureKind::other;
};

template <class T>
using Answer = tl::expected<T, Failure>;

}  // namespace taskrun::database
