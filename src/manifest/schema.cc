#include "manifest/schema.h"

#include <fmt/format.h>

#include "manifest/draft.h"
#include "manifest/env_file.h"

namespace taskrun::manifest {
namespace schema {
namespace {

// A string in which every $ is one that load() takes.
constexpr std::string_view kText =
    R"re(^([^$\u0000]|\$\$|\$\{[A-Za-z_][A-Za-z0-9_]*(:[-?]([^$}\u0000]|\$\$)*)?\})*$)re";
constexpr std::string_view kVerbatim = R"re(^[^\u0000]*$)re";
constexpr std::string_view kVariableName = R"re(^[^\u0000-\u0020=\u007f]+$)re";
constexpr std::string_view kName = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
constexpr std::string_view kDuration = R"re(^\+?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w))+)$)re";
constexpr std::string_view kSize = "^[0-9]+([kKMGT]?B|[KMGT]iB)?$";

std::string join_json(const std::vector<std::string>& values) { return fmt::format("{}", fmt::join(values, ",")); }

std::string pattern(std::string_view regex) { return R"({"type":"string","pattern":)" + quote_json(regex) + '}'; }

}  // namespace

std::string reference(std::string_view definition) { return fmt::format(R"({{"$ref":"#/$defs/{}"}})", definition); }

std::string any_of(std::initializer_list<std::string> schemas) { return R"({"anyOf":[)" + join_json(schemas) + "]}"; }

std::string or_interpolated(std::string schema) { return any_of({std::move(schema), reference("interpolated")}); }

std::string array_of(std::string items, std::size_t min_items) {
  return fmt::format(R"({{"type":"array","items":{}{}}})", items,
                     min_items == 0 ? "" : fmt::format(R"(,"minItems":{})", min_items));
}

std::string matching(std::string_view regex) { return or_interpolated(pattern(regex)); }

std::string variable_name() { return matching(kVariableName); }
std::string nonempty_text() { return R"({"$ref":"#/$defs/text","minLength":1})"; }
std::string duration_or_none() { return any_of({duration(), R"({"const":"none"})"}); }

std::string integer_in(IntegerRange range) {
  const std::string max = range.max == INT64_MAX ? "" : fmt::format(R"(,"maximum":{})", range.max);
  return or_interpolated(fmt::format(R"({{"type":"integer","minimum":{}{}}})", range.min, max));
}

std::string real_in(RealRange range) {
  return or_interpolated(fmt::format(R"({{"type":"number","minimum":{},"maximum":{}}})", range.min, range.max));
}

std::string words(std::span<const std::string_view> words) {
  std::vector<std::string> quoted;
  quoted.reserve(words.size());
  for (const std::string_view word : words) quoted.push_back(quote_json(word));
  return or_interpolated(R"({"enum":[)" + join_json(quoted) + "]}");
}

std::string described(std::string_view description, const std::string& schema) {
  return R"({"description":)" + quote_json(description) + ',' + schema.substr(1);
}

std::string object_of(const std::vector<std::pair<std::string_view, std::string>>& properties, std::string_view more) {
  std::vector<std::string> members;
  members.reserve(properties.size());
  for (const auto& [name, schema] : properties) members.push_back(quote_json(name) + ':' + schema);
  return R"({"type":"object","properties":{)" + join_json(members) +
         R"(},"patternProperties":{"^x-":true},"additionalProperties":false)" + std::string(more) + '}';
}

namespace {

using Definitions = std::vector<std::pair<std::string_view, std::string>>;

std::string variables_definition() {
  std::vector<std::string> reserved;
  for (const std::string_view name : reserved_variables()) reserved.push_back(quote_json(name));
  return R"({"type":"object","propertyNames":{"pattern":)" + quote_json(kVariableName) + R"(,"not":{"enum":[)" +
         join_json(reserved) + R"(]}},"additionalProperties":)" + text() + '}';
}

std::string builtin_definition(std::span<const KnownBuiltin> builtins) {
  if (builtins.empty()) return text();
  std::vector<std::string_view> names;
  for (const KnownBuiltin& builtin : builtins) names.push_back(builtin.name);
  return words(names);
}

std::string argument(const Parameter& parameter) {
  switch (parameter.type) {
    case ParameterType::string: return parameter.choices.empty() ? text() : words(choices_of(parameter));
    case ParameterType::integer: return integer_in({INT64_MIN});
    case ParameterType::boolean: return boolean();
    case ParameterType::duration: return duration();
    case ParameterType::size: return size();
    case ParameterType::strings: return array_of(text());
    case ParameterType::object: return R"({"type":"object","additionalProperties":)" + text() + '}';
  }
  __builtin_unreachable();
}

// "If `builtin` is this one, then `with` holds its arguments."
std::string arguments_rule(const KnownBuiltin& builtin) {
  std::vector<std::pair<std::string_view, std::string>> properties;
  std::vector<std::string> required;
  for (const Parameter& parameter : builtin.parameters) {
    properties.emplace_back(parameter.name, described(parameter.description, argument(parameter)));
    if (parameter.required) required.push_back(quote_json(parameter.name));
  }
  const std::string with = object_of(properties, R"(,"required":[)" + join_json(required) + ']');
  return fmt::format(R"({{"if":{{"properties":{{"builtin":{{"const":{}}}}},"required":["builtin"]}},)"
                     R"("then":{{"properties":{{"with":{}}},"required":[{}]}}}})",
                     quote_json(builtin.name), with, required.empty() ? "" : R"("with")");
}

// What a task and a hook must say about what they run.
std::string what_rules(std::span<const KnownBuiltin> builtins) {
  std::string rules = R"(,"oneOf":[{"required":["shell"]},{"required":["command"]},{"required":["builtin"]}])"
                      R"(,"dependentRequired":{"with":["builtin"]})";
  if (builtins.empty()) return rules;
  std::vector<std::string> arguments;
  for (const KnownBuiltin& builtin : builtins) arguments.push_back(arguments_rule(builtin));
  return rules + R"(,"allOf":[)" + join_json(arguments) + ']';
}

std::string defaults_definition() {
  std::vector<std::pair<std::string_view, std::string>> properties;
  for (const Key<TaskDraft>& key : task_keys()) {
    if (key.part != Part::what && key.part != Part::when)
      properties.emplace_back(key.name, described(key.meaning, key.schema()));
  }
  return object_of(properties, "");
}

// No two of the keys that say when: for each pair, that both are there.
std::string exclusive_pairs() {
  std::vector<std::string_view> names;
  for (const Key<TaskDraft>& key : task_keys()) {
    if (key.part == Part::when) names.push_back(key.name);
  }
  std::vector<std::string> pairs;
  for (std::size_t i = 1; i < names.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      pairs.push_back(fmt::format(R"({{"required":["{}","{}"]}})", names[j], names[i]));
  }
  return join_json(pairs);
}

Definitions definitions(std::span<const KnownBuiltin> builtins) {
  const std::string exclusive =
      fmt::format(R"(,"not":{{"anyOf":[{},{{"required":["builtin","stdin"]}}]}})", exclusive_pairs());
  return {{"text", pattern(kText)},
          {"verbatim", pattern(kVerbatim)},
          {"interpolated", R"({"allOf":[)" + text() + ',' + pattern("\\$\\{") + "]}"},
          {"key_name", pattern(kName)},
          {"name", matching(kName)},
          {"boolean", or_interpolated(R"({"type":"boolean"})")},
          {"duration", matching(kDuration)},
          {"size", any_of({R"({"type":"integer","minimum":0})", pattern(kSize), reference("interpolated")})},
          {"variables", variables_definition()},
          {"builtin", builtin_definition(builtins)},
          {"with", R"({"type":"object"})"},
          {"hook", object(hook_keys(), what_rules(builtins))},
          {"task", object(task_keys(), what_rules(builtins) + exclusive)},
          {"defaults", defaults_definition()}};
}

}  // namespace
}  // namespace schema

std::string json_schema(std::span<const KnownBuiltin> builtins) {
  std::vector<std::string> definitions;
  for (const auto& [name, definition] : schema::definitions(builtins)) {
    definitions.push_back(quote_json(name) + ':' + definition);
  }
  const std::string top = schema::object(top_keys(), R"(,"required":["tasks"])");
  return indent_json(
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"taskrun manifest, version 1",)" +
      top.substr(1, top.size() - 2) + R"(,"$defs":{)" + fmt::format("{}", fmt::join(definitions, ",")) + "}}");
}

}  // namespace taskrun::manifest
