#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/parameter.h"
#include "base/result.h"
#include "base/time.h"

namespace taskrun::tasks {

/// The arguments of one call, read by the built-in's own table: each has the type that its row says, defaults are in.
class Arguments {
 public:
  using Strings = std::vector<std::string>;
  using Object = std::vector<std::pair<std::string, std::string>>;  // sorted by name
  /// In the order of ParameterType.
  using Value = std::variant<std::string, std::int64_t, bool, Nanos, Bytes, Strings, Object>;

  /// Fails where the text is no JSON object, or an argument is unknown, missing, of a wrong type or not among its
  /// choices. The message names the argument and shows no value.
  [[nodiscard]] static Result<Arguments> read(std::string_view json, std::span<const Parameter> parameters);

  /// The value of an argument, or nothing where it was not given and has no default. T is the type of its row.
  template <class T>
  [[nodiscard]] std::optional<T> find(std::string_view name) const {
    for (const auto& [key, value] : values_) {
      if (key != name) continue;
      assert(std::holds_alternative<T>(value));
      return std::get<T>(value);
    }
    return std::nullopt;
  }

  /// The value of an argument that is required or has a default.
  template <class T>
  [[nodiscard]] T get(std::string_view name) const {
    std::optional<T> value = find<T>(name);
    assert(value);
    return *std::move(value);
  }

 private:
  std::vector<std::pair<std::string_view, Value>> values_;  // names live in the table
};

/// "string", "integer", "array of strings": a type's name for people.
[[nodiscard]] std::string_view type_name(ParameterType type);

}  // namespace taskrun::tasks
