#include "schedule/cron_macro.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace taskrun::cron_macro {
namespace {

struct Macro {
  std::string_view name;
  std::string_view fields;
};

constexpr std::array<Macro, 7> kMacros{{{"@yearly", "0 0 1 1 *"},
                                        {"@annually", "0 0 1 1 *"},
                                        {"@monthly", "0 0 1 * *"},
                                        {"@weekly", "0 0 * * 0"},
                                        {"@daily", "0 0 * * *"},
                                        {"@midnight", "0 0 * * *"},
                                        {"@hourly", "0 * * * *"}}};

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_same(std::string_view name, std::string_view word) {
  return std::equal(name.begin(), name.end(), word.begin(), word.end(), [](char a, char b) { return a == fold(b); });
}

const Macro* find(std::string_view word) {
  const auto found =
      std::find_if(kMacros.begin(), kMacros.end(), [&](const Macro& m) { return is_same(m.name, word); });
  return found != kMacros.end() ? &*found : nullptr;
}

}  // namespace

bool is_every(std::string_view word) { return is_same("@every", word); }

std::string_view expansion_of(std::string_view word) {
  const Macro* const macro = find(word);
  return macro != nullptr ? macro->fields : std::string_view();
}

std::string_view meant_by(std::string_view word) {
  const auto found =
      std::find_if(kMacros.begin(), kMacros.end(), [&](const Macro& m) { return is_same(m.name.substr(1), word); });
  return found != kMacros.end() ? found->name : std::string_view();
}

std::string hint_for(std::string_view word) {
  if (is_same("@reboot", word)) return R"(use "run_at_start": true for a run when the runner starts)";
  std::array<std::string_view, kMacros.size()> names;
  std::transform(kMacros.begin(), kMacros.end(), names.begin(), [](const Macro& m) { return m.name; });
  if (const auto near = nearest(word, names)) return fmt::format("did you mean \"{}\"?", *near);
  return R"(macros are @yearly @annually @monthly @weekly @daily @midnight @hourly, and "@every 90m")";
}

}  // namespace taskrun::cron_macro
