// What a task or a hook runs: the choice between shell, command and builtin, and a built-in's arguments, which are
// checked by its own table and go to it as JSON.

#include <fmt/format.h>

#include "base/text.h"
#include "manifest/draft.h"

namespace taskrun::manifest {
namespace {

using Json = std::optional<std::string>;  // one value as JSON text

Json quoted(std::optional<std::string> text) {
  if (!text) return std::nullopt;
  return quote_json(*text);
}

Json string_argument(const Value& value, const Parameter& parameter) {
  if (parameter.choices.empty()) return quoted(value.text());
  const std::vector<std::string_view> words = choices_of(parameter);
  const std::optional<std::size_t> index = value.word(words);
  if (!index) return std::nullopt;
  return quote_json(words[*index]);
}

Json strings_argument(const Value& value) {
  const auto texts = value.texts();
  if (!texts) return std::nullopt;
  std::string json;
  for (const std::string& text : *texts) json += (json.empty() ? "" : ",") + quote_json(text);
  return '[' + json + ']';
}

Json object_argument(const Value& value) {
  std::string json;
  for (const Value& member : value.members("an object of strings", "member")) {
    const std::optional<std::string> text = member.text();
    if (text) json += (json.empty() ? "" : ",") + quote_json(member.key()) + ':' + quote_json(*text);
  }
  return '{' + json + '}';
}

Json read_argument(const Value& value, const Parameter& parameter) {
  switch (parameter.type) {
    case ParameterType::string: return string_argument(value, parameter);
    case ParameterType::integer:
      if (const auto number = value.integer({INT64_MIN})) return std::to_string(*number);
      return std::nullopt;
    case ParameterType::boolean:
      if (const auto truth = value.boolean()) return *truth ? "true" : "false";
      return std::nullopt;
    case ParameterType::duration: return value.duration(Nanos::zero()) ? quoted(value.text()) : std::nullopt;
    case ParameterType::size:
      if (!value.size()) return std::nullopt;
      return value.node().kind == Kind::integer ? value.node().text : quoted(value.text());
    case ParameterType::strings: return strings_argument(value);
    case ParameterType::object: return object_argument(value);
  }
  __builtin_unreachable();
}

const Parameter* find_parameter(const KnownBuiltin& builtin, std::string_view name) {
  const auto found = std::find_if(builtin.parameters.begin(), builtin.parameters.end(),
                                  [&](const Parameter& p) { return p.name == name; });
  return found != builtin.parameters.end() ? &*found : nullptr;
}

void report_unknown_argument(const Value& value, const KnownBuiltin& builtin) {
  std::vector<std::string_view> names;
  for (const Parameter& parameter : builtin.parameters) names.push_back(parameter.name);
  const auto meant = nearest(value.key(), names);
  value.key_error(fmt::format("\"{}\" has no {}", builtin.name, value.label()),
                  meant           ? fmt::format("did you mean \"{}\"?", *meant)
                  : names.empty() ? "it has none"
                                  : fmt::format("it has \"{}\"", fmt::join(names, "\", \"")));
}

void report_missing_arguments(const WhatDraft& draft, const KnownBuiltin& builtin, const Source& source) {
  const auto is_given = [&](std::string_view name) {
    if (draft.with == nullptr) return false;
    const std::vector<Member>& members = draft.with->members;
    return std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.key == name; });
  };
  for (const Parameter& parameter : builtin.parameters) {
    if (!parameter.required || is_given(parameter.name)) continue;
    source.mistakes.error(draft.with != nullptr ? draft.with->begin : draft.value->begin,
                          fmt::format("\"{}\" needs the argument \"{}\"", builtin.name, parameter.name),
                          fmt::format("write it in \"with\": {}", parameter.description));
  }
}

// The arguments as one JSON object.
std::string read_arguments(const WhatDraft& draft, const KnownBuiltin& builtin, const Source& source) {
  std::string json;
  if (draft.with != nullptr) {
    for (const Value& value : Value(source, *draft.with, "with", draft.with_at).members("an object", "argument")) {
      const Parameter* const parameter = find_parameter(builtin, value.key());
      if (parameter != nullptr) {
        const Json argument = read_argument(value, *parameter);
        if (argument) json += (json.empty() ? "" : ",") + quote_json(value.key()) + ':' + *argument;
      } else if (!is_ignored(value.key())) {
        report_unknown_argument(value, builtin);
      }
    }
  }
  const bool is_readable = draft.with == nullptr || draft.with->kind == Kind::object;
  if (is_readable) report_missing_arguments(draft, builtin, source);
  return '{' + json + '}';
}

void report_unknown_builtin(const WhatDraft& draft, const Source& source) {
  std::vector<std::string_view> names;
  for (const KnownBuiltin& builtin : source.surroundings.builtins) names.push_back(builtin.name);
  // Of an interpolated name, the manifest's own text is shown and nothing is guessed from the value.
  const bool is_interpolated = draft.value->text.find('$') != std::string::npos;
  const auto meant = is_interpolated ? std::nullopt : nearest(draft.value->text, names);
  source.mistakes.error(draft.value->begin, fmt::format("unknown built-in \"{}\"", printable(draft.value->text, 70)),
                        meant           ? fmt::format("did you mean \"{}\"?", *meant)
                        : names.empty() ? "there are no built-in tasks"
                                        : fmt::format("there are \"{}\"", fmt::join(names, "\", \"")));
}

bool check_builtin(BuiltinCall& call, const WhatDraft& draft, const Source& source) {
  const auto builtins = source.surroundings.builtins;
  const auto found =
      std::find_if(builtins.begin(), builtins.end(), [&](const KnownBuiltin& b) { return b.name == call.name; });
  if (found == builtins.end()) {
    report_unknown_builtin(draft, source);
    return false;
  }
  const std::size_t errors = source.mistakes.count_errors();
  call.arguments = read_arguments(draft, *found, source);
  if (found->problem == nullptr || source.mistakes.count_errors() > errors) return true;
  if (std::string problem = found->problem(found->name, call.arguments); !problem.empty()) {
    source.mistakes.error(draft.with != nullptr ? draft.with->begin : draft.value->begin,
                          fmt::format("\"{}\": {}", found->name, problem));
  }
  return true;
}

}  // namespace

std::vector<std::string_view> choices_of(const Parameter& parameter) {
  std::vector<std::string_view> words;
  for (std::string_view rest = parameter.choices; !rest.empty();) {
    const std::size_t bar = std::min(rest.find('|'), rest.size());
    words.push_back(rest.substr(0, bar));
    rest.remove_prefix(std::min(bar + 1, rest.size()));
  }
  return words;
}

const Node* program_of(const WhatDraft& draft) {
  const bool is_command = draft.key == "command" && draft.value->kind == Kind::array && !draft.value->items.empty();
  return is_command ? draft.value->items.data() : nullptr;
}

std::optional<What> finish_what(WhatDraft& draft, const Value& object) {
  if (draft.key.empty()) {
    object.key_error(fmt::format("{} has nothing to run", object.label()),
                     "give it \"shell\", \"command\" or \"builtin\"");
  }
  if (draft.with != nullptr && draft.key != "builtin") {
    object.source().mistakes.error(draft.with_at, "\"with\" holds the arguments of a \"builtin\", and there is none");
  }
  if (!draft.what) return std::nullopt;
  auto* const call = std::get_if<BuiltinCall>(&*draft.what);
  if (call != nullptr && !check_builtin(*call, draft, object.source())) return std::nullopt;
  return std::move(draft.what);
}

}  // namespace taskrun::manifest
