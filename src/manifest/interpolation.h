#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "manifest/json.h"
#include "manifest/mistakes.h"

namespace taskrun::manifest {

/// A string value after interpolation.
struct Expansion {
  std::string text;
  /// It holds what a variable gave (or a default): a message must show the manifest's text instead.
  bool is_interpolated = false;
};

using VariableLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// Where in `text` the byte `index` of a string node's own text stands, escapes minded.
[[nodiscard]] std::size_t place_in(const Node& node, std::string_view text, std::size_t index);

/// Replaces ${NAME}, ${NAME:-default}, ${NAME:?message} and $$ in a string node of `text`, once. An empty variable
/// counts as unset for :- and :?, as in the shell. Nothing where there is a mistake, which is then reported at its
/// place.
[[nodiscard]] std::optional<Expansion> expand(const Node& node, std::string_view text, const VariableLookup& variable,
                                              Mistakes& mistakes);

}  // namespace taskrun::manifest
