// The expression as a whole: zone, macro, the split into fields, and what only shows when all of them are read. Fields
// are read by cron_field.cc.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "schedule/cron.h"
#include "schedule/cron_calendar.h"
#include "schedule/cron_field.h"
#include "schedule/cron_macro.h"
#include "schedule/duration.h"

namespace taskrun {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kShape =
    R"(five fields are: minute hour day-of-month month day-of-week, like "30 2 * * 1-5")";

// A part of the expression's text that knows where it stands.
struct Part {
  std::string_view text;
  std::size_t at = 0;
};

Part trimmed(Part part) {
  const std::size_t begin = std::min(part.text.find_first_not_of(kBlanks), part.text.size());
  const std::size_t end = part.text.find_last_not_of(kBlanks) + 1;  // 0 where there is none
  return {part.text.substr(begin, std::max(end, begin) - begin), part.at + begin};
}

// The part up to the first blank; what follows it stays in `rest`, trimmed.
Part take_word(Part& rest) {
  const std::size_t end = std::min(rest.text.find_first_of(kBlanks), rest.text.size());
  const Part word{rest.text.substr(0, end), rest.at};
  rest = trimmed({rest.text.substr(end), rest.at + end});
  return word;
}

std::vector<Part> words_of(Part text) {
  std::vector<Part> words;
  while (!text.text.empty()) words.push_back(take_word(text));
  return words;
}

class Parser {
 public:
  using Answer = tl::expected<ParsedCron, CronSyntaxError>;

  Parser(std::string_view text, Zone zone, DstPolicy dst) : text_(text), zone_(zone), dst_(dst) {}

  Answer parse() {
    if (text_.size() > limits::kCronLength) return refuse(0, "it is longer than any", std::string(kShape));
    Part rest = trimmed({text_, 0});
    if (rest.text.starts_with("TZ=") || rest.text.starts_with("CRON_TZ=")) {
      const Part word = take_word(rest);
      const std::size_t name = word.text.find('=') + 1;
      auto zone = find_zone(word.text.substr(name));
      if (!zone) return refuse(word.at + name, std::move(zone.error().message), std::move(zone.error().hint));
      if (rest.text.empty()) return refuse(text_.size(), "nothing follows the zone", std::string(kShape));
      zone_ = *zone;
    }
    if (rest.text.empty()) return refuse(0, "it is empty", std::string(kShape));
    return rest.text.starts_with('@') ? read_macro(rest) : read_fields(rest, rest.text);
  }

 private:
  // `at` counts bytes; people count characters.
  [[nodiscard]] tl::unexpected<CronSyntaxError> refuse(std::size_t at, std::string_view problem, std::string hint,
                                                       std::string_view field = {}) const {
    const auto is_lead = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; };
    const auto before = std::count_if(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), is_lead);
    const std::size_t column = static_cast<std::size_t>(before) + 1;
    CronSyntaxError error;
    error.message = fmt::format("\"{}\" is not a cron expression: {}{}column {}: {}", printable(text_, 60), field,
                                field.empty() ? "" : ", ", column, problem);
    error.hint = std::move(hint);
    error.field = field;
    error.column = column;
    return tl::unexpected(std::move(error));
  }

  Answer read_macro(Part text) {
    const Part whole = text;
    const Part name = take_word(text);
    if (cron_macro::is_every(name.text)) return read_every(text);
    if (const std::string_view fields = cron_macro::expansion_of(whole.text); !fields.empty()) {
      return read_fields({fields, whole.at}, whole.text);
    }
    return refuse(whole.at, fmt::format("{} is no macro", printable(whole.text, 20)), cron_macro::hint_for(whole.text));
  }

  Answer read_every(Part duration) {
    auto period = parse_duration(duration.text, DurationUnits::go);
    if (!period) return refuse(duration.at, period.error().message, std::move(period.error().hint));
    if (*period <= Nanos::zero()) return refuse(duration.at, "the interval is not above zero", R"(write "@every 1m")");
    // Times are told to the microsecond, so an interval that is longer has no more either.
    const auto told = std::chrono::floor<std::chrono::microseconds>(*period);
    return ParsedCron{Every{told.count() > 0 ? Nanos(told) : *period}, {}};
  }

  Answer read_fields(Part text, std::string_view shown) {
    const std::vector<Part> words = words_of(text);
    if (words.size() < 5 || words.size() > 6) return refuse_count(words, text);
    const std::size_t skipped = 6 - words.size();  // five fields have no second
    ParsedCron parsed{Every{}, {}};
    CronFields fields;
    std::array<bool, 6> is_restricted{};
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto field = static_cast<CronField>(i + skipped);
      cron_field::Reading reading = cron_field::read(field, words[i].text);
      const std::string_view name = name_of(field);
      if (reading.fault) {
        return refuse(words[i].at + reading.fault->at, reading.fault->problem, std::move(reading.fault->hint), name);
      }
      if (!reading.warning.empty()) {
        parsed.warnings.push_back(fmt::format("{} \"{}\": {}", name, words[i].text, reading.warning));
      }
      is_restricted[i + skipped] = reading.is_restricted;
      cron_field::put(field, reading, fields);
    }
    fields.day_rule = day_rule_of(is_restricted[3], is_restricted[5]);
    if (!calendar::can_match(fields)) return refuse_date(words[3 - skipped], words[4 - skipped]);
    parsed.schedule = CronExpression(std::string(shown), zone_, dst_, fields);
    return parsed;
  }

  static DayRule day_rule_of(bool by_month, bool by_week) {
    if (by_month && by_week) return DayRule::either;
    if (by_month) return DayRule::day_of_month;
    return by_week ? DayRule::day_of_week : DayRule::every_day;
  }

  [[nodiscard]] tl::unexpected<CronSyntaxError> refuse_count(const std::vector<Part>& words, Part text) const {
    if (words.size() > 6) {
      return refuse(words[6].at,
                    fmt::format("it has {} fields, and takes five, or six with the second first", words.size()),
                    words.size() == 7 ? R"(there is no year field: leave it out, or use "at" for single times)"
                                      : std::string(kShape));
    }
    const std::string_view macro = words.size() == 1 ? cron_macro::meant_by(words[0].text) : std::string_view();
    return refuse(text.at,
                  fmt::format("it has {} field{}, and takes five, or six with the second first", words.size(),
                              words.size() == 1 ? "" : "s"),
                  macro.empty() ? std::string(kShape) : fmt::format("write \"{}\"", macro));
  }

  [[nodiscard]] tl::unexpected<CronSyntaxError> refuse_date(Part days, Part months) const {
    return refuse(days.at,
                  fmt::format("it never fires: no year has day {} in month {}", printable(days.text, 20),
                              printable(months.text, 20)),
                  R"("L" is the last day of a month)", name_of(CronField::day_of_month));
  }

  std::string_view text_;
  Zone zone_;
  DstPolicy dst_;
};

}  // namespace

tl::expected<ParsedCron, CronSyntaxError> parse_cron(std::string_view text, Zone default_zone, DstPolicy dst) {
  return Parser(text, default_zone, dst).parse();
}

}  // namespace taskrun
