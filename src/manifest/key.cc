#include "manifest/key.h"

#include <fmt/format.h>

#include "base/text.h"

namespace taskrun::manifest {
namespace {

struct Alias {
  std::string_view written;
  std::string_view meant;
};

// What these keys are called in other programs.
constexpr std::array<Alias, 29> kAliases{{
    {"interval", "every"},
    {"schedule", "cron"},
    {"crontab", "cron"},
    {"tz", "timezone"},
    {"time_zone", "timezone"},
    {"zone", "timezone"},
    {"date", "at"},
    {"once", "at"},
    {"misfire", "catch_up"},
    {"period", "every"},
    {"cmd", "command"},
    {"args", "command"},
    {"exec", "command"},
    {"run", "shell"},
    {"script", "shell"},
    {"arguments", "with"},
    {"retries", "retry"},
    {"max_retries", "retry"},
    {"environment", "env"},
    {"dir", "cwd"},
    {"workdir", "cwd"},
    {"working_directory", "cwd"},
    {"concurrency", "overlap"},
    {"disabled", "enabled"},
    {"on_error", "on_failure"},
    {"on_fail", "on_failure"},
    {"jobs", "tasks"},
    {"parallel", "max_parallel"},
    {"exit_codes", "success_codes"},
}};

std::string hint_for(std::string_view key, std::span<const std::string_view> known, const ObjectKind& kind) {
  if (kind.place_of != nullptr) {
    if (std::string place = kind.place_of(key); !place.empty()) return place;
  }
  std::optional<std::string_view> meant = nearest(key, known);
  for (const Alias& alias : kAliases) {
    const bool is_known = std::find(known.begin(), known.end(), alias.meant) != known.end();
    if (alias.written == key && is_known) meant = alias.meant;
  }
  return meant ? fmt::format("did you mean \"{}\"?", *meant) : "keys of your own begin with \"x-\"";
}

}  // namespace

void report_unknown(const Value& member, std::span<const std::string_view> known, const ObjectKind& kind) {
  member.key_error(fmt::format("unknown key {} {}", member.label(), kind.where), hint_for(member.key(), known, kind));
}

}  // namespace taskrun::manifest
