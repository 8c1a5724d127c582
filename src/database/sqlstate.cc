#include "database/sqlstate.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "database/starred.h"

namespace taskrun::database {
namespace {

// Of a message, more is told to nobody.
constexpr std::size_t kReasonShown = 500;

std::string one_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return printable(text, kReasonShown);
}

std::string_view what_makes_no_sense(std::string_view sqlstate) {
  struct Known {
    std::string_view prefix;
    std::string_view text;
  };
  static constexpr Known kKnown[] = {
      {"22001", "a text is too long for its column"},
      {"22003", "a number is out of range"},
      {"22007", "a text is no date or time"},
      {"22008", "a date or time is out of range"},
      {"22012", "division by zero"},
      {"22021", "bytes are no text in the encoding of the database"},
      {"22023", "a function cannot take one of its arguments"},
      {"22P02", "a text is no value of its type"},
      {"22P05", "a character is none in the encoding of the database"},
      {"", "a value makes no sense where it stands"},
  };
  return std::ranges::find_if(kKnown, [&](const Known& k) { return sqlstate.starts_with(k.prefix); })->text;
}

}  // namespace

FailureKind kind_of_sqlstate(std::string_view sqlstate) {
  struct Known {
    std::string_view prefix;
    FailureKind kind;
  };
  // The longer prefixes first.
  static constexpr Known kKnown[] = {
      {"40001", FailureKind::busy},        {"40P01", FailureKind::busy},      {"55P03", FailureKind::busy},
      {"53300", FailureKind::unavailable}, {"25006", FailureKind::read_only}, {"25P03", FailureKind::unavailable},
      {"57P0", FailureKind::unavailable},  {"08", FailureKind::unavailable},  {"23", FailureKind::constraint},
      {"28", FailureKind::unavailable},    {"3D", FailureKind::unavailable},  {"53", FailureKind::full},
      {"XX001", FailureKind::corrupt},     {"XX002", FailureKind::corrupt},   {"", FailureKind::other},
  };
  return std::ranges::find_if(kKnown, [&](const Known& k) { return sqlstate.starts_with(k.prefix); })->kind;
}

std::string reason_of(std::string_view sqlstate, std::string_view primary, std::span<const Value> values) {
  if (sqlstate.starts_with("22")) return fmt::format("{} (SQLSTATE {})", what_makes_no_sense(sqlstate), sqlstate);
  return one_line(starred(primary, values));
}

}  // namespace taskrun::database
