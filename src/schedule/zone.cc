#include "schedule/zone.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "schedule/zone_names.h"
#include "schedule/zone_rules.h"

namespace taskrun {
namespace {

constexpr std::string_view kUtc = "UTC";

// A machine without its database still has UTC; these are in every release of it.
bool has_database() { return load_zone_rules("Etc/UTC") != nullptr || load_zone_rules("Europe/London") != nullptr; }

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
         c == '+' || c == '-';
}

// "localtime", "posixrules" and the trees posix/ and right/ are files beside the names; Fixed/ is the library's own.
bool is_beside_the_names(std::string_view name) {
  return name == "localtime" || name == "posixrules" || name.starts_with("posix/") || name.starts_with("right/") ||
         name.starts_with("Fixed/");
}

// What is wrong with the spelling; "" where it could be a name.
std::string_view flaw_of(std::string_view name) {
  if (name.empty()) return "it is empty";
  if (name.starts_with('/')) return "it is a path, and names come from the tz database only";
  if (name.find("..") != std::string_view::npos) return "it holds \"..\", and names come from the tz database only";
  if (name.size() > limits::kNameLength) return "it is longer than any";
  if (!std::all_of(name.begin(), name.end(), is_name_character)) return "it has characters that none has";
  if (is_beside_the_names(name)) return "the tz database has a file but no zone of that name";
  return {};
}

// What follows the last slash: "Shanghai".
std::string_view place_of(std::string_view name) { return name.substr(name.rfind('/') + 1); }

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return fold(x) == fold(y); });
}

// Comparing all names letter by letter takes a millisecond; these few could be meant.
bool is_near(std::string_view wrong, std::string_view name) {
  constexpr std::size_t kAmiss = 2;
  return !wrong.empty() && fold(wrong[0]) == fold(name[0]) && wrong.size() <= name.size() + kAmiss &&
         name.size() <= wrong.size() + kAmiss;
}

// The first name that equals the wrong one, or else the nearest to it, by what `part` takes of both.
template <class Part>
std::optional<std::string_view> meant_by(std::string_view wrong, Part part) {
  std::vector<std::string_view> names;
  std::vector<std::string_view> parts;
  for (const std::string_view name : zone_names()) {
    if (is_same(part(wrong), part(name))) return name;
    if (!is_near(part(wrong), part(name))) continue;
    names.push_back(name);
    parts.push_back(part(name));
  }
  const auto near = nearest(part(wrong), parts);
  if (!near) return std::nullopt;
  return names[static_cast<std::size_t>(std::find(parts.begin(), parts.end(), *near) - parts.begin())];
}

// The name as people get it wrong: another case, blanks, the city alone, a letter amiss.
std::optional<std::string_view> meant_by(std::string_view wrong) {
  if (wrong.size() > limits::kNameLength) return std::nullopt;
  std::string name(wrong);
  std::replace(name.begin(), name.end(), ' ', '_');
  if (const auto whole = meant_by(name, [](std::string_view text) { return text; })) return whole;
  return meant_by(name, place_of);
}

std::string hint_for(std::string_view name) {
  const auto meant = meant_by(name);
  if (meant && load_zone_rules(*meant) != nullptr) return fmt::format("did you mean \"{}\"?", *meant);
  return "zones are named like \"Europe/Berlin\" or \"UTC\"";
}

// Names of UTC in the tz database. A slim container often has no database and a link to one of them as its local zone.
bool is_utc(std::string_view name) {
  constexpr std::array<std::string_view, 8> kNames{"Etc/UTC", "Etc/UCT",   "Etc/Universal", "Etc/Zulu",
                                                   "UCT",     "Universal", "Zulu",          "Etc/GMT"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

const ZoneRules& utc_rules() {
  const ZoneRules* const rules = load_zone_rules(kUtc);  // built into the library
  return *rules;
}

}  // namespace

const std::string& Zone::name() const { return rules_->name; }

tl::expected<Zone, SyntaxError> find_zone(std::string_view name) {
  const std::string shown = printable(name, limits::kNameLength);
  if (const std::string_view flaw = flaw_of(name); !flaw.empty()) {
    return tl::unexpected(SyntaxError{fmt::format("\"{}\" is no time zone: {}", shown, flaw), hint_for(name)});
  }
  if (const ZoneRules* const rules = load_zone_rules(name)) return Zone(*rules);
  if (is_utc(name)) return utc_zone();
  if (!has_database()) {
    return tl::unexpected(
        SyntaxError{fmt::format("time zone \"{}\" cannot be read: this machine has no tz database, only UTC", shown),
                    "install the package tzdata (\"apt-get install tzdata\"), or set TZDIR to where the database is"});
  }
  return tl::unexpected(SyntaxError{fmt::format("unknown time zone \"{}\"", shown), hint_for(name)});
}

Zone utc_zone() { return Zone(utc_rules()); }

CivilTime civil_time(std::chrono::sys_seconds time, Zone zone) {
  const Seconds utc = time.time_since_epoch().count();
  const ZoneRules& rules = zone.rules();
  const Seconds offset = rules.segments[rules.segment_at(utc - cycles_back(utc))].offset;
  const std::chrono::sys_seconds local(std::chrono::seconds(utc + offset));
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(local - day);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(std::chrono::weekday(day).c_encoding()),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          std::chrono::seconds(offset)};
}

std::string format_local(std::chrono::sys_seconds time, Zone zone) {
  const CivilTime civil = civil_time(time, zone);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", civil.year, civil.month, civil.day, civil.hour,
                                 civil.minute, civil.second);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(civil.offset).count();
  if (zone.name() == kUtc) return text + 'Z';
  const auto magnitude = minutes < 0 ? -minutes : minutes;
  return text + fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', magnitude / 60, magnitude % 60);
}

std::vector<OffsetChange> offset_changes(Zone zone, WallTime after, WallTime until) {
  const std::vector<ZoneSegment>& segments = zone.rules().segments;
  std::vector<OffsetChange> changes;
  for (std::size_t i = zone.rules().segment_at(utc_seconds(after)) + 1; i < segments.size(); ++i) {
    const WallTime at = from_utc_seconds(segments[i].begin);
    if (at > until) break;
    changes.push_back({at, std::chrono::seconds(segments[i - 1].offset), std::chrono::seconds(segments[i].offset)});
  }
  return changes;
}

}  // namespace taskrun
