#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// A task on a command line: keys of the manifest as flags.
namespace taskrun::cli {

/// How texts of the command line become the value of a key.
enum class KeyForm {
  text,       ///< one string
  path,       ///< one string; a relative one is of this process's directory, not the runner's
  list,       ///< strings; one alone stays one
  truth,      ///< true
  attempts,   ///< {"attempts": N}
  variables,  ///< an object, of NAME=VALUE each
  verbatim,   ///< one string that the manifest does not interpolate
};

/// A key and what was given for it, in the order of the command line.
struct KeyTexts {
  std::string key;
  KeyForm form = KeyForm::text;
  std::vector<std::string> texts;
};

/// `"key":value`, as it stands in the definition.
[[nodiscard]] std::string member_of(const KeyTexts& key);

/// The definition of a task: one JSON object. What stands on a command line is meant as it stands there: a dollar is a
/// dollar. The keys come first, in their order. `command` is an argument vector, empty for none.
[[nodiscard]] std::string definition_of(const std::vector<KeyTexts>& keys, const std::vector<std::string>& command);

/// What is wrong with a text for a key of that form, "" where nothing is.
[[nodiscard]] std::string mistake_in(KeyForm form, std::string_view text);

/// NAME=VALUE of each as a JSON object. Where a name is given twice the last one counts. `is_manifest`: it will be
/// interpolated, and a dollar is to stay one.
[[nodiscard]] std::string variables_json(const std::vector<std::string>& variables, bool is_manifest);

/// The name of a key as a template's argument.
template <std::size_t size>
struct KeyName {
  char text[size]{};
  constexpr KeyName(const char (&name)[size]) { std::copy_n(name, size, text); }
};

}  // namespace taskrun::cli
