#include "control/reference.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "control/routes.h"
#include "control/shapes.h"

namespace taskrun::control {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kOrNull = " or null";
constexpr std::string_view kRunIdPattern = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";

std::string plain(std::string_view text) {
  std::string out(text);
  std::erase(out, '`');
  return out;
}

// Types. -------------------------------------------------------------------------------------------------------------

Json reference_to(std::string_view shape) { return {{"$ref", "#/components/schemas/" + std::string(shape)}}; }

Json schema_of(std::string_view type) {
  if (type.ends_with(kOrNull)) {
    Json schema = schema_of(type.substr(0, type.size() - kOrNull.size()));
    if (!schema.contains("type")) return {{"oneOf", {schema, {{"type", "null"}}}}};
    schema["type"] = Json::array({schema["type"], "null"});
    return schema;
  }
  if (type.starts_with('[')) return {{"type", "array"}, {"items", schema_of(type.substr(1, type.size() - 2))}};
  if (type == "time") return {{"type", "string"}, {"format", "date-time"}};
  if (type == "run id") return {{"type", "string"}, {"pattern", kRunIdPattern}};
  const bool is_shape = type.front() >= 'A' && type.front() <= 'Z';
  return is_shape ? reference_to(type) : Json{{"type", type}};
}

Json schema_of(const Shape& shape) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Field& field : shape.fields) {
    Json schema = schema_of(field.type);
    if (!field.meaning.empty()) schema["description"] = plain(field.meaning);
    properties[field.name] = std::move(schema);
    if (field.is_always_there) required.push_back(field.name);
  }
  return {{"type", "object"},
          {"description", shape.summary},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

// Operations. --------------------------------------------------------------------------------------------------------

Json json_content(std::string_view shape) { return {{"application/json", {{"schema", reference_to(shape)}}}}; }

Json text_content(std::initializer_list<std::string_view> types) {
  Json content = Json::object();
  for (const std::string_view type : types) content[type] = {{"schema", {{"type", "string"}}}};
  return content;
}

Json answer_of(const Route& route) {
  if (route.answer == kMetricsAnswer) {
    return {{"description", "The metrics, in the format that Accept prefers"},
            {"content", text_content({"text/plain", "application/openmetrics-text"})}};
  }
  if (!route.answer.empty()) return {{"description", "Done"}, {"content", json_content(route.answer)}};
  return {{"description", "One event line after the other (taskrun schema event)"},
          {"content", text_content({"application/x-ndjson"})}};
}

Json answers_of(const Route& route) {
  Json answers = Json::object();
  answers[std::to_string(route.status)] = answer_of(route);
  std::map<unsigned, std::string> words;
  for (const Refusal refusal : route.refusals) {
    std::string& text = words[status_of(refusal)];
    text += fmt::format("{}{}", text.empty() ? "" : ", ", to_word(refusal));
  }
  for (const auto& [status, text] : words) {
    answers[std::to_string(status)] = {{"description", text}, {"content", json_content("Error")}};
  }
  answers["default"] = {{"description", "Any other refusal"}, {"content", json_content("Error")}};
  return answers;
}

Json parameters_of(const Route& route) {
  Json list = Json::array();
  if (const auto open = route.pattern.find('{'); open != std::string_view::npos) {
    const auto name = route.pattern.substr(open + 1, route.pattern.find('}') - open - 1);
    list.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  for (const RouteParameter& parameter : route.parameters) {
    list.push_back({{"name", parameter.name},
                    {"in", "query"},
                    {"description", plain(parameter.meaning)},
                    {"schema", {{"type", parameter.type}}}});
  }
  return list;
}

Json operation_of(const Route& route) {
  Json operation = {{"summary", plain(route.summary)}, {"parameters", parameters_of(route)}};
  if (!route.body.empty()) operation["requestBody"] = {{"required", true}, {"content", json_content(route.body)}};
  operation["responses"] = answers_of(route);
  return operation;
}

std::string lower(std::string_view method) {
  std::string out(method);
  std::ranges::transform(out, out.begin(), [](char letter) { return static_cast<char>(letter - 'A' + 'a'); });
  return out;
}

}  // namespace

std::string openapi_document() {
  Json paths = Json::object();
  for (const Route& route : routes()) paths[route.pattern][lower(route.method)] = operation_of(route);
  Json schemas = Json::object();
  for (const Shape& shape : shapes()) schemas[shape.name] = schema_of(shape);
  const Json document = {{"openapi", "3.1.0"},
                         {"info", {{"title", "taskrun"}, {"version", TASKRUN_VERSION}}},
                         {"servers", {{{"url", "http://localhost"}, {"description", "over the runner's Unix socket"}}}},
                         {"paths", std::move(paths)},
                         {"components", {{"schemas", std::move(schemas)}}}};
  return document.dump(2) + "\n";
}

std::string route_reference() {
  std::string out = "| request | does | parameters | answer |\n|---|---|---|---|\n";
  for (const Route& route : routes()) {
    std::string parameters = route.body.empty() ? "" : fmt::format("body: {}", route.body);
    for (const RouteParameter& parameter : route.parameters) {
      parameters += fmt::format("{}`{}`: {}", parameters.empty() ? "" : "; ", parameter.name, parameter.meaning);
    }
    out += fmt::format("| `{} {}` | {} | {} | {} {} |\n", route.method, route.pattern, route.summary, parameters,
                       route.status, route.answer.empty() ? "event lines" : route.answer);
  }
  return out;
}

std::string refusal_reference() {
  std::map<std::string_view, std::pair<unsigned, std::string>> rows;
  for (const Route& route : routes()) {
    for (const Refusal refusal : route.refusals) {
      auto& [status, where] = rows[to_word(refusal)];
      status = status_of(refusal);
      where += fmt::format("{}`{} {}`", where.empty() ? "" : ", ", route.method, route.pattern);
    }
  }
  std::string out = "| code | status | of |\n|---|---|---|\n";
  for (const auto& [word, row] : rows) out += fmt::format("| `{}` | {} | {} |\n", word, row.first, row.second);
  return out;
}

std::string shape_reference() {
  std::string out;
  for (const Shape& shape : shapes()) {
    out += fmt::format("{}### {}\n\n{}.\n\n| key | type | meaning |\n|---|---|---|\n", out.empty() ? "" : "\n",
                       shape.name, shape.summary);
    for (const Field& field : shape.fields) {
      const std::string_view presence = field.is_always_there ? "" : " (not always there)";
      out += fmt::format("| `{}` | {}{} | {} |\n", field.name, field.type, presence, field.meaning);
    }
  }
  return out;
}

}  // namespace taskrun::control
