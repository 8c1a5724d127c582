#pragma once

#include <regex>
#include <string>

#include <nlohmann/json.hpp>

/// The part of JSON Schema 2020-12 that our schemas use. A keyword that it does not know is a violation, so that it
/// cannot quietly check less than the schema says.
namespace taskrun::report {

class SchemaCheck {
 public:
  using Json = nlohmann::ordered_json;

  explicit SchemaCheck(Json schema) : root_(std::move(schema)) {}

  /// "" where `value` fits, else the first violation.
  [[nodiscard]] std::string violation(const Json& value) const { return check(value, root_); }

 private:
  std::string check(const Json& value, const Json& schema) const {
    for (const auto& [keyword, argument] : schema.items()) {
      const std::string wrong = check_keyword(value, keyword, argument, schema);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  std::string check_keyword(const Json& value, const std::string& keyword, const Json& argument,
                            const Json& schema) const {
    if (keyword == "$schema" || keyword == "$defs" || keyword == "title" || keyword == "description") return "";
    if (keyword == "$ref") return check(value, root_.at(Json::json_pointer(argument.get<std::string>().substr(1))));
    if (keyword == "oneOf") return check_one_of(value, argument);
    if (keyword == "type") return complain(has_type(value, argument), value, "is not of type", argument);
    if (keyword == "const") return complain(value == argument, value, "is not", argument);
    if (keyword == "enum") return complain(contains(argument, value), value, "is none of", argument);
    if (keyword == "minimum") return complain(!value.is_number() || value >= argument, value, "is below", argument);
    if (keyword == "maximum") return complain(!value.is_number() || value <= argument, value, "is above", argument);
    if (keyword == "pattern") return complain(matches(value, argument), value, "does not match", argument);
    if (keyword == "required") return check_required(value, argument);
    if (keyword == "properties") return check_properties(value, argument);
    if (keyword == "items") return check_items(value, argument);
    if (keyword == "additionalProperties" && argument == false) return check_no_others(value, schema);
    return "the schema has an unknown keyword: " + keyword;
  }

  static std::string complain(bool fits, const Json& value, const std::string& how, const Json& argument) {
    return fits ? "" : value.dump() + ' ' + how + ' ' + argument.dump();
  }

  static bool contains(const Json& list, const Json& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  }

  static bool has_type(const Json& value, const Json& type) {
    if (type.is_array()) {
      return std::any_of(type.begin(), type.end(), [&](const Json& one) { return has_type(value, one); });
    }
    if (type == "integer") return value.is_number_integer();
    return value.type_name() == type.get<std::string>();
  }

  static bool matches(const Json& value, const Json& pattern) {
    if (!value.is_string()) return true;
    return std::regex_search(value.get<std::string>(), std::regex(pattern.get<std::string>()));
  }

  std::string check_one_of(const Json& value, const Json& branches) const {
    int fitting = 0;
    std::string nearest = "no branch is for it";
    for (const Json& branch : branches) {
      const std::string wrong = check(value, branch);
      fitting += wrong.empty() ? 1 : 0;
      if (branch.contains("title") && branch["title"] == value.value("event", "")) nearest = wrong;
    }
    return fitting == 1 ? "" : std::to_string(fitting) + " branches fit: " + nearest;
  }

  static std::string check_required(const Json& value, const Json& names) {
    for (const Json& name : names) {
      if (!value.contains(name.get<std::string>())) return name.dump() + " is missing";
    }
    return "";
  }

  std::string check_properties(const Json& value, const Json& properties) const {
    for (const auto& [name, part] : properties.items()) {
      const std::string wrong = value.contains(name) ? check(value[name], part) : "";
      if (!wrong.empty()) return name + ": " + wrong;
    }
    return "";
  }

  std::string check_items(const Json& value, const Json& part) const {
    for (const Json& item : value) {
      const std::string wrong = check(item, part);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  static std::string check_no_others(const Json& value, const Json& schema) {
    for (const auto& [name, part] : value.items()) {
      if (!schema["properties"].contains(name)) return "key " + name + " is not in the table";
    }
    return "";
  }

  Json root_;
};

}  // namespace taskrun::report
