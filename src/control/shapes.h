#pragma once

#include <span>
#include <string_view>

/// What requests and answers look like: tables that docs/control.md and the OpenAPI document are made from; a test
/// holds the answers to them.
namespace taskrun::control {

struct Field {
  std::string_view name;
  /// "string", "integer", "number", "boolean", "time" (RFC 3339, UTC), "run id", "object", a shape's name, or "[TYPE]"
  /// for an array; with " or null" behind it where it may be that.
  std::string_view type;
  std::string_view meaning;
  bool is_always_there = true;
};

struct Shape {
  std::string_view name;
  std::string_view summary;
  std::span<const Field> fields;
};

/// In the order of the reference. Views into static storage.
[[nodiscard]] std::span<const Shape> shapes();

}  // namespace taskrun::control
