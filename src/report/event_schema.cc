#include "report/event_schema.h"

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

#include "report/event_keys.h"

namespace taskrun::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kTimePattern = R"(^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$)";
constexpr std::string_view kRunIdPattern = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";

Json words_of(const EventKey& key) {
  Json words = Json::array();
  for (std::string_view rest = key.words; !rest.empty();) {
    const std::size_t length = std::min(rest.find('|'), rest.size());
    words.push_back(rest.substr(0, length));
    rest.remove_prefix(std::min(length + 1, rest.size()));
  }
  return words;
}

Json tally_of(const EventKey& key) {
  const Json words = words_of(key);
  Json properties = Json::object();
  for (const auto& word : words) properties[word.get<std::string>()] = {{"type", "integer"}, {"minimum", 0}};
  return {{"type", "object"}, {"properties", properties}, {"required", words}, {"additionalProperties", false}};
}

Json diagnostics_form() {
  const Json text = {{"type", "string"}};
  const Json count = {{"type", "integer"}, {"minimum", 0}};
  const Json properties = {{"severity", {{"enum", {"error", "warning"}}}},
                           {"file", text},
                           {"line", count},
                           {"column", count},
                           {"message", text},
                           {"hint", text}};
  const Json item = {{"type", "object"},
                     {"properties", properties},
                     {"required", {"severity", "file", "line", "column", "message", "hint"}},
                     {"additionalProperties", false}};
  return {{"type", "array"}, {"items", item}};
}

Json form_of(const EventKey& key) {
  switch (key.form) {
    case KeyForm::time: return {{"type", "string"}, {"pattern", kTimePattern}};
    case KeyForm::time_or_null: return {{"type", {"string", "null"}}, {"pattern", kTimePattern}};
    case KeyForm::text: return {{"type", "string"}};
    case KeyForm::text_or_null: return {{"type", {"string", "null"}}};
    case KeyForm::word: return key.words.empty() ? Json{{"type", "string"}} : Json{{"enum", words_of(key)}};
    case KeyForm::run_id: return {{"type", "string"}, {"pattern", kRunIdPattern}};
    case KeyForm::count: return {{"type", "integer"}, {"minimum", 0}};
    case KeyForm::positive: return {{"type", "integer"}, {"minimum", 1}};
    case KeyForm::exit_code: return {{"type", "integer"}, {"minimum", 0}, {"maximum", 255}};
    case KeyForm::milliseconds: return {{"type", "number"}, {"minimum", 0}};
    case KeyForm::milliseconds_or_null: return {{"type", {"number", "null"}}, {"minimum", 0}};
    case KeyForm::signed_milliseconds: return {{"type", "number"}};
    case KeyForm::flag: return {{"type", "boolean"}};
    case KeyForm::object: return {{"type", "object"}};
    case KeyForm::numbers: return {{"type", "array"}, {"items", {{"type", "integer"}, {"minimum", 1}}}};
    case KeyForm::diagnostics: return diagnostics_form();
    case KeyForm::tally: return tally_of(key);
  }
  __builtin_unreachable();
}

std::string without_marks(std::string_view text) {
  std::string out(text);
  std::erase(out, '`');
  return out;
}

Json branch_of(std::size_t event) {
  const EventSet bit = EventSet{1} << event;
  Json properties = Json::object();
  Json required = Json::array();
  for (const EventKey& key : event_keys()) {
    if (((key.always | key.sometimes) & bit) == 0) continue;
    const bool is_name = key.name == "event";
    properties[key.name] =
        is_name ? Json{{"const", event_names()[event]}} : Json{{"$ref", "#/$defs/" + std::string(key.name)}};
    if ((key.always & bit) != 0) required.push_back(key.name);
  }
  return {{"title", event_names()[event]},
          {"type", "object"},
          {"properties", properties},
          {"required", required},
          {"additionalProperties", false}};
}

}  // namespace

std::string event_json_schema() {
  Json definitions = Json::object();
  for (const EventKey& key : event_keys()) {
    if (key.name == "event") continue;
    Json form = form_of(key);
    form["description"] = without_marks(key.meaning);
    definitions[key.name] = std::move(form);
  }
  Json branches = Json::array();
  for (std::size_t event = 0; event < kEventCount; ++event) branches.push_back(branch_of(event));
  const Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                       {"title", "taskrun event line"},
                       {"description", "One line of the standard output of taskrun start and taskrun once."},
                       {"oneOf", std::move(branches)},
                       {"$defs", std::move(definitions)}};
  return schema.dump(2) + "\n";
}

}  // namespace taskrun::report
