#pragma once

#include <span>
#include <string>
#include <string_view>

#include "manifest/key.h"

/// Pieces of JSON Schema, as compact JSON, for the rows of the key tables. Where a string may be interpolated, the
/// piece also takes one that holds a ${…}.
namespace taskrun::manifest::schema {

/// A definition under $defs: text, verbatim, interpolated, name, duration, size, boolean, variables, builtin, with,
/// hook.
[[nodiscard]] std::string reference(std::string_view definition);
/// Any of the given schemas.
[[nodiscard]] std::string any_of(std::initializer_list<std::string> schemas);
[[nodiscard]] std::string or_interpolated(std::string schema);
[[nodiscard]] std::string array_of(std::string items, std::size_t min_items = 0);
/// A string that matches, interpolated or not.
[[nodiscard]] std::string matching(std::string_view pattern);

[[nodiscard]] inline std::string text() { return reference("text"); }
[[nodiscard]] inline std::string verbatim() { return reference("verbatim"); }
[[nodiscard]] inline std::string name() { return reference("name"); }
[[nodiscard]] inline std::string duration() { return reference("duration"); }
[[nodiscard]] inline std::string size() { return reference("size"); }
[[nodiscard]] inline std::string boolean() { return reference("boolean"); }
[[nodiscard]] inline std::string variables() { return reference("variables"); }
[[nodiscard]] std::string variable_name();
[[nodiscard]] inline std::string hook() { return reference("hook"); }
[[nodiscard]] std::string nonempty_text();
[[nodiscard]] std::string duration_or_none();
[[nodiscard]] std::string integer_in(IntegerRange range);
[[nodiscard]] std::string real_in(RealRange range);
[[nodiscard]] std::string words(std::span<const std::string_view> words);

template <IntegerRange kRange>
[[nodiscard]] std::string integer() {
  return integer_in(kRange);
}

template <RealRange kRange>
[[nodiscard]] std::string real() {
  return real_in(kRange);
}

template <auto kValues>
[[nodiscard]] std::string one_of() {
  std::array<std::string_view, kValues.size()> all;
  for (std::size_t i = 0; i < kValues.size(); ++i) all[i] = to_word(kValues[i]);
  return words(all);
}

/// `schema` with what people may read about it.
[[nodiscard]] std::string described(std::string_view description, const std::string& schema);

/// An object with the keys of a table. `more` is added to it as it is: `,"required":["tasks"]`.
[[nodiscard]] std::string object_of(const std::vector<std::pair<std::string_view, std::string>>& properties,
                                    std::string_view more);

template <class T>
[[nodiscard]] std::string object(std::span<const Key<T>> keys, std::string_view more = "") {
  std::vector<std::pair<std::string_view, std::string>> properties;
  for (const Key<T>& key : keys) properties.emplace_back(key.name, described(key.meaning, key.schema()));
  return object_of(properties, more);
}

}  // namespace taskrun::manifest::schema
