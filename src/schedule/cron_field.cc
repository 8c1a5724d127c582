#include "schedule/cron_field.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace taskrun::cron_field {
namespace {

constexpr std::string_view kMonths = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
constexpr std::string_view kWeekdays = "SUNMONTUEWEDTHUFRISAT";
constexpr std::size_t kNameSize = 3;
constexpr int kSunday = 7;  // as a range ends in it

constexpr std::array<Rule, 6> kRules{{{"second", 0, 59, 59, {}},
                                      {"minute", 0, 59, 59, {}},
                                      {"hour", 0, 23, 23, {}},
                                      {"day of month", 1, 31, 31, {}},
                                      {"month", 1, 12, 12, kMonths},
                                      {"day of week", 0, 6, 7, kWeekdays}}};

std::size_t place_of(CronField field) { return static_cast<std::size_t>(field); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

std::string in_capitals(std::string_view text) {
  std::string capitals(text);
  for (char& c : capitals) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return capitals;
}

std::string quoted(std::string_view text) { return '"' + printable(text, 20) + '"'; }

// Nothing where it is beyond an int.
std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() ? std::optional(value) : std::nullopt;
}

// The value that a name stands for, in any case.
std::optional<int> value_of_name(const Rule& rule, std::string_view word) {
  if (word.size() != kNameSize) return std::nullopt;
  const std::string name = in_capitals(word);
  for (std::size_t at = 0; at < rule.names.size(); at += kNameSize) {
    if (rule.names.substr(at, kNameSize) == name) return rule.min + static_cast<int>(at / kNameSize);
  }
  return std::nullopt;
}

bool is_day_field(CronField field) { return field == CronField::day_of_month || field == CronField::day_of_week; }

std::string usage(const Rule& rule) {
  const std::string_view names = rule.names.empty() ? "" : rule.names == kMonths ? " or JAN-DEC" : " or SUN-SAT";
  return fmt::format("{} takes {}-{}{}, \"*\", lists, ranges, and steps like \"*/5\"", rule.name, rule.min,
                     rule.largest, names);
}

// A part of a field's text that knows where it stands.
struct Part {
  std::string_view text;
  std::size_t at = 0;

  [[nodiscard]] Part from(std::size_t begin) const { return {text.substr(begin), at + begin}; }
  [[nodiscard]] Part up_to(std::size_t end) const { return {text.substr(0, end), at}; }
};

class Reader {
 public:
  Reader(CronField field, std::string_view text) : field_(field), rule_(rule_of(field)), text_(text) {}

  Reading read() && {
    if (is_day_field(field_) && text_ == "?") {
      add_star(1);
      return std::move(reading_);
    }
    for (std::size_t begin = 0; begin <= text_.size() && !reading_.fault;) {
      const std::size_t end = std::min(text_.find(',', begin), text_.size());
      read_item({text_.substr(begin, end - begin), begin});
      begin = end + 1;
    }
    return std::move(reading_);
  }

 private:
  void fail(const Part& part, std::string problem, std::string hint) {
    if (!reading_.fault) reading_.fault = Fault{part.at, std::move(problem), std::move(hint)};
  }

  void read_item(const Part& item) {
    if (item.text.empty()) return fail(item, "an item of its list is empty", R"(lists look like "1,15,30")");
    if (read_extension(item)) return;
    const std::size_t slash = item.text.find('/');
    const bool has_step = slash != std::string_view::npos;
    const int step = has_step ? read_step(item.from(slash + 1)) : 1;
    const Part base = item.up_to(slash);
    const std::size_t dash = base.text.find('-');
    if (base.text == "*") {
      add_star(step);
    } else if (dash != std::string_view::npos) {
      add_range(base.up_to(dash), base.from(dash + 1), step);
    } else {
      const int first = plain_value(base);
      add(first, has_step ? rule_.max : first, step);
    }
  }

  // Of the whole field where it is the only item.
  void add_star(int step) {
    reading_.begins_star = true;
    reading_.is_restricted = step != 1 || text_.find(',') != std::string_view::npos;
    add(rule_.min, rule_.max, step);
  }

  void add_range(const Part& from, const Part& to, int step) {
    const int first = value(from);
    int last = value(to);
    if (field_ == CronField::day_of_week && last == 0 && first != 0) last = kSunday;
    if (first > last && !reading_.fault) {
      const Part whole{{from.text.data(), from.text.size() + 1 + to.text.size()}, from.at};
      fail(whole, fmt::format("{} runs backwards", quoted(whole.text)), two_ranges(from, to, last));
    }
    add(first, last, step);
  }

  // "22-23,0-2" for 22-2, and "SAT-SUN,MON" for SAT-MON.
  [[nodiscard]] std::string two_ranges(const Part& from, const Part& to, int last) const {
    const bool is_week = field_ == CronField::day_of_week;
    const bool is_named = !is_number(from.text);
    const int first = is_week ? 1 : rule_.min;  // of a week that ends on Sunday
    const std::string end = spelled(is_week ? kSunday : rule_.max, is_named);
    const std::string begin = spelled(first, is_named);
    const std::string head = from.text == end ? end : fmt::format("{}-{}", printable(from.text), end);
    return fmt::format("write it as two: \"{},{}\"", head,
                       last == first ? begin : fmt::format("{}-{}", begin, printable(to.text)));
  }

  [[nodiscard]] std::string spelled(int value, bool is_named) const {
    if (!is_named) return std::to_string(value);
    const int place = field_ == CronField::day_of_week ? value % kSunday : value - rule_.min;
    return std::string(rule_.names.substr(static_cast<std::size_t>(place) * kNameSize, kNameSize));
  }

  void add(int first, int last, int step) {
    if (reading_.fault) return;
    if (step > rule_.max - rule_.min && reading_.warning.empty()) {
      reading_.warning = fmt::format("a step of {} goes beyond the field, so it fires at {} only", step, first);
    }
    for (std::int64_t v = first; v <= last; v += step) {
      const bool is_sunday = field_ == CronField::day_of_week && v == kSunday;
      reading_.values |= std::uint64_t{1} << (is_sunday ? 0 : v);
    }
  }

  int read_step(const Part& part) {
    if (part.text.find('/') != std::string_view::npos) {
      fail(part, "an item has one step at most", R"(steps look like "*/5" or "8-18/2")");
    } else if (!is_number(part.text)) {
      fail(part, fmt::format("{} is no step", quoted(part.text)), R"(steps look like "*/5" or "8-18/2")");
    }
    const int step = number(part.text).value_or(-1);
    if (step == 0) fail(part, "a step is at least 1", R"(steps look like "*/5" or "8-18/2")");
    if (step < 0) fail(part, fmt::format("the step {} is too large", printable(part.text, 20)), usage(rule_));
    return std::max(step, 1);
  }

  // Both 0 and 7 are Sunday.
  int plain_value(const Part& part) {
    const int one = value(part);
    return field_ == CronField::day_of_week && one == kSunday ? 0 : one;
  }

  int value(const Part& part) {
    if (!is_number(part.text)) {
      const std::optional<int> named = value_of_name(rule_, part.text);
      if (!named) fail_unknown(part);
      return named.value_or(0);
    }
    const int written = number(part.text).value_or(-1);
    if (written < rule_.min || written > rule_.largest) {
      fail(part, fmt::format("{} is not within {}-{}", printable(part.text, 20), rule_.min, rule_.largest),
           range_hint(written));
      return rule_.min;
    }
    return written;
  }

  [[nodiscard]] std::string range_hint(int written) const {
    if (field_ == CronField::hour && written == 24) return "midnight is hour 0";
    if (rule_.min == 0 && written == 60) return fmt::format("the {}s of a full turn begin at 0", rule_.name);
    if (field_ == CronField::day_of_month && written > 31) return "\"L\" is the last day of the month";
    return usage(rule_);
  }

  void fail_unknown(const Part& part) {
    if (part.text.empty()) return fail(part, "a value is missing", usage(rule_));
    fail(part, fmt::format("{} is no value of it", quoted(part.text)), unknown_hint(part.text));
  }

  [[nodiscard]] std::string unknown_hint(std::string_view word) const {
    if (word.find('?') != std::string_view::npos) {
      return is_day_field(field_) ? "\"?\" stands alone in its field" : "\"?\" is for the day fields; write \"*\"";
    }
    if (const auto name = value_of_name(rule_, word.substr(0, kNameSize)); name && word.size() > kNameSize) {
      return fmt::format("names have three letters: write \"{}\"", in_capitals(word.substr(0, kNameSize)));
    }
    if (word == "H") return "\"H\" is Jenkins' own; write a value, and \"jitter\" spreads the starts";
    if (!is_day_field(field_) && word.find_first_of("LlWw#") != std::string_view::npos) {
      return "L, W and # are for the day fields";
    }
    return usage(rule_);
  }

  // `L`, `L-n`, `LW`, `nW`, `nL` and `n#k`; false where the item is none of them, which is no mistake yet.
  bool read_extension(const Part& item) {
    const std::string text = in_capitals(item.text);
    if (field_ == CronField::day_of_month) return read_month_rule(item, text);
    if (field_ == CronField::day_of_week) return read_week_rule(item, text);
    return false;
  }

  bool read_month_rule(const Part& item, const std::string& text) {
    if (text == "L" || text == "LW") {
      (text == "L" ? reading_.days.before_last : reading_.days.nearest_workday) |= 1;
    } else if (text.starts_with("L-")) {
      const int before = is_number(item.text.substr(2)) ? number(item.text.substr(2)).value_or(-1) : -1;
      if (before < 0 || before > 30) fail(item.from(2), "L-n counts 0-30 days back", "\"L-1\" is the last day but one");
      reading_.days.before_last |= std::uint32_t{1} << std::clamp(before, 0, 30);
    } else if (text.ends_with('W') && is_number(item.text.substr(0, text.size() - 1))) {
      reading_.days.nearest_workday |= std::uint32_t{1} << value(item.up_to(text.size() - 1));
    } else {
      return false;
    }
    return true;
  }

  bool read_week_rule(const Part& item, const std::string& text) {
    const std::size_t hash = text.find('#');
    if (hash != std::string::npos) {
      const Part which = item.from(hash + 1);
      const bool is_valid = which.text.size() == 1 && which.text[0] >= '1' && which.text[0] <= '5';
      if (!is_valid) fail(which, "a month has a first to a fifth weekday", R"("5#3" is the third Friday)");
      const int place = is_valid ? (which.text[0] - '1') * 7 : 0;
      reading_.days.nth_weekday |= std::uint64_t{1} << (plain_value(item.up_to(hash)) + place);
    } else if (text.ends_with('L') && is_weekday(item.text.substr(0, text.size() - 1))) {
      const auto weekday = static_cast<unsigned>(plain_value(item.up_to(text.size() - 1)));
      reading_.days.last_of_week = static_cast<std::uint8_t>(reading_.days.last_of_week | 1U << weekday);
    } else {
      return false;
    }
    return true;
  }

  [[nodiscard]] bool is_weekday(std::string_view text) const { return is_number(text) || value_of_name(rule_, text); }

  CronField field_;
  const Rule& rule_;
  std::string_view text_;
  Reading reading_;
};

}  // namespace

const Rule& rule_of(CronField field) { return kRules[place_of(field)]; }

Reading read(CronField field, std::string_view text) { return Reader(field, text).read(); }

void put(CronField field, const Reading& reading, CronFields& fields) {
  if (reading.begins_star) fields.begins_star = static_cast<std::uint8_t>(fields.begins_star | 1U << place_of(field));
  switch (field) {
    case CronField::second: fields.seconds = reading.values; break;
    case CronField::minute: fields.minutes = reading.values; break;
    case CronField::hour: fields.hours = static_cast<std::uint32_t>(reading.values); break;
    case CronField::month: fields.months = static_cast<std::uint16_t>(reading.values); break;
    case CronField::day_of_month:
      fields.days.of_month = static_cast<std::uint32_t>(reading.values);
      fields.days.before_last = reading.days.before_last;
      fields.days.nearest_workday = reading.days.nearest_workday;
      break;
    case CronField::day_of_week:
      fields.days.of_week = static_cast<std::uint8_t>(reading.values);
      fields.days.nth_weekday = reading.days.nth_weekday;
      fields.days.last_of_week = reading.days.last_of_week;
      break;
  }
}

}  // namespace taskrun::cron_field
