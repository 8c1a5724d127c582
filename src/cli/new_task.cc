#include "cli/new_task.h"

#include <charconv>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "manifest/json.h"

namespace taskrun::cli {
namespace {

using manifest::quote_json;

// A manifest would take a dollar for the beginning of a variable.
std::string literal(std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == '$' ? 2 : 1, c);
  return quote_json(out);
}

// As it stands where this process's directory is gone.
std::string absolute(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return path.empty() || error ? path : whole.string();
}

std::string array_of(const std::vector<std::string>& texts, auto one) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? "," : "") + one(text);
  return out + ']';
}

std::string value_of(const KeyTexts& key) {
  const std::string& last = key.texts.back();
  switch (key.form) {
    case KeyForm::text: return literal(last);
    case KeyForm::path: return literal(absolute(last));
    case KeyForm::list: return key.texts.size() == 1 ? literal(last) : array_of(key.texts, literal);
    case KeyForm::truth: return "true";
    case KeyForm::attempts: return fmt::format("{{\"attempts\":{}}}", last);
    case KeyForm::variables: return variables_json(key.texts, true);
    case KeyForm::verbatim: return quote_json(last);
  }
  __builtin_unreachable();
}

}  // namespace

std::string variables_json(const std::vector<std::string>& variables, bool is_manifest) {
  std::map<std::string, std::string> values;
  for (const std::string& variable : variables) {
    const std::size_t equals = variable.find('=');
    values[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
  std::string out = "{";
  for (const auto& [name, value] : values) {
    out += fmt::format("{}{}:{}", out.size() > 1 ? "," : "", quote_json(name),
                       is_manifest ? literal(value) : quote_json(value));
  }
  return out + '}';
}

std::string member_of(const KeyTexts& key) { return quote_json(key.key) + ':' + value_of(key); }

std::string definition_of(const std::vector<KeyTexts>& keys, const std::vector<std::string>& command) {
  std::string out = "{";
  for (const KeyTexts& key : keys) {
    out += (out.size() > 1 ? "," : "") + member_of(key);
  }
  if (!command.empty())
    out += fmt::format("{}\"command\":{}", out.size() > 1 ? "," : "", array_of(command, quote_json));
  return out + '}';
}

std::string mistake_in(KeyForm form, std::string_view text) {
  if (form == KeyForm::variables && text.find('=', 1) == std::string_view::npos) {
    return fmt::format("'{}' is not NAME=VALUE", printable(text, 40));
  }
  if (form != KeyForm::attempts) return "";
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number ? "" : fmt::format("'{}' is not a number", printable(text, 40));
}

}  // namespace taskrun::cli
