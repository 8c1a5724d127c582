// The tables of docs/events.md: which keys there are, and which of them each event has.

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "report/event_keys.h"
#include "report/event_schema.h"

namespace taskrun::report {
namespace {

std::string_view name_of(KeyForm form) {
  switch (form) {
    case KeyForm::time: return "time";
    case KeyForm::time_or_null: return "time or null";
    case KeyForm::text:
    case KeyForm::word:
    case KeyForm::run_id: return "string";
    case KeyForm::text_or_null: return "string or null";
    case KeyForm::count:
    case KeyForm::positive:
    case KeyForm::exit_code: return "integer";
    case KeyForm::milliseconds:
    case KeyForm::signed_milliseconds: return "number";
    case KeyForm::milliseconds_or_null: return "number or null";
    case KeyForm::flag: return "boolean";
    case KeyForm::object:
    case KeyForm::tally: return "object";
    case KeyForm::numbers: return "array of integers";
    case KeyForm::diagnostics: return "array of objects";
  }
  __builtin_unreachable();
}

// "`schedule`, `start`, `manual`"
std::string list_of(std::string_view words) {
  std::string out = "`";
  for (const char c : words) out += c == '|' ? "`, `" : std::string(1, c);
  return out + '`';
}

// The keys that every event begins and ends with are told once.
bool is_in_all(const EventKey& key) { return key.always == kAllEvents; }

std::string keys_of(std::size_t event) {
  const EventSet bit = EventSet{1} << event;
  std::string out;
  for (const EventKey& key : event_keys()) {
    if (is_in_all(key) || ((key.always | key.sometimes) & bit) == 0) continue;
    out += fmt::format("{}`{}`{}", out.empty() ? "" : ", ", key.name, (key.always & bit) != 0 ? "" : "?");
  }
  return out;
}

}  // namespace

std::string event_key_tables() {
  std::string out = "| key | type | meaning |\n|---|---|---|\n";
  for (const EventKey& key : event_keys()) {
    const std::string words = key.words.empty() ? "" : fmt::format(" ({})", list_of(key.words));
    out += fmt::format("| `{}` | {} | {}{} |\n", key.name, name_of(key.form), key.meaning, words);
  }
  out += "\n| event | keys, in their order, beside those that every line has; `?` where not always |\n|---|---|\n";
  for (std::size_t event = 0; event < kEventCount; ++event) {
    out += fmt::format("| `{}` | {} |\n", event_names()[event], keys_of(event));
  }
  return out;
}

}  // namespace taskrun::report
