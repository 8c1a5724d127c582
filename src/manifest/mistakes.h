#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"

namespace taskrun::manifest {

/// Collects what is wrong with a manifest, by byte offset; lines and columns are counted once, at the end.
class Mistakes {
 public:
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

  /// `at` may be kNowhere: the file as a whole.
  void error(std::size_t at, std::string message, std::string hint = {}) {
    errors_.add({Severity::error, at, kNowhere, std::move(message), std::move(hint)});
  }
  /// Something given a second time at `at`; the message goes on with the first place.
  void duplicate(std::size_t at, std::size_t first, std::string message, std::string hint = {}) {
    errors_.add({Severity::error, at, first, std::move(message), std::move(hint)});
  }
  void warning(std::size_t at, std::string message, std::string hint = {}) {
    warnings_.add({Severity::warning, at, kNowhere, std::move(message), std::move(hint)});
  }
  /// So many errors that reading on tells nobody anything.
  [[nodiscard]] bool is_enough() const { return count_errors() >= limits::kDiagnosticsCounted; }
  [[nodiscard]] std::size_t count_errors() const { return errors_.kept.size() + errors_.more; }
  [[nodiscard]] bool has_errors() const { return !errors_.kept.empty(); }
  void forget_warnings() { warnings_ = {}; }
  [[nodiscard]] std::size_t count_warnings() const { return warnings_.kept.size() + warnings_.more; }
  /// All but the first `count`.
  void forget_warnings_after(std::size_t count);

  /// In the text's order, with places and source lines (see excerpt.h).
  [[nodiscard]] Diagnostics diagnostics(std::string_view text, const std::string& file) const;
  [[nodiscard]] std::size_t more_errors() const { return errors_.more; }
  [[nodiscard]] std::size_t more_warnings() const { return warnings_.more; }

 private:
  struct Mistake {
    Severity severity;
    std::size_t at;     // kNowhere: the file as a whole
    std::size_t first;  // the other place of a duplicate, else kNowhere
    std::string message;
    std::string hint;
  };
  // At most limits::kDiagnostics of them, and how many more there were.
  struct Bounded {
    std::vector<Mistake> kept;
    std::size_t more = 0;
    void add(Mistake mistake);
  };
  [[nodiscard]] std::vector<const Mistake*> sorted() const;

  Bounded errors_;
  Bounded warnings_;
};

}  // namespace taskrun::manifest
