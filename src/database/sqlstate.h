#pragma once

#include <span>
#include <string>
#include <string_view>

#include "database/failure.h"
#include "database/session.h"

/// Errors of PostgreSQL, by their five characters (appendix A of its manual).
namespace taskrun::database {

[[nodiscard]] FailureKind kind_of_sqlstate(std::string_view sqlstate);

/// Why a statement with these values failed, on one line, without any of them: `primary` is the server's first
/// sentence. Where it is about a value that makes no sense (class 22), in whatever language, it may quote a parameter,
/// a piece of one or a row's value: then the sentence is ours.
[[nodiscard]] std::string reason_of(std::string_view sqlstate, std::string_view primary, std::span<const Value> values);

}  // namespace taskrun::database
