#include "cli/suggestion.h"

#include <fmt/format.h>

#include "base/text.h"

namespace taskrun::cli {

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const auto meant = nearest(word, candidates);
  return meant ? fmt::format(": did you mean \"{}\"?", *meant) : "";
}

}  // namespace taskrun::cli
