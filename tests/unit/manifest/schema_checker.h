#pragma once

#include <algorithm>
#include <map>
#include <regex>
#include <string>

#include <nlohmann/json.hpp>

/// The part of JSON Schema 2020-12 that the manifest's schema uses. A keyword that it does not know fails the check.
namespace taskrun::manifest {

class SchemaChecker {
 public:
  using Json = nlohmann::ordered_json;

  explicit SchemaChecker(Json schema) : root_(std::move(schema)) {}

  [[nodiscard]] bool accepts(const Json& value) { return fits(value, root_); }
  [[nodiscard]] const Json& root() const { return root_; }

 private:
  bool fits(const Json& value, const Json& schema) {
    if (schema.is_boolean()) return schema.get<bool>();
    return std::all_of(schema.items().begin(), schema.items().end(),
                       [&](const auto& rule) { return obeys(value, rule.key(), rule.value(), schema); });
  }

  bool obeys(const Json& value, const std::string& keyword, const Json& rule, const Json& schema) {
    const auto fits_this = [&](const Json& one) { return fits(value, one); };
    if (keyword == "$schema" || keyword == "$defs" || keyword == "title" || keyword == "description") return true;
    if (keyword == "$ref") return fits(value, root_.at(Json::json_pointer(rule.get<std::string>().substr(1))));
    if (keyword == "anyOf") return std::any_of(rule.begin(), rule.end(), fits_this);
    if (keyword == "allOf") return std::all_of(rule.begin(), rule.end(), fits_this);
    if (keyword == "oneOf") return std::count_if(rule.begin(), rule.end(), fits_this) == 1;
    if (keyword == "not") return !fits(value, rule);
    if (keyword == "if") return !fits(value, rule) || fits(value, schema.at("then"));
    if (keyword == "then") return true;
    if (keyword == "const") return value == rule;
    if (keyword == "enum") return std::find(rule.begin(), rule.end(), value) != rule.end();
    if (keyword == "type") return has_type(value, rule.get<std::string>());
    if (value.is_object()) return object_obeys(value, keyword, rule, schema);
    if (value.is_array()) return array_obeys(value, keyword, rule, schema);
    if (value.is_string()) return string_obeys(value.get<std::string>(), keyword, rule);
    if (value.is_number()) return number_obeys(value, keyword, rule);
    return is_known(keyword);
  }

  bool object_obeys(const Json& value, const std::string& keyword, const Json& rule, const Json& schema) {
    const auto has = [&](const Json& name) { return value.contains(name.get<std::string>()); };
    if (keyword == "required") return std::all_of(rule.begin(), rule.end(), has);
    for (const auto& [name, part] : value.items()) {
      const bool is_named = schema.contains("properties") && schema["properties"].contains(name);
      if (keyword == "properties" && is_named && !fits(part, rule[name])) return false;
      if (keyword == "propertyNames" && !fits(Json(name), rule)) return false;
      if (keyword == "additionalProperties" && !is_named && !is_patterned(name, schema) && !fits(part, rule))
        return false;
      if (keyword == "dependentRequired" && rule.contains(name)) {
        if (!std::all_of(rule[name].begin(), rule[name].end(), has)) return false;
      }
    }
    return is_known(keyword);
  }

  bool is_patterned(const std::string& name, const Json& schema) {
    if (!schema.contains("patternProperties")) return false;
    const Json& patterns = schema["patternProperties"];
    return std::any_of(patterns.items().begin(), patterns.items().end(),
                       [&](const auto& pattern) { return matches(name, pattern.key()); });
  }

  bool array_obeys(const Json& value, const std::string& keyword, const Json& rule, const Json& schema) {
    if (keyword == "minItems") return value.size() >= rule.get<std::size_t>();
    const std::size_t prefix = schema.contains("prefixItems") ? schema["prefixItems"].size() : 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (keyword == "items" && i >= prefix && !fits(value[i], rule)) return false;
      if (keyword == "prefixItems" && i < prefix && !fits(value[i], rule[i])) return false;
    }
    return is_known(keyword);
  }

  bool string_obeys(const std::string& value, const std::string& keyword, const Json& rule) {
    if (keyword == "pattern") return matches(value, rule.get<std::string>());
    if (keyword == "minLength") return value.size() >= rule.get<std::size_t>();
    return is_known(keyword);
  }

  static bool number_obeys(const Json& value, const std::string& keyword, const Json& rule) {
    if (keyword == "minimum") return value >= rule;
    if (keyword == "maximum") return value <= rule;
    return is_known(keyword);
  }

  static bool is_known(const std::string& keyword) {
    static const std::array kKnown{"required",
                                   "properties",
                                   "patternProperties",
                                   "propertyNames",
                                   "additionalProperties",
                                   "dependentRequired",
                                   "minItems",
                                   "items",
                                   "prefixItems",
                                   "pattern",
                                   "minLength",
                                   "minimum",
                                   "maximum"};
    return std::find(kKnown.begin(), kKnown.end(), keyword) != kKnown.end();
  }

  static bool has_type(const Json& value, const std::string& type) {
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return value.type_name() == type;
  }

  bool matches(const std::string& text, const std::string& pattern) {
    auto [regex, is_new] = regexes_.try_emplace(pattern);
    if (is_new) regex->second = std::regex(pattern);
    return std::regex_search(text, regex->second);
  }

  Json root_;
  std::map<std::string, std::regex> regexes_;
};

}  // namespace taskrun::manifest
