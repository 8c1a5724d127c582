#pragma once

#include <string>

namespace taskrun::cli {

/// A name by the rules of the manifest.
struct Name {
  std::string text;  ///< "" for none
};

}  // namespace taskrun::cli
