#include "tasks/arguments.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "schedule/duration.h"

namespace taskrun::tasks {
namespace {

using Json = nlohmann::json;
using Value = Arguments::Value;

bool is_string(const Json& json) { return json.is_string(); }

Result<Value> wrong_type(const Parameter& parameter) {
  return fail(fmt::format("argument '{}' must be of type {}", parameter.name, type_name(parameter.type)));
}

bool is_among(std::string_view choices, std::string_view word) {
  while (!choices.empty()) {
    const std::string_view choice = choices.substr(0, choices.find('|'));
    if (choice == word) return true;
    choices.remove_prefix(std::min(choice.size() + 1, choices.size()));
  }
  return false;
}

Result<Value> read_string(const Json& json, const Parameter& parameter) {
  if (!json.is_string()) return wrong_type(parameter);
  auto text = json.get<std::string>();
  if (!parameter.choices.empty() && !is_among(parameter.choices, text)) {
    return fail(fmt::format("argument '{}' must be one of {}", parameter.name, parameter.choices));
  }
  return text;
}

Result<Value> read_integer(const Json& json, const Parameter& parameter) {
  if (!json.is_number_integer()) return wrong_type(parameter);
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) return wrong_type(parameter);
  return json.get<std::int64_t>();
}

Result<Value> read_duration(const Json& json, const Parameter& parameter) {
  if (!json.is_string()) return wrong_type(parameter);
  const auto duration = parse_duration(json.get_ref<const std::string&>(), DurationUnits::manifest);
  if (!duration || *duration < Nanos::zero()) {
    return fail(fmt::format("argument '{}' must be a duration such as \"10s\" or \"7d\"", parameter.name));
  }
  return *duration;
}

Result<Value> read_size(const Json& json, const Parameter& parameter) {
  if (json.is_number_unsigned()) return Bytes{json.get<std::uint64_t>()};
  if (!json.is_string()) return wrong_type(parameter);
  const auto size = parse_bytes(json.get_ref<const std::string&>());
  if (!size) return fail(fmt::format("argument '{}' must be a size such as 4096 or \"64KiB\"", parameter.name));
  return *size;
}

Result<Value> read_strings(const Json& json, const Parameter& parameter) {
  if (!json.is_array() || !std::all_of(json.begin(), json.end(), is_string)) return wrong_type(parameter);
  return json.get<Arguments::Strings>();
}

Result<Value> read_object(const Json& json, const Parameter& parameter) {
  if (!json.is_object() || !std::all_of(json.begin(), json.end(), is_string)) return wrong_type(parameter);
  Arguments::Object object;
  for (const auto& [name, value] : json.items()) object.emplace_back(name, value.get<std::string>());
  return object;
}

Result<Value> read_value(const Json& json, const Parameter& parameter) {
  switch (parameter.type) {
    case ParameterType::string: return read_string(json, parameter);
    case ParameterType::integer: return read_integer(json, parameter);
    case ParameterType::boolean: return json.is_boolean() ? Result<Value>(json.get<bool>()) : wrong_type(parameter);
    case ParameterType::duration: return read_duration(json, parameter);
    case ParameterType::size: return read_size(json, parameter);
    case ParameterType::strings: return read_strings(json, parameter);
    case ParameterType::object: return read_object(json, parameter);
  }
  __builtin_unreachable();
}

// The JSON of an argument: given, else its default, else discarded.
Json given_or_default(const Json& arguments, const Parameter& parameter) {
  const auto given = arguments.find(parameter.name);
  if (given != arguments.end()) return *given;
  return Json::parse(parameter.default_value, nullptr, false);
}

std::optional<std::string> unknown_argument(const Json& arguments, std::span<const Parameter> parameters) {
  for (const auto& argument : arguments.items()) {
    if (std::ranges::find(parameters, argument.key(), &Parameter::name) == parameters.end()) return argument.key();
  }
  return std::nullopt;
}

}  // namespace

Result<Arguments> Arguments::read(std::string_view json, std::span<const Parameter> parameters) {
  const Json given = Json::parse(json, nullptr, false);
  if (!given.is_object()) return fail("the arguments are not one JSON object");
  if (const auto name = unknown_argument(given, parameters)) {
    return fail(fmt::format("unknown argument '{}'", printable(*name)));
  }
  Arguments arguments;
  for (const Parameter& parameter : parameters) {
    const Json value = given_or_default(given, parameter);
    if (value.is_discarded()) {
      if (parameter.required) return fail(fmt::format("argument '{}' is missing", parameter.name));
      continue;
    }
    Result<Value> read = read_value(value, parameter);
    if (!read) return tl::unexpected(read.error());
    arguments.values_.emplace_back(parameter.name, *std::move(read));
  }
  return arguments;
}

std::string_view type_name(ParameterType type) {
  switch (type) {
    case ParameterType::string: return "string";
    case ParameterType::integer: return "integer";
    case ParameterType::boolean: return "boolean";
    case ParameterType::duration: return "duration";
    case ParameterType::size: return "size";
    case ParameterType::strings: return "array of strings";
    case ParameterType::object: return "object of strings";
  }
  __builtin_unreachable();
}

}  // namespace taskrun::tasks
