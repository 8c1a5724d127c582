// Written digit by digit: several times stand in every event line.

#include "base/time.h"

namespace taskrun {
namespace {

// The decimal digits of `value` from `at` on, with leading zeros.
void put_digits(std::string& text, std::size_t at, std::size_t width, std::uint64_t value) {
  for (std::size_t i = width; i > 0; --i, value /= 10) text[at + i - 1] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string format_utc(WallTime time) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(micros);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(micros - day);
  std::string text = "0000-00-00T00:00:00.000000Z";
  const auto put = [&](std::size_t at, std::size_t width, auto value) {
    put_digits(text, at, width, static_cast<std::uint64_t>(value));
  };
  put(0, 4, static_cast<int>(date.year()));  // 64-bit nanoseconds end in the year 2262
  put(5, 2, static_cast<unsigned>(date.month()));
  put(8, 2, static_cast<unsigned>(date.day()));
  put(11, 2, clock.hours().count());
  put(14, 2, clock.minutes().count());
  put(17, 2, clock.seconds().count());
  put(20, 6, clock.subseconds().count());
  return text;
}

std::string format_milliseconds(Nanos duration) {
  const auto micros = duration.count() / 1000;
  const auto magnitude = static_cast<std::uint64_t>(micros < 0 ? -micros : micros);
  std::string text = micros < 0 ? "-" : "";
  text += std::to_string(magnitude / 1000);
  text += ".000";
  put_digits(text, text.size() - 3, 3, magnitude % 1000);
  return text;
}

}  // namespace taskrun
