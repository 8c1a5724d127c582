#pragma once

#include <string_view>

namespace taskrun {

/// The type of one argument of a built-in task, as the manifest's `with` spells it.
enum class ParameterType {
  string,
  integer,
  boolean,
  duration,
  size,
  strings,  ///< array of strings
  object,   ///< of strings
};

/// One row of a built-in's argument table: the loader checks `with` against it, `taskrun builtins` and the schema print
/// it. Views into static storage.
struct Parameter {
  std::string_view name;
  ParameterType type;
  bool required;
  /// As JSON text, "" where there is none.
  std::string_view default_value;
  std::string_view description;
  /// Allowed values of a string, separated by '|'; "" for any.
  std::string_view choices = "";
};

}  // namespace taskrun
