#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "schedule/zone.h"
#include "schedule/zone_rules.h"

namespace taskrun {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads from the front of a text; what does not fit is remembered, so that a form reads as one sequence.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = value * 10 + digit();
    return value;
  }
  /// Whether one of these was next; it is taken.
  bool takes(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_[0]) == std::string_view::npos) return false;
    taken_ = rest_[0];
    rest_.remove_prefix(1);
    return true;
  }
  void want(std::string_view characters) { fits_ = takes(characters) && fits_; }
  [[nodiscard]] bool next_is_digit() const { return !rest_.empty() && is_digit(rest_[0]); }
  [[nodiscard]] char taken() const { return taken_; }
  [[nodiscard]] bool fits_whole() const { return fits_ && rest_.empty(); }

 private:
  int digit() {
    fits_ = fits_ && next_is_digit();
    if (!fits_) return 0;
    const int value = rest_[0] - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  char taken_ = '\0';
  bool fits_ = true;
};

Nanos read_fraction(Scanner& scanner) {
  if (!scanner.takes(".")) return Nanos::zero();
  Nanos::rep value = scanner.number(1) * 100'000'000;
  for (Nanos::rep unit = 10'000'000; scanner.next_is_digit(); unit /= 10) value += scanner.number(1) * unit;
  return Nanos(value);
}

// Seconds east of UTC; false in `is_valid` where it is beyond a day.
Seconds read_offset(Scanner& scanner, bool& is_valid) {
  if (scanner.takes("Zz")) return 0;
  scanner.want("+-");
  const bool is_west = scanner.taken() == '-';
  const int hours = scanner.number(2);
  scanner.want(":");
  const int minutes = scanner.number(2);
  is_valid = hours <= 23 && minutes <= 59;
  const Seconds offset = hours * 3600 + minutes * 60;
  return is_west ? -offset : offset;
}

tl::unexpected<SyntaxError> refuse(std::string_view text, std::string_view problem) {
  return tl::unexpected(SyntaxError{fmt::format("\"{}\" is not a time: {}", printable(text, 40), problem),
                                    R"(times look like "2026-02-03T04:05:06+01:00" or "2026-02-03T04:05:06Z")"});
}

struct Moment {
  std::chrono::sys_seconds second;
  Nanos fraction{};
};

tl::expected<Moment, SyntaxError> read_moment(std::string_view text) {
  Scanner scanner(text);
  const std::chrono::year year(scanner.number(4));
  scanner.want("-");
  const std::chrono::month month(static_cast<unsigned>(scanner.number(2)));
  scanner.want("-");
  const std::chrono::day day(static_cast<unsigned>(scanner.number(2)));
  scanner.want("Tt ");
  const int hour = scanner.number(2);
  scanner.want(":");
  const int minute = scanner.number(2);
  scanner.want(":");
  const int second = scanner.number(2);
  const Nanos fraction = read_fraction(scanner);
  bool is_offset = true;
  const Seconds offset = read_offset(scanner, is_offset);
  if (!scanner.fits_whole()) return refuse(text, "it is not of the form YYYY-MM-DDTHH:MM:SS with Z or an offset");
  const std::chrono::year_month_day date(year, month, day);
  if (!date.ok()) return refuse(text, "that date does not exist");
  if (hour > 23 || minute > 59 || second > 59 || !is_offset) return refuse(text, "that time of day does not exist");
  const auto clock = std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  return Moment{std::chrono::sys_days(date) + clock - std::chrono::seconds(offset), fraction};
}

}  // namespace

tl::expected<std::chrono::sys_seconds, SyntaxError> parse_rfc3339_seconds(std::string_view text) {
  const auto moment = read_moment(text);
  if (!moment) return tl::unexpected(moment.error());
  return moment->second;
}

tl::expected<WallTime, SyntaxError> parse_rfc3339(std::string_view text) {
  const auto moment = read_moment(text);
  if (!moment) return tl::unexpected(moment.error());
  const Seconds second = moment->second.time_since_epoch().count();
  if (second < -kLastSecond || second >= kLastSecond) return refuse(text, "it is beyond the years 1678 to 2261");
  return WallTime(moment->second) + moment->fraction;
}

}  // namespace taskrun
